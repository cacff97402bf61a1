"""Influence: which groups bear on each other, so that a delta run looks at all of them and at nobody else.

What can change the verdict on two groups, and so what a delta run must follow:

1. their own records, and what `derive` and the forming of groups look at across subjects: a number, a listed former
   number, a judgement, the model's ties. Groups so tied are one **unit**; no group outside changes what a unit says.
2. whether they are candidates: they share a key of a block that is not over-full. A key becomes over-full, or is so no
   longer, by how many groups stand under it; such keys are told by their counts, and all under them are looked at.
3. how many groups hold a value both agree on, where it is counted; where that number changes, those who may agree on it
   are looked at. (Frequencies learnt with the weights are part of the model.) No rule looks at numbers of holders.
4. the pairs either is part of that no rule sets apart at first sight, the **live** pairs: rivals share a probability,
   links make clusters, and later rounds compare the images of live pairs and nothing else (`linking`).

Units joined by live pairs are a **component**: every step after the groups is a function of one component and of the
counts of 2 and 3. A pair that a rule sets apart ties nobody, but it must be compared to know that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from matching.beyond import Keys, among
from matching.entries import Entries, Kind, find_entries, kinds_of, may_meet
from matching.evidence import gather
from matching.groups import Groups, components
from matching.keys import Ints, Members, cross, unique_pairs
from matching.linking import set_apart
from matching.model import Mask, Model
from matching.profiles import Profiles


@dataclass(slots=True)
class Influence:
    """`unit` and `component` int64 [group], and the `entries` under which later records would meet the groups."""

    unit: Ints
    component: Ints
    entries: Entries


def find_influence(
    model: Model,
    profiles: Profiles,
    groups: Groups,
    live: tuple[Ints, Ints],
    judgements: pa.Table | None = None,
    entries: Entries | None = None,
) -> Influence:
    """Units and components of groups. `live`: pairs that no rule sets apart; `entries`: of all groups, if found before."""
    entries = entries or find_entries(model, profiles, groups, judgements)
    is_tie = np.array([kind.is_tie for kind in kinds_of(model)])
    ties = entries.take(is_tie[entries.kind])
    order = np.argsort(ties.key)
    key, group = ties.key[order], ties.group[order]
    first = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.zeros(0, np.int64)
    leader = np.repeat(group[first], np.diff(np.r_[first, len(key)]))
    left = np.concatenate([leader, groups.contested[0], groups.former[0]])
    right = np.concatenate([group, groups.contested[1], groups.former[1]])
    unit = components(groups.count, left, right)
    component = components(groups.count, np.concatenate([left, live[0]]), np.concatenate([right, live[1]]))
    return Influence(unit, component, entries)


def meeting_pairs(entries: Entries, kinds: list[Kind], is_mine: Mask) -> tuple[Ints, Ints]:
    """Candidate pairs of one of my groups and one that is not: they meet under a key that is not over-full."""
    is_block = np.array([kind.most > 0 for kind in kinds])[entries.kind]
    usable = np.flatnonzero(is_block & ~among(entries.key, entries.over))
    mine = usable[is_mine[entries.group[usable]]]
    others = usable[~is_mine[entries.group[usable]]]
    others = others[np.argsort(entries.key[others])]
    left, right = _cross(entries.key[mine], entries.key[others])
    one, two = entries.bits[mine[left]], entries.bits[others[right]]
    meet = may_meet(one, two)
    return unique_pairs(entries.group[mine[left[meet]]], entries.group[others[right[meet]]])


def _cross(left: Keys, right: Keys) -> tuple[Ints, Ints]:
    """Positions of all equal keys; `right` is sorted."""
    found: tuple[Ints, Ints] = cross(left, right)  # type: ignore[arg-type]
    return found


def find_live(model: Model, profiles: Profiles, groups: Groups, pairs: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    """Those of the pairs that no rule sets apart at first sight."""
    members = Members(groups.of_profile, groups.count)
    evidence = gather(model, profiles, groups.of_profile, members, *pairs)
    live = ~set_apart(model, evidence, groups.number)
    return pairs[0][live], pairs[1][live]
