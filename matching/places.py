"""Addresses compared: the same standard form, the same house written otherwise, the same village or street."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from matching.model import Levels
from matching.pairs import Pairs

ADDRESS_LEVELS = ("different", "same village or street", "same house", "equal")
DIFFERENT, NEIGHBOURS, HOUSE, EQUAL = range(4)
_DIGITS = re.compile(r"\d+")


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
    levels = np.zeros(len(one), np.int16)
    for place in np.flatnonzero(alike >= 55).tolist():
        left, right = _DIGITS.findall(one[place]), _DIGITS.findall(two[place])
        shorter, longer = sorted((left, right), key=len)
        numbers = bool(shorter) and longer[-len(shorter) :] == shorter and len("".join(shorter)) >= 2
        if numbers and (len(shorter) == len(longer) or len(shorter) > 1) and alike[place] >= 60:
            levels[place] = HOUSE
        elif alike[place] >= 70:
            levels[place] = NEIGHBOURS
    return levels
