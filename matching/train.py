"""Weights learnt without labels: valid numbers show what the same and related subjects look like, EM does the rest."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from matching.blocking import Candidates, find, present, seen
from matching.drift import patterns_of
from matching.evidence import Evidence, compare_once, gather
from matching.expectation import SMOOTH, count_levels, expect
from matching.frequencies import Frequencies, learn
from matching.groups import Groups
from matching.keys import Ints, Members, combine, cross, unique_pairs
from matching.model import Model
from matching.profiles import Profiles, mix
from matching.weights import Weights, score, start

SAMPLE = 10_000
"""Subjects that play the seeker: a level of one in a thousand is still seen ten times."""
CANDIDATES = 200_000
"""Candidate pairs that EM looks at, at most."""


@dataclass(slots=True)
class Lesson:
    """Evidence whose class is known: the same, related or unrelated subjects."""

    same: Evidence
    related: Evidence
    chance: Evidence


def train(model: Model, profiles: Profiles, groups: Groups, begin: Weights | None = None) -> Weights:
    """Weights of a model from its own records. Same records, same weights: nothing is drawn at random."""
    weights = begin or start(model)
    members = Members(groups.of_profile, groups.count)
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
        frequencies = pool.submit(learn, model, profiles, groups.of_profile, groups.count)
        evidence = _look(model, profiles, groups, members, found, frequencies)
        left = evidence.left
        strangers = _strangers(model, profiles, groups, members)
    seekers = float(groups.is_open.sum())
    if model.identity is None and len(found.left):
        seekers *= len(left) / len(found.left)  # those whose pairs are in the sample: `same` is counted a seeker
    expect(model, evidence, known, weights, groups.count, seekers, strangers)
    weights.frequencies = frequencies.result()
    weights.patterns = patterns_of(evidence, score(weights, evidence, groups.count)) if len(evidence) else {}
    weights.made_from = {
        "subjects": groups.count,
        "profiles": profiles.count,
        "candidates": len(evidence),
        "same_pairs": len(known) if known is not None else 0,
    }
    return weights


def _look(
    model: Model, profiles: Profiles, groups: Groups, members: Members, found: Candidates, ready: Future[Frequencies]
) -> Evidence:
    """Evidence of at most CANDIDATES candidates, chosen by content; the comparisons of all are kept for linking.

    `ready`: what works out frequencies beside it, and the parts of names on the way, which the evidence needs, too.
    """
    claims = groups.contested
    left, right = unique_pairs(np.concatenate([found.left, claims[0]]), np.concatenate([found.right, claims[1]]))
    found.compared = compare_once(model, profiles, members, left, right)
    ready.result()
    one, two = _sample(profiles, members, found.left, found.right)
    if found.compared is None:
        return gather(model, profiles, groups.of_profile, members, one, two)
    evidence = gather(model, profiles, groups.of_profile, members, left, right, found.compared)
    return evidence.take(np.searchsorted(left << 32 | right, one << 32 | two))


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
    seekers = _seekers(profiles, groups)
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
        gather(model, profiles, label, members, home, own, has_shares=False),
        gather(model, profiles, label, members, *related, has_shares=False),
        gather(model, profiles, label, members, away, own, has_shares=False),
    )
    profiles.extra["is_claimed"] = claimed
    return lesson


def _seekers(profiles: Profiles, groups: Groups) -> Ints:
    """One profile of each of SAMPLE larger groups of a number, the groups and the profiles chosen by content."""
    larger = (groups.number >= 0) & (np.bincount(groups.of_profile, minlength=groups.count) > 1)
    usable = np.flatnonzero(larger[groups.of_profile])
    drawn = mix(profiles.fingerprint[usable], 7)
    most = 4 * SAMPLE / max(len(usable), 1)
    while True:
        few = usable if most >= 1 else usable[drawn < np.uint64(most * 2.0**64)]
        few = few[np.argsort(mix(profiles.fingerprint[few], 7), kind="stable")]
        _, first = np.unique(groups.of_profile[few], return_index=True)
        if len(first) >= SAMPLE or most >= 1:
            found: Ints = few[np.sort(first)][:SAMPLE]
            return found
        most *= 4


def _related(model: Model, profiles: Profiles, groups: Groups, seekers: Ints, label: Ints) -> tuple[Ints, Ints]:
    """(group, seeker) pairs of different numbers that share one of the columns that relatives share."""
    identity = model.identity
    assert identity is not None
    lefts: list[Ints] = []
    rights: list[Ints] = []
    settled = np.flatnonzero((groups.number >= 0)[groups.of_profile])
    for columns in identity.related_by:
        codes = tuple(profiles[name].codes for name in columns)
        rows, chosen = seen(codes, settled, codes, seekers), present(codes, np.sort(seekers))
        keys = combine([column[np.concatenate([rows, chosen])] for column in codes])
        keys, asked = keys[: len(rows)], keys[len(rows) :]
        order = np.argsort(keys, kind="stable")
        rows, keys = rows[order], keys[order]
        held = np.searchsorted(keys, asked, side="right") - np.searchsorted(keys, asked)
        chosen, asked = chosen[held <= 30], asked[held <= 30]
        left, right = cross(asked, keys)
        other = rows[right]
        keep = groups.of_profile[other] != groups.of_profile[chosen[left]]
        lefts.append(label[other][keep])
        rights.append(label[chosen[left]][keep])
    left, right = unique_pairs(np.concatenate(lefts), np.concatenate(rights))
    return left[: 2 * SAMPLE], right[: 2 * SAMPLE]


def _learn_from_numbers(model: Model, lesson: Lesson, weights: Weights) -> None:
    identity = model.identity
    assert identity is not None
    for position, comparison in enumerate(model.comparisons):
        if comparison.name == identity.comparison:
            continue
        size = len(comparison.levels)
        table = np.stack(
            [
                count_levels(part.levels[:, position], size) + SMOOTH
                for part in (lesson.same, lesson.related, lesson.chance)
            ],
            axis=1,
        )
        weights.level[comparison.name] = table / table.sum(axis=0)


def _learn_chance(model: Model, profiles: Profiles, groups: Groups, weights: Weights) -> None:
    """Chance levels of a model without numbers: profiles paired by content, far apart."""
    order = np.argsort(mix(profiles.fingerprint, 11), kind="stable").astype(np.int64)
    shifts = [1 + (n * len(order)) // 7 for n in range(6)]
    left = np.concatenate([order for _ in shifts])
    right = np.concatenate([np.roll(order, shift) for shift in shifts])
    one, two = unique_pairs(groups.of_profile[left], groups.of_profile[right])
    members = Members(groups.of_profile, groups.count)
    chance = gather(model, profiles, groups.of_profile, members, one, two, has_shares=False)
    for position, comparison in enumerate(model.comparisons):
        counted = count_levels(chance.levels[:, position], len(comparison.levels)) + SMOOTH
        weights.level[comparison.name][:, 2] = counted / counted.sum()


def _strangers(model: Model, profiles: Profiles, groups: Groups, members: Members) -> Evidence:
    """Open groups against settled ones picked by content: what their numbers agree on by chance (they alone are compared)."""
    number = model.identity.comparison if model.identity is not None else ""
    chosen = tuple(comparison for comparison in model.comparisons if comparison.name == number)
    model = replace(model, comparisons=chosen, adjust=None)
    open_ones, settled = np.flatnonzero(groups.is_open), np.flatnonzero(~groups.is_open)
    if not len(open_ones) or not len(settled):
        none = np.zeros(0, np.int64)
        return gather(model, profiles, groups.of_profile, members, none, none, has_shares=False)
    times = max(1, min(8 * SAMPLE // len(open_ones), len(settled)))
    left = np.tile(open_ones, times)
    mixed = mix(np.arange(len(left), dtype=np.uint64), 13)
    right = settled[(mixed % np.uint64(len(settled))).astype(np.int64)]
    return gather(model, profiles, groups.of_profile, members, *unique_pairs(left, right), has_shares=False)
