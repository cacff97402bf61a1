"""Candidates: groups that agree on every column of a block. Over-full keys are refined, then dropped and reported."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from matching.beyond import Beyond, among, content_keys, step_name
from matching.evidence import Compared
from matching.keys import Ints, combine, cross, dense, distinct, unique_pairs
from matching.model import Block, Mask, Model, Words
from matching.profiles import Profiles
from matching.word_blocks import pairs_by_words


@dataclass(slots=True)
class Candidates:
    """Pairs of groups (left < right) and what was capped: (block, keys, subjects) without any value.

    `compared`: the comparisons of all that the first round looks at, once training has made them.
    """

    left: Ints
    right: Ints
    capped: list[tuple[str, int, int]] = field(default_factory=list)
    compared: Compared | None = None


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
    seeks = is_open[of_profile]
    seekers = np.flatnonzero(seeks)

    def look(block: Block | Words) -> tuple[Ints, Ints, list[tuple[str, int, int]]]:
        noted: list[tuple[str, int, int]] = []
        if isinstance(block, Words):
            left, right, over, concerned = pairs_by_words(block, profiles, of_profile, is_open, side)
            if over:
                noted.append((block.name, over, concerned))
        else:
            left, right = _of_block(block, profiles, of_profile, is_open, seekers, seeks, noted)
            profiles.spill.let_go()
        if side is not None:
            across = (side[left] >= 0) & (side[right] >= 0) & (side[left] != side[right])
            left, right = left[across], right[across]
        return left, right, noted

    blocks = [block for block in model.blocks if is_first or isinstance(block, Words) or block.among == "open"]
    with ThreadPoolExecutor(_workers(profiles)) as pool:
        for left, right, noted in pool.map(look, blocks):
            lefts.append(left)
            rights.append(right)
            capped += noted
    if not lefts:
        return Candidates(np.zeros(0, np.int64), np.zeros(0, np.int64), capped)
    left, right = unique_pairs(np.concatenate(lefts), np.concatenate(rights))
    return Candidates(left, right, capped)


def _workers(profiles: Profiles) -> int:
    """Blocks looked at side by side: as many as the run has threads, one where many profiles would want too much memory."""
    return int(profiles.tables.get("threads", 1)) if profiles.spill.has_room(profiles.count) else 1


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
    seekers: Ints,
    seeks: Mask,
    capped: list[tuple[str, int, int]],
) -> tuple[Ints, Ints]:
    """Group pairs of one block; over-full keys are refined column by column.

    Noted is what stays over-full, and who lacks the column by which an over-full key is refined.
    """
    ours, theirs = block.columns, block.against or block.columns
    everyone = np.arange(profiles.count, dtype=np.int64)
    one = two = everyone
    lefts: list[Ints] = []
    rights: list[Ints] = []
    skipped, left_out = 0, [everyone[:0]]
    for step in range(len(block.refine) + 1):
        extra = block.refine[:step]
        seeking = (seekers, seekers) if not step else (one[seeks[one]], two[seeks[two]])
        columns = ours + extra, theirs + extra
        one, two, keys, others = _meeting(profiles, columns, one, two, seeking, seeks, of_profile, block)
        asking = _entries(keys, of_profile[one])
        asked = asking if one is two else _entries(others, of_profile[two])
        left, right, over = _join(asking, asked, is_open, block, _known_over(block, step, profiles, one, keys))
        lefts.append(left)
        rights.append(right)
        if not len(over):
            break
        here, there = np.isin(keys, over), np.isin(others, over)
        one, two, keys, others = one[here], two[there], keys[here], others[there]
        lacks = [np.ones(len(rows), bool) for rows in (one, two)]
        if step < len(block.refine):
            by = profiles[block.refine[step]].present
            lacks = [~by[one], ~by[two]]
        skipped += len(np.unique(np.concatenate([keys[lacks[0]], others[lacks[1]]])))
        left_out += [one[lacks[0]], two[lacks[1]]]
    if skipped:
        capped.append((block.name, skipped, len(np.unique(of_profile[np.concatenate(left_out)]))))
    return np.concatenate(lefts), np.concatenate(rights)


def _meeting(
    profiles: Profiles,
    columns: tuple[tuple[str, ...], tuple[str, ...]],
    one: Ints,
    two: Ints,
    seeking: tuple[Ints, Ints],
    seeks: Mask,
    of_profile: npt.NDArray[np.integer],
    block: Block,
) -> tuple[Ints, Ints, Ints, Ints]:
    """Profiles (left, right) that meet under a key under which somebody seeks (`seeking`), and those keys, numbered from 0."""
    codes = tuple(profiles[name].codes for name in columns[0]), tuple(profiles[name].codes for name in columns[1])
    if block.among == "all" and not block.against:
        held = present(codes[0], one)
        for column in codes[0]:
            held = held[_in_several(column[held], of_profile[held])]
        keys = dense(combine([column[held] for column in codes[0]]))
        shared = _in_several(keys, of_profile[held])
        held, keys = held[shared], keys[shared]
        return held, held, keys, keys
    if block.among == "all":
        one, two = seen(codes[0], one, codes[1], two), seen(codes[1], two, codes[0], one)
    elif not block.against:
        one = present(codes[0], seeking[0])
        two = seen(codes[1], two, codes[0], one)
    else:
        askers, asked = present(codes[0], seeking[0]), present(codes[1], seeking[1])
        for left, right in zip(
            *codes, strict=True
        ):  # everybody under a key that somebody seeks by: over-full keys count all
            size = int(max(left.max(initial=-1), right.max(initial=-1))) + 2
            sought = _marked(size, left[askers]) | _marked(size, right[asked])
            sought[-1] = False
            one, two = one[sought[_at(left, one)]], two[sought[_at(right, two)]]
    label = dense(combine([np.concatenate([left[one], right[two]]) for left, right in zip(*codes, strict=True)]))
    keys, others = label[: len(one)], label[len(one) :]
    size = int(label.max(initial=-1)) + 1
    if block.among == "all" or not block.against:
        wanted = _marked(size, keys) & _marked(size, others)
    else:  # under a key that nobody seeks by, settled subjects only would meet
        asked_by = _marked(size, keys[seeks[one]]), _marked(size, others[seeks[two]])
        wanted = (asked_by[0] & _marked(size, others)) | (asked_by[1] & _marked(size, keys))
    here, there = wanted[keys], wanted[others]
    return one[here], two[there], keys[here], others[there]


def _in_several(codes: npt.NDArray[np.integer], groups: npt.NDArray[np.integer]) -> Mask:
    """Which rows have a code that another group has, too."""
    size = int(codes.max(initial=-1)) + 1
    some = np.zeros(size, groups.dtype)
    some[codes] = groups
    several: Mask = _marked(size, codes[some[codes] != groups])[codes]
    return several


def present(columns: tuple[npt.NDArray[np.int32], ...], rows: Ints) -> Ints:
    """Rows that have a value in every column."""
    for codes in columns:
        rows = rows[_at(codes, rows) >= 0]
    return rows


def _at(codes: npt.NDArray[np.int32], rows: Ints) -> npt.NDArray[np.int32]:
    """The codes of rows, which are different and in order: all of them as they stand."""
    return codes if len(rows) == len(codes) else codes[rows]


def seen(
    columns: tuple[npt.NDArray[np.int32], ...], rows: Ints, others: tuple[npt.NDArray[np.int32], ...], wanted: Ints
) -> Ints:
    """Rows whose code, column by column, is among those of the wanted rows of the other columns."""
    for codes, theirs in zip(columns, others, strict=True):
        asked = theirs[wanted]
        table = np.zeros(int(max(codes.max(initial=-1), asked.max(initial=-1))) + 2, bool)
        table[asked] = True
        table[-1] = False
        rows = rows[table[_at(codes, rows)]]
    return rows


def _marked(size: int, numbers: npt.NDArray[np.integer]) -> Mask:
    table = np.zeros(size, bool)
    table[numbers] = True
    return table


def _entries(keys: Ints, groups: npt.NDArray[np.integer]) -> tuple[Ints, Ints]:
    """Distinct (key, group), sorted by key then group."""
    both = distinct(keys << 32 | groups.astype(np.int64))
    return both >> 32, both & 0xFFFFFFFF


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
        size = int(max(one[0].max(initial=-1), two[0].max(initial=-1))) + 1
        pairs = np.bincount(one[0], minlength=size) * np.bincount(two[0], minlength=size)
        over = np.flatnonzero(pairs > block.most_pairs)
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
