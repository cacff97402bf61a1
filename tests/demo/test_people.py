"""Who lives in the province: synthetic numbers, twins, namesakes, Yi and Tibetan names, numbers of Chongqing."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

import numpy as np
import pytest

from demo import population, vocabulary
from demo.chance import Chance
from demo.texts import from_codes
from tests.demo.conftest import FIRST, Province

NUMBER = re.compile(r"[1-9]\d{5}(19|20)\d{6}\d{3}[0-9X]")
CHONGQING = re.compile(r"5102|5112|5122|5123|5135|5170")
TODAY = (FIRST - date(1970, 1, 1)).days
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_COLUMNS = {
    "ps_person": ("id_no", "former_id"), "hrss_card": ("ssn", "cert_no"), "nhsa_insured": ("certno",),
    "ca_assist": ("member_id", "head_id"), "tax_payer": ("legal_rep_id",),
}  # fmt: skip


def has_right_check(number: str) -> bool:
    """ISO 7064 MOD 11-2 over the first 17 digits (GB 11643)."""
    return "10X98765432"[sum(int(d) * w for d, w in zip(number, WEIGHTS, strict=False)) % 11] == number[17]


@pytest.mark.parametrize("feed", sorted(ID_COLUMNS))
def test_numbers_are_nobodys(province: Province, feed: str) -> None:
    """Every valid number lies in the synthetic range 900-995 of domain.md 11; typing errors never make a valid one."""
    found = {row[column] for row in province.files[feed] for column in ID_COLUMNS[feed]}
    valid = {text for text in found if NUMBER.fullmatch(text) and has_right_check(text)}
    assert len(valid) > 500
    assert {int(number[14:17]) for number in valid} <= set(range(900, 996))
    own = [text for text in found if NUMBER.fullmatch(text)]
    assert len(valid) > 0.97 * len(own)


def test_no_two_people_have_one_number(province: Province) -> None:
    wrong = province.keys_with("ps_person", "id_typo")
    owners: dict[str, set[str]] = {}
    for (feed, key), row in province.record.items():
        if feed == "ps_person" and key not in wrong:
            owners.setdefault(key.split("|")[1], set()).add(row["subject_id"])
    assert {len(subjects) for subjects in owners.values()} == {1}


def current(province: Province) -> list[dict[str, str]]:
    """Registrations in force, one a person, names as they are."""
    spoilt = province.keys_with(
        "ps_person", "id_typo", "name_form", "name_rare", "birth_typo", "birth_lunar", "birth_default"
    )
    seen, rows = set(), []
    for row in province.files["ps_person"]:
        key = f"{row['household_no']}|{row['id_no'].upper()}"
        if key not in spoilt and key not in seen and not row["cancel_reason"]:
            seen.add(key)
            rows.append(row)
    return rows


def test_namesakes_share_a_birth_date() -> None:
    """The default province of 90,000: the same name and birth date are there, in one county too."""
    people = population.make(Chance(7), 90_000, TODAY)
    rows = list(zip(from_codes(people.names).to_pylist(), people.birth.tolist(), people.county.tolist(), strict=True))
    assert sum(count > 1 for count in Counter(row[:2] for row in rows).values()) >= 10
    assert sum(count > 1 for count in Counter(rows).values()) >= 4


def test_whole_counties_stand_at_true_density(province: Province) -> None:
    """Neighbours of one name are there, and every county has somebody."""
    neighbours = Counter((row["name"], row["police_station"]) for row in current(province))
    assert sum(count > 1 for count in neighbours.values()) >= 50
    counties = Counter(row["hukou_area"] for row in current(province))
    assert counties.most_common(1)[0][1] > 0.2 * len(current(province))
    assert len(counties) > 150


def test_twins_have_neighbouring_numbers(province: Province) -> None:
    homes: dict[tuple[str, str], list[int]] = {}
    for row in current(province):
        if row["relation"] in ("20", "30"):
            homes.setdefault((row["household_no"], row["birth_date"]), []).append(int(row["id_no"][14:17]))
    twins = [sorted(numbers) for numbers in homes.values() if len(numbers) == 2]
    assert len(twins) > 20
    near = [abs(a - b) <= 4 or abs(a - b) >= 92 for a, b in twins]
    assert sum(near) > 0.8 * len(near)


def test_yi_and_tibetan_names_occur(province: Province) -> None:
    clans = vocabulary.minority_names("yi", "clan", "").words
    yi = [row["name"] for row in current(province) if row["ethnic"] == "07"]
    with_clan = [name for name in yi if name.startswith(tuple(clans)) and len(name) >= 3]
    assert len(with_clan) > 0.5 * len(yi) > 50
    tibetan = [row["name"] for row in current(province) if row["ethnic"] == "04"]
    words = (
        vocabulary.minority_names("tibetan", "given", "1").words
        + vocabulary.minority_names("tibetan", "given", "2").words
    )
    assert sum(name.startswith(tuple(words)) for name in tibetan) > 0.7 * len(tibetan) > 30


def test_numbers_of_todays_chongqing_occur(province: Province) -> None:
    """Former Sichuan codes, given before 1997 only."""
    gone = [row["id_no"] for row in current(province) if CHONGQING.match(row["id_no"])]
    assert 0.003 * len(current(province)) < len(gone) < 0.03 * len(current(province))
    assert max(int(number[6:10]) for number in gone) < 1997


def test_households_are_families(province: Province) -> None:
    """One head; children younger than their parents."""
    homes: dict[str, list[dict[str, str]]] = {}
    for row in current(province):
        homes.setdefault(row["household_no"], []).append(row)
    sizes = Counter(len(members) for members in homes.values())
    assert sizes[1] > 0
    assert sizes[3] > 0
    assert max(sizes) <= 6
    heads = Counter(sum(m["relation"] == "02" for m in members) for members in homes.values())
    assert heads[1] > 0.85 * len(homes)
    assert set(heads) <= {0, 1}
    for members in homes.values():
        head = [int(m["birth_date"][:4]) for m in members if m["relation"] == "02"]
        children = [int(m["birth_date"][:4]) for m in members if m["relation"] in ("20", "30")]
        assert all(child - head[0] >= 16 for child in children if head)


def test_numbers_do_not_depend_on_who_comes_later() -> None:
    """Sequences go by index: a province that grows keeps the numbers of those who were there."""
    codes = np.full(300, 510104)
    births = np.full(300, 6000) + np.arange(300) % 3
    sexes, twin = 1 + np.arange(300) % 2, np.zeros(300, dtype=bool)
    days, sequence = population.sequences(Chance(7), codes, births, sexes, twin, TODAY)
    fewer = population.sequences(Chance(7), codes[:200], births[:200], sexes[:200], twin[:200], TODAY)
    assert np.array_equal(days[:200], fewer[0])
    assert np.array_equal(sequence[:200], fewer[1])
    assert len(set(zip(days.tolist(), sequence.tolist(), strict=True))) == 300
    assert sequence.min() >= 900
    assert sequence.max() <= 995
    assert np.array_equal(sequence % 2, sexes % 2)
