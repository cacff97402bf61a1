"""Comparisons of an enterprise's plain fields: area, legal representative, old number, telephone, who else has the name."""

from __future__ import annotations

import numpy as np

from matching import names as person_names
from matching import plain
from matching.model import Levels
from matching.pairs import Pairs

HOLDER_LEVELS = ("held by several", "held by one at most")
MOST_PHONE_HOLDERS = 5
"""A telephone of more enterprises is an agency's, and no evidence [domain 1.5, A]."""


def compare_holders(pairs: Pairs) -> Levels:
    """Whether the name they share is held by one code only, in the prefecture if both tell it, else everywhere."""
    here, there = pairs.extra("name_place")
    local, everywhere = pairs.extra("holders_here")[0], pairs.extra("holders")[0]
    held = np.where((here >= 0) & (here == there), local, everywhere)
    levels = (held <= 1).astype(np.int8)
    levels[~pairs.equal("name")] = -1
    levels[~pairs.extra("has_long_name")[0]] = -1
    return levels


def compare_legal_reps(pairs: Pairs) -> Levels:
    """The legal representatives' names, compared as persons' names (masked, alike, the same)."""
    levels = np.where(pairs.equal("legal_rep"), person_names.EQUAL, -1).astype(np.int8)
    looked = pairs.present("legal_rep") & (levels < 0)
    known = pairs.profiles.tables["characters"]
    texts = pairs.over_texts("legal_rep", lambda one, two: person_names.compare_texts(one, two, known), looked, -1)
    levels[looked] = texts[looked]
    return levels


def compare_legal_rep_ids(pairs: Pairs) -> Levels:
    """The legal representatives' identity numbers."""
    return pairs.equal_levels("legal_rep_id")


def compare_registrations(pairs: Pairs) -> Levels:
    """The registration numbers of before 2015."""
    return pairs.equal_levels("registration")


def compare_phones(pairs: Pairs) -> Levels:
    """The telephone numbers: equal, or one slip apart; an agency's telephone, held by many enterprises, says nothing."""
    levels = plain.compare_phones(pairs)
    levels[pairs.equal("phone") & (pairs.extra("phone_holders")[0] > MOST_PHONE_HOLDERS)] = -1
    return levels


def compare_kinds(pairs: Pairs) -> Levels:
    """An individual business is never the enterprise it was converted to."""
    return pairs.equal_levels("individual")
