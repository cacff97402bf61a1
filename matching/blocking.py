"""Candidates: groups that agree on every column of a block. Over-full keys are refined, then dropped and reported."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from matching.beyond import Beyond, among, content_keys, step_name
from matching.keys import Ints, combine, cross, distinct, unique_pairs
from matching.model import Block, Mask, Model, Words
from matching.profiles import Profiles
from matching.word_blocks import pairs_by_words


@dataclass(slots=True)
class Candidates:
    """Pairs of groups (left < right) and what was capped: (block, keys, subjects) without any value."""

    left: Ints
    right: Ints
    capped: list[tuple[str, int, int]] = field(default_factory=list)


def find(
    model: Model,
    profiles: Profiles,
    of_profile: npt.NDArray[np.integer],
    is_open: Mask,
    *,
    is_first: bool = True,
) -> Candidates:
    """All candidate pairs of groups: `is_open` says which still seek their subject; blocks among all run first only."""
    lefts: list[Ints] = []
    rights: list[Ints] = []
    capped: list[tuple[str, int, int]] = []
    side = _sides(profiles, of_profile) if model.two_sided else None
    for block in model.blocks:
        if isinstance(block, Words):
            left, right, over, concerned = pairs_by_words(block, profiles, of_profile, is_open, side)
            if over:
                capped.append((block.name, over, concerned))
        elif block.among == "all" and not is_first:
            continue
        else:
            left, right = _of_block(block, profiles, of_profile, is_open, capped)
        if side is not None:
            across = (side[left] >= 0) & (side[right] >= 0) & (side[left] != side[right])
            left, right = left[across], right[across]
        lefts.append(left)
        rights.append(right)
    if not lefts:
        return Candidates(np.zeros(0, np.int64), np.zeros(0, np.int64), capped)
    left, right = unique_pairs(np.concatenate(lefts), np.concatenate(rights))
    return Candidates(left, right, capped)


def _sides(profiles: Profiles, of_profile: npt.NDArray[np.integer]) -> Ints:
    """Which of the two tables each group is of; -1 once it has records of both, or none is told: it seeks nobody and nobody finds it."""
    side = profiles["side"].codes.astype(np.int64)
    groups = int(of_profile.max(initial=-1)) + 1
    least, most = np.full(groups, np.iinfo(np.int64).max), np.full(groups, -1)
    np.minimum.at(least, of_profile, side)
    np.maximum.at(most, of_profile, side)
    return np.where(least == most, least, -1)


def agreeing(model: Model, profiles: Profiles, left: int, right: int) -> list[str]:
    """The blocks in which two profiles meet (for explain)."""
    names = []
    for block in model.blocks:
        if isinstance(block, Words):
            words = [
                set(profiles[block.column].told(np.array([c]))[0].split())
                for c in profiles[block.column].codes[[left, right]]
                if c >= 0
            ]
            if len(words) == 2 and words[0] & words[1]:
                names.append(block.name)
            continue
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
    """Group pairs of one block; over-full keys are refined column by column, what stays over-full is noted."""
    seeks = is_open[of_profile] if block.among == "open" else np.ones(profiles.count, bool)
    ours, theirs = block.columns, block.against or block.columns
    everyone = np.arange(profiles.count, dtype=np.int64)
    one = two = everyone
    lefts: list[Ints] = []
    rights: list[Ints] = []
    for step in range(len(block.refine) + 1):
        extra = block.refine[:step]
        one, two, keys, others = _meeting(profiles, ours + extra, theirs + extra, one, two, seeks, bool(block.against))
        known = _known_over(block, step, profiles, one, keys)
        left, right, over = _join(
            _entries(keys, of_profile[one]), _entries(others, of_profile[two]), is_open, block, known
        )
        lefts.append(left)
        rights.append(right)
        if not len(over):
            return np.concatenate(lefts), np.concatenate(rights)
        one, two = one[np.isin(keys, over)], two[np.isin(others, over)]
    capped.append((block.name, len(over), len(np.unique(of_profile[two]))))
    return np.concatenate(lefts), np.concatenate(rights)


def _meeting(
    profiles: Profiles,
    ours: tuple[str, ...],
    theirs: tuple[str, ...],
    one: Ints,
    two: Ints,
    seeks: Mask,
    is_crossed: bool,
) -> tuple[Ints, Ints, Ints, Ints]:
    """Profiles (left, right) whose values occur on the other side, and the keys they meet under."""
    if not is_crossed:
        one = one[seeks[one]]
    for _ in range(2 if is_crossed else 1):
        for left, right in zip(ours, theirs, strict=True):
            two = _seen(profiles[right].codes, two, profiles[left].codes[one])
            if is_crossed:
                one = _seen(profiles[left].codes, one, profiles[right].codes[two])
    columns = [
        np.concatenate([profiles[left].codes[one], profiles[right].codes[two]])
        for left, right in zip(ours, theirs, strict=True)
    ]
    label = combine(columns)
    keys, others = label[: len(one)], label[len(one) :]
    held, there = keys >= 0, _having(others, keys)
    return one[held], two[there], keys[held], others[there]


def _seen(codes: npt.NDArray[np.int32], rows: Ints, wanted: npt.NDArray[np.int32]) -> Ints:
    """Rows whose code is among the wanted ones."""
    table = np.zeros(int(max(codes.max(initial=-1), wanted.max(initial=-1))) + 2, bool)
    table[wanted] = True
    table[-1] = False
    return rows[table[codes[rows]]]


def _having(keys: Ints, wanted: Ints) -> Ints:
    """Places of the keys that are wanted."""
    known = pa.array(wanted[wanted >= 0])
    return np.flatnonzero(pc.is_in(pa.array(keys), value_set=known).to_numpy(zero_copy_only=False))


def _entries(keys: Ints, groups: npt.NDArray[np.integer]) -> tuple[Ints, Ints]:
    """Distinct (key, group), sorted by key then group."""
    if not len(keys):
        return keys, keys
    labels = np.unique(keys, return_inverse=True)
    both = distinct(labels[1].astype(np.int64) << 32 | groups.astype(np.int64))
    return labels[0][both >> 32], both & 0xFFFFFFFF


def _known_over(block: Block, step: int, profiles: Profiles, rows: Ints, keys: Ints) -> Ints | None:
    """Keys that are over-full among all records, where those at hand are some of them; None where they are all."""
    beyond: Beyond | None = profiles.tables.get("beyond")
    if beyond is None:
        return None
    known, first = np.unique(keys, return_index=True)
    columns = block.columns + block.refine[:step]
    return known[among(content_keys(profiles, columns, rows[first], step_name(block, step)), beyond.over)]


def _join(
    one: tuple[Ints, Ints], two: tuple[Ints, Ints], is_open: Mask, block: Block, over: Ints | None
) -> tuple[Ints, Ints, Ints]:
    """Pairs of groups under one key, at least one of them open; and the keys with too many, `over` if they are known."""
    if over is None:
        known, asked = np.unique(one[0], return_counts=True)
        held = np.searchsorted(two[0], known, side="right") - np.searchsorted(two[0], known, side="left")
        over = known[asked * held > block.most_pairs]
    keys, groups = one
    if len(over):
        keep = ~np.isin(keys, over)
        keys, groups = keys[keep], groups[keep]
    left, right = cross(keys, two[0])
    first, second = groups[left], two[1][right]
    if block.among == "open":
        keep = is_open[first] | is_open[second]
        first, second = first[keep], second[keep]
    low, high = unique_pairs(first, second)
    return low, high, over
