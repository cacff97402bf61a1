"""Plain comparisons of short codes: telephone, card, household, area, ethnic group."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

from matching.model import Levels, Mask
from matching.pairs import Pairs

PHONE_LEVELS = ("different", "one slip apart", "equal")
PLAIN_LEVELS = ("different", "equal")


def compare_phones(pairs: Pairs) -> Levels:
    """The telephone numbers: equal, or one slip of the hand apart."""
    return _compare_codes(pairs, "phone")


def compare_cards(pairs: Pairs) -> Levels:
    """The card numbers: equal, or one slip of the hand apart (a card may have been reissued)."""
    return _compare_codes(pairs, "card")


def compare_households(pairs: Pairs) -> Levels:
    """The household numbers: a group's key, never a person's."""
    return pairs.equal_levels("household")


def compare_lenders(pairs: Pairs) -> Levels:
    """Whether the number one gives, which is somebody else's, is that of one of the other's household."""
    known = pairs.profiles
    told = (known["lent"].present | known["household"].present)[pairs.left]
    told &= (known["lent"].present | known["household"].present)[pairs.right]
    claimed = known["lent"].present[pairs.left] | known["lent"].present[pairs.right]
    same = pairs.equal("lent") | pairs.equal("lent", "household") | pairs.equal("household", "lent")
    return np.where(told & claimed, same, -1).astype(np.int8)


def compare_families(pairs: Pairs) -> Levels:
    """Whether the name on one side is that of somebody else of the family of the number both give, or a nameless child's."""
    one, two = pairs.extra("is_of_family")
    return np.where(pairs.equal("number") & (one | two | _is_nameless(pairs)), 0, -1).astype(np.int8)


def _is_nameless(pairs: Pairs) -> Mask:
    """A child called by a parent's name, whose number may be the parent's: only its birth date shows that it is its own."""
    known = pairs.profiles
    nameless, born = known["parent_name"].present, known["birth"].codes == known["number_birth"].codes
    unshown = nameless & ~(born & known["birth"].present)
    mask: Mask = (unshown[pairs.left] | unshown[pairs.right]) & (nameless[pairs.left] != nameless[pairs.right])
    return mask


def compare_ethnic_groups(pairs: Pairs) -> Levels:
    """The ethnic group stated."""
    return pairs.equal_levels("ethnic_group")


def _compare_codes(pairs: Pairs, column: str) -> Levels:
    levels = np.where(pairs.equal(column), 2, -1).astype(np.int8)
    unequal = pairs.present(column) & (levels != 2)
    texts = pairs.over_texts(column, _one_slip, unequal, -1)
    levels[unequal] = texts[unequal]
    return levels


def _one_slip(one: list[str], two: list[str]) -> npt.NDArray[np.int16]:
    if not one:
        return np.zeros(0, np.int16)
    away = process.cpdist(one, two, scorer=OSA.distance, score_cutoff=1, dtype=np.uint8)
    found: npt.NDArray[np.int16] = (away == 1).astype(np.int16)
    return found
