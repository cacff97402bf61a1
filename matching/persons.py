"""What is particular to persons: values from several columns, whose number stands, what would count twice."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from matching import dates, names, numbers, places
from matching.characters import PLACEHOLDERS, load
from matching.evidence import Evidence
from matching.model import Mask
from matching.profiles import Column, Profiles


def derive(profiles: Profiles, connection: Any) -> None:
    """Swap name and number where each stands in the other's column; note what the number and the columns disagree on."""
    profiles.tables["characters"] = load(connection)
    swapped = (profiles["number"].codes < 0) & profiles["number_in_name"].present & profiles["name_in_number"].present
    for column, other in (
        ("number", "number_in_name"), ("id", "number_in_name"), ("name", "name_in_number"),
        ("number_birth", "birth_in_name"), ("number_sex", "sex_in_name"),
    ):  # fmt: skip
        codes = profiles[column].codes
        codes[swapped] = profiles[other].codes[swapped]
    for name in ("number_in_name", "name_in_number", "birth_in_name", "sex_in_name"):
        del profiles.columns[name]
    signs = [not PLACEHOLDERS.isdisjoint(text) for text in profiles["name"].texts]
    profiles.extra["is_hidden"] = np.array([*signs, False], bool)[profiles["name"].codes]
    bare = profiles["birth"].codes < 0
    whole = profiles["name"]
    profiles.columns["bare_name"] = Column(np.where(bare, whole.codes, np.int32(-1)), whole.values, whole.hashes)
    profiles.extra["birth_agrees"] = agreement(profiles["birth"], profiles["number_birth"])
    profiles.extra["sex_agrees"] = agreement(profiles["sex"], profiles["number_sex"])


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


def is_trusted(profiles: Profiles) -> Mask:
    """A number stands when it is valid and neither the birth date nor the sex stated speaks against it."""
    mask: Mask = (
        profiles["number"].present & (profiles.extra["birth_agrees"] != 0) & (profiles.extra["sex_agrees"] != 0)
    )
    return mask


def has_same_name(evidence: Evidence) -> Mask:
    """Names that are one name written in two ways."""
    mask: Mask = evidence["name"] >= names.LOOK_ALIKE
    return mask


def has_hidden_name(evidence: Evidence) -> Mask:
    """Names that agree as far as they are shown, or no name on one side."""
    level = evidence["name"]
    mask: Mask = (level == names.HIDDEN) | (level == names.MASKED) | (level < 0)
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


def looks_like_two_registrations(evidence: Evidence) -> Mask:
    """Two different valid numbers, yet name, birth date, sex and something of the household agree."""
    shared = (evidence["phone"] == 2) | (evidence["card"] == 2) | (evidence["household"] == 1)
    shared |= evidence["address"] >= places.HOUSE
    mask: Mask = (
        (evidence["number"] == numbers.DIFFERENT)
        & (evidence["name"] >= names.LOOK_ALIKE)
        & (evidence["birth"] >= dates.SLIP)
        & (evidence["sex"] != 0)
        & shared
    )
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
