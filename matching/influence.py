"""Influence: which subjects bear on each other, so that a delta run looks at all of them and at nobody else.

Two groups bear on each other if they meet in a block one of them seeks in, share a number, share a value whose holders
are counted, or share what the model's ties name. What stands in no such relation, through any chain, to a changed
record is decided as before: every step of a run is a function of groups tied together.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from matching.groups import Groups, components
from matching.keys import Ints, cross, distinct
from matching.model import Block, Mask, Model
from matching.profiles import Column, Profiles, mix

Keys = npt.NDArray[np.uint64]


@dataclass(slots=True)
class Entries:
    """`key` sorted and `group`: one row for each group under each key. `always`: they are tied though none of them seeks."""

    name: str
    always: bool
    key: Keys
    group: Ints


@dataclass(slots=True)
class Influence:
    """`component` int64 [group]; `keys` [key uint64, component int64, always bool, is_hot bool] for the next delta."""

    component: Ints
    keys: pa.Table


def find_influence(model: Model, profiles: Profiles, groups: Groups, judgements: pa.Table | None = None) -> Influence:
    """Components of groups that bear on each other, and the keys under which later records would meet them."""
    found = list(_entries(model, profiles, groups, judgements))
    hot = _hot(found, groups)
    lefts, rights = [groups.contested[0], groups.former[0]], [groups.contested[1], groups.former[1]]
    for part in found:
        first, tied = _runs(part, hot)
        lefts.append(np.repeat(part.group[first], np.diff(np.r_[first, len(part.key)]))[tied])
        rights.append(part.group[tied])
    component = components(groups.count, np.concatenate(lefts), np.concatenate(rights))
    return Influence(component, pa.concat_tables([_index(part, component, hot) for part in found]))


def _index(part: Entries, component: Ints, hot: Mask) -> pa.Table:
    """Distinct (key, component) with whether any group of it under the key is hot."""
    owner = component[part.group]
    order = np.lexsort((~hot[part.group], owner, part.key))
    key, owner, is_hot = part.key[order], owner[order], hot[part.group][order]
    first = np.r_[True, (key[1:] != key[:-1]) | (owner[1:] != owner[:-1])] if len(key) else np.zeros(0, bool)
    return pa.table(
        {
            "key": pa.array(key[first], pa.uint64()),
            "component": pa.array(owner[first], pa.int64()),
            "always": pa.repeat(part.always, int(first.sum())),
            "is_hot": pa.array(is_hot[first], pa.bool_()),
        }
    )


def _runs(part: Entries, hot: Mask) -> tuple[Ints, Mask]:
    """Where each key begins, and which rows stand under a key that ties its groups."""
    if not len(part.key):
        return np.zeros(0, np.int64), np.zeros(0, bool)
    first = np.flatnonzero(np.r_[True, part.key[1:] != part.key[:-1]])
    if part.always:
        return first, np.ones(len(part.key), bool)
    ties = np.logical_or.reduceat(hot[part.group], first)
    return first, np.repeat(ties, np.diff(np.r_[first, len(part.key)]))


def _hot(found: list[Entries], groups: Groups) -> Mask:
    """Groups that seek: open ones, and settled ones that meet others in a block among all."""
    hot = groups.is_open.copy()
    for part in found:
        if part.always and part.name.startswith("block "):
            first, _ = _runs(part, hot)
            size = np.repeat(np.diff(np.r_[first, len(part.key)]), np.diff(np.r_[first, len(part.key)]))
            hot[part.group[size > 1]] = True
    return hot


def _entries(model: Model, profiles: Profiles, groups: Groups, judgements: pa.Table | None) -> Iterator[Entries]:
    group = groups.of_profile.astype(np.int64)
    for block in model.blocks:
        if not isinstance(block, Block):
            raise ValueError(f"model {model.name}: a block of words ({block.name}) has no delta run")
        sides = [block.columns, *([block.against] if block.against else [])]
        parts = [_keyed(profiles, columns, f"block {block.name}") for columns in sides]
        yield _distinct(f"block {block.name}", block.among == "all", parts, group)
    if model.identity is not None:
        columns = [
            model.identity.number,
            *([model.identity.former] if model.identity.former in profiles.columns else []),
        ]
        yield _distinct("number", True, [_keyed(profiles, (name,), "number") for name in columns], group)
    for comparison in model.comparisons:
        if comparison.frequency and not comparison.is_stored:
            name = f"holders of {comparison.frequency}"
            yield _distinct(name, False, [_keyed(profiles, (comparison.frequency,), name)], group)
    for tie in model.ties:
        name = f"tie {tie.name}"
        if tie.within:
            yield _within(profiles, name, tie.columns, group)
        else:
            sides = [tie.columns, *([tie.against] if tie.against else [])]
            yield _distinct(name, True, [_keyed(profiles, columns, name) for columns in sides], group)
    if judgements is not None and len(judgements):
        yield _judged(profiles, judgements, group)


def _hashes(column: Column) -> Keys:
    """Content hashes of the distinct values; of the codes themselves where the column is of bare numbers."""
    if not len(column.values):
        top = int(column.codes.max(initial=-1)) + 1
        return mix(np.arange(top, dtype=np.uint64), 3)
    if column.hashes.any():
        return column.hashes
    texts = pd.util.hash_array(np.asarray(column.values.to_pandas(), dtype=object), categorize=False)
    return texts.astype(np.uint64)


def _keyed(profiles: Profiles, columns: tuple[str, ...], name: str) -> tuple[Ints, Keys]:
    """Profiles that have all the columns, and their key; equal values give equal keys in every run."""
    codes = [profiles[column].codes for column in columns]
    rows = np.flatnonzero(np.logical_and.reduce([one >= 0 for one in codes]))
    total = np.zeros(len(rows), np.uint64)
    for salt, column in enumerate(columns):
        total += mix(_hashes(profiles[column])[codes[salt][rows]], salt)
    return rows, mix(total, zlib.crc32(name.encode()))


def _distinct(name: str, always: bool, parts: list[tuple[Ints, Keys]], group: Ints) -> Entries:
    key = np.concatenate([keys for _, keys in parts])
    of = np.concatenate([group[rows] for rows, _ in parts])
    order = np.lexsort((of, key))
    key, of = key[order], of[order]
    first = np.r_[True, (key[1:] != key[:-1]) | (of[1:] != of[:-1])] if len(key) else np.zeros(0, bool)
    return Entries(name, always, key[first], of[first])


def _within(profiles: Profiles, name: str, columns: tuple[str, ...], group: Ints) -> Entries:
    """Every combination of a group's values of two columns."""
    one, two = (
        distinct(group[rows] << 32 | profiles[column].codes[rows].astype(np.int64))
        for column in columns
        for rows in [np.flatnonzero(profiles[column].present)]
    )
    left, right = cross(one >> 32, two >> 32)
    total = mix(_hashes(profiles[columns[0]])[one[left] & 0xFFFFFFFF], 0)
    total = total + mix(_hashes(profiles[columns[1]])[two[right] & 0xFFFFFFFF], 1)
    key, of = mix(total, zlib.crc32(name.encode())), one[left] >> 32
    order = np.lexsort((of, key))
    return Entries(name, True, key[order], of[order])


def _judged(profiles: Profiles, judgements: pa.Table, group: Ints) -> Entries:
    """Both records of a judgement stand under its key."""
    sides = [judgements.column(side).cast(pa.string()).combine_chunks() for side in ("left_key", "right_key")]
    both = pc.binary_join_element_wise(*sides, pa.scalar("|"))
    key = pd.util.hash_array(np.asarray(both.to_pandas(), dtype=object), categorize=False).astype(np.uint64)
    keys, owners = [], []
    for side in sides:
        place = pc.fill_null(pc.index_in(side, value_set=profiles.record_keys), -1).to_numpy()
        known = np.flatnonzero(place >= 0)
        keys.append(mix(key[known], zlib.crc32(b"judgement")))
        owners.append(group[profiles.of_record[place[known]]])
    together, of = np.concatenate(keys), np.concatenate(owners)
    order = np.lexsort((of, together))
    return Entries("judgement", True, together[order], of[order])
