"""Former groups: what the state says of those that stand under the keys a delta run has asked for, as sorted arrays."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from matching.beyond import Keys, among
from matching.entries import ASKS, HOLDS, Entries, Kind, may_meet
from matching.keys import Ints, cross
from matching.model import Mask
from matching.state import State

FREE = 2
"""Holders of a value that do not count: the two who agree on it."""


class Former:
    """Rows of the state under all keys asked so far, sorted by key; `is_mine`: their unit is looked at anew."""

    def __init__(self, state: State, kinds: list[Kind]) -> None:
        self._state = state
        self._asked = np.zeros(0, np.uint64)
        self.most = np.array([kind.most for kind in kinds], np.int64)
        self.is_counted = np.array([kind.is_counted for kind in kinds])
        self.is_tie = np.array([kind.is_tie for kind in kinds])
        self.key = np.zeros(0, np.uint64)
        self.unit = self.component = np.zeros(0, np.int32)
        self.kind = self.bits = np.zeros(0, np.uint8)
        self.is_mine: Mask = np.zeros(0, bool)
        self._mine = np.zeros(0, np.int64)

    def take_in(self, units: Ints) -> None:
        """Look at these units anew, and at those taken in before."""
        fresh = np.setdiff1d(units, self._mine)
        self.ask(self._state.keys_of(fresh))
        self._mine = np.union1d(self._mine, fresh)
        self.is_mine = np.isin(self.unit, self._mine)

    def ask(self, keys: Keys) -> None:
        """Learn of all groups under these keys, once."""
        ordered = np.sort(keys)
        fresh = ordered[np.r_[True, ordered[1:] != ordered[:-1]]] if len(ordered) else ordered
        fresh = fresh[~among(fresh, self._asked)]
        if not len(fresh):
            return
        self._asked = np.sort(np.concatenate([self._asked, fresh]))
        found = self._state.standing_under(fresh)
        names = ("key", "unit", "component", "kind", "bits")
        rows = {name: np.concatenate([getattr(self, name), found[name]]) for name in names}
        order = np.argsort(rows["key"], kind="stable")
        for name in names:
            setattr(self, name, rows[name][order])
        self.is_mine = np.isin(self.unit, self._mine)

    def count(self, keys: Keys, rows: Mask, bit: int = 0) -> Ints:
        """How many of the chosen rows stand under each key (with a bit)."""
        chosen = rows if not bit else rows & (self.bits & bit > 0)
        total = np.r_[0, np.cumsum(chosen)]
        begin, end = (np.searchsorted(self.key, keys, side) for side in ("left", "right"))
        counted: Ints = (total[end] - total[begin]).astype(np.int64)
        return counted

    def under(self, keys: Keys) -> Mask:
        """Which rows stand under any of these keys."""
        return among(self.key, np.sort(keys))

    def tied(self, mine: Entries, but: Ints) -> Ints:
        """Units but these that share a tie with my groups."""
        keys = mine.key[self.is_tie[mine.kind]]
        self.ask(keys)
        found: Ints = np.setdiff1d(self.unit[self.under(keys)], but).astype(np.int64)
        return found

    def turned(self, mine: Entries) -> Ints:
        """Components under keys that became over-full, or are so no longer, by what my groups say now."""
        self.ask(mine.key)
        keys, most = self._touched(mine, self.most > 0)
        before = [self.count(keys, np.ones(len(self.key), bool), bit) for bit in (ASKS, HOLDS)]
        after = [
            self.count(keys, ~self.is_mine, bit) + _count(mine.key[mine.bits & bit > 0], keys) for bit in (ASKS, HOLDS)
        ]
        flipped = (before[0] * before[1] > most) != (after[0] * after[1] > most)
        found: Ints = np.unique(self.component[self.under(keys[flipped])]).astype(np.int64)
        return found

    def recounted(self, mine: Entries) -> Ints:
        """Components of which two groups hold a value that other many hold now than before."""
        self.ask(mine.key)
        keys, _ = self._touched(mine, self.is_counted)
        before = self.count(keys, np.ones(len(self.key), bool))
        after = self.count(keys, ~self.is_mine) + _count(mine.key, keys)
        changed = keys[np.maximum(before, FREE) != np.maximum(after, FREE)]
        rows = np.flatnonzero(self.under(changed) & ~self.is_mine)
        pairs, often = np.unique(
            np.stack([self.key[rows], self.component[rows].astype(np.uint64)]), axis=1, return_counts=True
        )
        found: Ints = np.unique(pairs[1][often > 1]).astype(np.int64)
        return found

    def partners(self, mine: Entries, but: Ints) -> tuple[Ints, Ints]:
        """(my groups, units) that meet in a block; of other components but these."""
        usable = mine.take((self.most[mine.kind] > 0) & ~among(mine.key, mine.over))
        self.ask(usable.key)
        rows = np.flatnonzero((self.most[self.kind] > 0) & ~np.isin(self.component, but))
        left, right = cross(usable.key, self.key[rows])  # type: ignore[arg-type]
        meet = may_meet(usable.bits[left], self.bits[rows[right]])
        found: Ints = np.unique(self.unit[rows[right[meet]]]).astype(np.int64)
        return np.unique(usable.group[left[meet]]), found

    def _touched(self, mine: Entries, wanted: npt.NDArray[np.bool_]) -> tuple[Keys, Ints]:
        """Keys of these kinds under which my groups stand or stood, and the kind's most."""
        own, stood = wanted[mine.kind], wanted[self.kind] & self.is_mine
        every = np.concatenate([mine.key[own], self.key[stood]])
        order = np.argsort(every)
        chosen = order[np.r_[True, every[order][1:] != every[order][:-1]]] if len(every) else order
        keys, kinds = every[chosen], np.concatenate([mine.kind[own], self.kind[stood]])[chosen]
        return keys, self.most[kinds]


def _count(found: Keys, keys: Keys) -> Ints:
    """How often each key is among those found."""
    ordered = np.sort(found)
    counted: Ints = np.searchsorted(ordered, keys, "right") - np.searchsorted(ordered, keys, "left")
    return counted
