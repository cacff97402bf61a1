"""Drift: how far the agreement patterns of a run have gone from those its weights were learnt from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.evidence import Evidence
from matching.weights import Floats, Weights

LIMIT = 0.15
"""Share of likely pairs that may fall on other levels than when the weights were learnt, before it is told."""
FEWEST = 300
"""Likely pairs below which a run says nothing of drift."""


@dataclass(frozen=True, slots=True)
class Drift:
    """`share`: of the likely pairs, how many fall on another level than in training (0: none, 1: all); -1: unknown."""

    comparison: str
    share: float
    limit: float
    sentence: str

    @property
    def is_over(self) -> bool:
        """Beyond the limit, chance allowed for."""
        return self.share > self.limit


def patterns_of(evidence: Evidence, score: Floats) -> dict[str, list[float]]:
    """For each comparison, over the pairs more likely one subject than not: the share with a value missing, then of each level.

    Other candidates are left out: how many meet by chance hangs on how many records a run has.
    """
    levels = evidence.levels[score > 0]
    found = {}
    for position, comparison in enumerate(evidence.model.comparisons):
        counted = np.bincount(levels[:, position].astype(np.int64) + 1, minlength=len(comparison.levels) + 1)
        found[comparison.name] = (counted / max(len(levels), 1)).tolist()
    return found


def drift(weights: Weights, evidence: Evidence) -> list[Drift]:
    """One line a comparison: half the summed differences of the shares. Empty if the model stores no patterns.

    `evidence`: the scored candidates of a run's first round. The limit leaves room for chance: a run of few likely pairs
    differs by sqrt(levels / pairs) from its own kind.
    """
    likely = int((evidence.score > 0).sum())
    if not weights.patterns or likely < FEWEST:
        return []
    here = patterns_of(evidence, evidence.score)
    found = []
    for comparison in evidence.model.comparisons:
        then, now = weights.patterns.get(comparison.name), here[comparison.name]
        if then is None or len(then) != len(now):
            continue
        away = np.abs(np.array(now) - np.array(then))
        share, most = float(away.sum() / 2), int(away.argmax())
        limit = LIMIT + float(np.sqrt(len(now) / likely))
        level = ("missing", *comparison.levels)[most]
        sentence = (
            f"{comparison.name}: {share:.0%} of {likely:,} likely pairs fall otherwise than when the weights were learnt; "
            f"most of all '{level}', {then[most]:.1%} then and {now[most]:.1%} now"
        )
        found.append(Drift(comparison.name, share, limit, sentence))
    return found
