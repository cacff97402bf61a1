"""Entries: under which keys a group stands, so that others can be told who bears on it without looking at everybody.

A key is a content hash of values and of what they are for: a block (and how far it was refined), the holders of a value
that is counted, a tie. Equal values give equal keys in every run.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from matching.beyond import Keys, among, content_keys, step_name, value_hashes
from matching.groups import Groups
from matching.keys import Ints, cross, distinct
from matching.model import Block, Mask, Model
from matching.profiles import Profiles, mix

ASKS, HOLDS, SEEKS = 1, 2, 4
"""Bits of an entry: the group asks under the key of its block, holds the key, may find others there (else only be found)."""
Others = Callable[[Keys], tuple[Ints, Ints]]
"""How many groups that are not at hand ask and hold under each of these keys."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What keys are for. `most`: asking times holding groups of a block's key, above which it brings nobody together."""

    name: str
    most: int = 0
    is_counted: bool = False

    @property
    def is_tie(self) -> bool:
        """Whoever stands under one key is looked at together."""
        return not self.most and not self.is_counted


COLUMNS = ("key", "group", "kind", "bits")


@dataclass(slots=True)
class Entries:
    """One row for each group under each key: `key`, `group`, `kind` uint8 (place in `kinds_of`), `bits` uint8.

    `over`: the keys of blocks that are over-full among all groups, sorted.
    """

    key: Keys
    group: Ints
    kind: npt.NDArray[np.uint8]
    bits: npt.NDArray[np.uint8]
    over: Keys = field(default_factory=lambda: np.zeros(0, np.uint64))

    def take(self, chosen: Mask | Ints) -> Entries:
        """The chosen rows."""
        return Entries(self.key[chosen], self.group[chosen], self.kind[chosen], self.bits[chosen], self.over)


def may_meet(one: npt.NDArray[np.uint8], two: npt.NDArray[np.uint8]) -> Mask:
    """Whether one asks where the other holds, and one of them seeks."""
    asked = ((one & ASKS > 0) & (two & HOLDS > 0)) | ((one & HOLDS > 0) & (two & ASKS > 0))
    met: Mask = asked & ((one | two) & SEEKS > 0)
    return met


def kinds_of(model: Model) -> list[Kind]:
    """All kinds of keys of a model, in a fixed order. ValueError for a block that has none."""
    found = []
    for block in model.blocks:
        if not isinstance(block, Block):
            raise ValueError(f"model {model.name}: a block of words ({block.name}) has no delta run")
        found += [Kind(step_name(block, step), block.most_pairs) for step in range(len(block.refine) + 1)]
    counted = [c.frequency for c in model.comparisons if c.frequency and not c.is_stored]
    found += [Kind(f"holders of {column}", is_counted=True) for column in dict.fromkeys(counted)]
    return [*found, Kind("number"), *(Kind(f"tie {tie.name}") for tie in model.ties), Kind("judgement")]


def find_entries(
    model: Model,
    profiles: Profiles,
    groups: Groups,
    judgements: pa.Table | None = None,
    others: Others | None = None,
    over: Keys | None = None,
) -> Entries:
    """The entries of all groups. `others`: who else stands under keys of blocks, where these are some of the groups.

    `over`: the over-full keys, in order, where all that matter are known.
    """
    group = groups.of_profile.astype(np.int64)
    kinds = kinds_of(model)
    place = {kind.name: number for number, kind in enumerate(kinds)}
    parts, over = _of_blocks(model, profiles, group, groups.is_open, kinds, others, over)
    for one in (one for one in kinds if one.is_counted):
        column = one.name.removeprefix("holders of ")
        rows = np.flatnonzero(profiles[column].present)
        keys = content_keys(profiles, (column,), rows, one.name)
        parts.append(_distinct(place[one.name], [(keys, group[rows], 0)]))
    return _joined([*parts, find_ties(model, profiles, groups, judgements)], over)


