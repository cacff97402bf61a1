"""Groups: what a hash join settles. One number and one name are one subject; who else claims the number is heard."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from matching.blocking import Candidates
from matching.evidence import Evidence, gather
from matching.keys import Ints, Members, combine, cross, dense, unique_pairs
from matching.model import Identity, Mask, Model, Rule
from matching.profiles import Profiles


@dataclass(slots=True)
class Groups:
    """`of_profile` gives each profile its group; `number` the trusted number's code of a group (-1: open).

    `contested` are pairs (owner group, group that claims the owner's number and was not let in). `candidates` once training
    has looked for them: the first round of linking looks for the same.
    """

    of_profile: Ints
    count: int
    number: Ints
    contested: tuple[Ints, Ints]
    former: tuple[Ints, Ints]
    overshared: tuple[int, int] = (0, 0)
    decided: dict[str, int] = field(default_factory=dict)
    dissolved: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    candidates: Candidates | None = None

    @property
    def is_open(self) -> Mask:
        """Groups without a trusted number of their own."""
        mask: Mask = self.number < 0
        return mask


def components(count: int, left: npt.NDArray[np.integer], right: npt.NDArray[np.integer]) -> Ints:
    """Connected components as labels in order of their first member."""
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(count, count))
    return dense(connected_components(graph, directed=False)[1].astype(np.int64))


def decide(rules: tuple[Rule, ...], evidence: Evidence) -> tuple[npt.NDArray[np.int16], Ints]:
    """The first rule that holds for each pair (-1: none), and how often each decided."""
    chosen = np.full(len(evidence), -1, np.int16)
    for number, rule in enumerate(rules):
        chosen[(chosen < 0) & rule.when(evidence)] = number
    return chosen, np.bincount(chosen[chosen >= 0], minlength=len(rules)).astype(np.int64)


def form(model: Model, profiles: Profiles) -> Groups:
    """Groups by the model's identity (every profile alone if it declares none)."""
    identity = model.identity
    none = np.zeros(0, np.int64)
    if identity is not None and identity.lends:
        borrowed = profiles[identity.lends]
        profiles.put("lent", np.full(profiles.count, -1, np.int32), borrowed)
    if identity is None or not profiles.count:
        alone = np.arange(profiles.count, dtype=np.int64)
        return Groups(alone, profiles.count, np.full(profiles.count, -1, np.int64), (none, none), (none, none))
    number = profiles[identity.number].codes.astype(np.int64)
    stub, stub_number = _stubs(identity, profiles, number)
    overshared = _overshared(identity, stub_number)
    nobodys = np.isin(number, overshared) & (number >= 0)
    _silence(identity, profiles, nobodys)
    judged = (number >= 0) & ~nobodys
    if nobodys.any():
        stub, stub_number = _stubs(identity, profiles, np.where(judged, number, -1))
    profiles.extra["is_claimed"] = profiles.extra["is_anothers"] = np.zeros(profiles.count, bool)
    joined, decided = _contest(model, identity, profiles, stub, stub_number)
    group = dense(joined[stub])
    owner_number, contested = _owners(identity, profiles, group, number, judged)
    profiles.extra["is_claimed"] = (number >= 0) & (owner_number[group] != number)
    profiles.extra["is_anothers"] = profiles.extra["is_claimed"] & np.isin(number, owner_number[owner_number >= 0])
    if identity.lends:
        _lend(profiles, identity.lends, group, number, owner_number)
    former = _former(identity, profiles, group, owner_number)
    shared = (len(overshared), int(nobodys.sum()))
    return Groups(group, len(owner_number), owner_number, contested, former, shared, decided)


def _stubs(identity: Identity, profiles: Profiles, number: Ints) -> tuple[Ints, Ints]:
    """One stub for all profiles equal in number and in every column of `same`, and the number of each stub.

    A profile without number is a stub of its own.
    """
    columns = [profiles[name].codes for name in identity.same]
    label = combine([number, *columns], null_is_value=True)
    alone = number < 0
    top = int(label.max()) + 1 if len(label) else 0
    label = np.where(alone, top + np.arange(len(label), dtype=np.int64), label)
    stub = dense(label)
    stub_number = np.full(int(stub.max()) + 1, -1, np.int64)
    stub_number[stub] = number
    return stub, stub_number


def _overshared(identity: Identity, stub_number: Ints) -> Ints:
    """Numbers held under more names than any subject has."""
    counts = np.bincount(stub_number[stub_number >= 0])
    return np.flatnonzero(counts > identity.most_names).astype(np.int64)


def _silence(identity: Identity, profiles: Profiles, nobodys: Mask) -> None:
    """Mark profiles whose number is nobody's (`is_nobodys`); the pieces of it say nothing."""
    profiles.extra["is_nobodys"] = nobodys
    if not nobodys.any():
        return
    for name in identity.parts:
        held = profiles[name]
        profiles.put(name, np.where(nobodys, np.int32(-1), held.codes), held)


def _contest(
    model: Model, identity: Identity, profiles: Profiles, stub: Ints, stub_number: Ints
) -> tuple[Ints, dict[str, int]]:
    """Stubs of one number joined where a rule says they are the same subject; stub -> class."""
    count = len(stub_number)
    order = np.flatnonzero(stub_number >= 0)
    order = order[np.argsort(stub_number[order])]
    left, right = cross(stub_number[order], stub_number[order])
    left, right = unique_pairs(order[left], order[right])
    if not len(left):
        return np.arange(count, dtype=np.int64), {}
    evidence = gather(model, profiles, stub, Members(stub, count), left, right)
    chosen, often = decide(identity.rules, evidence)
    same = np.array([rule.verdict == "same" for rule in identity.rules] + [False])[chosen]
    bridge = np.array([rule.is_bridge for rule in identity.rules] + [False])[chosen] & same
    names = {rule.name: int(often[n]) for n, rule in enumerate(identity.rules)}
    label = components(count, left[bridge], right[bridge])
    weak = same & ~bridge
    points = np.bincount(label[stub], weights=identity.support(profiles)).astype(np.float64)
    joined = _join_best(label[left[weak]], label[right[weak]], points)
    return components(len(points), np.arange(len(points)), joined)[label], names


def _join_best(left: Ints, right: Ints, points: npt.NDArray[np.float64]) -> Ints:
    """For each class the best supported class it may join; itself if none ranks above it, or that one joins another.

    So two classes that no rule holds to be one never meet through a third that fits both.
    """
    rank = np.empty(len(points), np.int64)
    rank[np.lexsort((np.arange(len(points)), -points))] = np.arange(len(points))
    best = rank.copy()
    np.minimum.at(best, left, rank[right])
    np.minimum.at(best, right, rank[left])
    of_rank = np.empty(len(points), np.int64)
    of_rank[rank] = np.arange(len(points))
    joined = of_rank[best]
    return np.where(joined[joined] == joined, joined, np.arange(len(points)))


def _owners(
    identity: Identity, profiles: Profiles, group: Ints, number: Ints, judged: Mask
) -> tuple[Ints, tuple[Ints, Ints]]:
    """The number each group owns (-1 if none), and (owner, claimant) pairs of groups."""
    count = int(group.max()) + 1
    standing = np.where(judged, identity.standing(profiles), np.int8(-2))
    speaks = {verdict: _marked(count, group[standing == verdict]) for verdict in (-1, 0, 1)}
    stands = speaks[1] | (speaks[0] & ~speaks[-1])
    claimed = np.full(count, -1, np.int64)
    claimed[group[judged]] = number[judged]
    rows = np.flatnonzero(claimed >= 0)
    is_contested = np.bincount(claimed[rows])[claimed[rows]] > 1
    owned = np.full(count, -1, np.int64)
    alone, rows = rows[~is_contested], rows[is_contested]
    support = np.bincount(group, weights=identity.support(profiles), minlength=count)
    order = rows[np.lexsort((rows, -support[rows], ~stands[rows], claimed[rows]))]
    first = np.r_[True, claimed[order][1:] != claimed[order][:-1]] if len(order) else np.zeros(0, bool)
    begin = np.flatnonzero(first)
    leader = np.repeat(order[begin], np.diff(np.r_[begin, len(order)]))
    owners = np.concatenate([alone, order[first]])
    owners = owners[stands[owners]]
    owned[owners] = claimed[owners]
    return owned, (leader[~first], order[~first])


def _marked(size: int, places: Ints) -> Mask:
    marked = np.zeros(size, bool)
    marked[places] = True
    return marked


def _lend(profiles: Profiles, name: str, group: Ints, number: Ints, owned: Ints) -> None:
    """Column `lent`: who claims a number gets the owner's value of the column, the one most of its records tell."""
    column, claims = profiles[name], profiles.extra["is_claimed"]
    asked = _marked(int(max(number.max(initial=-1), owned.max(initial=-1))) + 2, number[claims])
    asked[-1] = False
    holder_of = owned[group]
    rows = np.flatnonzero(asked[holder_of] & column.present)
    told = column.codes[rows]
    both = holder_of[rows] << 32 | told
    distinct, inverse = np.unique(both, return_inverse=True)
    often = np.bincount(inverse, weights=profiles.weight[rows], minlength=len(distinct))
    holder, value = distinct >> 32, distinct & 0xFFFFFFFF
    order = np.lexsort((column.hashes[value], -often, holder))
    first = order[np.unique(holder[order], return_index=True)[1]]
    lent = np.full(int(max(number.max(initial=-1), holder.max(initial=-1))) + 2, -1, np.int32)
    lent[holder[first]] = value[first]
    profiles.put("lent", np.where(claims, lent[number], np.int32(-1)), column)


def _former(identity: Identity, profiles: Profiles, group: Ints, owned: Ints) -> tuple[Ints, Ints]:
    """Pairs of groups whose numbers an authority lists as one subject's former and present number."""
    none = np.zeros(0, np.int64)
    if not identity.former or identity.former not in profiles.columns:
        return none, none
    codes = profiles[identity.former].codes
    rows = np.flatnonzero((codes >= 0) & (codes != profiles[identity.number].codes))
    if not len(rows):
        return none, none
    holder = np.full(max(int(owned.max(initial=-1)), int(codes.max())) + 1, -1, np.int64)
    settled = np.flatnonzero(owned >= 0)
    holder[owned[settled]] = settled
    there = holder[codes[rows]]
    here = group[rows]
    return unique_pairs(here[there >= 0], there[there >= 0])
