"""ca_assist 社会救助: members of assisted families, hand-typed workbooks with one sheet a prefecture, monthly and full."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from demo import dates, places
from demo.chance import Bools, Chance, Ints, scramble
from demo.feeds import Feed, Sent
from demo.feeds.hrss_card import bank_numbers
from demo.feeds.person_texts import ids, names
from demo.identifiers import calendar_numbers
from demo.kinds import BIT
from demo.population import CHILD, FATHER, HEAD, MOTHER, SPOUSE
from demo.texts import Column, from_digits, join, number, put, take
from demo.world import World
from demo.wrong_ids import RATES as USUAL

RATES = {**USUAL, "id_typo": 0.005, "id_excel": 0.003, "id_relative": 0.006, "id_missing": 0.008, "id_masked": 0.002}
KINDS = (
    "城市低保",
    "农村低保",
    "特困",
    "低保边缘",
    "孤儿",
    "临时救助",
    "城市最低生活保障",
    "农村最低生活保障",
    "特困供养",
    "低保边缘家庭",
)


def assisted(world: World) -> Ints:
    """Living persons of assisted families who still live with the head, by prefecture, family and member number."""
    chance, people = Chance(world.seed), world.people
    rate = np.where(people.urban, 0.03, 0.065)
    home = (people.head >= 0) & (people.household == people.household[people.head])
    held = np.flatnonzero((world.life.died < 0) & home & chance.hit("assist/family", people.head, rate))
    city = places.counties().codes[people.county[people.head[held]]] // 100
    return held[np.lexsort((held, people.head[held], city))]


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Persons by index; `older` rows are a second entry under the same number."""
    chance, people = Chance(world.seed), world.people
    person, head = rows, people.head[rows]
    keys = person * 8 + 4 + 2 * older.astype(np.int64)
    flags = np.zeros(len(rows), dtype=np.int64)
    family = join(
        "51", number(places.counties().codes[people.county[head]] % 10000, 4), number(scramble(head, 10**9), 10)
    )
    position = member_numbers(world, person)
    kind = kinds(world, chance, head)
    wordy = chance.hit("assist/word", keys, 0.06)
    kind_text = take(list(KINDS), np.where(wordy & (kind < 4), kind + 6, kind))
    odd = np.flatnonzero(chance.hit("assist/odd", keys, 0.003))
    flags[odd] |= BIT["code_unmapped"]
    kind_text = put(kind_text, odd, take(["其他", "99", "低保?"], chance.below("assist/odd/which", keys[odd], 3)))
    start = world.first - 60 - chance.below("assist/since", head, 2500)
    amount = 20000 + chance.below("assist/amount", head, 600) * 100 + older * 5000
    none = np.zeros(len(rows), dtype=np.int64)
    owners = none - 1
    account = from_digits(bank_numbers(head, none + 9, none + 4))
    columns = {
        "prefecture": take(list(places.counties().cities), people.county[head]),
        "family_no": family,
        "head_name": names(chance, people, head, head * 8 + 4, 0.02, older, flags),
        "head_id": from_digits(people.numbers[head]),
        "member_no": number(position),
        "member_name": names(chance, people, person, keys, 0.025, older, flags),
        "member_id": ids(chance, people, person, keys, RATES, older, 0.0006, flags, owners),
        "relation": relation_words(world, chance, person, keys, flags),
        "kind": kind_text,
        "amount": join(number(amount // 100), ".", number(amount % 100, 2)),
        "from": month_texts(chance, keys, start, flags),
        "stop": take([""], none),
        "bank_account": account,
        "remark": take(["", "已核", "新增"], chance.weighted("assist/remark", keys, [0.9, 0.06, 0.04])),
    }
    return Sent(columns, join(family, "|", number(position)), person, flags, owners)


def month_texts(chance: Chance, keys: Ints, days: Ints, flags: Ints) -> Column:
    """Months as YYYYMM, 3 % as 2024-01, 2024/1, 2024年1月, a whole day in one of many forms, or no date at all."""
    digits = dates.of_days(days, dates.DIGITS)
    plain = take_slice(digits, 0, 6)
    other = np.flatnonzero(chance.hit("month/other", keys, 0.03))
    flags[other] |= BIT["date_form"]
    first = calendar_numbers(days[other]) // 100 * 100 + 1
    year, month = number(first // 10000), number(first // 100 % 100)
    ways = (
        join(year, "-", number(first // 100 % 100, 2)),
        join(year, "/", month),
        join(year, "年", month, "月"),
        *(
            dates.write(first, form)
            for form in (dates.DIGITS, dates.SLASHES, dates.DASHES, dates.SERIAL, dates.ENGLISH)
        ),
        take(["00000000", "99991231", "19000101"], chance.below("month/none", keys[other], 3)),
    )
    way = chance.below("month/how", keys[other], len(ways))
    return put(plain, other, pc.choose(pa.array(way), *ways))


def take_slice(text: Column, start: int, stop: int) -> Column:
    """Characters start..stop of each text."""
    return pc.utf8_slice_codeunits(text, start, stop)


def member_numbers(world: World, person: Ints) -> Ints:
    """A member's lasting number within the family: head first, children born later last."""
    people = world.people
    order = np.lexsort((np.arange(len(people)), people.head))
    ordered = people.head[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    rank = np.empty(len(people), dtype=np.int64)
    rank[order] = np.arange(len(people)) - np.repeat(starts, np.diff(np.append(starts, len(people))))
    return rank[person] + 1


def kinds(world: World, chance: Chance, head: Ints) -> Ints:
    """Kind of aid of each family, index into KINDS."""
    urban = world.people.urban[head]
    draw = chance.uniform("assist/kind", head)
    return np.where(draw < 0.72, np.where(urban, 0, 1), np.where(draw < 0.86, 2, np.where(draw < 0.97, 3, 5)))


def relation_words(world: World, chance: Chance, person: Ints, keys: Ints, flags: Ints) -> Column:
    """Relation to the head in words, as people type them."""
    people = world.people
    male = people.sex[person] == 1
    role = people.role[person]
    index = np.select(
        [role == HEAD, role == SPOUSE, (role == CHILD) & male, role == CHILD, role == FATHER, role == MOTHER],
        [0, 1, 2, 3, 4, 5],
        6,
    )
    words = ["户主", "配偶", "子", "女", "父亲", "母亲", "非亲属", "本人", "配偶", "儿子", "女儿", "父", "母", "非亲属"]
    text = take(words, index + 7 * chance.hit("relation/other", keys, 0.2))
    odd = np.flatnonzero(chance.hit("relation/odd", keys, 0.002))
    flags[odd] |= BIT["code_unmapped"]
    return put(text, odd, take(["家属", "?", "同住"], chance.below("relation/odd/which", keys[odd], 3)))


FEED = Feed("ca_assist", "person", render, monthly=assisted)
