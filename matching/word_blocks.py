"""Candidates by shared words: pairs of groups whose texts share enough of their rarer words, in any order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from matching.general import words_of
from matching.keys import Ints, distinct, unique_pairs
from matching.model import Mask, Words
from matching.profiles import Profiles

SLICE = 5_000_000
"""Meetings of two groups under one word looked at together: bounds memory, never the result."""


def pairs_by_words(
    block: Words, profiles: Profiles, of_profile: npt.NDArray[np.integer], is_open: Mask, side: Ints | None
) -> tuple[Ints, Ints, int, int]:
    """(left, right) groups that meet, and (words, groups) left out because too many hold the word.

    `side` int64 a group: only groups of different sides meet (two tables linked).
    """
    text_row, text_word, size = words_of(profiles[block.column].values)
    codes = profiles[block.column].codes
    known = np.flatnonzero(codes >= 0)
    order = known[np.argsort(codes[known], kind="stable")]
    begin = np.searchsorted(codes[order], text_row, side="left")
    count = np.searchsorted(codes[order], text_row, side="right") - begin
    place = np.repeat(begin, count) + np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    both = distinct(of_profile[order[place]].astype(np.int64) << 32 | np.repeat(text_word, count))
    group, word = both >> 32, both & 0xFFFFFFFF
    groups = int(of_profile.max(initial=-1)) + 1
    holders = np.bincount(word, minlength=size)
    weight = np.log(max(groups, 2) / np.maximum(holders, 1)) + 0.01
    total = np.bincount(group, weights=weight[word], minlength=groups)
    usable = holders[word] <= block.most_holders
    over = int((holders > block.most_holders).sum())
    dropped = len(np.unique(group[~usable]))
    matrix = csr_array((np.sqrt(weight[word[usable]]), (group[usable], word[usable])), shape=(groups, size))
    meetings = np.bincount(group[usable], weights=holders[word[usable]], minlength=groups)
    lefts, rights = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for begin_row, end_row in _slices(meetings):
        shared = (matrix[begin_row:end_row] @ matrix.T).tocoo()
        left, right = shared.coords[0].astype(np.int64) + begin_row, shared.coords[1].astype(np.int64)
        part = shared.data / np.maximum(np.minimum(total[left], total[right]), 1e-9)
        keep = (left != right) & (part >= block.least) & (is_open[left] | is_open[right])
        if side is not None:
            keep &= (side[left] >= 0) & (side[right] >= 0) & (side[left] != side[right])
        left, right, part = left[keep], right[keep], part[keep]
        ranked = np.lexsort((right, -part, left))
        left, right = left[ranked], right[ranked]
        near = np.arange(len(left)) - np.searchsorted(left, left) < block.nearest
        lefts.append(left[near])
        rights.append(right[near])
    low, high = unique_pairs(np.concatenate(lefts), np.concatenate(rights))
    return low, high, over, dropped


def _slices(meetings: npt.NDArray[Any]) -> Iterator[tuple[int, int]]:
    """Runs of groups (begin, end) that meet about SLICE others together, at least one group each."""
    ends = np.cumsum(meetings)
    begin = 0
    while begin < len(meetings):
        reach = (ends[begin - 1] if begin else 0.0) + SLICE
        end = max(begin + 1, int(np.searchsorted(ends, reach, side="right")))
        yield begin, end
        begin = end
