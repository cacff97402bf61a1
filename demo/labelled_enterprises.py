"""Labelled enterprise records in the canonical columns, written as departments send them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from demo import businesses as biz
from demo import places, vocabulary, wrong_businesses, wrong_ids
from demo import population as pop
from demo.chance import Bools, Chance, Ints, scramble
from demo.kinds import BIT, listed, lists
from demo.person_facts import phone_numbers
from demo.texts import NULL, Column, either, fill, from_codes, from_digits, join, number, plain, put, take


@dataclass(frozen=True)
class Source:
    """One source of enterprise records; shares are of its rows."""

    name: str
    source: str
    held: tuple[float, float]  # share of businesses with a current and with an older row
    missing: float = 0.05  # no unified code
    old: float = 0.015  # an old number in its field
    variant: float = 0.1
    rep: float = 0.0
    rep_id: float = 0.0
    phone: float = 0.0
    address: float = 0.0
    other_numbers: float = 0.0  # registration number and organisation code columns
    detail: float = 0.0  # type and status
    forms: tuple[float, ...] = field(default=(40, 16, 20, 5, 8, 5, 6))


SOURCES = (
    Source(
        "mr",
        "mr_entity",
        (0.985, 0.03),
        0.004,
        0.0,
        0.006,
        rep=0.99,
        phone=0.8,
        address=0.99,
        other_numbers=0.6,
        detail=1.0,
    ),
    Source(
        "tax",
        "tax_payer",
        (0.86, 0.02),
        0.02,
        0.02,
        0.05,
        rep=0.95,
        rep_id=0.9,
        phone=0.7,
        address=0.9,
        other_numbers=0.1,
        detail=0.7,
    ),
    Source("hrss", "hrss_unit", (0.36, 0.05), 0.06, 0.03, 0.12, rep=0.4, phone=0.6, address=0.4, other_numbers=0.2),
    Source("tax", "tax_contrib", (0.3, 0.0), 0.05, 0.02, 0.1, rep=0.1, phone=0.2),
    Source("nhsa", "nhsa_employer", (0.3, 0.03), 0.22, 0.01, 0.1, rep=0.1, phone=0.3, address=0.1),
    Source("fin", "fin_policy", (0.12, 0.0), 0.03, 0.01, 0.1, rep=0.6, phone=0.9, address=0.5),
    Source("mr", "mr_penalty", (0.05, 0.0), 0.1, 0.02, 0.1, rep=0.5, address=0.5),
    Source("ct", "ct_permit", (0.05, 0.01), 0.12, 0.05, 0.15, rep=0.6, phone=0.5, address=0.8),
)
GROUPS = (*biz.GROUPS, "no_uscc")
STATUS = (
    ("存续", "在业", "开业", "1"),
    ("吊销未注销", "吊销，未注销", "2", "吊销"),
    ("注销", "已注销", "4", "注销"),
    ("歇业", "停业", "5", "歇业"),
    ("清算", "清算", "6", "清算"),
    ("迁出", "迁出", "7", "迁出"),
)


def make(chance: Chance, records: int, today: int) -> tuple[pa.Table, pa.Table]:
    """(records, truth) of exactly `records` rows, shuffled; truth: record_key, subject_id, groups, defects."""
    mean = sum(sum(s.held) for s in SOURCES)
    count = int(records / mean * 1.13) + 60
    people = pop.make(chance, int(count * 0.8) + 500, today, "spread")
    owned = biz.make(chance, people, count, today)
    biz.make_unique(owned, people, len(vocabulary.trade_names()))
    rows, source, older = _rows(chance, count, owned)
    rows, source, older = rows[:records], source[:records], older[:records]
    if len(rows) < records:
        raise RuntimeError(f"labelled enterprises: too few rows made; expected {records}, found {len(rows)}")
    columns, flags = write(chance, owned, people, rows, source, older, today)
    key = rows * 64 + source * 4 + older
    order = np.argsort(chance.bits("labelled/order", key), kind="stable")
    table = pa.table(columns).take(pa.array(order))
    bits = np.stack(
        [*[owned.kind[rows] == i for i in range(6)], flags & (BIT["uscc_missing"] | BIT["uscc_old_number"]) != 0],
        axis=1,
    )
    truth = pa.table({
        "record_key": table["record_key"],
        "subject_id": join("enterprise-", number(rows[order], 8)),
        "groups": listed(bits[order], GROUPS),
        "defects": lists(flags[order]),
    })  # fmt: skip
    return table, truth


def _rows(chance: Chance, count: int, owned: biz.Businesses) -> tuple[Ints, Ints, Bools]:
    every = np.arange(count)
    parts = []
    for i, source in enumerate(SOURCES):
        for copy, share in enumerate(source.held):
            rate = np.where(np.isin(owned.kind, (biz.INDIVIDUAL, biz.COLLECTIVE)) & (i > 1), share * 0.6, share)
            held = every[chance.hit(f"business/held/{source.source}/{copy}", every, rate)]
            parts.append(np.stack([held, np.full(len(held), i), np.full(len(held), copy)]))
    whole = np.hstack(parts)
    whole = whole[:, np.lexsort((whole[2], whole[1], whole[0]))]
    return whole[0], whole[1], whole[2] == 1


def write(
    chance: Chance, owned: biz.Businesses, people: pop.People, rows: Ints, source: Ints, copy: Bools, today: int
) -> tuple[dict[str, Column], Ints]:
    """(canonical columns, defect bits)."""
    key = rows * 64 + source * 4 + copy
    flags = np.zeros(len(rows), dtype=np.int64)
    older = copy | chance.hit("row/old", key, np.where(source == 0, 0.0, 0.12))

    def share(name: str) -> Bools:
        return chance.hit(f"business/sent/{name}", key, np.array([getattr(s, name) for s in SOURCES])[source])

    uncoded = np.array([s.missing for s in SOURCES])[source] + np.where(
        (owned.closed[rows] >= 0) & (owned.closed[rows] < biz.CODE_REFORM), 0.9, 0.0
    )
    uscc = wrong_businesses.unified_codes(
        chance, key, owned, rows, uncoded, np.array([s.old for s in SOURCES])[source], flags
    )
    name = wrong_businesses.names(
        chance, key, owned, people, rows, np.array([s.variant for s in SOURCES])[source], older, flags
    )
    nameless = np.flatnonzero((owned.kind[rows] == biz.INDIVIDUAL) & chance.hit("business/nameless", rows, 0.015))
    name = put(name, nameless, take(["无字号", "***", ""], chance.below("business/nameless/how", key[nameless], 3)))
    rep = wrong_businesses.representatives(chance, key, owned, rows, older, flags)
    rep_ids = from_digits(people.numbers[rep])
    masked = np.flatnonzero(chance.hit("rep/masked", key, 0.04))
    rep_ids = put(rep_ids, masked, wrong_ids.masked(chance, key[masked], people.numbers[rep[masked]]))
    others = share("other_numbers") | (flags & (BIT["uscc_missing"] | BIT["uscc_old_number"]) != 0) & chance.hit(
        "others/instead", key, 0.4
    )
    hyphen = chance.hit("org/hyphen", key, 0.5)
    org = join(
        from_digits(owned.organisation[rows, :8]), either(hyphen, "-", ""), from_digits(owned.organisation[rows, 8:])
    )
    detail = share("detail")
    stamp = today * 86400 - 1 - chance.below("updated", key, 86400 * 900) - np.where(older, 86400 * 1500, 0)
    code = places.counties().codes[owned.county[rows]]
    parent = owned.parent[rows]
    renamed = (owned.former_trade_name[rows] >= 0) & (source == 0) & ~older & chance.hit("former/listed", key, 0.85)
    return {
        "record_key": join(take([s.source for s in SOURCES], source), ":", number(scramble(key, 10**10), 10)),
        "department": take([s.name for s in SOURCES], source),
        "name": name,
        "former_name": either(renamed, biz.former_names(owned, people, rows), NULL),
        "uscc": uscc,
        "registration_no": either(others & chance.hit("others/reg", key, 0.7), biz.registration_text(owned, rows), NULL),
        "organisation_code": either(others & chance.hit("others/org", key, 0.6), org, NULL),
        "legal_rep_name": either(share("rep"), from_codes(people.names[rep]), NULL),
        "legal_rep_id": either(share("rep_id"), rep_ids, NULL),
        "phone": either(share("phone"), phones(chance, owned, people, rows, rep, today, flags), NULL),
        "address": addresses(chance, owned, rows, key, source, older, share("address"), flags),
        "area_code": number(np.where(chance.hit("area/city", key, 0.08), code // 100 * 100, code)),
        "enterprise_type": either(detail, types(chance, owned, rows, key, source), NULL),
        "status": either(detail, statuses(chance, owned, rows, key, older, flags), NULL),
        "parent_uscc": either((parent >= 0) & (source <= 1) & chance.hit("parent/listed", key, 0.8), from_digits(owned.uscc[np.maximum(parent, 0)]), NULL),
        "updated_at": plain(pc.strftime(pa.array(stamp.astype("datetime64[s]")), format="%Y-%m-%d %H:%M:%S")),
    }, flags  # fmt: skip


def phones(
    chance: Chance, owned: biz.Businesses, people: pop.People, rows: Ints, rep: Ints, today: int, flags: Ints
) -> Column:
    """The representative's mobile, the business's own, or that of the agency which does the books of hundreds."""
    own = phone_numbers(chance, people, rep, today, np.ones(len(people), dtype=np.int64))
    agency = chance.hit("phone/agency", rows, 0.06)
    flags[agency] |= BIT["phone_shared"]
    agent = 13800000000 + owned.county[rows] * 1000 + chance.below("phone/agent", rows, 5)
    landline = join(
        "0", number(chance.between("phone/area", rows, 812, 839)), "-", number(2_000_000 + scramble(rows, 10**6 * 6))
    )
    mobile = number(np.where(agency, agent, own))
    return either(chance.hit("phone/landline", rows, 0.15) & ~agency, landline, mobile)


def addresses(
    chance: Chance, owned: biz.Businesses, rows: Ints, key: Ints, source: Ints, older: Bools, sent: Bools, flags: Ints
) -> Column:
    """Addresses; older rows may hold the one before the move."""
    at = np.flatnonzero(sent)
    moved = older[at] & chance.hit("business/moved", rows[at], 0.2)
    flags[at[moved]] |= BIT["address_moved"]
    form, odd = np.zeros(len(at), dtype=np.int64), chance.weighted("address/odd", key[at], [66, 12, 14, 8])
    for i, s in enumerate(SOURCES):
        here = source[at] == i
        form[here] = chance.weighted("address/form", key[at][here], s.forms)
    rural = np.isin(owned.kind[rows[at]], (biz.COOPERATIVE, biz.COLLECTIVE))
    urban = ~rural & chance.hit("business/urban", rows[at], 0.8)
    text = places.addresses(chance, 500_000_000 + rows[at] * 2 + moved, owned.county[rows[at]], urban, form, odd)
    out = pa.nulls(len(rows), pa.string())
    return put(out, at, text)


def types(chance: Chance, owned: biz.Businesses, rows: Ints, key: Ints, source: Ints) -> Column:
    """Four-digit types; tax writes unit or individual business."""
    codes = biz.type_codes(owned, rows)
    words = take(
        ["单位纳税人", "个体工商户", "1", "2"],
        (owned.kind[rows] == biz.INDIVIDUAL) + 2 * chance.hit("type/word", key, 0.5).astype(np.int64),
    )
    return either(source == 1, words, codes)


def statuses(chance: Chance, owned: biz.Businesses, rows: Ints, key: Ints, older: Bools, flags: Ints) -> Column:
    """Status words and codes; older rows still show the business open."""
    status = np.where(older & chance.hit("status/old", key, 0.6), biz.OPEN, owned.status[rows])
    flags[status != owned.status[rows]] |= BIT["status_old"]
    words = [w for group in STATUS for w in group]
    text = take(words, status * 4 + chance.weighted("status/word", key, [0.7, 0.15, 0.1, 0.05]))
    return fill(text, np.flatnonzero(chance.hit("status/odd", key, 0.003)), "Z9")
