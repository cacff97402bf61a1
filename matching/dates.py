"""Birth dates and sex compared; what the identity number says of them counts only where the number stands."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

from matching.model import Levels
from matching.pairs import Pairs

DATE_LEVELS = ("different", "same year", "default day or lunar", "one slip apart", "equal")
DIFFERENT, YEAR, NEAR, SLIP, EQUAL = range(5)
LUNAR = 18, 52
"""A lunar date is so many days before the date it stands for."""
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
    digits = ([text.replace("-", "") for text in texts] for texts in (one, two))
    away = process.cpdist(*digits, scorer=OSA.distance, score_cutoff=2, dtype=np.uint8)
    first, second = np.array(one, "datetime64[D]"), np.array(two, "datetime64[D]")
    days = np.abs((first - second).astype(np.int64))
    (year, month, day), (other_year, other_month, other_day) = _parts(first), _parts(second)
    same_year = year == other_year
    swapped = same_year & (month == other_day) & (day == other_month)
    default = same_year & (((month == 1) & (day == 1)) | ((other_month == 1) & (other_day == 1)))
    lunar = (days >= LUNAR[0]) & (days <= LUNAR[1])
    levels: npt.NDArray[np.int16] = np.select(
        [(away == 1) | swapped, default | lunar, same_year], [SLIP, NEAR, YEAR], DIFFERENT
    ).astype(np.int16)
    return levels


def _parts(days: npt.NDArray[np.datetime64]) -> tuple[npt.NDArray[np.int64], ...]:
    """Year, month and day of the month, each from 1."""
    months = days.astype("datetime64[M]")
    number = months.astype(np.int64)
    return number // 12 + 1970, number % 12 + 1, (days - months).astype(np.int64) + 1
