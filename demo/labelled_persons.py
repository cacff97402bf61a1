"""Labelled person records in the canonical columns, written as departments send them, with every kind of defect."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from demo import dates, places, vocabulary, wrong_ids, wrong_names
from demo import population as pop
from demo.chance import Bools, Chance, Ints, scramble
from demo.departments import DEPARTMENTS
from demo.feeds.person_texts import ETHNIC_NAMES, wrong_births
from demo.kinds import BIT, listed, lists
from demo.person_facts import (
    FORMER,
    HUKOU,
    LIVING,
    cadre_phones,
    card_numbers,
    dwellings,
    household_numbers,
    phone_numbers,
)
from demo.person_rows import Rows, rows_of
from demo.texts import NULL, Column, either, fill, from_codes, from_digits, join, nulls, number, plain, put, take

GROUPS = ("yi", "tibetan", "no_id", "id15", "child", "elderly")


def make(chance: Chance, records: int, today: int, layout: str) -> tuple[pa.Table, pa.Table]:
    """(records, truth) of exactly `records` rows; shuffled; truth: record_key, subject_id, groups, defects."""
    return next(make_parts(chance, records, today, layout, 1))


def make_parts(
    chance: Chance, records: int, today: int, layout: str, parts: int
) -> Iterator[tuple[pa.Table, pa.Table]]:
    """The same in parts of like size, household after household, each part shuffled: the first n are a smaller set."""
    people = pop.make(chance, int(records / 4.3) + 60, today, layout)
    rows = rows_of(chance, people, today)
    if len(rows) < records:
        raise RuntimeError(f"labelled persons: too few rows made; expected {records}, found {len(rows)}")
    ends = [records * (part + 1) // parts for part in range(parts)]
    for begin, end in zip([0, *ends], ends, strict=False):
        keep = slice(begin, end)
        yield _part(
            chance, people, Rows(rows.person[keep], rows.department[keep], rows.copy[keep], rows.key[keep]), today
        )


def _part(chance: Chance, people: pop.People, rows: Rows, today: int) -> tuple[pa.Table, pa.Table]:
    columns, flags = write(chance, people, rows, today)
    order = np.argsort(chance.bits("labelled/order", rows.key), kind="stable")
    table = pa.table(columns).take(pa.array(order))
    age = (today - people.birth[rows.person]) / 365.2425
    ethnic = people.ethnic[rows.person]
    groups = np.stack([
        ethnic == 7, ethnic == 4, flags & (BIT["id_missing"] | BIT["id_placeholder"]) != 0, flags & BIT["id_15"] != 0, age < 14, age >= 60,
    ], axis=1)  # fmt: skip
    flags = np.where(people.twin[rows.person], flags | BIT["twin"], flags)
    truth = pa.table({
        "record_key": table["record_key"],
        "subject_id": join("person-", number(rows.person[order], 8)),
        "groups": listed(groups[order], GROUPS),
        "defects": lists(flags[order]),
    })  # fmt: skip
    return table, truth


def _sent(chance: Chance, rows: Rows, column: str, shares: list[float]) -> Bools:
    return chance.hit(f"sent/{column}", rows.key, np.array(shares)[rows.department])


def _only_sent(
    chance: Chance, rows: Rows, column: str, shares: list[float], text: Column, flags: Ints, kinds: tuple[str, ...]
) -> Column:
    """The column where the department sends it; kinds planted in values that are not sent are taken back."""
    sent = _sent(chance, rows, column, shares)
    for kind in kinds:
        flags[~sent] &= ~BIT[kind]
    return either(sent, text, NULL)


def write(chance: Chance, people: pop.People, rows: Rows, today: int) -> tuple[dict[str, Column], Ints]:
    """(canonical columns, defect bits) of the rows."""
    flags = np.zeros(len(rows), dtype=np.int64)
    person, key, department = rows.person, rows.key, rows.department
    is_old = chance.hit("row/old", key, np.array([d.old for d in DEPARTMENTS])[department]) | (
        (rows.copy == 1) & chance.hit("row/copy", key, 0.5)
    )
    old = is_old & (department != 0)
    ids, id_kinds, kind = _ids(chance, people, rows, old, flags)
    name = _names(chance, people, rows, kind == id_kinds.index("id_masked"), flags)
    birth = _births(chance, people, rows, kind == id_kinds.index("id_missing"), flags)
    swap = np.flatnonzero(chance.hit("columns swapped", key, 0.0002))
    kept = name.take(pa.array(swap))
    name, ids = put(name, swap, ids.take(pa.array(swap))), put(ids, swap, kept)
    flags[swap] |= BIT["id_name_swapped"]
    county_codes = places.counties().codes
    place = people.county[person]
    area = number(
        np.where(chance.hit("area/old", key, 0.02), places.counties().code_by_year[place, 20], county_codes[place])
    )
    stamp = today * 86400 - 1 - chance.below("updated", key, 86400 * 900) - np.where(old, 86400 * 1500, 0)
    serial = np.where(old | (rows.copy == 1), 0, 1)
    card_sent = _sent(chance, rows, "card", [d.card for d in DEPARTMENTS])
    former_id = chance.hit("former listed", person, 0.6) & (people.second_numbers[person, 0] != 0) & (department == 0)
    spelled = scramble(key, 10**10)
    return {
        "record_key": join(take([d.source for d in DEPARTMENTS], department), ":", number(spelled, 10)),
        "department": take([d.name for d in DEPARTMENTS], department),
        "name": name,
        "former_name": _former(chance, people, rows),
        "sex": _sexes(chance, people, rows, flags),
        "ethnicity": _ethnic(chance, people, rows, flags),
        "birth_date": birth,
        "id_number": ids,
        "phone": _phones(chance, people, rows, old, today, flags),
        "address": _addresses(chance, people, rows, old, flags),
        "area_code": either(_sent(chance, rows, "area", [d.area for d in DEPARTMENTS]), area, NULL),
        "household_no": either(_sent(chance, rows, "household", [d.household for d in DEPARTMENTS]), household_numbers(people.household[person]), NULL),
        "card_number": either(card_sent, card_numbers(chance, people, person, serial), NULL),
        "updated_at": plain(pc.strftime(pa.array(stamp.astype("datetime64[s]")), format="%Y-%m-%d %H:%M:%S")),
        "former_id_number": either(former_id, from_digits(np.where(people.second_numbers[person] == 0, 48, people.second_numbers[person]).astype(np.uint8)), NULL),
    }, flags  # fmt: skip


def _ids(
    chance: Chance, people: pop.People, rows: Rows, old: Bools, flags: Ints
) -> tuple[Column, tuple[str, ...], Ints]:
    kinds, kind = wrong_ids.choose(chance, rows.key, rows.department, tuple(d.ids for d in DEPARTMENTS))
    numbers = people.numbers[rows.person]
    second = np.flatnonzero(
        (people.second_numbers[rows.person, 0] != 0)
        & (rows.department != 0)
        & (old | chance.hit("second/used", rows.key, 0.15))
    )
    numbers[second] = people.second_numbers[rows.person[second]]
    flags[second] |= BIT["id_second"]
    stranger = chance.below("shared/with", rows.person, len(people))
    shared = np.flatnonzero(
        (rows.department != 0)
        & chance.hit("shared/person", rows.person, 0.0006)
        & chance.hit("shared/row", rows.key, 0.5)
    )
    numbers[shared] = people.numbers[stranger[shared]]
    flags[shared] |= BIT["id_shared"]
    return wrong_ids.write(chance, people, rows.person, rows.key, numbers, kinds, kind, flags), kinds, kind


def _names(chance: Chance, people: pop.People, rows: Rows, id_masked: Bools, flags: Ints) -> Column:
    names = people.names[rows.person]
    han = frozenset(ord(w[0]) for w in vocabulary.surnames().words)
    own = wrong_names.is_own(people.ethnic[rows.person], names, han)
    rate = np.array([d.name_variant for d in DEPARTMENTS])[rows.department]
    former = people.former_names[rows.person].copy()
    former[rows.department == 0] = 0
    text = wrong_names.vary(chance, rows.key, names, former, own, rate, flags)
    hidden = np.flatnonzero(id_masked & chance.hit("mask/name", rows.key, 0.7))
    flags[hidden] |= BIT["name_masked"]
    return put(text, hidden, wrong_names.mask(chance, rows.key[hidden], names[hidden]))


def _former(chance: Chance, people: pop.People, rows: Rows) -> Column:
    has = (
        (people.former_names[rows.person, 0] != 0)
        & (rows.department == 0)
        & chance.hit("former/listed", rows.person, 0.8)
    )
    at = np.flatnonzero(has)
    return put(nulls(len(rows)), at, from_codes(people.former_names[rows.person[at]]))


def _sexes(chance: Chance, people: pop.People, rows: Rows, flags: Ints) -> Column:
    sex = people.sex[rows.person].copy()
    wrong = np.flatnonzero(chance.hit("sex/wrong", rows.key, np.where(rows.department == 0, 0.0001, 0.0012)))
    sex[wrong] = 3 - sex[wrong]
    flags[wrong] |= BIT["sex_wrong"]
    words = [w for d in DEPARTMENTS for w in d.sex_words]
    text = take(words, rows.department * 2 + sex - 1)
    text = fill(text, np.flatnonzero(chance.hit("sex/unknown", rows.key, 0.002)), "0")
    return _only_sent(chance, rows, "sex", [d.sex for d in DEPARTMENTS], text, flags, ("sex_wrong",))


def _ethnic(chance: Chance, people: pop.People, rows: Rows, flags: Ints) -> Column:
    code = people.ethnic[rows.person]
    names = [ETHNIC_NAMES.get(i, "汉") for i in range(60)]
    way = chance.weighted("ethnic/form", rows.key, [0.85, 0.1, 0.05])
    text = plain(pc.choose(pa.array(way), number(code, 2), join(take(names, code), "族"), take(names, code)))
    odd = np.flatnonzero(chance.hit("ethnic/odd", rows.key, 0.004))
    flags[odd] |= BIT["code_unmapped"]
    text = put(text, odd, take(["00", "ZZ", "其他", "60"], chance.below("ethnic/odd/which", rows.key[odd], 4)))
    return _only_sent(chance, rows, "ethnic", [d.ethnic for d in DEPARTMENTS], text, flags, ("code_unmapped",))


def _births(chance: Chance, people: pop.People, rows: Rows, no_id: Bools, flags: Ints) -> Column:
    """Birth dates: lunar birthdays, 01-01 defaults, typing errors (0.35 % in all), forms of date, missing mostly where the id is."""
    keys = np.where(rows.department == 0, rows.key * 8 + 1, rows.key)
    quiet = rows.department == 0
    numbers = np.zeros(len(rows), dtype=np.int64)
    for at, rate in ((np.flatnonzero(quiet), 0.0005), (np.flatnonzero(~quiet), 0.0037)):
        marks = np.zeros(len(at), dtype=np.int64)
        numbers[at] = wrong_births(chance, people.birth[rows.person[at]], keys[at], rate, marks)
        flags[at] |= marks
    text = _dates(chance, rows, numbers, flags)
    missing = np.flatnonzero(no_id & chance.hit("birth/missing", rows.key, 0.5))
    flags[missing] |= BIT["birth_missing"]
    text = fill(text, missing, None)
    rows_bad = np.flatnonzero(chance.hit("birth/empty", rows.key, 0.002))
    text = put(
        text,
        rows_bad,
        take(["00000000", "19000101", "99991231", "不详"], chance.below("birth/empty/which", rows.key[rows_bad], 4)),
    )
    flags[rows_bad] |= BIT["birth_missing"]
    kinds = ("birth_lunar", "birth_default", "birth_typo", "birth_missing", "date_form")
    return _only_sent(chance, rows, "birth", [d.birth for d in DEPARTMENTS], text, flags, kinds)


def _dates(chance: Chance, rows: Rows, numbers: Ints, flags: Ints) -> Column:
    """YYYYMMDD numbers in each department's form of date, 1 % (hand-typed files 35 %) in another."""
    forms = {"digits": dates.DIGITS, "dashes": dates.DASHES, "slashes": dates.SLASHES, "mixed": dates.DIGITS}
    text = nulls(len(rows))
    for name, form in forms.items():
        at = np.flatnonzero(np.array([d.date_form == name for d in DEPARTMENTS])[rows.department])
        marks = np.zeros(len(at), dtype=np.int64)
        text = put(
            text, at, dates.mixed(chance, rows.key[at], numbers[at], form, 0.35 if name == "mixed" else 0.01, marks)
        )
        flags[at] |= marks
    return text


