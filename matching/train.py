"""Weights learnt without labels: valid numbers show what the same and related subjects look like, EM does the rest."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from matching.blocking import find
from matching.drift import patterns_of
from matching.evidence import Evidence, gather
from matching.frequencies import learn
from matching.groups import Groups
from matching.keys import Ints, Members, combine, cross, unique_pairs
from matching.model import Model
from matching.profiles import Profiles, mix
from matching.weights import Floats, Weights, class_bits, score, start

SAMPLE = 20_000
"""Subjects that play the seeker: a level of one in a thousand is still seen twenty times."""
CANDIDATES = 200_000
"""Candidate pairs that EM looks at, at most."""
ROUNDS = 25
STEADY = 0.005
"""Bits: EM ends early once no level of any class changes by more."""
SMOOTH = 0.5
"""Pseudo-observations of every level in every class."""


@dataclass(slots=True)
class Lesson:
    """Evidence whose class is known: the same, related or unrelated subjects."""

    same: Evidence
    related: Evidence
    chance: Evidence


def train(model: Model, profiles: Profiles, groups: Groups, begin: Weights | None = None) -> Weights:
    """Weights of a model from its own records. Same records, same weights: nothing is drawn at random."""
    weights = begin or start(model)
    with ThreadPoolExecutor(1) as pool:
        looked = pool.submit(find, model, profiles, groups.of_profile, groups.is_open)
        if model.identity is not None and (groups.number >= 0).any():
            lesson = _lesson(model, profiles, groups)
            _learn_from_numbers(model, lesson, weights)
            known = lesson.same
        else:
            known = None
            _learn_chance(model, profiles, groups, weights)
        found = groups.candidates = looked.result()
    members = Members(groups.of_profile, groups.count)
    left, right = _sample(profiles, members, found.left, found.right)
    evidence = gather(model, profiles, groups.of_profile, members, left, right)
    strangers = _strangers(model, profiles, groups, members)
    seekers = float(groups.is_open.sum())
    if model.identity is None and len(found.left):
        seekers *= len(left) / len(found.left)  # those whose pairs are in the sample: `same` is counted a seeker
    _expect(model, evidence, known, weights, groups.count, seekers, strangers)
    weights.frequencies = learn(model, profiles, groups.of_profile, groups.count)
    weights.patterns = patterns_of(evidence, score(weights, evidence, groups.count)) if len(evidence) else {}
    weights.made_from = {
        "subjects": groups.count,
        "profiles": profiles.count,
        "candidates": len(evidence),
        "same_pairs": len(known) if known is not None else 0,
    }
    return weights


def _sample(profiles: Profiles, members: Members, left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """At most CANDIDATES pairs, chosen by content."""
    if len(left) <= CANDIDATES:
        return left, right
    first = profiles.fingerprint[members.order[members.begin]]
    rank = np.argsort(mix(first[left] ^ mix(first[right], 3), 5), kind="stable")[:CANDIDATES]
    chosen = np.sort(rank)
    return left[chosen], right[chosen]


def _lesson(model: Model, profiles: Profiles, groups: Groups) -> Lesson:
    """One profile of each larger group plays the seeker: against its own group, against relatives, against strangers."""
    identity = model.identity
    assert identity is not None
    sizes = np.bincount(groups.of_profile, minlength=groups.count)
    rank = np.argsort(mix(profiles.fingerprint, 7))
    usable = rank[(groups.number[groups.of_profile[rank]] >= 0) & (sizes[groups.of_profile[rank]] > 1)]
    _, first = np.unique(groups.of_profile[usable], return_index=True)
    seekers = usable[np.sort(first)][:SAMPLE]
    label = groups.of_profile.copy()
    label[seekers] = groups.count + np.arange(len(seekers))
    count = groups.count + len(seekers)
    claimed = profiles.extra["is_claimed"]
    profiles.extra["is_claimed"] = claimed.copy()
    profiles.extra["is_claimed"][seekers] = True
    members = Members(label, count)
    home = groups.of_profile[seekers]
    own = label[seekers]
    away = np.roll(home, 1 + len(home) // 3)
    related = _related(model, profiles, groups, seekers, label)
    lesson = Lesson(
        gather(model, profiles, label, members, home, own),
        gather(model, profiles, label, members, *related),
        gather(model, profiles, label, members, away, own),
    )
    profiles.extra["is_claimed"] = claimed
    return lesson


def _related(model: Model, profiles: Profiles, groups: Groups, seekers: Ints, label: Ints) -> tuple[Ints, Ints]:
    """(group, seeker) pairs of different numbers that share one of the columns that relatives share."""
    identity = model.identity
    assert identity is not None
    lefts: list[Ints] = []
    rights: list[Ints] = []
    for columns in identity.related_by:
        keys = combine([profiles[name].codes for name in columns])
        rows = np.flatnonzero((keys >= 0) & (groups.number[groups.of_profile] >= 0))
        rows = rows[np.argsort(keys[rows])]
        chosen = seekers[keys[seekers] >= 0]
        held = np.searchsorted(keys[rows], keys[chosen], side="right") - np.searchsorted(keys[rows], keys[chosen])
        chosen = chosen[held <= 30]
        left, right = cross(keys[chosen], keys[rows])
        other = rows[right]
        keep = groups.of_profile[other] != groups.of_profile[chosen[left]]
        lefts.append(label[other][keep])
        rights.append(label[chosen[left]][keep])
    left, right = unique_pairs(np.concatenate(lefts), np.concatenate(rights))
    return left[: 2 * SAMPLE], right[: 2 * SAMPLE]


def _count(evidence: Evidence, position: int, size: int, weight: Floats | None = None) -> Floats:
    levels = evidence.levels[:, position]
    known = levels >= 0
    counted: Floats = np.bincount(
        levels[known], weights=None if weight is None else weight[known], minlength=size
    ).astype(float)
    return counted


def _learn_from_numbers(model: Model, lesson: Lesson, weights: Weights) -> None:
    identity = model.identity
    assert identity is not None
    for position, comparison in enumerate(model.comparisons):
        if comparison.name == identity.comparison:
            continue
        size = len(comparison.levels)
        table = np.stack(
            [_count(part, position, size) + SMOOTH for part in (lesson.same, lesson.related, lesson.chance)], axis=1
        )
        weights.level[comparison.name] = table / table.sum(axis=0)


def _learn_chance(model: Model, profiles: Profiles, groups: Groups, weights: Weights) -> None:
    """Chance levels of a model without numbers: profiles paired by content, far apart."""
    order = np.argsort(mix(profiles.fingerprint, 11), kind="stable").astype(np.int64)
    shifts = [1 + (n * len(order)) // 7 for n in range(6)]
    left = np.concatenate([order for _ in shifts])
    right = np.concatenate([np.roll(order, shift) for shift in shifts])
    one, two = unique_pairs(groups.of_profile[left], groups.of_profile[right])
    chance = gather(model, profiles, groups.of_profile, Members(groups.of_profile, groups.count), one, two)
    for position, comparison in enumerate(model.comparisons):
        counted = _count(chance, position, len(comparison.levels)) + SMOOTH
        weights.level[comparison.name][:, 2] = counted / counted.sum()


def _expect(
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
    before = np.array(np.inf)
    for _ in range(ROUNDS):
        bits = class_bits(weights, evidence)
        bits += np.array(
            [
                np.log2(weights.same),
                np.log2(weights.related) if weights.related else -np.inf,
                np.log2(max(subjects - 1, 1)),
            ]
        )
        top = bits.max(axis=1, keepdims=True)
        odds = np.exp2(bits - top)
        share = odds / odds.sum(axis=1, keepdims=True)
        weights.same = min(max(float(share[:, 0].sum()) / max(seekers, 1), 0.01), 2.0)
        for position, comparison in enumerate(model.comparisons):
            size = len(comparison.levels)
            if model.identity is not None and comparison.name == model.identity.comparison:
                _learn_number(evidence, strangers, position, size, share, seekers * weights.related, weights)
                continue
            counted = _count(evidence, position, size, share[:, 0]) + SMOOTH
            if known is not None:
                counted += _count(known, position, size)
            weights.level[comparison.name][:, 0] = counted / counted.sum()
        now = np.log2(np.concatenate([weights.level[comparison.name].ravel() for comparison in model.comparisons]))
        if np.abs(now - before).max() < STEADY:
            break
        before = now


def _strangers(model: Model, profiles: Profiles, groups: Groups, members: Members) -> Evidence:
    """Open groups against settled ones picked by content: what their numbers agree on by chance (they alone are compared)."""
    number = model.identity.comparison if model.identity is not None else ""
    chosen = tuple(comparison for comparison in model.comparisons if comparison.name == number)
    model = replace(model, comparisons=chosen, adjust=None)
    open_ones, settled = np.flatnonzero(groups.is_open), np.flatnonzero(~groups.is_open)
    if not len(open_ones) or not len(settled):
        none = np.zeros(0, np.int64)
        return gather(model, profiles, groups.of_profile, members, none, none)
    times = max(1, min(4 * SAMPLE // len(open_ones), len(settled)))
    left = np.tile(open_ones, times)
    mixed = mix(np.arange(len(left), dtype=np.uint64), 13)
    right = settled[(mixed % np.uint64(len(settled))).astype(np.int64)]
    return gather(model, profiles, groups.of_profile, members, *unique_pairs(left, right))


def _learn_number(
    evidence: Evidence,
    strangers: Evidence,
    position: int,
    size: int,
    share: npt.NDArray[np.float64],
    relatives: float,
    weights: Weights,
) -> None:
    """Levels of the number itself. Relatives are seen among candidates only: the rest of them count as different."""
    table = weights.level[evidence.model.comparisons[position].name]
    same = _count(evidence, position, size, share[:, 0]) + SMOOTH
    related = _count(evidence, position, size, share[:, 1]) + SMOOTH
    stated = evidence.levels[:, position] >= 0
    part = float(share[stated, 1].sum()) / max(float(share[:, 1].sum()), 1.0)
    related[0] += max(relatives * part - related.sum(), 0.0)
    chance = _count(strangers, 0, size) + SMOOTH
    for column, counted in enumerate((same, related, chance)):
        table[:, column] = counted / counted.sum()
