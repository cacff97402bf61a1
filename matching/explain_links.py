"""The links that hold a cluster together: which they are, the strongest tree of them, the way from one to another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.groups import components
from matching.keys import Ints
from matching.linking import CERTAIN
from matching.resolve import Outcome


@dataclass(frozen=True, slots=True)
class Link:
    """One kept link between two groups: `turn` counts rounds from 1 (0: settled before any comparison).

    `why` is a rule's name, 'score', 'judgement' or 'listed number'; `strength` is what decides which link is weakest:
    the score in bits, or CERTAIN where a rule, a judgement or a list settled it.
    """

    left: int
    right: int
    turn: int
    why: str
    score: float
    probability: float
    strength: float


def links_of(outcome: Outcome, cluster: int) -> list[Link]:
    """Every kept link of one cluster (a value of `linked.label`), round by round, the strongest first in each."""
    label, groups, model = outcome.linked.label, outcome.prepared.groups, outcome.model
    found = []
    for why, pairs in (("judgement", outcome.judged.same), ("listed number", groups.former)):
        for place in np.flatnonzero((label[pairs[0]] == cluster) & (label[pairs[1]] == cluster)).tolist():
            found.append(Link(int(pairs[0][place]), int(pairs[1][place]), 0, why, CERTAIN, 1.0, CERTAIN))
    for turn, decisions in enumerate(outcome.linked.rounds, start=1):
        evidence = decisions.evidence
        inside = np.flatnonzero(decisions.accepted & (label[evidence.left] == cluster))
        for place in inside[np.argsort(-evidence.score[inside], kind="stable")].tolist():
            rule = int(decisions.rule[place])
            is_settled = rule >= 0 and model.rules[rule].verdict == "same"
            score = float(evidence.score[place])
            found.append(
                Link(
                    int(evidence.left[place]),
                    int(evidence.right[place]),
                    turn,
                    model.rules[rule].name if is_settled else "score",
                    score,
                    float(decisions.probability[place]),
                    CERTAIN if is_settled else min(score, CERTAIN),
                )
            )
    return found


def strongest_tree(links: list[Link]) -> list[Link]:
    """The links that join everything by the strongest way; the last one is the weakest link of the cluster."""
    parent: dict[int, int] = {}

    def root(node: int) -> int:
        while parent.get(node, node) != node:
            node = parent[node]
        return node

    tree = []
    for link in sorted(links, key=lambda link: (-link.strength, link.turn)):
        one, two = root(link.left), root(link.right)
        if one != two:
            parent[two] = one
            tree.append(link)
    return tree


def reached(links: list[Link], start: int) -> set[int]:
    """The groups that the links connect with `start`."""
    found = {start}
    while (
        more := {node for link in links for node in (link.left, link.right) if found & {link.left, link.right}} - found
    ):
        found |= more
    return found


def way(tree: list[Link], start: int, end: int) -> list[Link]:
    """The links of the tree that lead from one group to another, in order; empty if there is no way."""
    came: dict[int, tuple[int, Link] | None] = {start: None}
    front = [start]
    while front and end not in came:
        node = front.pop(0)
        for link in tree:
            if node in (link.left, link.right):
                other = link.right if node == link.left else link.left
                if other not in came:
                    came[other] = (node, link)
                    front.append(other)
    found: list[Link] = []
    step = came.get(end)
    while step is not None:
        found.append(step[1])
        step = came[step[0]]
    return found[::-1]


def label_before(outcome: Outcome, turn: int) -> Ints:
    """The node of every group at the start of round `turn` (1 is the first): what earlier rounds had joined."""
    groups, label = outcome.prepared.groups, outcome.linked.label
    lefts: list[npt.NDArray[np.int64]] = []
    rights: list[npt.NDArray[np.int64]] = []
    if turn > 1:
        for one, two in (outcome.judged.same, groups.former):
            held = label[one] == label[two]
            lefts.append(one[held])
            rights.append(two[held])
    for decisions in outcome.linked.rounds[: turn - 1]:
        lefts.append(decisions.evidence.left[decisions.accepted])
        rights.append(decisions.evidence.right[decisions.accepted])
    if not lefts:
        return np.arange(groups.count, dtype=np.int64)
    return components(groups.count, np.concatenate(lefts), np.concatenate(rights))
