"""What two groups of profiles say about each other: for every comparison the best level over their profiles."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from matching.beyond import Beyond
from matching.keys import Ints, Members, holders
from matching.model import Comparison, Levels, Model
from matching.pairs import Pairs
from matching.profiles import Profiles

SLICE = 2_000_000
"""Profile pairs compared at once: bounds memory, never the result."""
WORTH_A_THREAD = 20_000
"""Pairs from which comparisons are made side by side."""


@dataclass(slots=True)
class Evidence:
    """Pairs of groups (`left`, `right`) with `levels` int8 [pair, comparison] and `share` of the agreed rare value.

    `share[pair, comparison]` is the share of subjects that hold the agreed value (nan: the level's usual chance).
    """

    model: Model
    left: Ints
    right: Ints
    levels: npt.NDArray[np.int8]
    share: npt.NDArray[np.float32]
    score: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    def __getitem__(self, comparison: str) -> Levels:
        column: Levels = self.levels[:, self.model.comparison(comparison)]
        return column

    def __len__(self) -> int:
        return len(self.left)

    def take(self, chosen: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> Evidence:
        """The chosen pairs only."""
        score = self.score[chosen] if len(self.score) else self.score
        parts = self.left[chosen], self.right[chosen], self.levels[chosen], self.share[chosen]
        return Evidence(self.model, *parts, score)


def level_matrix(model: Model, pairs: Pairs) -> npt.NDArray[np.int8]:
    """Levels int8 [pair, comparison] of pairs of profiles."""
    levels = np.empty((len(pairs), len(model.comparisons)), np.int8)
    threads = int(pairs.profiles.tables.get("threads", 1)) if len(pairs) > WORTH_A_THREAD else 1

    def compare(comparison: Comparison) -> Levels:
        column = comparison.function(pairs)
        pairs.profiles.spill.let_go()
        return column

    with ThreadPoolExecutor(threads) as pool:
        made = pool.map(compare, model.comparisons)
        for position, column in enumerate(made):
            levels[:, position] = column
    return levels


@dataclass(frozen=True, slots=True)
class Compared:
    """Levels of every pair of profiles of pairs of groups: `number` the group pair, `matrix` int8 [profile pair, comparison]."""

    left: Ints
    right: Ints
    number: Ints
    pairs: Pairs
    matrix: npt.NDArray[np.int8]

    def is_of(self, left: Ints, right: Ints) -> bool:
        """Whether these are the pairs of groups that were compared."""
        return np.array_equal(self.left, left) and np.array_equal(self.right, right)


def compare(model: Model, profiles: Profiles, members: Members, left: Ints, right: Ints) -> Compared:
    """Every comparison of every pair of profiles of these pairs of groups."""
    number, one, two = members.pairs(left, right)
    pairs = Pairs(profiles, one.astype(np.int32), two.astype(np.int32))
    return Compared(left, right, number, pairs, level_matrix(model, pairs))


def compare_once(model: Model, profiles: Profiles, members: Members, left: Ints, right: Ints) -> Compared | None:
    """The same to be kept and pooled more than once; None for more pairs of profiles than are held at once."""
    is_small = int((members.sizes[left] * members.sizes[right]).sum()) <= SLICE
    return compare(model, profiles, members, left, right) if is_small else None


def gather(
    model: Model,
    profiles: Profiles,
    of_profile: npt.NDArray[np.integer],
    members: Members,
    left: Ints,
    right: Ints,
    compared: Compared | None = None,
    *,
    has_shares: bool = True,
) -> Evidence:
    """Evidence of group pairs, pooled over their profiles (a missing value never hides a present one).

    `compared`: their comparisons where these were made before. `has_shares` False: levels only, for counting them.
    """
    count = len(left)
    width = len(model.comparisons)
    levels = np.full((count, width), -1, np.int8)
    share = np.full((count, width), np.nan, np.float32)
    sizes = members.sizes[left] * members.sizes[right]
    ends = np.cumsum(sizes)
    begin = 0
    while begin < count:
        reach = (ends[begin - 1] if begin else 0) + SLICE
        end = max(begin + 1, int(np.searchsorted(ends, reach, side="right"))) if compared is None else count
        part = slice(begin, end)
        found = compare(model, profiles, members, left[part], right[part]) if compared is None else compared
        if len(found.number):
            begins = np.flatnonzero(np.r_[True, found.number[1:] != found.number[:-1]])
            _pool_levels(model, found, begins, levels[part])
            if has_shares:
                _pool_shares(model, profiles, of_profile, found, begins, levels[part], share[part])
        begin = end
    evidence = Evidence(model, left, right, levels, share)
    if model.adjust is not None:
        model.adjust(evidence)
    return evidence


def _pool_levels(model: Model, found: Compared, begins: Ints, levels: npt.NDArray[np.int8]) -> None:
    """The best level of each comparison over the profiles of a pair; weak ones where nothing whole was compared."""
    matrix = found.matrix
    levels[:] = np.maximum.reduceat(matrix, begins, axis=0)
    for position, comparison in enumerate(model.comparisons):
        if comparison.weak:
            column = matrix[:, position]
            weak = np.isin(column, comparison.weak)
            if comparison.is_partial is not None:
                weak |= (column == 0) & comparison.is_partial(found.pairs)
            whole = np.maximum.reduceat(np.where(weak, np.int8(-1), column), begins)
            levels[:, position] = np.where(whole >= 0, whole, levels[:, position])


def _pool_shares(
    model: Model,
    profiles: Profiles,
    of_profile: npt.NDArray[np.integer],
    found: Compared,
    begins: Ints,
    levels: npt.NDArray[np.int8],
    share: npt.NDArray[np.float32],
) -> None:
    """How frequent the rarest value is that a pair agrees in, and how likely strangers would agree in as much."""
    matrix, pairs = found.matrix, found.pairs
    for position, comparison in enumerate(model.comparisons):
        if comparison.by_chance is not None:
            shown = comparison.by_chance(pairs, matrix[:, position])
            shown[(matrix[:, position] != levels[found.number, position]) | np.isnan(shown)] = np.inf
            best = np.minimum.reduceat(shown, begins)
            share[:, position] = np.where(np.isfinite(best), best, np.nan)
    stored = profiles.tables.get("frequencies")
    beyond: Beyond | None = profiles.tables.get("beyond")
    groups = stored.population if stored else int(of_profile.max(initial=0)) + 1
    for position, comparison in enumerate(model.comparisons):
        if not comparison.frequency:
            continue
        top = len(comparison.levels) - 1
        codes = profiles[comparison.frequency].codes
        agreed = np.where(matrix[:, position] == top, codes[pairs.left], np.int32(-1))
        rare = np.full(len(agreed), np.inf)
        hit = np.flatnonzero(agreed >= 0)
        if len(hit):
            wanted, inverse = np.unique(agreed[hit], return_inverse=True)
            others = stored.told(profiles, comparison, wanted) if stored else None
            if others is None:
                often = holders(codes, of_profile, wanted)[wanted]
                if beyond is not None:
                    often = often + beyond.holders[comparison.frequency][wanted]
                others = np.maximum(often - 2, 0) / groups
            if comparison.floor is not None:
                others = np.maximum(others, comparison.floor(profiles, wanted))
            rare[hit] = np.maximum(others, 0.5 / groups)[inverse] if comparison.floor is None else others[inverse]
        best = np.minimum.reduceat(rare, begins)
        share[:, position] = np.where(np.isfinite(best), best, np.nan)
