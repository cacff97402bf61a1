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
    nobodys = np.logical_or(*pairs.extra("is_nobodys"))
    levels = np.where(pairs.equal("id"), SAME, -1).astype(np.int8)
    valid = pairs.present("number")
    both = pairs.present("id") & (levels != SAME)
    looked = both & ~valid
    texts = pairs.over_texts("id", compare_number_texts, looked, -1)
    levels[looked] = texts[looked]
    levels[both & valid] = DIFFERENT
    left, right = pairs.extra("is_claimed")
    levels[(left | right) & (levels == DIFFERENT)] = -1
    levels[nobodys] = -1
    return levels


def compare_number_texts(one: list[str], two: list[str]) -> npt.NDArray[np.int16]:
    """Levels of distinct unequal numbers, at most one of them valid."""
    if not one:
        return np.zeros(0, np.int16)
    away = process.cpdist(one, two, scorer=OSA.distance, score_cutoff=3, dtype=np.uint8)
    levels = np.select([away == 1, away == 2], [ONE_EDIT, TWO_EDITS], DIFFERENT).astype(np.int16)
    for place, (left, right) in enumerate(zip(one, two, strict=True)):
        if "*" in left or "*" in right:
            shown = shown_digits(left, right)
            levels[place] = DIFFERENT if shown < 4 else DAMAGED if shown >= 13 else MASKED
        elif left.endswith("000") or right.endswith("000"):
            levels[place] = max(int(levels[place]), DAMAGED if fits_damage(left, right) else DIFFERENT)
    return levels


def shown_digits(one: str, two: str) -> int:
    """How many digits both show where one is masked; 0 if those shown disagree. A number cut to 15 tells no century."""
    if len(one) == len(two) == 18 and "*" in one[17] + two[17] and one[:6] == two[:6] and one[8:17] == two[8:17]:
        return 15
    heads = [text.split("*")[0] for text in (one, two)]
    tails = [text.rsplit("*", 1)[-1] for text in (one, two)]
    head, tail = min(map(len, heads)), min(map(len, tails))
    if heads[0][:head] != heads[1][:head] or (tail and tails[0][-tail:] != tails[1][-tail:]):
        return 0
    return head + tail


def fits_damage(one: str, two: str) -> bool:
    """A number that a spreadsheet cut to 15 digits and filled with 000, against another."""
    return any(
        damaged.endswith("000") and len(damaged) == 18 and whole[:15] == damaged[:15]
        for damaged, whole in ((one, two), (two, one))
    )
