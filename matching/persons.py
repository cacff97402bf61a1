"""What is particular to persons: values from several columns, whose number stands, what would count twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from matching import dates, names, numbers, places
from matching.characters import PLACEHOLDERS, load
from matching.evidence import Evidence
from matching.keys import cross, distinct
from matching.model import Mask
from matching.profiles import Column, Profiles
from matching.received import Received

SHORTEST_NUMBER = 15
AS_NUMBER = r"^\s*[0-9]{14,17}[0-9Xx]\s*$"
HIDDEN = f"[{''.join(sorted(PLACEHOLDERS))}]"
AS_NAME = r"^\s*[\x{4e00}-\x{9fff}]{2}"


def swap_back(records: Received) -> None:
    """Exchange name and number where each stands in the other's column."""
    name = records.column("name")
    is_long = pc.fill_null(pc.greater_equal(pc.binary_length(name), SHORTEST_NUMBER), False)
    rows = np.flatnonzero(is_long.to_numpy())
    rows = _matching(name, rows, AS_NUMBER)
    if len(rows):
        number = records.column("id_number")
        odd = np.zeros(len(records), bool)
        odd[_matching(number, rows, AS_NAME)] = True
        for column, other in (("name", number), ("id_number", name)):
            records.put(column, pc.if_else(pa.array(odd), other, records.column(column)))


def _matching(texts: pa.ChunkedArray, rows: npt.NDArray[np.int64], pattern: str) -> npt.NDArray[np.int64]:
    """Those of the rows whose text matches."""
    found = pc.fill_null(pc.match_substring_regex(texts.take(pa.array(rows)), pattern), False)
    chosen: npt.NDArray[np.int64] = rows[found.to_numpy().astype(bool)]
    return chosen


def derive(profiles: Profiles, connection: Any) -> None:
    """Hidden names, names without birth date, areas, families; what the number and the columns disagree on."""
    with ThreadPoolExecutor(1) as pool:
        beside = pool.submit(_know_texts, profiles, connection.cursor())
        bare = profiles["birth"].codes < 0
        whole = profiles["name"]
        profiles.put("bare_name", np.where(bare, whole.codes, np.int32(-1)), whole)
        places.read_areas(profiles, connection)
        profiles.extra["is_of_family"] = find_family_names(profiles)
        profiles.extra["birth_agrees"] = agreement(profiles["birth"], profiles["number_birth"])
        profiles.extra["sex_agrees"] = agreement(profiles["sex"], profiles["number_sex"])
        beside.result()


def _know_texts(profiles: Profiles, connection: Any) -> None:
    """What is known of the characters of names; which names and numbers are not shown in whole."""
    profiles.tables["characters"] = load(connection, profiles["name"].signs())
    hidden = pc.match_substring_regex(profiles["name"].values, HIDDEN).to_numpy(zero_copy_only=False)
    profiles.extra["is_hidden"] = np.append(hidden.astype(bool), False)[profiles["name"].codes]
    forms = pc.match_substring_regex(profiles["id"].values, numbers.NUMBER_FORM).to_numpy(zero_copy_only=False)
    profiles.extra["has_number_form"] = np.append(forms.astype(bool), False)[profiles["id"].codes]
    masked = pc.match_substring(profiles["id"].values, "*").to_numpy(zero_copy_only=False)
    profiles.extra["is_masked_number"] = np.append(masked.astype(bool), False)[profiles["id"].codes]


