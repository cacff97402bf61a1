"""Identity numbers compared by what can go wrong with them: masked, damaged, mistyped, somebody else's."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

from matching.model import Levels
from matching.pairs import Pairs

NUMBER_LEVELS = (
    "different",
    "two digits apart",
    "masked, compatible",
    "damaged, compatible",
    "one edit apart",
    "same number",
)
DIFFERENT, TWO_EDITS, MASKED, DAMAGED, ONE_EDIT, SAME = range(6)


def compare_numbers(pairs: Pairs) -> Levels:
    """The identity numbers: the same; one slip apart with one failing its check; damaged or masked but compatible."""
    levels = np.where(pairs.equal("id"), SAME, -1).astype(np.int8)
    valid = pairs.present("number")
    both = pairs.present("id") & (levels != SAME)
    looked = both & ~valid
    texts = pairs.over_texts("id", compare_number_texts, looked, -1)
    levels[looked] = texts[looked]
    levels[both & valid] = DIFFERENT
    left, right = pairs.extra("is_claimed")
    levels[(left | right) & (levels == DIFFERENT)] = -1
    return levels


def compare_number_texts(one: list[str], two: list[str]) -> npt.NDArray[np.int16]:
    """Levels of distinct unequal numbers, at most one of them valid."""
    if not one:
        return np.zeros(0, np.int16)
    away = process.cpdist(one, two, scorer=OSA.distance, score_cutoff=3, dtype=np.uint8)
    levels = np.select([away == 1, away == 2], [ONE_EDIT, TWO_EDITS], DIFFERENT).astype(np.int16)
    for place, (left, right) in enumerate(zip(one, two, strict=True)):
        if "*" in left or "*" in right:
            levels[place] = MASKED if fits_mask(left, right) else DIFFERENT
        elif left.endswith("000") or right.endswith("000") or "E" in left or "E" in right:
            levels[place] = max(int(levels[place]), DAMAGED if fits_damage(left, right) else DIFFERENT)
    return levels


def fits_mask(one: str, two: str) -> bool:
    """A masked number against another: the shown head and tail agree."""
    heads = [text.split("*")[0] for text in (one, two)]
    tails = [text.rsplit("*", 1)[-1] for text in (one, two)]
    shown = min(len(heads[0]), len(heads[1])), min(len(tails[0]), len(tails[1]))
    head = heads[0][: shown[0]] == heads[1][: shown[0]]
    tail = not shown[1] or tails[0][-shown[1] :] == tails[1][-shown[1] :]
    return head and tail and sum(shown) >= 4


def fits_damage(one: str, two: str) -> bool:
    """A number that a spreadsheet cut to 15 digits (or to `d.dddddE+17`) against another: what is left agrees."""
    for damaged, whole in ((one, two), (two, one)):
        if "E" in damaged:
            digits = damaged.split("E")[0].replace(".", "").rstrip("0")
            if len(digits) >= 5 and whole.startswith(digits[:-1]):
                return True
        elif damaged.endswith("000") and len(damaged) == 18 and whole[:15] == damaged[:15]:
            return True
    return False
