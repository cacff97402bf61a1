"""Clusters that hold together: links that only chain subjects into one another are cut.

In a table without an identifying number A may resemble B, and B resemble C, though A and C have nothing in common. Here
every two members of a cluster have a vote: for, where their own score would link them; against, where it is lower than
half of what two strangers begin with; none, where they say too little. Parts are joined from the best supported on
(average linkage; Sokal and Michener 1958) as long as no more vote against than for.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

from matching.evidence import Evidence
from matching.groups import components, decide
from matching.keys import Ints
from matching.model import Mask, Model
from matching.weights import Floats, Weights, prior_bits, score

MOST = 1500
"""Members of a cluster whose every pair is looked at; a larger one loses its weakest links first."""
STEP_BITS = 2.0
TIE_BREAK = 1e-4
"""What a bit of score counts against a vote: it only decides between equally supported parts."""


def hold_together(
    model: Model, weights: Weights, count: int, evidence: Evidence, look: Callable[[Ints, Ints], Evidence]
) -> Mask:
    """Which accepted links (`evidence`) are kept: those within clusters that hold together.

    `count`: subjects; `look(left, right)`: the evidence of any pairs of subjects.
    """

    kept = _small_enough(count, evidence)
    label = components(count, evidence.left[kept], evidence.right[kept])
    sizes = np.bincount(label, minlength=1)
    order = np.argsort(label, kind="stable")
    begin = np.cumsum(sizes) - sizes
    part = label.copy()
    fresh = int(label.max(initial=-1)) + 1
    for cluster in np.flatnonzero(sizes > 2):
        members = order[begin[cluster] : begin[cluster] + sizes[cluster]]
        one, two = np.triu_indices(len(members), 1)
        votes = _votes(model, weights, count, look(members[one], members[two]))
        if votes.min() >= 0:
            continue
        away = 1.0 + 60 * TIE_BREAK - votes
        found = fcluster(linkage(away, "average"), 1.0 + 60 * TIE_BREAK, "distance")
        part[members] = fresh + found
        fresh += int(found.max()) + 1
    held: Mask = kept & (part[evidence.left] == part[evidence.right])
    return held


def _votes(model: Model, weights: Weights, count: int, evidence: Evidence) -> Floats:
    """1 for, -1 against, 0 none, and a trace of the score between equals."""
    bits = score(weights, evidence, count)
    same, _, chance = prior_bits(weights, count, is_two_sided=model.two_sided)
    rule, _ = decide(model.rules, evidence)
    verdict = np.array([{"same": 1, "apart": -1, "review": 0}[one.verdict] for one in model.rules] + [0])[rule]
    accept = np.log2(model.thresholds.accept / (1.0 - model.thresholds.accept))
    votes = np.where(bits >= accept, 1.0, np.where(bits < (same - chance) / 2, -1.0, 0.0))
    votes = np.where(verdict != 0, verdict, votes)
    traced: Floats = votes + TIE_BREAK * np.clip(bits, -60, 60)
    return traced


def _small_enough(count: int, evidence: Evidence) -> Mask:
    """Links left once clusters of more than MOST have lost their weakest ones."""
    kept = np.ones(len(evidence), bool)
    least = float(evidence.score.min(initial=0.0))
    while True:
        label = components(count, evidence.left[kept], evidence.right[kept])
        large = np.bincount(label, minlength=1)[label] > MOST
        loose = kept & large[evidence.left]
        if not loose.any():
            return kept
        least = max(least, float(evidence.score[loose].min())) + STEP_BITS
        kept &= ~(loose & (evidence.score < least))
