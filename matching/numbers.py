"""Identity numbers compared by what can go wrong with them: masked, damaged, mistyped, somebody else's."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

from matching.model import Levels, Mask
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
VALID_LEVELS = ("two valid numbers",)
DIGIT_BITS = (*(0.0,) * 6, 0.3, 0.4, 2.9, 3.2, 0.8, 2.8, 1.7, 2.3, 3.3, 3.3, 2.3, 3.4)
"""What each place of a number tells of a stranger (domain 1.1): the county's places nothing, for the area tells it too;
19 or 20 little; month and day 12 and 31 of 100; the 17th place also tells the sex."""
COUNTY_BITS = 6.0
"""What the county's places tell where the areas are not compared beside them (numbers shown in 13 places or more)."""

LETTERS = "OQDILZSB|", "000112581"
"""Signs that a scanner or a clerk writes for digits (domain 1.1 and 1.6); no citizen number has them."""
READ = f"""CASE WHEN regexp_full_match(sent, '[0-9]{{17}}[0-9X]|[0-9]{{15}}') THEN sent
    WHEN regexp_full_match(sent, '[^0-9A-Z*]*[0-9]{{17}}[0-9X](?:\\.0+)?[^0-9A-Z*]*') THEN regexp_extract(sent, '[0-9]{{17}}[0-9X]')
    WHEN regexp_full_match(sent, '[0-9X*•●#_?]{{15,20}}') AND regexp_matches(sent, '[0-9].*(?:XX|[*•●#_?])|(?:XX|[*•●#_?]).*[0-9]')
        THEN translate(CASE WHEN sent LIKE '%XX%' THEN replace(sent, 'X', '*') ELSE sent END, '•●#_?', '*****')
    WHEN regexp_full_match(sent, '[0-9X{LETTERS[0]}]{{15}}|[0-9X{LETTERS[0]}]{{18}}') AND length(translate(sent, 'X{LETTERS[0]}', '')) > 11
        AND NOT regexp_full_match(sent, '[A-Z]{{3}}[0-9]{{12}}') THEN translate(sent, '{LETTERS[0]}', '{LETTERS[1]}')
    ELSE sent END"""
"""SQL: the number a cleaned text `sent` reads as: notes and a spreadsheet's '.0' away, one sign for masks, letters as the digits
they were misread from. The standard form keeps what was sent; this only compares."""
NUMBER_FORM = "^[0-9X*]{13,20}$"
"""What a citizen number, whole, damaged or masked, may look like; a passport beside one says nothing for or against."""


def compare_numbers(pairs: Pairs) -> Levels:
    """The identity numbers: the same; one slip apart with one failing its check; damaged or masked but compatible."""
    nobodys = np.logical_or(*pairs.extra("is_nobodys"))
    levels = np.where(pairs.equal("id"), SAME, -1).astype(np.int8)
    valid = pairs.present("number")
    both = pairs.present("id") & (levels != SAME)
    looked = both & ~valid
    looked &= np.logical_and(*pairs.extra("has_number_form"))
    texts = pairs.over_texts("id", compare_number_texts, looked, -1)
    levels[looked] = texts[looked]
    levels[both & valid] = DIFFERENT
    left, right = pairs.extra("is_claimed")
    levels[(left | right) & (levels == DIFFERENT)] = -1
    levels[nobodys] = -1
    return levels


def compare_valid_numbers(pairs: Pairs) -> Levels:
    """Whether both give a valid number that nobody else owns, and the two differ: then only a judgement makes them one."""
    levels = np.where(pairs.present("number") & ~pairs.equal("number"), 0, -1).astype(np.int8)
    for name in ("is_anothers", "is_nobodys"):
        levels[np.logical_or(*pairs.extra(name))] = -1
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
            levels[place] = MASKED if shown >= 4 else DIFFERENT if shown < 0 else -1
            if shown >= 13:
                levels[place] = DAMAGED
        elif left.endswith("000") or right.endswith("000"):
            levels[place] = max(int(levels[place]), DAMAGED if fits_damage(left, right) else DIFFERENT)
    return levels


def has_masked_digit(pairs: Pairs) -> Mask:
    """Pairs of numbers of which one is not shown in whole."""
    mask: Mask = np.logical_or(*pairs.extra("is_masked_number"))
    return mask


def agreement_by_chance(pairs: Pairs, levels: Levels) -> npt.NDArray[np.float64]:
    """The share of strangers whose number would agree in all that both show (nan where numbers are whole)."""
    part = (levels == MASKED) | (levels == DAMAGED)
    bits = pairs.over_texts("id", shown_bits, part, 0) / 100.0
    share: npt.NDArray[np.float64] = np.where(part & (bits > 0), np.exp2(-bits), np.nan)
    return share


def shown_bits(one: list[str], two: list[str]) -> npt.NDArray[np.int16]:
    """Hundredths of a bit that the digits both show tell of a person of a known county and sex."""
    return np.array([100 * _shown_bits(left, right) for left, right in zip(one, two, strict=True)], np.int16)


def _shown_bits(one: str, two: str) -> float:
    head, tail = (15, 0) if fits_damage(one, two) else _shown(one, two)
    if len(one) != len(two) or len(one) != 18:
        head, tail = min(head, 6), min(tail, 4)
    told = sum(DIGIT_BITS[:head]) + sum(DIGIT_BITS[max(head, 18 - tail) :])
    return told + (COUNTY_BITS if head >= 6 and head + tail >= 13 else 0.0)


def shown_digits(one: str, two: str) -> int:
    """How many digits both show where one is masked; -1 if those shown disagree. A number cut to 15 tells no century."""
    if len(one) == len(two) == 18 and "*" in one[17] + two[17] and one[:6] == two[:6] and one[8:17] == two[8:17]:
        return 15
    head, tail = _shown(one, two)
    if one[:head] != two[:head] or (tail and one[-tail:] != two[-tail:]):
        return -1
    return head + tail


def _shown(one: str, two: str) -> tuple[int, int]:
    """How many signs both show before the first mask, and after the last."""
    head = min(len(text.split("*")[0]) for text in (one, two))
    return head, min(len(text.rsplit("*", 1)[-1]) for text in (one, two))


def fits_damage(one: str, two: str) -> bool:
    """A number that a spreadsheet cut to 15 digits and filled with 000, against another."""
    return any(
        damaged.endswith("000") and len(damaged) == 18 and whole[:15] == damaged[:15]
        for damaged, whole in ((one, two), (two, one))
    )
