"""Clusters: components of accepted links; one that breaks a constraint loses its weakest links."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.groups import components
from matching.keys import Ints


@dataclass(slots=True)
class Links:
    """Accepted links between nodes with their score in bits; `forced` ones (judgements, listed numbers) come first."""

    left: Ints
    right: Ints
    score: npt.NDArray[np.float64]
    forced: npt.NDArray[np.bool_]


def solve(
    count: int,
    links: Links,
    number: Ints,
    forbidden: tuple[Ints, Ints],
    order: npt.NDArray[np.uint64],
) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Cluster of every node, and which links were kept.

    `number` int64 per node (-1 = none): a cluster never holds two different ones unless a forced link says so.
    `forbidden` pairs never share a cluster. Links are honoured from the strongest to the weakest; equal scores by
    `order` (content fingerprints), so neither arrival nor numbering decides.
    """
    kept = np.ones(len(links.left), bool)
    label = components(count, links.left, links.right)
    broken = _broken(label, number, forbidden)
    if not broken.any():
        return label, kept
    inside = np.flatnonzero(broken[label[links.left]])
    kept[inside] = _greedy(links, inside, number, forbidden, order, broken[label])
    return components(count, links.left[kept], links.right[kept]), kept


def _broken(label: Ints, number: Ints, forbidden: tuple[Ints, Ints]) -> npt.NDArray[np.bool_]:
    size = int(label.max(initial=-1)) + 1
    held = np.flatnonzero(number >= 0)
    least, most = np.full(size, np.iinfo(np.int64).max), np.full(size, -1)
    np.minimum.at(least, label[held], number[held])
    np.maximum.at(most, label[held], number[held])
    broken = most > least
    one, two = label[forbidden[0]], label[forbidden[1]]
    broken[one[one == two]] = True
    return broken


def _greedy(
    links: Links,
    inside: Ints,
    number: Ints,
    forbidden: tuple[Ints, Ints],
    order: npt.NDArray[np.uint64],
    concerned: npt.NDArray[np.bool_],
) -> npt.NDArray[np.bool_]:
    """Kruskal over the links of broken components; a link that would break a constraint is cut."""
    left, right = links.left[inside], links.right[inside]
    low = np.minimum(order[left], order[right])
    high = np.maximum(order[left], order[right])
    ranked = np.lexsort((high, low, -np.round(links.score[inside], 6), ~links.forced[inside]))
    parent: dict[int, int] = {}
    numbers = {int(n): {int(number[n])} for n in np.flatnonzero(concerned & (number >= 0))}
    foes: dict[int, set[int]] = {}
    for one, two in zip(forbidden[0].tolist(), forbidden[1].tolist(), strict=True):
        foes.setdefault(one, set()).add(two)
        foes.setdefault(two, set()).add(one)
    members: dict[int, list[int]] = {}

    def root(node: int) -> int:
        while parent.get(node, node) != node:
            parent[node] = parent.get(parent[node], parent[node])
            node = parent[node]
        return node

    kept = np.zeros(len(inside), bool)
    for place in ranked.tolist():
        one, two = root(int(left[place])), root(int(right[place]))
        if one == two:
            kept[place] = True
            continue
        ours, theirs = numbers.get(one, set()), numbers.get(two, set())
        if not (links.forced[inside[place]] or ours <= theirs or theirs <= ours):
            continue
        here, there = members.get(one, [one]), members.get(two, [two])
        if foes and any(foes.get(node, set()) & set(there) for node in here):
            continue
        kept[place] = True
        parent[two] = one
        members[one] = here + there
        members.pop(two, None)
        if ours or theirs:
            numbers[one] = ours | theirs
    return kept
