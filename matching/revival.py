"""A merge that is undone gives the retired file its own id back: whose records part as they once came together."""

from __future__ import annotations

from collections import Counter, defaultdict

import pyarrow as pa
import pyarrow.compute as pc


def parting_records(clusters: pa.Table, crosswalk: pa.Table) -> pa.Array:
    """Keys of the records of live files that now lie in more than one cluster; mostly none.

    `clusters` [record_key, cluster_id], `crosswalk` [record_key, master_id] of the last run.
    """
    homes = clusters.select(["record_key", "cluster_id"]).join(crosswalk, "record_key", join_type="inner")
    apart = homes.group_by("master_id").aggregate([("cluster_id", "count_distinct")])
    apart = apart.filter(pc.greater(apart["cluster_id_count_distinct"], 1))
    parting = homes.filter(pc.is_in(homes["master_id"], apart["master_id"].combine_chunks()))
    return parting["record_key"].combine_chunks().cast(pa.string())


def revive(clusters: pa.Table, crosswalk: pa.Table, former: pa.Table) -> pa.Table:
    """[record_key, master_id] of the records that go back to a retired file, to overrule the crosswalk with.

    `former` [record_key, master_id]: retired files in which parting records once were, when these were retired. A
    retired file lives again where one cluster holds most of its records, as many of them as of the records that came
    to the present file otherwise, and where the present file goes on elsewhere. Where a cluster could be several, it
    is the one most like it; of equals the one with the lower id.
    """
    if not former.num_rows:
        return _overruling([])
    parting = former["record_key"].combine_chunks()
    cluster = _lookup(clusters, "cluster_id", parting)
    present = _lookup(crosswalk, "master_id", parting)
    once: dict[str, list[str]] = defaultdict(list)
    for key, master in zip(parting.to_pylist(), former["master_id"].to_pylist(), strict=True):
        once[master].append(key)
    at, home = (
        dict(zip(parting.to_pylist(), cluster, strict=True)),
        dict(zip(parting.to_pylist(), present, strict=True)),
    )
    sizes = _sizes(clusters, crosswalk, set(home.values()))
    options = []
    for master, keys in once.items():
        held = Counter((at[k], home[k]) for k in keys if at[k] is not None)
        for (place, now), count in held.items():
            of_file = sizes[(place, now)]
            goes_on = any(c != place and m == now for c, m in sizes)
            if now != master and goes_on and 2 * count > len(keys) and 2 * count >= of_file:
                likeness = count * count / (len(keys) * of_file)
                options.append((-likeness, master, place, now))
    taken: set[tuple[str, object]] = set()
    left = Counter(m for _, m in sizes)
    back: list[tuple[str, str]] = []
    for _, master, place, now in sorted(options, key=lambda o: (o[0], o[1], str(o[2]))):
        if ("file", master) in taken or ("cluster", place) in taken or left[now] < 2:
            continue  # one cluster of the present file keeps its id
        taken |= {("file", master), ("cluster", place)}
        left[now] -= 1
        back += [(k, master) for k in once[master] if at[k] == place]
    return _overruling(back)


def _overruling(back: list[tuple[str, str]]) -> pa.Table:
    return pa.table(
        {
            "record_key": pa.array([k for k, _ in back], pa.string()),
            "master_id": pa.array([m for _, m in back], pa.string()),
        }
    )


def _lookup(table: pa.Table, column: str, keys: pa.Array) -> list[object]:
    place = pc.index_in(keys, value_set=table["record_key"].combine_chunks().cast(pa.string()))
    return list(table[column].combine_chunks().take(place).to_pylist())


def _sizes(clusters: pa.Table, crosswalk: pa.Table, masters: set[object]) -> Counter[tuple[object, object]]:
    """Records by cluster and present file, of these files."""
    chosen = crosswalk.filter(pc.is_in(crosswalk["master_id"], pa.array(sorted(map(str, masters)), pa.string())))
    homes = clusters.select(["record_key", "cluster_id"]).join(chosen, "record_key", join_type="inner")
    counted = homes.group_by(["cluster_id", "master_id"]).aggregate([([], "count_all")]).to_pydict()
    return Counter(
        dict(zip(zip(counted["cluster_id"], counted["master_id"], strict=True), counted["count_all"], strict=True))
    )


def overrule(crosswalk: pa.Table, back: pa.Table) -> pa.Table:
    """The crosswalk with these records in these files."""
    if not back.num_rows:
        return crosswalk
    keys = crosswalk["record_key"].combine_chunks().cast(pa.string())
    place = pc.index_in(keys, value_set=back["record_key"].combine_chunks())
    other = back["master_id"].combine_chunks().take(place)
    now = crosswalk["master_id"].combine_chunks().cast(pa.string())
    return pa.table({"record_key": keys, "master_id": pc.if_else(pc.is_valid(place), other, now)})