def find_ties(model: Model, profiles: Profiles, groups: Groups, judgements: pa.Table | None = None) -> Entries:
    """The entries of all groups under keys of ties alone."""
    place = {kind.name: number for number, kind in enumerate(kinds_of(model))}
    ties = _of_ties(model, profiles, groups, judgements)
    none = Entries(np.zeros(0, np.uint64), np.zeros(0, np.int64), np.zeros(0, np.uint8), np.zeros(0, np.uint8))
    return _joined([none, *(_distinct(place[name], [(keys, of, 0)]) for name, keys, of in ties)])


def _joined(parts: list[Entries], over: Keys | None = None) -> Entries:
    key, of, kind, bits = (np.concatenate([getattr(part, name) for part in parts]) for name in COLUMNS)
    return Entries(key, of, kind, bits) if over is None else Entries(key, of, kind, bits, over)


def _of_blocks(
    model: Model,
    profiles: Profiles,
    group: Ints,
    is_open: Mask,
    kinds: list[Kind],
    others: Others | None,
    known: Keys | None,
) -> tuple[list[Entries], Keys]:
    """Entries of blocks, refined where a key is over-full as `blocking` does; and the over-full keys."""
    place = {kind.name: number for number, kind in enumerate(kinds)}
    everyone = np.arange(profiles.count, dtype=np.int64)
    blocks = [block for block in model.blocks if isinstance(block, Block)]
    pending = {block.name: (block, everyone, everyone) for block in blocks}
    parts: list[Entries] = []
    found: list[Keys] = [np.zeros(0, np.uint64)]
    step = 0
    while pending:
        mine: dict[str, tuple[Entries, Keys, Ints, Keys, Ints]] = {}
        for block, one, two in pending.values():
            columns = block.columns + block.refine[:step], (block.against or block.columns) + block.refine[:step]
            name = step_name(block, step)
            ours, theirs = (_having(profiles, part, rows) for part, rows in zip(columns, (one, two), strict=True))
            keys = content_keys(profiles, columns[0], ours, name)
            there = content_keys(profiles, columns[1], theirs, name) if block.against else keys
            sides = (
                [(keys, group[ours], ASKS), (there, group[theirs], HOLDS)]
                if block.against
                else [(keys, group[ours], HOLDS)]
            )
            entries = _distinct(place[name], sides)
            seeks = np.ones(len(entries.key), bool) if block.among == "all" else is_open[entries.group]
            entries.bits |= np.where(seeks, SEEKS, 0).astype(np.uint8)
            if not block.against:
                entries.bits |= np.where(seeks, ASKS, 0).astype(np.uint8)
            mine[block.name] = entries, keys, ours, there, theirs
        over = known if known is not None else _over([entries for entries, *_ in mine.values()], kinds, others)
        found.append(over)
        following = {}
        for name, (entries, keys, ours, there, theirs) in mine.items():
            parts.append(entries)
            block = pending[name][0]
            one, two = ours[among(keys, over)], theirs[among(there, over)]
            if step < len(block.refine) and len(one) and len(over):
                following[name] = block, one, two
        pending, step = following, step + 1
    return parts, np.sort(np.concatenate(found)) if known is None else known


def _over(parts: list[Entries], kinds: list[Kind], others: Others | None) -> Keys:
    """Which keys too many groups ask and hold."""
    key, kind, bits = (np.concatenate([getattr(part, name) for part in parts]) for name in ("key", "kind", "bits"))
    most = np.array([one.most for one in kinds])[kind]
    order = np.argsort(key)
    first = np.flatnonzero(np.r_[True, key[order][1:] != key[order][:-1]]) if len(key) else np.zeros(0, np.int64)
    if not len(first):
        return key
    asked, held = (np.add.reduceat((bits[order] & bit > 0).astype(np.int64), first) for bit in (ASKS, HOLDS))
    keys = key[order][first]
    if others is not None:
        more = others(keys)
        asked, held = asked + more[0], held + more[1]
    return keys[asked * held > most[order][first]]