def _phones(chance: Chance, people: pop.People, rows: Rows, old: Bools, today: int, flags: Ints) -> Column:
    former = old & chance.hit("phone/changed", rows.person, 0.35)
    now = np.ones(len(people), dtype=np.int64)
    value = phone_numbers(chance, people, rows.person, today, now)
    value[former] = phone_numbers(chance, people, rows.person[former], today, now - 1)
    flags[former] |= BIT["phone_old"]
    rural = np.array([d.rural for d in DEPARTMENTS])[rows.department]
    cadre = chance.hit("phone/cadre", rows.key, np.where(rural, 0.09, 0.01))
    flags[cadre] |= BIT["phone_shared"]
    text = number(np.where(cadre, cadre_phones(people, rows.person), value))
    a, b, c = (plain(pc.utf8_slice_codeunits(text, i, j)) for i, j in ((0, 3), (3, 7), (7, 11)))
    way = chance.weighted("phone/form", rows.key, [0.965, 0.01, 0.008, 0.008, 0.004, 0.003, 0.002])
    flags[way > 0] |= BIT["phone_form"]
    text = plain(
        pc.choose(
            pa.array(way),
            text,
            join("+86", text),
            join(a, " ", b, " ", c),
            join(a, "-", b, "-", c),
            join("86", text),
            join(text, " "),
            "无",
        )
    )
    return _only_sent(
        chance, rows, "phone", [d.phone for d in DEPARTMENTS], text, flags, ("phone_old", "phone_shared", "phone_form")
    )


