"""Pairs of profiles, as the comparisons see them: codes, equality, and text functions run once per distinct pair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from matching.model import Levels, Mask
from matching.profiles import Codes, Profiles


@dataclass(slots=True)
class Pairs:
    """`left` and `right` int32 profile numbers of every pair. Nothing here depends on the order of the pairs."""

    profiles: Profiles
    left: Codes
    right: Codes

    def __len__(self) -> int:
        return len(self.left)

    def codes(self, column: str) -> tuple[Codes, Codes]:
        """Value codes of both sides (-1 = none)."""
        codes = self.profiles[column].codes
        return codes[self.left], codes[self.right]

    def present(self, column: str) -> Mask:
        """Both sides have a value."""
        left, right = self.codes(column)
        mask: Mask = (left >= 0) & (right >= 0)
        return mask

    def equal(self, column: str, other: str = "") -> Mask:
        """Both sides have the same value (`other`: the right side's column, of the same dictionary)."""
        left = self.profiles[column].codes[self.left]
        right = self.profiles[other or column].codes[self.right]
        mask: Mask = (left >= 0) & (left == right)
        return mask

    def equal_levels(self, column: str) -> Levels:
        """1 equal, 0 different, -1 missing: the plainest comparison."""
        left, right = self.codes(column)
        levels: Levels = (left == right).astype(np.int8)
        levels[(left < 0) | (right < 0)] = -1
        return levels

    def extra(self, name: str) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """Both sides of a numeric column that the model derived."""
        values = self.profiles.extra[name]
        return values[self.left], values[self.right]

    def over_texts(
        self,
        column: str,
        function: Callable[[list[str], list[str]], npt.NDArray[Any]],
        where: Mask,
        fill: int,
        other: str = "",
    ) -> npt.NDArray[Any]:
        """`function(left texts, right texts)` on the distinct unordered value pairs of `where`; `fill` elsewhere.

        Both columns share a dictionary. `function` must be symmetric; it gets each distinct pair once.
        """
        answer = np.full(len(self), fill, dtype=np.int16)
        chosen = np.flatnonzero(where)
        if not len(chosen):
            return answer
        one = self.profiles[column]
        two = self.profiles[other or column]
        left, right = one.codes[self.left[chosen]], two.codes[self.right[chosen]]
        low, high = np.minimum(left, right).astype(np.int64), np.maximum(left, right).astype(np.int64)
        distinct, inverse = np.unique(low << 32 | high, return_inverse=True)
        answer[chosen] = function(one.told(distinct >> 32), one.told(distinct & 0xFFFFFFFF))[inverse]
        return answer
