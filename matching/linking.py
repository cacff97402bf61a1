"""From candidates to clusters: rounds of evidence, rules, scores and competition between rival subjects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from matching.blocking import Candidates, find
from matching.clusters import Links, solve
from matching.coherence import hold_together
from matching.evidence import Evidence, gather
from matching.frequencies import use
from matching.groups import Groups, decide
from matching.keys import Ints, Members, cross, unique_pairs
from matching.model import Mask, Model
from matching.profiles import Profiles
from matching.weights import Floats, Weights, score

CERTAIN = 60.0
"""Bits given to what a rule, a judgement or an authority's list settles."""


@dataclass(slots=True)
class Decisions:
    """One round: pairs of groups (numbers of the first grouping), why, and with what probability; which are set apart."""

    evidence: Evidence
    rule: npt.NDArray[np.int16]
    probability: Floats
    accepted: Mask
    apart: Mask


@dataclass(slots=True)
class Linked:
    """`label` gives each group its cluster; the decisions of every round; what blocking had to cap.

    `live`: pairs of groups that the first round does not set apart; who is not tied by them bears on nobody's links.
    """

    label: Ints
    number: Ints
    rounds: list[Decisions]
    capped: list[tuple[str, int, int]]
    cut: int
    live: tuple[Ints, Ints]


@dataclass(slots=True)
class Judged:
    """Judgements on groups: pairs that are the same, pairs that are not."""

    same: tuple[Ints, Ints]
    apart: tuple[Ints, Ints]


def link(model: Model, profiles: Profiles, groups: Groups, weights: Weights, judged: Judged) -> Linked:
    """Clusters of groups. Every round compares what is still open, on the pooled evidence so far.

    Under an identifying number later rounds compare what the first did not set apart: so a subject's links are a function
    of those it is tied to by live pairs. Values are counted among the first groups, whatever has been linked since.
    """
    use(weights.frequencies, profiles)
    label = np.arange(groups.count, dtype=np.int64)
    number = groups.number
    rounds: list[Decisions] = []
    capped: list[tuple[str, int, int]] = []
    cut = 0
    none = np.zeros(0, np.int64)
    live = none, none
    for turn in range(model.rounds):
        of_profile = label[groups.of_profile]
        members = Members(of_profile, len(number))
        if turn == 0 and groups.candidates is not None:
            found = groups.candidates
        elif turn == 0 or model.identity is None:
            found = find(model, profiles, of_profile, number < 0, is_first=turn == 0)
        else:
            found = _images(live, label, number)
        counted = of_profile if model.identity is None else groups.of_profile
        claims = label[groups.contested[0]], label[groups.contested[1]]
        again = _same_number(label[groups.of_profile[groups.dissolved]], number)
        pairs = unique_pairs(
            np.concatenate([found.left, claims[0], again[0]]), np.concatenate([found.right, claims[1], again[1]])
        )
        made = found.compared if turn == 0 and found.compared and found.compared.is_of(*pairs) else None
        evidence = gather(model, profiles, counted, members, *pairs, made)
        decisions = judge(model, evidence, weights, number)
        if turn == 0:
            live = evidence.left[~decisions.apart], evidence.right[~decisions.apart]
        if model.is_coherent:
            look = partial(gather, model, profiles, counted, members)
            accepted = np.flatnonzero(decisions.accepted)
            whole = hold_together(model, weights, len(number), evidence.take(accepted), look)
            decisions.accepted[accepted] = whole
            cut += int((~whole).sum())
        representative = _representatives(label, number, groups.number)
        links = _links(decisions, label, groups, judged, first=turn == 0)
        fresh, kept = solve(
            len(number),
            links,
            _held(model, profiles, of_profile, number),
            (label[judged.apart[0]], label[judged.apart[1]]),
            profiles.fingerprint[members.order[members.begin]] if len(number) else profiles.fingerprint,
        )
        cut += int((~kept).sum())
        settled_links = int(decisions.accepted.sum())
        kept_decisions = decisions.accepted.copy()
        kept_decisions[np.flatnonzero(decisions.accepted)] = kept[:settled_links]
        decisions.accepted = kept_decisions
        evidence.left, evidence.right = representative[evidence.left], representative[evidence.right]
        rounds.append(decisions)
        if turn == 0:
            capped = found.capped
        changed = int(fresh.max(initial=-1)) + 1 < len(number)
        count = int(fresh.max(initial=-1)) + 1
        new_number = np.full(count, -1, np.int64)
        held = np.flatnonzero(number >= 0)[::-1]
        new_number[fresh[held]] = number[held]
        label, number = fresh[label], new_number
        if not changed:
            break
    return Linked(label, number, rounds, capped, cut, live)


def _images(live: tuple[Ints, Ints], label: Ints, number: Ints) -> Candidates:
    """What the clusters of live pairs are now: pairs of different clusters, one of them still open."""
    left, right = unique_pairs(label[live[0]], label[live[1]])
    is_open = (number[left] < 0) | (number[right] < 0)
    return Candidates(left[is_open], right[is_open])


