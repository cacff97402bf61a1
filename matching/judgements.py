"""Judgements of people and authoritative lists: they beat every rule and every weight."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from matching.groups import Groups
from matching.keys import Ints, dense
from matching.linking import Judged
from matching.profiles import InputError, Profiles

VERDICTS = ("same", "not_same", "unsure")


def check(judgements: pa.Table) -> pa.Table:
    """The judgements with their needed columns; InputError for an unknown verdict or a missing column."""
    for name in ("left_key", "right_key", "verdict"):
        if name not in judgements.column_names:
            raise InputError(f"judgements: column {name!r} is missing (expected left_key, right_key, verdict, source)")
    strange = set(pc.unique(judgements.column("verdict")).to_pylist()) - set(VERDICTS)
    if strange:
        raise InputError(f"judgements: unknown verdict {sorted(map(str, strange))[0]!r}, expected one of {VERDICTS}")
    return judgements


def mark_judged(record_keys: pa.ChunkedArray | pa.Array, judgements: pa.Table | None) -> npt.NDArray[np.int64]:
    """Rows of records (by key) judged 'not same': they never share a profile, whatever they say."""
    if judgements is None or not len(judgements):
        return np.zeros(0, np.int64)
    judged = check(judgements)
    apart = judged.filter(pc.equal(judged.column("verdict"), "not_same"))
    chunks = [*apart.column("left_key").chunks, *apart.column("right_key").chunks]
    keys = pc.unique(pa.chunked_array(chunks, pa.string()))
    return np.flatnonzero(pc.is_in(record_keys, value_set=keys).to_numpy(zero_copy_only=False))


def apply_judgements(profiles: Profiles, groups: Groups, judgements: pa.Table | None) -> tuple[Groups, Judged]:
    """Judgements as pairs of groups. A group that holds two profiles judged apart is dissolved into its profiles."""
    none = np.zeros(0, np.int64)
    if judgements is None or not len(judgements):
        return groups, Judged((none, none), (none, none))
    same = _profile_pairs(profiles, judgements, "same")
    apart = _profile_pairs(profiles, judgements, "not_same")
    inside = groups.of_profile[apart[0]] == groups.of_profile[apart[1]]
    if inside.any():
        groups = _dissolve(groups, np.unique(groups.of_profile[apart[0][inside]]))
    place = groups.of_profile
    return groups, Judged((place[same[0]], place[same[1]]), (place[apart[0]], place[apart[1]]))


def _profile_pairs(profiles: Profiles, judgements: pa.Table, verdict: str) -> tuple[Ints, Ints]:
    chosen = judgements.filter(pc.equal(judgements.column("verdict"), verdict))
    left = pc.index_in(chosen.column("left_key").cast(pa.string()), value_set=profiles.record_keys)
    right = pc.index_in(chosen.column("right_key").cast(pa.string()), value_set=profiles.record_keys)
    known = np.asarray(pc.and_(pc.is_valid(left), pc.is_valid(right)).to_numpy())
    one = np.asarray(pc.fill_null(left, 0).to_numpy(), np.int64)[known]
    two = np.asarray(pc.fill_null(right, 0).to_numpy(), np.int64)[known]
    return profiles.of_record[one].astype(np.int64), profiles.of_record[two].astype(np.int64)


def _dissolve(groups: Groups, broken: Ints) -> Groups:
    """The same groups with the broken ones taken apart; their profiles keep the number and find each other by score."""
    hit = np.isin(groups.of_profile, broken)
    label = groups.of_profile.copy()
    label[hit] = groups.count + np.flatnonzero(hit)
    fresh = dense(label)
    count = int(fresh.max()) + 1
    number = np.full(count, -1, np.int64)
    number[fresh] = groups.number[groups.of_profile]
    first = np.zeros(groups.count, np.int64)
    first[groups.of_profile[::-1]] = fresh[::-1]
    return Groups(
        fresh,
        count,
        number,
        (first[groups.contested[0]], first[groups.contested[1]]),
        (first[groups.former[0]], first[groups.former[1]]),
        groups.overshared,
        groups.decided,
        np.flatnonzero(hit),
    )
