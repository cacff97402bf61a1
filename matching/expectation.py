"""Expectation and maximisation on counted agreement patterns: how likely each candidate is the same, levels counted by it.

Candidates that agree alike are one pattern, and what a level says is worked out once a pattern; those that also agree in
values as rare are one case.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.evidence import Evidence
from matching.keys import Ints, combine, dense
from matching.model import Mask, Model
from matching.weights import RAREST, Floats, Weights, shown_bits

ROUNDS = 25
STEADY = 0.005
"""Bits: EM ends early once no level of any class changes by more."""
SMOOTH = 0.5
"""Pseudo-observations of every level in every class."""


@dataclass(slots=True)
class Shown:
    """Pairs of one comparison that agree in as much as they show: their `rows`, level and log2 of the share that would by chance."""

    rows: Ints
    level: Ints
    rare: Floats


@dataclass(slots=True)
class Patterns:
    """`levels` int8 [pattern, comparison]; `has_share[pattern, comparison]`: the level's chance is not the usual one, but in
    `rare`, log2 a case, or `shown[comparison]`. `of_case` gives each case its pattern, `often` how many pairs are alike it.
    """

    levels: npt.NDArray[np.int8]
    has_share: Mask
    of_case: Ints
    often: Floats
    rare: Floats
    shown: dict[int, Shown]

    def __len__(self) -> int:
        return len(self.levels)


def find_patterns(evidence: Evidence) -> Patterns:
    """The distinct patterns of evidence, and its distinct cases, in order of their first pair."""
    comparisons = evidence.model.comparisons
    has_share = np.isfinite(evidence.share) & (evidence.levels >= 0)
    rare = np.zeros(len(evidence))
    shown: dict[int, Shown] = {}
    for position, comparison in enumerate(comparisons):
        if not comparison.frequency and comparison.by_chance is None:
            has_share[:, position] = False
            continue
        rows = np.flatnonzero(has_share[:, position])
        bits = np.log2(np.maximum(evidence.share[rows, position], RAREST).astype(float))
        if comparison.by_chance is None:
            rare[rows] += bits
        else:
            shown[position] = Shown(rows, evidence.levels[rows, position].astype(np.int64), bits)
    columns = [2 * evidence.levels[:, position] + has_share[:, position] + 2 for position in range(len(comparisons))]
    label = dense(combine([column.astype(np.int32) for column in columns]))
    own = np.full(len(evidence), -1, np.int32)  # pairs that agree in as much as they show are cases of their own
    for one in shown.values():
        own[one.rows] = np.arange(len(one.rows))
    _, rank = np.unique(rare, return_inverse=True)
    case = dense(combine([label, rank, own], null_is_value=True))
    row_of = _first_rows(case)
    for one in shown.values():
        one.rows = case[one.rows]
    of_pattern = _first_rows(label)
    often = np.bincount(case, minlength=len(row_of)).astype(float)
    return Patterns(evidence.levels[of_pattern], has_share[of_pattern], label[row_of], often, rare[row_of], shown)


def _first_rows(label: Ints) -> Ints:
    """The first row of each label 0..n-1."""
    first = np.zeros(int(label.max(initial=-1)) + 1, np.int64)
    first[label[::-1]] = np.arange(len(label))[::-1]
    return first


def pattern_bits(weights: Weights, model: Model, found: Patterns) -> Floats:
    """log2 likelihood of each case under same, related, chance, as `weights.class_bits` has it: float64 [case, 3]."""
    total = np.zeros((len(found), 3))
    late: list[tuple[Shown, Floats]] = []
    for position, comparison in enumerate(model.comparisons):
        table = np.log2(weights.level[comparison.name])
        bits = np.vstack([table, np.zeros(3)])[found.levels[:, position]]
        if position in found.shown:
            bits[found.has_share[:, position]] = 0.0
            late.append((found.shown[position], table))
        elif comparison.frequency:
            bits[found.has_share[:, position], 2] = 0.0
        total += bits
    of_cases: Floats = total[found.of_case]
    of_cases[:, 2] += found.rare
    for one, table in late:
        of_cases[one.rows] += shown_bits(table[one.level], one.rare)
    return of_cases


def expect(
    model: Model,
    evidence: Evidence,
    known: Evidence | None,
    weights: Weights,
    subjects: int,
    seekers: float,
    strangers: Evidence,
) -> None:
    """EM on the candidates: how likely each is the same, then levels counted by it; known pairs weigh in fully."""
    if not len(evidence):
        return
    found = find_patterns(evidence)
    sure = (
        {c.name: count_levels(known.levels[:, n], len(c.levels)) for n, c in enumerate(model.comparisons)}
        if known
        else {}
    )
    before = np.array(np.inf)
    for _ in range(ROUNDS):
        bits = pattern_bits(weights, model, found)
        related = np.log2(weights.related) if weights.related else -np.inf
        bits += np.array([np.log2(weights.same), related, np.log2(max(subjects - 1, 1))])
        odds = np.exp2(bits - bits.max(axis=1, keepdims=True))
        share = odds[:, :2] / odds.sum(axis=1, keepdims=True)
        same, kin = _by_pattern(found, share[:, 0]), _by_pattern(found, share[:, 1])
        weights.same = min(max(float(same.sum()) / max(seekers, 1), 0.01), 2.0)
        for position, comparison in enumerate(model.comparisons):
            size = len(comparison.levels)
            levels = found.levels[:, position]
            if model.identity is not None and comparison.name == model.identity.comparison:
                table = _learn_number(levels, strangers, size, same, kin, seekers * weights.related)
                weights.level[comparison.name] = table
                continue
            counted = count_levels(levels, size, same) + SMOOTH + sure.get(comparison.name, 0.0)
            weights.level[comparison.name][:, 0] = counted / counted.sum()
        now = np.log2(np.concatenate([weights.level[comparison.name].ravel() for comparison in model.comparisons]))
        if np.abs(now - before).max() < STEADY:
            break
        before = now


def _by_pattern(found: Patterns, share: Floats) -> Floats:
    """The shares of pairs added up pattern by pattern."""
    added: Floats = np.bincount(found.of_case, weights=share * found.often, minlength=len(found)).astype(float)
    return added


def _learn_number(
    levels: npt.NDArray[np.int8], strangers: Evidence, size: int, same: Floats, related: Floats, relatives: float
) -> Floats:
    """Levels of the number itself. Relatives are seen among candidates only: the rest of them count as different."""
    kin = count_levels(levels, size, related) + SMOOTH
    part = float(related[levels >= 0].sum()) / max(float(related.sum()), 1.0)
    kin[0] += max(relatives * part - kin.sum(), 0.0)
    sides = count_levels(levels, size, same) + SMOOTH, kin, count_levels(strangers.levels[:, 0], size) + SMOOTH
    return np.stack([counted / counted.sum() for counted in sides], axis=1)


def count_levels(levels: npt.NDArray[np.int8], size: int, weight: Floats | None = None) -> Floats:
    """How often each level stands there, missing ones left out; counted by weight if given."""
    known = levels >= 0
    chosen = None if weight is None else weight[known]
    counted: Floats = np.bincount(levels[known], weights=chosen, minlength=size).astype(float)
    return counted