def judge(model: Model, evidence: Evidence, weights: Weights, number: Ints) -> Decisions:
    """Rules first, then the odds; rival settled subjects share one probability, so a near tie convinces nobody."""
    subjects = len(number)
    evidence.score = score(weights, evidence, subjects)
    rule, verdict = _rule_on(model, evidence, number)
    one = number[evidence.left] >= 0
    two = number[evidence.right] >= 0
    bits = np.where(verdict == 1, CERTAIN, np.clip(evidence.score, -CERTAIN, CERTAIN))
    bits = np.where(verdict == -1, -CERTAIN, bits)
    odds = np.exp2(bits)
    probability = odds / (1.0 + odds)
    seeker = np.where(one, evidence.right, evidence.left)
    rival = (one != two) & (verdict >= 0)
    total = np.bincount(seeker[rival], weights=odds[rival], minlength=subjects)
    probability = np.where(rival, odds / (1.0 + total[seeker]), probability)
    accepted = (probability >= model.thresholds.accept) & (verdict >= 0) & (verdict != 2)
    if model.two_sided:
        strength = evidence.score + 4 * CERTAIN * (verdict == 1)
        accepted[accepted] = _one_to_one(evidence.left[accepted], evidence.right[accepted], strength[accepted])
    return Decisions(evidence, rule, probability, accepted, verdict == -1)


def _rule_on(model: Model, evidence: Evidence, number: Ints) -> tuple[npt.NDArray[np.int16], Ints]:
    """The rule that decides each pair (-1: none), and its verdict: 1 same, -1 apart, 2 review, 0 none.

    Two settled subjects of different numbers are apart unless a rule sends them to a steward.
    """
    rule, _ = decide(model.rules, evidence)
    verdicts = np.array([{"same": 1, "apart": -1, "review": 2}[rule.verdict] for rule in model.rules] + [0])
    one, two = number[evidence.left], number[evidence.right]
    settled = (one >= 0) & (two >= 0)
    verdict = np.where(settled & (one == two), 1, verdicts[rule])
    verdict = np.where(settled & (one != two) & (verdict != 2), -1, verdict)
    return rule, verdict.astype(np.int64)


def set_apart(model: Model, evidence: Evidence, number: Ints) -> Mask:
    """Which pairs are apart whatever else there is: by a rule, or because both are settled."""
    mask: Mask = _rule_on(model, evidence, number)[1] == -1
    return mask


def _one_to_one(left: Ints, right: Ints, bits: Floats) -> Mask:
    """Pairs in which each is the other's best, again and again among those still free.

    A tie convinces nobody: records that fit equally well stay apart, take no lesser partner, and are told as doubtful.
    """
    kept = np.zeros(len(left), bool)
    free = np.ones(len(left), bool)
    count = int(max(left.max(initial=-1), right.max(initial=-1))) + 1
    while free.any():
        rows = np.flatnonzero(free)
        best = np.full(count, -np.inf)
        np.maximum.at(best, left[rows], bits[rows])
        np.maximum.at(best, right[rows], bits[rows])
        top = rows[(bits[rows] == best[left[rows]]) & (bits[rows] == best[right[rows]])]
        ties = np.bincount(np.concatenate([left[top], right[top]]), minlength=count)
        clear = top[(ties[left[top]] == 1) & (ties[right[top]] == 1)]
        kept[clear] = True
        taken = np.zeros(count, bool)
        taken[left[top]] = taken[right[top]] = True
        free &= ~(taken[left] | taken[right])
    return kept


def _held(model: Model, profiles: Profiles, of_profile: npt.NDArray[np.integer], number: Ints) -> Ints:
    """The number of each node, or of an open one the valid number it gives that nobody owns: no cluster holds two."""
    if model.identity is None or not profiles.count:
        return number
    claimed, code = profiles.extra["is_claimed"], profiles[model.identity.number].codes
    alone = np.flatnonzero(claimed & ~profiles.extra["is_anothers"] & ~profiles.extra["is_nobodys"])
    held = np.full(len(number), -1, np.int64)
    held[of_profile[alone]] = code[alone]
    return np.where(number >= 0, number, held)


def _same_number(nodes: Ints, number: Ints) -> tuple[Ints, Ints]:
    """Pairs of nodes with one number, taken apart because a judgement parts some of their profiles."""
    chosen = np.unique(nodes[number[nodes] >= 0])
    chosen = chosen[np.argsort(number[chosen], kind="stable")]
    left, right = cross(number[chosen], number[chosen])
    return unique_pairs(chosen[left], chosen[right])


def _representatives(label: Ints, number: Ints, base_number: Ints) -> Ints:
    """One first-round group for each current cluster: the one with the number, else the first."""
    groups = np.arange(len(label), dtype=np.int64)
    chosen = np.zeros(len(number), np.int64)
    chosen[label[::-1]] = groups[::-1]
    settled = np.flatnonzero(base_number >= 0)[::-1]
    chosen[label[settled]] = settled
    return chosen


def _links(decisions: Decisions, label: Ints, groups: Groups, judged: Judged, *, first: bool) -> Links:
    evidence = decisions.evidence
    chosen = decisions.accepted
    left, right = [evidence.left[chosen]], [evidence.right[chosen]]
    bits = [evidence.score[chosen]]
    if first:
        for one, two in (judged.same, groups.former):
            left.append(label[one])
            right.append(label[two])
            bits.append(np.full(len(one), CERTAIN))
    forced = np.zeros(sum(len(part) for part in left), bool)
    forced[int(chosen.sum()) :] = True
    return Links(np.concatenate(left), np.concatenate(right), np.concatenate(bits), forced)
