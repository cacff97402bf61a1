"""Addresses and areas compared: the same house written otherwise, the same village or street, county or prefecture."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import fuzz, process

from matching.model import Levels
from matching.pairs import Pairs
from matching.profiles import Column, Profiles

ADDRESS_LEVELS = ("different", "same village or street", "same house", "equal")
DIFFERENT, NEIGHBOURS, HOUSE, EQUAL = range(4)
AREA_LEVELS = (
    "different prefecture",
    "other county of the prefecture",
    "the prefecture, no county told",
    "same county",
)
OTHER_PREFECTURE, OTHER_COUNTY, PREFECTURE, COUNTY = range(4)


def compare_addresses(pairs: Pairs) -> Levels:
    """The addresses: equal in standard form; the same numbers at the same place; the same village or street only."""
    levels = np.where(pairs.equal("address"), EQUAL, -1).astype(np.int8)
    unequal = pairs.present("address") & (levels != EQUAL)
    texts = pairs.over_texts("address", compare_address_texts, unequal, -1)
    levels[unequal] = texts[unequal]
    return levels


def compare_address_texts(one: list[str], two: list[str]) -> npt.NDArray[np.int16]:
    """Levels of distinct unequal standard addresses."""
    if not one:
        return np.zeros(0, np.int16)
    alike = process.cpdist(one, two, scorer=fuzz.partial_ratio, score_cutoff=55, dtype=np.uint8)
    levels = np.where(alike >= 70, NEIGHBOURS, DIFFERENT).astype(np.int16)
    near = np.flatnonzero(alike >= 60)
    left, right = (_numbers_in([side[place] for place in near.tolist()]) for side in (one, two))
    for place, here, there in zip(near.tolist(), left, right, strict=True):
        shorter, longer = (here, there) if here.count(" ") <= there.count(" ") else (there, here)
        parts = shorter.count(" ")
        is_told = len(shorter) - parts >= 2 and longer.endswith(shorter)
        if is_told and (parts > 1 or longer.count(" ") == parts):
            levels[place] = HOUSE
    return levels


def _numbers_in(texts: list[str]) -> list[str]:
    """The numbers of each text in order, a blank before each."""
    spaced = pc.replace_substring_regex(pa.array(texts, pa.string()), r"[^\p{Nd}]+", " ")
    told: list[str] = pc.binary_join_element_wise(pa.scalar(" "), pc.utf8_trim(spaced, " "), "").to_pylist()
    return told


def read_areas(profiles: Profiles, connection: Any) -> None:
    """`prefecture` (4 digits) and `county` (6 digits, none where only the prefecture is told) of the area, as of today."""
    successor = dict(
        connection.execute("SELECT old_code, min(new_code) FROM ref_division_successor GROUP BY 1").fetchall()
    )
    area = profiles["area"]
    table = np.full((len(area.texts) + 1, 2), -1, np.int32)
    for place, text in enumerate(area.texts):
        code = successor.get(text, text)
        if code.isdigit() and len(code) == 6:
            table[place] = int(code[:4]), int(code) if code[4:] != "00" else -1
    bare = Column(np.zeros(0, np.int32), pa.array([], pa.string()), np.zeros(0, np.uint64))
    for position, name in enumerate(("prefecture", "county")):
        profiles.put(name, table[area.codes, position], bare)
        profiles.extra[name] = profiles[name].codes


def compare_areas(pairs: Pairs) -> Levels:
    """The counties stated, as of today: the same county, the same prefecture, or another."""
    one, two = pairs.extra("prefecture")
    left, right = pairs.extra("county")
    levels = (one == two).astype(np.int8)
    levels[(one == two) & ((left < 0) | (right < 0))] = 2
    levels[(left == right) & (left >= 0)] = 3
    levels[(one < 0) | (two < 0)] = -1
    return levels
