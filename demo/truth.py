"""What is true of every row sent so far, written apart from the deliveries, where only evaluation reads it.

record.parquet: one row a source key ever sent: feed, source_key, subject (person or enterprise), subject_id, defects
(list), number_of (the subject whose identity number the row holds instead of its own, else null).
conflict.parquet: kind, left_feed, left_key, right_feed, right_key: pairs of rows that contradict each other.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from demo.chance import Bools, Ints
from demo.feeds import Feed, Sent
from demo.kinds import KINDS
from demo.texts import join, number, plain
from extractors.contract import load_contracts

# With these the number in a row is no number of anybody, or not to be seen.
_UNREADABLE = (
    "id_missing", "id_placeholder", "id_15", "id_typo", "id_excel", "id_masked", "id_name_swapped", "columns_shifted",
)  # fmt: skip
_CONFLICTS = f"""
    WITH person AS (
        SELECT feed, source_key, subject_id, defects, number_of FROM record
        WHERE subject = 'person' AND NOT list_has_any(defects, {list(_UNREADABLE)}) AND NOT list_contains(?, feed)
    ), own AS (
        SELECT subject_id, min(CASE feed WHEN 'ps_person' THEN '1' WHEN 'hrss_card' THEN '2' ELSE '3' END
                               || feed || ':' || source_key)[2:] AS record_key
        FROM person WHERE number_of IS NULL AND NOT list_has_any(defects, ['id_second', 'id_settled'])
        GROUP BY subject_id
    ), odd AS (
        SELECT CASE WHEN number_of IS NULL THEN 'one_person_two_ids'
                    WHEN list_contains(defects, 'id_shared') THEN 'one_id_two_people' ELSE 'id_of_relative' END AS kind,
               feed, source_key, coalesce(number_of, subject_id) AS other
        FROM person WHERE number_of IS NOT NULL OR list_has_any(defects, ['id_second', 'id_settled'])
    )
    SELECT kind, feed AS left_feed, source_key AS left_key, split_part(record_key, ':', 1) AS right_feed,
           record_key[strpos(record_key, ':') + 1:] AS right_key
    FROM odd JOIN own ON own.subject_id = odd.other
    ORDER BY ALL
"""


def of_rows(feed: Feed, sent: Sent, first: Bools, flags: Ints) -> pa.Table:
    """The truth of rendered rows; of rows sent twice only the `first` is told, with `flags` added to its defects."""
    rows = np.flatnonzero(first)
    flags = (sent.flags | flags)[rows]
    distinct, which = np.unique(flags, return_inverse=True)
    kinds = [[kind for place, kind in enumerate(KINDS) if flag >> place & 1] for flag in distinct.tolist()]
    owners = sent.owners[rows]
    return pa.table(
        {
            "feed": pa.array([feed.name]).take(pa.array(np.zeros(len(rows), dtype=np.int64))),
            "source_key": plain(sent.keys.take(pa.array(rows))),
            "subject": pa.array([feed.subject]).take(pa.array(np.zeros(len(rows), dtype=np.int64))),
            "subject_id": number(sent.subjects[rows].astype(np.int64)),
            "defects": pa.array(kinds, pa.list_(pa.string())).take(pa.array(which)),
            "number_of": pc.cast(pa.array(owners, mask=owners < 0), pa.string()),
        }
    )


def write(told: list[pa.Table], folder: Path, *, begins: bool) -> None:
    """Write both files; what is told now stands in place of what was told of the same keys before.

    `begins`: it is the first day and nothing was told before.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "record.parquet"
    if not begins and path.exists():
        told = [pq.read_table(path), *told]
    record = pa.concat_tables(told)
    if len(told) > 1:
        record = _latest(record)
    _replace(record, path)
    with duckdb.connect() as engine:
        engine.register("record", record)
        details = [feed for feed, contract in load_contracts().items() if contract.details_of]
        _replace(engine.sql(_CONFLICTS, params=[details]).to_arrow_table(), folder / "conflict.parquet")


def _latest(record: pa.Table) -> pa.Table:
    """The last row of each key, in the order of the rows."""
    key = join(record["feed"], ":", record["source_key"]).dictionary_encode()
    code = key.indices.to_numpy(zero_copy_only=False)
    last = np.zeros(len(key.dictionary), dtype=np.int64)
    last[code] = np.arange(len(code))  # of equal codes the last stays
    return record.take(pa.array(np.sort(last)))


def _replace(table: pa.Table, path: Path) -> None:
    fresh = path.with_suffix(".part")
    pq.write_table(table, fresh, compression="zstd")
    fresh.replace(path)
