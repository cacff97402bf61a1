"""Enterprise names compared by parts: place, trade name with industry (the body), legal form, branch, number words."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

from matching.characters import PLACEHOLDERS, Characters
from matching.company_parts import SHOP, UNTOLD
from matching.model import Levels
from matching.pairs import Pairs

BODY_LEVELS = (
    "different",
    "same trade name only",
    "one character off",
    "short name or cut off",
    "look-alike or hidden character",
    "same sound",
    "equal",
)
DIFFERENT, TRADE, ONE_OFF, SHORT, ALIKE, SOUND, EQUAL = range(7)
FORM_LEVELS = ("different", "shops", "companies of one form")
BRANCH_LEVELS = ("another branch or parent", "may be the same branch", "same branch")
PLACE_LEVELS = ("different", "same prefecture", "same county")
NUMBERS = re.compile("第?[一二三四五六七八九十百0-9]+")
COUNTING = re.compile("第[一二三四五六七八九十]+|[0-9]+")
ORDINAL = re.compile("[0-9]+(?=[分支号店部厂所队站项营食门加车仓工办]|$)")
"""A counting number in a branch part (number words are numerals there, so 四川 reads 4川 and must not count)."""


def compare_bodies(pairs: Pairs) -> Levels:
    """The names without place and form: equal; the same in sound or look; short; one character off; the trade name only."""
    levels = np.full(len(pairs), -1, np.int8)
    known: Characters = pairs.profiles.tables["characters"]
    both = pairs.present("body")
    equal = pairs.equal("body")
    levels[equal] = EQUAL
    looked = both & ~equal
    texts = pairs.over_texts("body", lambda one, two: compare_body_texts(one, two, known), looked, -1)
    levels[looked] = texts[looked]
    levels[looked & pairs.equal("trade") & (levels < TRADE)] = TRADE
    return levels


def compare_body_texts(one: list[str], two: list[str], known: Characters) -> npt.NDArray[np.int16]:
    """Levels of distinct unequal bodies (symmetric)."""
    if not one:
        return np.zeros(0, np.int16)
    away = process.cpdist(one, two, scorer=OSA.distance, score_cutoff=2, dtype=np.uint8)
    levels = np.zeros(len(one), np.int16)
    for place in np.flatnonzero(away <= 2).tolist():
        levels[place] = compare_body_pair(one[place], two[place], int(away[place]), known)
    for place in np.flatnonzero((away > 2) | (levels == DIFFERENT)).tolist():
        short, long = sorted((one[place], two[place]), key=len)
        if len(short) >= 2 and long.startswith(short):
            levels[place] = SHORT
    return levels


def compare_body_pair(one: str, two: str, away: int, known: Characters) -> int:
    """Level of two unequal bodies one or two edits apart. Another number word is another enterprise."""
    if differ_in_number(told_numbers(one), told_numbers(two)) or min(len(one), len(two)) < 3:
        return DIFFERENT
    if len(one) == len(two):
        unequal = [(left, right) for left, right in zip(one, two, strict=True) if left != right]
        if all(left in PLACEHOLDERS or right in PLACEHOLDERS for left, right in unequal):
            return ALIKE
        if all(known.same_sound(*pair) for pair in unequal):
            return SOUND
        if all(known.same_sound(*pair) or known.look_alike(*pair) for pair in unequal) or sorted(one) == sorted(two):
            return ALIKE
    return ONE_OFF if away == 1 else DIFFERENT


def told_numbers(text: str) -> tuple[list[str], str]:
    """The number words of a text that count (第二, 2), and the text with a sign for every number word."""
    return COUNTING.findall(text), NUMBERS.sub("#", text)


def differ_in_number(one: tuple[list[str], str], two: tuple[list[str], str]) -> bool:
    """Of the `told_numbers` of unequal texts: those that count differ, or the only difference is a number word."""
    return one[0] != two[0] or one[1] == two[1]


def compare_forms(pairs: Pairs) -> Levels:
    """The legal forms: a limited company, a joint-stock company, a group and a shop of one name are different subjects."""
    one, two = pairs.extra("form_class")
    levels = (one == two).astype(np.int8)
    levels[(one == two) & (one < SHOP)] = 2
    levels[(one == UNTOLD) | (two == UNTOLD)] = -1
    return levels


def compare_outposts(pairs: Pairs) -> Levels:
    """A form that is a branch's beside another form, such as 营业部 beside 有限公司: the branch reports under its parent."""
    one, two = pairs.extra("is_outpost")
    left, right = pairs.extra("form_class")
    company, other = (left > UNTOLD) & (left < SHOP), (right > UNTOLD) & (right < SHOP)
    branch = np.logical_or(*pairs.extra("is_branch"))
    return np.where(((one & other) | (two & company)) & ~branch, 0, -1).astype(np.int8)


def compare_branches(pairs: Pairs) -> Levels:
    """The branch parts: a branch is not its parent, and the second branch not the first."""
    both = pairs.present("company")
    one, two = pairs.extra("is_branch")
    levels = np.where(both & (one | two), 0, -1).astype(np.int8)
    equal = both & (one | two) & pairs.equal("tail")
    levels[equal] = 2
    looked = both & (one | two) & pairs.present("tail") & ~equal
    texts = pairs.over_texts("tail", compare_branch_texts, looked, -1)
    levels[looked] = texts[looked]
    return levels


def compare_branch_texts(one: list[str], two: list[str]) -> npt.NDArray[np.int16]:
    """1 for branch parts that may be one (part of each other, or one character off), 0 for others and other numbers."""
    levels = np.zeros(len(one), np.int16)
    for place, (left, right) in enumerate(zip(one, two, strict=True)):
        if ORDINAL.findall(left) == ORDINAL.findall(right):
            short, long = sorted((left, right), key=len)
            inside = long.endswith(short) or long.startswith(short)
            levels[place] = int(inside or (len(long) > 4 and OSA.distance(left, right) <= 1))
    return levels


def compare_numbers_in_names(pairs: Pairs) -> Levels:
    """Number words in the names: the first and the second factory are two."""
    both = pairs.present("body") & ~pairs.equal("body")
    levels = np.full(len(pairs), -1, np.int8)
    texts = pairs.over_texts("body", _differing_numbers, both, -1)
    levels[both & (texts == 0)] = 0
    return levels


def _differing_numbers(one: list[str], two: list[str]) -> npt.NDArray[np.int16]:
    """`differ_in_number` of unequal texts: 0 they differ, else -1; what a text tells is worked out once."""
    told = {text: told_numbers(text) for text in {*one, *two}}
    differ = [differ_in_number(told[left], told[right]) for left, right in zip(one, two, strict=True)]
    return np.where(differ, 0, -1).astype(np.int16)


def compare_former(pairs: Pairs) -> Levels:
    """A former name of one is the present name of the other."""
    levels = np.full(len(pairs), -1, np.int8)
    levels[pairs.equal("name", "former_name") | pairs.equal("former_name", "name")] = 1
    return levels


def compare_places(pairs: Pairs) -> Levels:
    """The places the names begin with: the same county or prefecture, or different ones."""
    one, two = pairs.extra("name_prefecture")
    left, right = pairs.extra("name_county")
    levels = np.where(one == two, 1, 0).astype(np.int8)
    levels[(one == two) & (left == right) & (left >= 0)] = 2
    levels[(one == two) & (left != right) & (left >= 0) & (right >= 0)] = 0
    levels[(one < 0) | (two < 0)] = -1
    return levels
