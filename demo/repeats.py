"""Rows that a file holds twice: exact duplicates (0.5 %), and other content under the same key (0.3 %; domain.md 6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from demo.chance import Bools, Chance, Ints
from demo.kinds import BIT

AGAIN, OLDER_AGAIN = 0.005, 0.003
APART = 300  # a repeated row stands at most so many rows away from the first


@dataclass(frozen=True)
class Sending:
    """Rows of a feed's table in the order of the file; arrays are equally long.

    `ops`: 'D', 'I' or 'U' a row, None in a full file. `older`: the row shows facts from before. `first`: false for the
    second row of a key. `flags`: kinds planted here, on first rows.
    """

    rows: Ints
    ops: np.ndarray | None
    older: Bools
    first: Bools
    flags: Ints

    def __len__(self) -> int:
        return len(self.rows)

    def pieces(self, size: int) -> Iterator[Sending]:
        """The same rows in pieces of at most `size`."""
        for start in range(0, len(self), size):
            at = slice(start, start + size)
            ops = None if self.ops is None else self.ops[at]
            yield Sending(self.rows[at], ops, self.older[at], self.first[at], self.flags[at])


def with_repeats(chance: Chance, day: int, rows: Ints, ops: np.ndarray | None) -> Sending:
    """Rows and their operations with some of them sent twice; rows taken away (D) are sent once.

    The outdated row of a conflict stands before the row that holds, so that the later line holds where no update time
    tells.
    """
    keys = rows * 4096 + day
    able = np.full(len(rows), True) if ops is None else ops != "D"
    draw = chance.uniform("row/repeated", keys)
    again = np.flatnonzero(able & (draw < AGAIN))
    conflict = np.flatnonzero(able & (draw >= AGAIN) & (draw < AGAIN + OLDER_AGAIN))
    flags = np.zeros(len(rows), dtype=np.int64)
    flags[again] |= BIT["duplicate_row"]
    flags[conflict] |= BIT["key_conflict"]
    taken_away = 0 if ops is None else int((~able).sum())
    ahead = conflict - 1 - chance.below("row/ahead", keys[conflict], APART)
    behind = again + chance.below("row/behind", keys[again], APART)
    place = np.concatenate([np.arange(len(rows)), behind, np.maximum(ahead, taken_away - 1)])
    kind = np.concatenate([np.zeros(len(rows)), np.ones(len(again)), np.full(len(conflict), 2)])
    order = np.lexsort((kind, place))
    which = np.concatenate([np.arange(len(rows)), again, conflict])[order]
    first = (kind == 0)[order]
    return Sending(
        rows[which], None if ops is None else ops[which], (kind == 2)[order], first, np.where(first, flags[which], 0)
    )
