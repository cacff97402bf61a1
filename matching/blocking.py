"""Candidates: groups that agree on every column of a block. Over-full keys are refined, then dropped and reported."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from matching.keys import Ints, combine, cross, unique_pairs
from matching.model import Block, Mask, Model
from matching.profiles import Profiles


@dataclass(slots=True)
class Candidates:
    """Pairs of groups (left < right) and what was capped: (block, keys, subjects) without any value."""

    left: Ints
    right: Ints
    capped: list[tuple[str, int, int]] = field(default_factory=list)


def find(model: Model, profiles: Profiles, of_profile: npt.NDArray[np.integer], is_open: Mask) -> Candidates:
    """All candidate pairs of groups: `is_open` says which groups still seek their subject."""
    lefts: list[Ints] = []
    rights: list[Ints] = []
    capped: list[tuple[str, int, int]] = []
    for block in model.blocks:
        left, right = _of_block(block, profiles, of_profile, is_open, capped)
        lefts.append(left)
        rights.append(right)
    if not lefts:
        return Candidates(np.zeros(0, np.int64), np.zeros(0, np.int64), capped)
    left, right = unique_pairs(np.concatenate(lefts), np.concatenate(rights))
    return Candidates(left, right, capped)


def agreeing(model: Model, profiles: Profiles, left: int, right: int) -> list[str]:
    """The blocks in which two profiles meet (for explain)."""
    names = []
    for block in model.blocks:
        for one, two in ((left, right), (right, left)):
            there = block.against or block.columns
            ours = [int(profiles[name].codes[one]) for name in block.columns]
            theirs = [int(profiles[name].codes[two]) for name in there]
            if min(ours) >= 0 and ours == theirs:
                names.append(block.name)
                break
    return names


def _of_block(
    block: Block,
    profiles: Profiles,
    of_profile: npt.NDArray[np.integer],
    is_open: Mask,
    capped: list[tuple[str, int, int]],
) -> tuple[Ints, Ints]:
    seeks = is_open[of_profile]
    columns = [profiles[name].codes for name in block.columns]
    keys = combine(columns)
    others = keys
    if block.against:
        both = combine([np.concatenate([profiles[a].codes, profiles[b].codes]) for a, b in
                        zip(block.columns, block.against, strict=True)])  # fmt: skip
        keys, others = both[: profiles.count], both[profiles.count :]
    refine = list(block.refine)
    left, right, rest = _pairs(keys, others, of_profile, seeks, block)
    parts = [(left, right)]
    while rest is not None and refine:
        extra = profiles[refine.pop(0)].codes
        again = np.flatnonzero(np.isin(keys, rest))
        there = np.flatnonzero(np.isin(others, rest))
        joined = combine([np.concatenate([keys[again], others[there]]), np.concatenate([extra[again], extra[there]])])
        keys = np.full(profiles.count, -1, np.int64)
        others = keys.copy()
        keys[again], others[there] = joined[: len(again)], joined[len(again) :]
        left, right, rest = _pairs(keys, others, of_profile, seeks, block)
        parts.append((left, right))
    if rest is not None:
        subjects = len(np.unique(of_profile[np.isin(others, rest)]))
        capped.append((block.name, len(rest), subjects))
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _pairs(
    keys: Ints, others: Ints, of_profile: npt.NDArray[np.integer], seeks: Mask, block: Block
) -> tuple[Ints, Ints, Ints | None]:
    """Group pairs of one block: (left, right, over-full keys or None)."""
    one = _entries(keys, of_profile, np.flatnonzero((keys >= 0) & seeks) if block.among == "open" else None)
    two = _entries(others, of_profile, _having(others, one[0]))
    if block.against and block.among == "open":
        back = _entries(others, of_profile, np.flatnonzero((others >= 0) & seeks))
        forth = _entries(keys, of_profile, _having(keys, back[0]))
        first = _join(one, two, block.most_pairs)
        second = _join(back, forth, block.most_pairs)
        over = [rest for rest in (first[2], second[2]) if rest is not None]
        return (
            np.concatenate([first[0], second[0]]),
            np.concatenate([first[1], second[1]]),
            np.unique(np.concatenate(over)) if over else None,
        )
    return _join(one, two, block.most_pairs)


def _having(keys: Ints, wanted: Ints) -> Ints:
    if not len(wanted):
        return np.zeros(0, np.int64)
    distinct = np.unique(wanted)
    place = np.minimum(np.searchsorted(distinct, keys), len(distinct) - 1)
    return np.flatnonzero((keys >= 0) & (distinct[place] == keys))


def _entries(keys: Ints, of_profile: npt.NDArray[np.integer], rows: Ints | None) -> tuple[Ints, Ints]:
    """Distinct (key, group), sorted by key then group."""
    chosen = np.flatnonzero(keys >= 0) if rows is None else rows
    key, group = keys[chosen], of_profile[chosen].astype(np.int64)
    order = np.lexsort((group, key))
    key, group = key[order], group[order]
    first = np.r_[True, (key[1:] != key[:-1]) | (group[1:] != group[:-1])] if len(key) else np.zeros(0, bool)
    return key[first], group[first]


def _join(one: tuple[Ints, Ints], two: tuple[Ints, Ints], most: int) -> tuple[Ints, Ints, Ints | None]:
    distinct, asked = np.unique(one[0], return_counts=True)
    held = np.searchsorted(two[0], distinct, side="right") - np.searchsorted(two[0], distinct, side="left")
    over = distinct[asked * held > most]
    keys, groups = one
    if len(over):
        keep = ~np.isin(keys, over)
        keys, groups = keys[keep], groups[keep]
    left, right = cross(keys, two[0])
    low, high = unique_pairs(groups[left], two[1][right])
    return low, high, over if len(over) else None