def find_family_names(profiles: Profiles) -> Mask:
    """Profiles whose name is borne, in a household of their number's holder, by somebody of another number."""
    number, name = profiles["number"].codes.astype(np.int64), profiles["name"].codes.astype(np.int64)
    household = profiles["household"].codes.astype(np.int64)
    found = np.zeros(profiles.count, bool)
    known = np.flatnonzero((number >= 0) & (name >= 0) & (household >= 0))
    if not len(known):
        return found
    key, bearer = household[known] << 32 | name[known], number[known]
    order = np.argsort(key)
    key, bearer = key[order], bearer[order]
    first = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    least, most = np.minimum.reduceat(bearer, first), np.maximum.reduceat(bearer, first)
    key = key[first]
    homes = distinct(number[known] << 32 | household[known])
    bearing = np.flatnonzero((number >= 0) & (name >= 0))
    asking = distinct(number[bearing] << 32 | name[bearing])
    left, right = cross(asking >> 32, homes >> 32)
    asking = asking[left]
    wanted = (homes[right] & 0xFFFFFFFF) << 32 | asking & 0xFFFFFFFF
    place = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
    others = (key[place] == wanted) & ((least[place] != asking >> 32) | (most[place] != asking >> 32))
    told = np.zeros(len(profiles["number"].values) + 1, bool)
    told[asking[others] >> 32] = True
    bearing = bearing[told[number[bearing]]]
    found[bearing] = np.isin(number[bearing] << 32 | name[bearing], asking[others])
    return found


def agreement(one: Column, two: Column) -> npt.NDArray[np.int8]:
    """1 agree, 0 disagree, -1 not both known; both columns share a dictionary."""
    found: npt.NDArray[np.int8] = (one.codes == two.codes).astype(np.int8)
    found[(one.codes < 0) | (two.codes < 0)] = -1
    return found


def support(profiles: Profiles) -> npt.NDArray[np.int64]:
    """How much right a profile has to its number: birth date and sex agree with it, Public Security's household with it."""
    birth, sex = profiles.extra["birth_agrees"], profiles.extra["sex_agrees"]
    points = 10 + 6 * (birth == 1) - 9 * (birth == 0) + 2 * (sex == 1) - 5 * (sex == 0)
    points = points + 4 * profiles["household"].present
    result: npt.NDArray[np.int64] = points.astype(np.int64)
    return result


def standing(profiles: Profiles) -> npt.NDArray[np.int8]:
    """What the birth date stated, else the sex stated, says of the number: 1 for it, -1 against it, 0 nothing."""
    birth, sex = profiles.extra["birth_agrees"], profiles.extra["sex_agrees"]
    found: npt.NDArray[np.int8] = np.select([birth == 1, (birth == 0) | (sex == 0)], [1, -1], 0).astype(np.int8)
    return found


def has_same_name(evidence: Evidence) -> Mask:
    """Names that are one name written in two ways."""
    mask: Mask = evidence["name"] >= names.LOOK_ALIKE
    return mask


def has_hidden_name(evidence: Evidence) -> Mask:
    """Names that agree as far as they are shown, or no name on one side."""
    level = evidence["name"]
    mask: Mask = (level == names.HIDDEN) | (level == names.MASKED) | (level < 0)
    return mask


def is_of_family(evidence: Evidence) -> Mask:
    """The same number under another name, which is the name of somebody else of the household."""
    mask: Mask = (evidence["family"] == 0) & (evidence["name"] < names.FORMER)
    return mask


def has_one_sign_off(evidence: Evidence) -> Mask:
    """One sign off, and neither birth date nor sex against it."""
    birth = evidence["birth"]
    mask: Mask = (
        np.isin(evidence["name"], (names.ONE_OFF, names.PART))
        & ((birth < 0) | (birth >= dates.NEAR))
        & (evidence["sex"] != 0)
    )
    return mask


COMMON_NAME = 1e-4
"""A name that more than 1 in 10,000 bear: who shares it, the birth date and the county is as likely a namesake as not."""


def looks_like_two_registrations(evidence: Evidence) -> Mask:
    """Two valid numbers for one name and birth date, and something of the household agrees.

    Or the county agrees, and the name is rare, or one number is against its own record's date, which is the other's.
    """
    name = evidence["name"]
    rare = ~(evidence.share[:, evidence.model.comparison("name")] > COMMON_NAME)
    doubted = (evidence["number"] < 0) & (evidence["birth"] == dates.EQUAL) & (name >= names.LOOK_ALIKE)
    county = (evidence["area"] == places.COUNTY) & ((rare & (name >= names.FORMER)) | doubted)
    alike = (evidence["birth"] >= dates.SLIP) & (name >= names.LOOK_ALIKE) & ((_shared(evidence) >= 1) | county)
    mask: Mask = (evidence["valid_numbers"] == 0) & (evidence["sex"] != 0) & alike
    return mask