def _addresses(chance: Chance, people: pop.People, rows: Rows, old: Bools, flags: Ints) -> Column:
    sent = np.flatnonzero(_sent(chance, rows, "address", [d.address for d in DEPARTMENTS]))
    person, key, department = rows.person[sent], rows.key[sent], rows.department[sent]
    moved = old[sent] & chance.hit("address/moved", person, 0.5)
    flags[sent[moved]] |= BIT["address_moved"]
    kind = np.where(moved, FORMER, np.where(department == 0, HUKOU, LIVING))
    form = np.zeros(len(sent), dtype=np.int64)
    odd = np.zeros(len(sent), dtype=np.int64)
    for i, d in enumerate(DEPARTMENTS):
        here = department == i
        form[here] = chance.weighted("address/form", key[here], d.forms)
        odd[here] = chance.weighted("address/odd", key[here], d.odd)
    odd[(department == 0) & (odd == 3)] = 0
    dwelling, county, urban = dwellings(
        chance, people.household[person], people.county[person], people.urban[person], kind
    )
    text = places.addresses(chance, dwelling, county, urban, form, odd)
    empty = np.flatnonzero(chance.hit("address/empty", key, 0.006))
    text = put(text, empty, take(["无", "同上", "集体户", "不详"], chance.below("address/empty/which", key[empty], 4)))
    return put(nulls(len(rows)), sent, text)
