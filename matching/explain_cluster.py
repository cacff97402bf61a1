"""How a cluster was built: what the number settled, which links joined what in which round, and the weakest link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from matching.explain import Hop, hops, place_of
from matching.explain_links import Link, links_of, reached, strongest_tree
from matching.report import first_keys, reasons
from matching.resolve import Outcome

NEAREST = 3


@dataclass(frozen=True, slots=True)
class Member:
    """One group of the cluster at the start: `key` its smallest record key, whether it owns a number."""

    key: str
    records: int
    says_alike: int
    has_number: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One link of the build: `joins` is False where both sides were together already; `records` after it."""

    hop: Hop
    probability: float
    reasons: str
    joins: bool
    records: int


@dataclass(frozen=True, slots=True)
class Rival:
    """A candidate outside that was not let in."""

    inside_key: str
    outside_key: str
    score: float
    probability: float
    rule: str


@dataclass(frozen=True, slots=True)
class History:
    """A cluster by record keys: members, steps in order, weakest link and what it holds together, nearest outsiders."""

    cluster_id: str
    records: list[str]
    members: list[Member]
    steps: list[Step]
    weakest: Hop | None
    without_it: tuple[int, int]
    rivals: list[Rival]


def history(outcome: Outcome, key: str) -> History:
    """How the cluster of any of its record keys was built. InputError for an unknown key."""
    profiles, groups = outcome.prepared.profiles, outcome.prepared.groups
    label = outcome.linked.label
    of_record = groups.of_profile[profiles.of_record]
    cluster = int(label[of_record[place_of(outcome, key)]])
    inside = np.flatnonzero(label == cluster)
    records = np.bincount(of_record, minlength=groups.count)
    first = first_keys(profiles, groups.of_profile, groups.count)
    alike = np.bincount(groups.of_profile, minlength=groups.count)
    members = [
        Member(first[int(g)].as_py(), int(records[g]), int(alike[g]), bool(groups.number[g] >= 0)) for g in inside
    ]
    links = links_of(outcome, cluster)
    tree = strongest_tree(links)
    weakest, sizes = None, (0, 0)
    if tree:
        weakest = hops(outcome, tree[-1:])[0]
        side = sum(int(records[g]) for g in reached(tree[:-1], tree[-1].left))
        sizes = side, int(records[inside].sum()) - side
    keys = profiles.record_keys.filter(label[of_record] == cluster).to_pylist()
    return History(
        min(keys),
        sorted(keys),
        sorted(members, key=lambda m: (not m.has_number, -m.records, m.key)),
        _steps(outcome, links, records),
        weakest,
        sizes,
        _rivals(outcome, cluster, first),
    )


def _steps(outcome: Outcome, links: list[Link], records: Any) -> list[Step]:
    said = _reasons(outcome, links)
    steps = []
    for place, (link, hop) in enumerate(zip(links, hops(outcome, links), strict=True)):
        before = links[:place]
        there = reached(before, link.left)
        joins = link.right not in there
        size = sum(int(records[g]) for g in there | reached(before, link.right))
        steps.append(Step(hop, link.probability, said[place], joins, size))
    return steps


def _reasons(outcome: Outcome, links: list[Link]) -> list[str]:
    said = []
    for link in links:
        if not link.turn:
            said.append("")
            continue
        evidence = outcome.linked.rounds[link.turn - 1].evidence
        hit = np.flatnonzero((evidence.left == link.left) & (evidence.right == link.right))[:1]
        said += reasons(outcome.model, evidence.levels[hit])
    return said


def _rivals(outcome: Outcome, cluster: int, first: Any) -> list[Rival]:
    """The strongest candidates that stayed outside, from the last round that compared them."""
    label, model = outcome.linked.label, outcome.model
    found: dict[tuple[int, int], Rival] = {}
    for decisions in outcome.linked.rounds:
        evidence = decisions.evidence
        mine, theirs = label[evidence.left] == cluster, label[evidence.right] == cluster
        for place in np.flatnonzero(mine != theirs).tolist():
            pair = int(evidence.left[place]), int(evidence.right[place])
            here, there = pair if mine[place] else pair[::-1]
            rule = int(decisions.rule[place])
            found[here, int(label[there])] = Rival(
                first[here].as_py(),
                first[there].as_py(),
                float(evidence.score[place]),
                float(decisions.probability[place]),
                model.rules[rule].name if rule >= 0 else "",
            )
    return sorted(found.values(), key=lambda r: (-r.score, r.inside_key, r.outside_key))[:NEAREST]


def cluster_told(found: History, *, most: int = 40) -> str:
    """The text a steward reads: keys, levels and bits, never a value."""
    lines = [
        f"Cluster {found.cluster_id}: {len(found.records):,} record(s) in {len(found.members):,} part(s) at the start"
    ]
    for member in found.members[:most]:
        number = "owns a valid number" if member.has_number else "no number of its own"
        lines.append(f"  {member.key:<32} {member.records:>5,} record(s), {member.says_alike} distinct, {number}")
    lines += _more(len(found.members), most)
    if found.steps:
        lines.append("Step by step:")
    for place, step in enumerate(found.steps[:most], start=1):
        hop = step.hop
        turn = f"round {hop.turn}" if hop.turn else "at once"
        grown = f"now {step.records:,} records" if step.joins else "confirms"
        lines.append(f"  {place}. {turn}: {hop.left_key} - {hop.right_key}  {hop.why} {hop.score:+.1f} bits; {grown}")
        if step.reasons:
            lines.append(f"       {step.reasons}")
    lines += _more(len(found.steps), most)
    if found.weakest is None:
        lines.append("No link was needed: the number, or saying exactly the same, made it one.")
    else:
        one, two = found.without_it
        weak = found.weakest
        lines.append(
            f"Weakest link: {weak.left_key} - {weak.right_key} ({weak.why}, {weak.score:+.1f} bits); "
            f"without it {one:,} and {two:,} records"
        )
    for rival in found.rivals:
        why = f"rule {rival.rule}" if rival.rule else f"probability {rival.probability:.4f}"
        lines.append(f"Stayed outside: {rival.outside_key} ({rival.score:+.1f} bits against {rival.inside_key}; {why})")
    return "\n".join(lines)


def _more(count: int, most: int) -> list[str]:
    return [f"  ... and {count - most:,} more (all of them with --json)"] if count > most else []
