"""Counties, the codes their people's numbers begin with, and addresses drawn from real townships, villages and roads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa

from demo import vocabulary
from demo.chance import Bools, Chance, Floats, Ints
from demo.texts import Column, either, join, number, take

FIRST_YEAR = 1984  # numbers were first assigned in 1984; older meanings of codes are never used
LAST_YEAR = 2040
FORMS = ("full", "no_province", "from_county", "from_township", "short_province", "local", "old_county")


@dataclass(frozen=True)
class Counties:
    """Sichuan's 183 counties in code order; villages of county i are rows first_village[i] onward."""

    codes: Ints
    names: tuple[str, ...]
    cities: tuple[str, ...]
    old_names: tuple[str, ...]
    first_village: Ints
    village_count: Ints
    weights: Floats
    code_by_year: Ints  # (county, year - 1984): the code given to those registered that year


def _stem(name: str) -> str:
    return name if len(name) <= 2 or name in {"市中区"} else re.sub(r"(自治县|[县区市])$", "", name)


@cache
def counties() -> Counties:
    """The counties with their former names and codes."""
    rows = vocabulary.read("counties.csv")
    codes = np.array([int(r["county_code"]) for r in rows], dtype=np.int64)
    prefixes = np.array([int(code[:6]) for code in vocabulary.villages()[0]], dtype=np.int64)
    first = np.searchsorted(prefixes, codes, side="left")
    count = np.searchsorted(prefixes, codes, side="right") - first
    spells = [
        (int(r["code"]), r["name"], int(r["from_year"]), int(r["to_year"]))
        for r in vocabulary.read("division_spells.csv")
        if not r["code"].endswith("00") and int(r["to_year"]) >= FIRST_YEAR
    ]
    years = np.arange(FIRST_YEAR, LAST_YEAR + 1)
    by_year = np.repeat(codes[:, None], len(years), axis=1)
    old_names = []
    for i, row in enumerate(rows):
        stem = _stem(row["county"])
        former = [s for s in spells if len(stem) > 1 and _stem(s[1]) == stem and s[0] != codes[i]]
        for code, _, start, end in former:
            by_year[i, (years >= start) & (years <= end)] = code
        names = [
            s[1] for s in former + [s for s in spells if s[0] == codes[i]] if s[1] != row["county"] and len(stem) > 1
        ]
        old_names.append(names[-1] if names else row["county"])
    return Counties(
        codes,
        tuple(r["county"] for r in rows),
        tuple(r["city"] for r in rows),
        tuple(old_names),
        first.astype(np.int64),
        count.astype(np.int64),
        count.astype(np.float64),
        by_year,
    )


@cache
def _codes_gone(year: int) -> Ints:
    """Sichuan codes of today's Chongqing in force that year (domain.md 2.1)."""
    found = [
        int(r["code"])
        for r in vocabulary.read("division_spells.csv")
        if re.match(r"5102(?!00)|5112(?!00)|5122(?!00)|5123(?!00)|5135(?!00)|5170(?!00)|51900[567]", r["code"])
        and int(r["from_year"]) <= year <= min(int(r["to_year"]), 1996)
    ]
    return np.array(found, dtype=np.int64)


def number_codes(chance: Chance, keys: Ints, county: Ints, birth_years: Ints) -> Ints:
    """The first six digits of people's numbers: home county's code of that year, 1.5 % Chongqing's, 3 % other provinces'."""
    years = np.clip(birth_years, FIRST_YEAR, LAST_YEAR)
    home = counties().code_by_year[county, years - FIRST_YEAR]
    origin = chance.uniform("code/origin", keys)
    for year in range(FIRST_YEAR, 1997):
        gone = _codes_gone(year)
        rows = np.flatnonzero((years == year) & (origin < 0.015))
        home[rows] = gone[chance.below("code/gone", keys[rows], len(gone))]
    elsewhere = np.array([int(r["county_code"]) for r in vocabulary.read("counties_elsewhere.csv")], dtype=np.int64)
    return np.where(origin > 0.97, elsewhere[chance.below("code/elsewhere", keys, len(elsewhere))], home)


_CHINESE_NUMBERS = ["零", *"一二三四五六七八九", "十", *[f"十{d}" for d in "一二三四五六七八九"], "二十"]


def addresses(chance: Chance, keys: Ints, county: Ints, urban: Bools, forms: Ints, odd: Ints) -> Column:
    """Address texts of dwelling keys in a county, written in one of FORMS each.

    `odd` is 0 for the plain way of writing the last part, 1 for Chinese numerals and 幢, 2 for the 3-2-501 form,
    3 with the compound or road left out. The same key and county is always the same dwelling.
    """
    places = counties()
    _, townships, villages = vocabulary.villages()
    village = places.first_village[county] + (
        chance.uniform("place/village", keys) ** 1.3 * places.village_count[county]
    ).astype(np.int64)
    heads: list[str] = []
    for i in range(len(places.codes)):
        city, name, old = places.cities[i], places.names[i], places.old_names[i]
        heads += [f"四川省{city}{name}", f"{city}{name}", name, "", f"四川{name}", "", f"四川省{city}{old}"]
    head = take(heads, county * len(FORMS) + forms)
    township = take(
        either_empty(pa.array(townships), 0), np.where(forms == FORMS.index("local"), len(townships), village)
    )
    return join(head, township, either(urban, _town(chance, keys, odd), _country(chance, keys, village, villages, odd)))


def either_empty(words: Column, count: int) -> Column:
    """The words with an empty one appended (index len(words))."""
    return pa.concat_arrays([words.cast(pa.string()), pa.array([""] * (1 + count), type=pa.string())])


def _country(chance: Chance, keys: Ints, village: Ints, villages: tuple[str, ...], odd: Ints) -> Column:
    group = chance.between("place/group", keys, 1, 12)
    house = 1 + (chance.uniform("place/house", keys) ** 2 * 280).astype(np.int64)
    plain = [f"{i}组" for i in range(21)]
    chinese = [f"{_CHINESE_NUMBERS[i]}组" for i in range(21)]
    groups = take([*plain, *chinese], group + 21 * (odd == 1))
    return either(
        odd == 2,
        join(take(list(villages), village), groups),
        join(take(list(villages), village), groups, number(house), "号"),
    )


def _town(chance: Chance, keys: Ints, odd: Ints) -> Column:
    roads, compounds = vocabulary.roads(), vocabulary.compounds()
    road = take(list(roads.words), chance.weighted("place/road", keys, np.sqrt(roads.weights)))
    house = join(number(chance.between("place/house", keys, 1, 320)), "号")
    compound = take(list(compounds), chance.below("place/compound", keys, len(compounds)))
    building = 1 + (chance.uniform("place/building", keys) ** 1.5 * 24).astype(np.int64)
    unit = chance.between("place/unit", keys, 1, 4)
    room = chance.between("place/floor", keys, 1, 26) * 100 + chance.between("place/room", keys, 1, 6)
    b, u, r = number(building), number(unit), number(room)
    plain = join(b, "栋", u, "单元", r, "号")
    wordy = join(b, "幢", take(_CHINESE_NUMBERS, unit), "单元", r, "室")
    dashes = join(b, "-", u, "-", r)
    last = either(odd == 1, wordy, either(odd == 2, dashes, plain))
    drop_road = (odd == 3) & chance.hit("place/drop", keys, 0.5)
    first = either(drop_road, "", join(road, house))
    return join(first, either((odd == 3) & ~drop_road, "", compound), last)