def looks_like_another_birth(evidence: Evidence) -> Mask:
    """Two valid numbers with two birth dates for one name, and two things of the household agree."""
    named = (evidence["name"] >= names.FORMER) & (_shared(evidence) >= 2)
    mask: Mask = (evidence["valid_numbers"] == 0) & (evidence["sex"] != 0) & named
    return mask


def has_two_numbers(evidence: Evidence) -> Mask:
    """Two different valid numbers: never one person without a judgement, though a date or a sex speaks against one of them."""
    mask: Mask = (evidence["valid_numbers"] == 0) & (evidence["number"] < numbers.MASKED)
    return mask


def is_of_household(evidence: Evidence) -> Mask:
    """A claimant of the number owner's household: a relative's number stands in many a field, and needs no steward."""
    mask: Mask = _shared(evidence) >= 1
    return mask


def _shared(evidence: Evidence) -> npt.NDArray[np.int64]:
    """How many of telephone, card, household and house agree."""
    same = ((evidence["phone"] == 2), (evidence["card"] == 2), (evidence["household"] == 1))
    counted: npt.NDArray[np.int64] = np.add.reduce([*same, evidence["address"] >= places.HOUSE], dtype=np.int64)
    return counted


def gives_relatives_number(evidence: Evidence) -> Mask:
    """The number given is that of somebody else of the household in which this very name is known."""
    birth = evidence["birth"]
    mask: Mask = (
        (evidence["lender"] == 1)
        & (evidence["name"] >= names.SOUND)
        & ((birth < 0) | (birth >= dates.NEAR))
        & (evidence["sex"] != 0)
        & (evidence["card"] != 0)
    )
    return mask


def has_more_than_name(evidence: Evidence) -> Mask:
    """Something agrees that one person has, or one family: number, telephone, card, household, address."""
    more = (evidence["number"] >= numbers.TWO_EDITS) | (evidence["lender"] == 1)
    more |= (evidence["phone"] >= 1) | (evidence["card"] >= 1) | (evidence["household"] == 1)
    mask: Mask = more | (evidence["address"] >= places.NEIGHBOURS)
    return mask


def has_name_only(evidence: Evidence) -> Mask:
    """Nothing agrees but the name, the sex, the ethnic group and the area (domain 7.1: nothing)."""
    mask: Mask = ~has_more_than_name(evidence) & (evidence["birth"] < dates.NEAR)
    return mask


def has_name_and_birth_only(evidence: Evidence) -> Mask:
    """Name and birth date agree, and nothing else, not even the county (domain 7.1: nothing, in a province)."""
    mask: Mask = ~has_more_than_name(evidence) & (evidence["birth"] >= dates.NEAR) & (evidence["area"] < places.COUNTY)
    return mask


def adjust(evidence: Evidence) -> None:
    """The number holds birth date, sex and place; an address holds the county: what agrees twice counts once."""
    level = {name: evidence.levels[:, evidence.model.comparison(name)] for name in ("number", "birth", "sex", "area")}
    told = level["number"] >= numbers.DAMAGED
    told &= level["number"] != numbers.SAME
    level["birth"][told & (level["birth"] >= dates.NEAR)] = -1
    level["sex"][told & (level["sex"] == 1)] = -1
    level["area"][(evidence["address"] >= places.NEIGHBOURS)] = -1


def review_kinds(evidence: Evidence) -> npt.NDArray[np.str_]:
    """The name a steward knows a doubtful pair by."""
    number = evidence["number"]
    kinds: npt.NDArray[np.str_] = np.select(
        [number == numbers.SAME, number >= numbers.TWO_EDITS, number < 0],
        ["shared_id", "typo_id", "no_id_single_evidence"],
        "doubtful",
    )
    return kinds
