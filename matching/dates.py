"""Birth dates and sex compared; what the identity number says of them counts only where the number stands."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

from matching.model import Levels
from matching.pairs import Pairs

DATE_LEVELS = ("different", "same year", "default day or lunar", "one slip apart", "equal")
DIFFERENT, YEAR, NEAR, SLIP, EQUAL = range(5)
SEX_LEVELS = ("different", "equal")


def compare_births(pairs: Pairs) -> Levels:
    """The birth dates: equal; one slip of the hand apart; a default day (01-01) or a lunar date; the same year only."""
    levels = np.full(len(pairs), -1, np.int8)
    for left, right in (("birth", "birth"), ("birth", "number_birth"), ("number_birth", "birth")):
        levels = np.maximum(levels, _compare_columns(pairs, left, right))
    return levels


def compare_sexes(pairs: Pairs) -> Levels:
    """The sex stated, or told by the number of the other."""
    levels = np.full(len(pairs), -1, np.int8)
    for left, right in (("sex", "sex"), ("sex", "number_sex"), ("number_sex", "sex")):
        one, two = pairs.profiles[left].codes[pairs.left], pairs.profiles[right].codes[pairs.right]
        found = (one == two).astype(np.int8)
        found[(one < 0) | (two < 0) | _untold(pairs, left, right)] = -1
        levels = np.maximum(levels, found)
    return levels


def _untold(pairs: Pairs, left: str, right: str) -> npt.NDArray[np.bool_]:
    """A number that its holder only claims tells nothing of him, and a shared number nothing of who shares it."""
    if left == right:
        return np.zeros(len(pairs), bool)
    claimed = pairs.extra("is_claimed")
    mask = pairs.equal("number")
    if left.startswith("number_"):
        mask |= claimed[0]
    if right.startswith("number_"):
        mask |= claimed[1]
    return mask


def _compare_columns(pairs: Pairs, left: str, right: str) -> Levels:
    one, two = pairs.profiles[left].codes[pairs.left], pairs.profiles[right].codes[pairs.right]
    both = (one >= 0) & (two >= 0) & ~_untold(pairs, left, right)
    unequal = both & (one != two)
    levels = np.where(both & ~unequal, EQUAL, -1).astype(np.int8)
    flip = pairs if left == right or left == "birth" else Pairs(pairs.profiles, pairs.right, pairs.left)
    columns = ("birth", "number_birth") if left != right else ("birth", "birth")
    texts = flip.over_texts(columns[0], compare_date_texts, unequal, -1, other=columns[1])
    levels[unequal] = texts[unequal]
    return levels


def compare_date_texts(one: list[str], two: list[str]) -> npt.NDArray[np.int16]:
    """Levels of distinct unequal ISO dates."""
    if not one:
        return np.zeros(0, np.int16)
    first = [text.replace("-", "") for text in one]
    second = [text.replace("-", "") for text in two]
    away = process.cpdist(first, second, scorer=OSA.distance, score_cutoff=2, dtype=np.uint8)
    levels = np.zeros(len(one), np.int16)
    for place, (left, right) in enumerate(zip(first, second, strict=True)):
        if away[place] == 1 or (left[:4] == right[:4] and left[4:6] + left[6:] == right[6:] + right[4:6]):
            levels[place] = SLIP
        elif _is_near(left, right):
            levels[place] = NEAR
        elif left[:4] == right[:4]:
            levels[place] = YEAR
    return levels


def _is_near(one: str, two: str) -> bool:
    """The same year with a default day on one side, or a lunar date (18 to 52 days earlier)."""
    if one[:4] == two[:4] and (one[4:] == "0101" or two[4:] == "0101"):
        return True
    if abs(int(one[:4]) - int(two[:4])) > 1:
        return False
    days = date(int(one[:4]), int(one[4:6]), int(one[6:])) - date(int(two[:4]), int(two[4:6]), int(two[6:]))
    return 18 <= abs(days.days) <= 52
