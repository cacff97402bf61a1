"""Lasting ids: clusters meet the crosswalk of last night; a master id lives as long as its subject."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from matching.master_ids import Prefix, decode, encode
from matching.revival import overrule, revive

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Assignment:
    """`crosswalk` [record_key, master_id]; `events` [event_kind, master_id, other_id, record_count];
    `redirects` [retired_id, master_id]; `next_number` for the next new file.

    Events: created (new file), joined (records came that had no file), merged (other_id was absorbed), redirected
    (master_id now leads to other_id), split (master_id took records out of other_id), retired (no record left).
    """

    crosswalk: pa.Table
    events: pa.Table
    redirects: pa.Table
    next_number: int


def assign(
    clusters: pa.Table, crosswalk: pa.Table, *, next_number: int, prefix: Prefix, former: pa.Table | None = None
) -> Assignment:
    """Give every cluster a master id. The id goes where most of a file's records went; ties to the older file.

    `clusters` [record_key, cluster_id], `crosswalk` [record_key, master_id] of the last run (may be empty). New files
    are numbered from `next_number` in order of cluster_id, so that the same input gives the same ids. `former`
    [record_key, master_id]: retired files in which records of parting files once were; what a merge joined and an undo
    parts gets its own id back.
    """
    live = crosswalk
    if former is not None:
        crosswalk = overrule(crosswalk, revive(clusters, crosswalk, former))
    keys = clusters.column("record_key").combine_chunks().cast(pa.string())
    names, of_record = _factor(clusters.column("cluster_id"))
    old_names, old = _factor(crosswalk.column("master_id"))
    place = pc.index_in(keys, value_set=crosswalk.column("record_key").combine_chunks().cast(pa.string()))
    place = np.asarray(pc.fill_null(place, -1).to_numpy(zero_copy_only=False), np.int64)
    before = np.append(old, -1)[place]
    age = decode(np.asarray(old_names, dtype=str))
    pairs = _overlaps(of_record, before, len(old_names))
    winner = _match(pairs, len(names), age)
    fresh = np.flatnonzero(winner < 0)
    new_ids = encode(next_number + np.arange(len(fresh), dtype=np.int64), prefix)
    master = np.empty(len(names), dtype=object)
    held = winner >= 0
    master[held] = np.asarray(old_names, dtype=object)[winner[held]]
    master[fresh] = new_ids
    if crosswalk is not live:  # what happened is told against the files as they lived
        told_names, told = _factor(live.column("master_id"))
        place_of = {n: k for k, n in enumerate([*told_names, *sorted(set(old_names) - set(told_names))])}
        winner = np.asarray([place_of[old_names[w]] if w >= 0 else -1 for w in winner.tolist()], np.int64)
        before, old_names = np.append(told, -1)[place], list(place_of)
        pairs = _overlaps(of_record, before, len(old_names))
        lived = len(told_names)
    else:
        lived = len(old_names)
    events, redirects = _tell(pairs, winner, master, old_names, of_record, before, lived)
    given = pa.table({"record_key": keys, "master_id": pa.array(master, pa.string()).take(pa.array(of_record))})
    return Assignment(given, events, redirects, next_number + len(fresh))


@dataclass(slots=True)
class _Pairs:
    """Clusters and old files that share `count` records."""

    cluster: Ints
    old: Ints
    count: Ints


def _factor(column: pa.ChunkedArray) -> tuple[list[str], Ints]:
    """Distinct texts in order, and each row's place among them."""
    distinct = np.sort(np.asarray(pc.unique(column).to_pylist(), dtype=object)) if len(column) else np.zeros(0, object)
    texts = pa.array(distinct, pa.string())
    places = pc.index_in(column.combine_chunks().cast(pa.string()), value_set=texts)
    return texts.to_pylist(), np.asarray(places.to_numpy(zero_copy_only=False), np.int64)


def _overlaps(cluster: Ints, before: Ints, masters: int) -> _Pairs:
    known = before >= 0
    label, count = np.unique(cluster[known] * max(masters, 1) + before[known], return_counts=True)
    return _Pairs(label // max(masters, 1), label % max(masters, 1), count.astype(np.int64))


def _match(pairs: _Pairs, clusters: int, age: Ints) -> Ints:
    """The old file each cluster keeps (-1: none): mutual best by shared records, then age, round by round."""
    winner = np.full(clusters, -1, np.int64)
    order = np.lexsort((pairs.cluster, age[pairs.old] if len(age) else pairs.old, -pairs.count))
    cluster, old = pairs.cluster[order], pairs.old[order]
    while len(cluster):
        first_cluster = np.zeros(len(cluster), bool)
        first_cluster[np.unique(cluster, return_index=True)[1]] = True
        first_old = np.zeros(len(cluster), bool)
        first_old[np.unique(old, return_index=True)[1]] = True
        best = first_cluster & first_old
        winner[cluster[best]] = old[best]
        left = ~(np.isin(cluster, cluster[best]) | np.isin(old, old[best]))
        cluster, old = cluster[left], old[left]
    return winner


def _tell(
    pairs: _Pairs,
    winner: Ints,
    master: npt.NDArray[np.object_],
    old_names: list[str],
    of_record: Ints,
    before: Ints,
    lived: int,
) -> tuple[pa.Table, pa.Table]:
    """Events and redirects that follow from who kept which id; the names after the first `lived` live again now."""
    names = np.asarray(old_names, dtype=object)
    sizes = np.bincount(of_record, minlength=len(winner))
    came = np.bincount(of_record[before < 0], minlength=len(winner))
    rows: list[tuple[str, str, str | None, int]] = []
    rows += [("created", master[c], None, int(sizes[c])) for c in np.flatnonzero(winner < 0)]
    rows += [("joined", master[c], None, int(came[c])) for c in np.flatnonzero((winner >= 0) & (came > 0))]
    kept = np.zeros(len(names), bool)
    kept[winner[winner >= 0]] = True
    moved = pairs.old != winner[pairs.cluster]
    heirs: dict[int, tuple[int, int]] = {}
    for cluster, old, count in zip(
        pairs.cluster[moved].tolist(), pairs.old[moved].tolist(), pairs.count[moved].tolist(), strict=True
    ):
        if kept[old]:
            rows.append(("split", master[cluster], old_names[old], count))
        elif count > heirs.get(old, (0, 0))[0]:
            heirs[old] = (count, cluster)
    for old, (count, cluster) in sorted(heirs.items()):
        rows.append(("merged", master[cluster], old_names[old], count))
        rows.append(("redirected", old_names[old], master[cluster], count))
    held = np.zeros(len(names), bool)
    held[pairs.old] = held[lived:] = True
    rows += [("retired", old_names[n], None, 0) for n in np.flatnonzero(~held)]
    rows.sort(key=lambda row: (row[0], row[1], row[2] or ""))
    events = pa.table(
        {
            "event_kind": pa.array([row[0] for row in rows], pa.string()),
            "master_id": pa.array([row[1] for row in rows], pa.string()),
            "other_id": pa.array([row[2] for row in rows], pa.string()),
            "record_count": pa.array([row[3] for row in rows], pa.int64()),
        }
    )
    turned = [(old_names[old], master[cluster]) for old, (_, cluster) in sorted(heirs.items())]
    redirects = pa.table(
        {
            "retired_id": pa.array([row[0] for row in turned], pa.string()),
            "master_id": pa.array([row[1] for row in turned], pa.string()),
        }
    )
    return events, redirects