def _distinct(kind: int, sides: list[tuple[Keys, Ints, int]]) -> Entries:
    """One row for each key and group, with the bits of all its rows."""
    key = np.concatenate([side[0] for side in sides])
    group = np.concatenate([side[1] for side in sides])
    bits = np.concatenate([np.full(len(side[0]), side[2], np.uint8) for side in sides])
    both = mix(key + mix(group.astype(np.uint64), 5), 7)
    order = np.argsort(both)
    first = np.flatnonzero(np.r_[True, both[order][1:] != both[order][:-1]]) if len(key) else np.zeros(0, np.int64)
    chosen = order[first]
    merged = np.bitwise_or.reduceat(bits[order], first) if len(sides) > 1 and len(first) else bits[chosen]
    return Entries(key[chosen], group[chosen], np.full(len(chosen), kind, np.uint8), merged)


def _of_ties(
    model: Model, profiles: Profiles, groups: Groups, judgements: pa.Table | None
) -> Iterator[tuple[str, Keys, Ints]]:
    group = groups.of_profile.astype(np.int64)
    identity = model.identity
    if identity is not None:
        for column in (identity.number, *([identity.former] if identity.former in profiles.columns else [])):
            yield _keyed(profiles, (column,), "number", group)
    for tie in model.ties:
        name = f"tie {tie.name}"
        if tie.within:
            yield name, *_within(profiles, name, tie.columns, _subjects(model, profiles, group))
        else:
            for columns in (tie.columns, *([tie.against] if tie.against else [])):
                yield _keyed(profiles, columns, name, group)
    if judgements is not None and len(judgements):
        yield "judgement", *_judged(profiles, judgements, group)


def _keyed(profiles: Profiles, columns: tuple[str, ...], name: str, group: Ints) -> tuple[str, Keys, Ints]:
    rows = _having(profiles, columns, np.arange(profiles.count, dtype=np.int64))
    return name, content_keys(profiles, columns, rows, name), group[rows]


def _having(profiles: Profiles, columns: tuple[str, ...], rows: Ints) -> Ints:
    """Those of the profiles that have all the columns."""
    for column in columns:
        rows = rows[profiles[column].codes[rows] >= 0]
    return rows


def _subjects(model: Model, profiles: Profiles, group: Ints) -> list[tuple[Ints, Ints]]:
    """(profile, group that stands for its subject): itself, and the first group that gives the same number."""
    everyone = np.arange(profiles.count, dtype=np.int64)
    found = [(everyone, group)]
    if model.identity is not None:
        number = profiles[model.identity.number].codes
        rows = np.flatnonzero(number >= 0)
        first = np.full(int(number.max(initial=-1)) + 1, -1, np.int64)
        first[number[rows][::-1]] = group[rows[::-1]]
        found.append((rows, first[number[rows]]))
    return found


def _within(
    profiles: Profiles, name: str, columns: tuple[str, ...], subjects: list[tuple[Ints, Ints]]
) -> tuple[Keys, Ints]:
    """Every combination of a subject's values of two columns."""
    keys, of = [], []
    for rows, subject in subjects:
        one, two = (
            distinct(subject[held] << 32 | profiles[column].codes[rows[held]].astype(np.int64))
            for column in columns
            for held in [np.flatnonzero(profiles[column].present[rows])]
        )
        left, right = cross(one >> 32, two >> 32)
        total = mix(value_hashes(profiles[columns[0]])[one[left] & 0xFFFFFFFF], 0)
        total = total + mix(value_hashes(profiles[columns[1]])[two[right] & 0xFFFFFFFF], 1)
        keys.append(mix(total, zlib.crc32(name.encode())))
        of.append(one[left] >> 32)
    return np.concatenate(keys), np.concatenate(of)


def _judged(profiles: Profiles, judgements: pa.Table, group: Ints) -> tuple[Keys, Ints]:
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
    return np.concatenate(keys), np.concatenate(owners)
