"""Land a delivery: records of a feed become current, the former versions history; one transaction, all or nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from psycopg import sql

from extractors.contract import Contract
from warehouse.copy import copy_in, copy_out, distinct_count
from warehouse.database import Connection, CountError, WarehouseError, columns, compose, lock, name, one, transaction
from warehouse.findings import land_findings, land_rejects
from warehouse.landing_tables import landing_columns


class ExtractedDelivery(Protocol):
    """What `extractors.extract.extract` gives of one delivery."""

    @property
    def feed(self) -> str: ...
    @property
    def batch_no(self) -> str: ...
    @property
    def mode(self) -> str: ...
    @property
    def business_date(self) -> date: ...
    @property
    def read(self) -> int: ...
    @property
    def loaded(self) -> int: ...
    @property
    def rejected(self) -> int: ...
    @property
    def duplicate(self) -> int: ...
    @property
    def records(self) -> Path: ...
    @property
    def rejects(self) -> Path: ...
    @property
    def findings(self) -> Path: ...


@dataclass(frozen=True)
class LandCounts:
    """What became of the rows of a delivery, counted in the tables; read = loaded + rejected + duplicate.

    loaded = inserted + updated + unchanged + superseded + (deltas:) deletions asked for; ``deleted`` counts records
    that ended, by op D or, in a full delivery, by absence. ``is_repeat``: the batch was landed before, nothing happened.
    """

    read: int
    loaded: int
    rejected: int
    duplicate: int
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0
    superseded: int = 0
    finding_count: int = 0
    is_repeat: bool = False


class _DryRunError(Exception):
    """Ends the transaction of a dry run."""


def land(
    conn: Connection, contract: Contract, extracted: ExtractedDelivery, *, run_id: str, dry_run: bool = False
) -> LandCounts:
    """Make the records of one delivery the current ones of their feed.

    A full delivery ends the records it no longer holds; a delta follows its ops. Identical records are not touched. A
    delivery that arrives after a later one never overwrites what the later one said. Landing a batch a second time
    does nothing.

    Parameters
    ----------
    contract
        Names the feed and its columns.
    extracted
        Counts and the Parquet files ``records``, ``rejects``, ``findings``.
    dry_run
        Do everything, count, and roll back.

    Raises
    ------
    CountError
        What the tables hold is not what was extracted (law 1); nothing was kept.
    WarehouseError
        The batch number was used for another file, or the records do not fit the contract.
    """
    if extracted.feed != contract.feed:
        raise WarehouseError(f"The delivery is of feed {extracted.feed}, the contract of {contract.feed}.")
    counts = LandCounts(0, 0, 0, 0)
    try:
        with transaction(conn, f"landing {extracted.feed} {extracted.batch_no}"):
            lock(conn, f"landing.{extracted.feed}")
            repeat = _landed_before(conn, extracted)
            if repeat is not None:
                return repeat
            counts = _land(conn, contract, extracted, run_id)
            if dry_run:
                raise _DryRunError
    except _DryRunError:
        return counts
    if counts.inserted + counts.updated + counts.deleted > 10_000:
        conn.execute(compose("analyze {table}", table=name("landing", contract.feed)))
    return counts


def _landed_before(conn: Connection, extracted: ExtractedDelivery) -> LandCounts | None:
    row = conn.execute(
        "select file_sm3, read_count, loaded_count, rejected_count, duplicate_count, inserted_count, updated_count, "
        "deleted_count, unchanged_count, superseded_count, finding_count from ops.delivery "
        "where feed = %s and batch_no = %s and state = 'landed'",
        (extracted.feed, extracted.batch_no),
    ).fetchone()
    if row is None:
        return None
    offered = getattr(extracted, "file_sm3", None)
    if offered is not None and row[0] is not None and offered != row[0]:
        raise WarehouseError(
            f"Batch {extracted.batch_no} of {extracted.feed} was landed with file SM3 {row[0]}, now it comes with "
            f"{offered}. Ask the department to send the new file under a new batch number."
        )
    return LandCounts(*row[1:], is_repeat=True)


def _read_records(contract: Contract, extracted: ExtractedDelivery) -> pa.Table:
    records = pq.read_table(extracted.records)
    if extracted.read != extracted.loaded + extracted.rejected + extracted.duplicate:
        raise CountError(
            f"{extracted.feed} {extracted.batch_no}: {extracted.read} rows were read, but {extracted.loaded} loaded + "
            f"{extracted.rejected} rejected + {extracted.duplicate} duplicate do not add up to it."
        )
    if records.num_rows != extracted.loaded:
        raise CountError(
            f"{extracted.feed} {extracted.batch_no}: {extracted.loaded} records were announced, "
            f"the Parquet file holds {records.num_rows}."
        )
    wanted = [c for c in landing_columns(contract) if c not in ("batch_no", "since_run", "since_date")]
    missing = [c for c in wanted if c not in records.column_names]
    unknown = [c for c in records.column_names if c not in wanted and c != "op"]
    if missing or unknown:
        raise WarehouseError(
            f"{extracted.feed} {extracted.batch_no}: the extracted columns do not fit the contract; missing {missing}, "
            f"not in the contract {unknown}. Extract the snapshot again with this version."
        )
    if distinct_count(records["source_key"]) != records.num_rows:
        raise CountError(f"{extracted.feed} {extracted.batch_no}: a source key is null or occurs twice in the records.")
    return records


def _land(conn: Connection, contract: Contract, extracted: ExtractedDelivery, run_id: str) -> LandCounts:
    records = _read_records(contract, extracted)
    feed, batch_no = extracted.feed, extracted.batch_no
    _decide(conn, records, extracted)
    rows = conn.execute("select action, count(*) from decision group by action").fetchall()
    action = {str(r[0]): int(r[1]) for r in rows}
    _write(conn, contract, extracted, records, run_id, action)
    land_rejects(conn, extracted)
    finding_count = land_findings(conn, extracted, run_id)
    counts = LandCounts(
        read=extracted.read,
        loaded=_count_loaded(conn, extracted),
        rejected=int(
            one(conn, "select count(*) from ops.reject where feed = %s and batch_no = %s", (feed, batch_no))[0]
        ),
        duplicate=extracted.duplicate,
        inserted=action.get("insert", 0),
        updated=action.get("update", 0),
        deleted=action.get("delete", 0),
        unchanged=action.get("same", 0),
        superseded=action.get("superseded", 0),
        finding_count=finding_count,
    )
    _check(counts, extracted)
    _record_delivery(conn, extracted, counts, run_id)
    return replace(counts)


def _decide(conn: Connection, records: pa.Table, extracted: ExtractedDelivery) -> None:
    """Temp table ``decision``: what happens to each key: insert, update, same, delete, absent, superseded."""
    conn.execute("create temp table arrived_key (source_key text, op text, record_hash text) on commit drop")
    op = records["op"] if extracted.mode == "delta" else pa.nulls(records.num_rows, pa.string())
    keys = pa.table({"source_key": records["source_key"], "op": op, "record_hash": records["record_hash"]})
    copy_in(conn, "arrived_key", keys)
    conn.execute("analyze arrived_key")
    later, later_full = one(
        conn,
        "select count(*) > 0, count(*) filter (where mode = 'full') > 0 from ops.delivery "
        "where feed = %s and state = 'landed' and batch_no > %s",
        (extracted.feed, extracted.batch_no),
    )
    overtaken = sql.SQL("false")
    absent_from_full = sql.SQL("true")
    if later_full:
        overtaken, absent_from_full = sql.SQL("true"), sql.SQL("false")
    elif later:
        ended_later = "exists (select from {history} h where h.source_key = a.source_key and h.until_batch > {batch})"
        overtaken = compose(
            "coalesce(l.batch_no > {batch}, false) or " + ended_later,
            batch=sql.Literal(extracted.batch_no),
            history=name("landing", f"{extracted.feed}_history"),
        )
        absent_from_full = compose("l.batch_no <= {batch}", batch=sql.Literal(extracted.batch_no))
    join = "full join" if extracted.mode == "full" else "left join"
    conn.execute(
        compose(
            "create temp table decision on commit drop as "
            "select coalesce(a.source_key, l.source_key) as source_key, a.op, l.source_key is not null as is_known, "
            "case when a.source_key is null then 'delete' when {overtaken} then 'superseded' "
            "when a.op = 'D' then case when l.source_key is null then 'absent' else 'delete' end "
            "when l.source_key is null then 'insert' when l.record_hash = a.record_hash then 'same' "
            "else 'update' end as action "
            "from arrived_key a " + join + " {table} l on l.source_key = a.source_key "
            "where a.source_key is not null or {absent_from_full}",
            overtaken=overtaken,
            absent_from_full=absent_from_full,
            table=name("landing", extracted.feed),
        )
    )
    conn.execute("analyze decision")


def _with_batch(rows: pa.Table, extracted: ExtractedDelivery, run_id: str) -> pa.Table:
    constants = {
        "batch_no": pa.scalar(extracted.batch_no),
        "since_run": pa.scalar(run_id),
        "since_date": pa.scalar(extracted.business_date, pa.date32()),
    }
    for column, value in constants.items():
        rows = rows.append_column(column, pa.repeat(value, rows.num_rows))
    return rows


def _write(
    conn: Connection,
    contract: Contract,
    extracted: ExtractedDelivery,
    records: pa.Table,
    run_id: str,
    action: dict[str, int],
) -> None:
    table, history = name("landing", contract.feed), name("landing", f"{contract.feed}_history")
    own = list(landing_columns(contract))
    if action.get("update", 0) + action.get("delete", 0):
        conn.execute(
            compose(
                "insert into {history} ({own}, until_batch, until_run, until_date, end_kind) "
                "select {own_l}, {batch}, {run}, {day}, d.action || 'd' from decision d "
                "join {table} l on l.source_key = d.source_key where d.action in ('update', 'delete')",
                history=history, table=table, own=columns(own), own_l=columns(own, "l"),
                batch=sql.Literal(extracted.batch_no), run=sql.Literal(run_id),
                day=sql.Literal(extracted.business_date),
            )
        )  # fmt: skip
        conn.execute(
            compose(
                "delete from {table} l using decision d where d.source_key = l.source_key and d.action = 'delete'",
                table=table,
            )
        )
    plain = records.select([c for c in records.column_names if c != "op"])
    if action.get("insert", 0):
        rows = _rows_of(conn, plain, "insert", action["insert"])
        copy_in(conn, f"landing.{contract.feed}", _with_batch(rows, extracted, run_id))
    if action.get("update", 0):
        rows = _rows_of(conn, plain, "update", action["update"])
        conn.execute(compose("create temp table arrived (like {table}) on commit drop", table=table))
        copy_in(conn, "arrived", _with_batch(rows, extracted, run_id))
        changed = [c for c in own if c != "source_key"]
        conn.execute(
            compose(
                "update {table} l set ({changed}) = row ({changed_a}) from arrived a where a.source_key = l.source_key",
                table=table, changed=columns(changed), changed_a=columns(changed, "a"),
            )
        )  # fmt: skip


def _rows_of(conn: Connection, records: pa.Table, action: str, count: int) -> pa.Table:
    if count == records.num_rows:
        return records
    chosen = copy_out(conn, compose("select source_key from decision where action = {a}", a=sql.Literal(action)))
    return records.filter(pc.is_in(records["source_key"], value_set=chosen["source_key"].combine_chunks()))


def _count_loaded(conn: Connection, extracted: ExtractedDelivery) -> int:
    """Arrived keys whose effect stands in the tables: present with the same hash, gone, or overtaken."""
    statement = compose(
        "select count(*) from arrived_key a join decision d on d.source_key = a.source_key "
        "left join {table} l on l.source_key = a.source_key where d.action = 'superseded' "
        "or (a.op = 'D' and l.source_key is null) or (a.op is distinct from 'D' and l.record_hash = a.record_hash)",
        table=name("landing", extracted.feed),
    )
    loaded = int(one(conn, statement)[0])
    if extracted.mode == "full":
        late = int(one(conn, "select count(*) from decision where action = 'superseded'")[0])
        current = int(one(conn, compose("select count(*) from {t}", t=name("landing", extracted.feed)))[0])
        later = "select count(*) from ops.delivery where feed = %s and state = 'landed' and batch_no > %s"
        is_late = late or one(conn, later, (extracted.feed, extracted.batch_no))[0]
        if not is_late and current != extracted.loaded:
            raise CountError(
                f"{extracted.feed} {extracted.batch_no}: after a full delivery of {extracted.loaded} records the "
                f"landing table holds {current}. Nothing was kept."
            )
    return loaded


def _check(counts: LandCounts, extracted: ExtractedDelivery) -> None:
    found = (counts.read, counts.loaded, counts.rejected, counts.loaded + counts.rejected + counts.duplicate)
    expected = (extracted.read, extracted.loaded, extracted.rejected, extracted.read)
    if found != expected:
        raise CountError(
            f"{extracted.feed} {extracted.batch_no}: counted in the tables (read, loaded, rejected, sum) {found}, "
            f"expected {expected}. Nothing was kept; extract the snapshot again."
        )


def _record_delivery(conn: Connection, extracted: ExtractedDelivery, counts: LandCounts, run_id: str) -> None:
    values = {
        "feed": extracted.feed,
        "batch_no": extracted.batch_no,
        "state": "landed",
        "run_id": run_id,
        "business_date": extracted.business_date,
        "mode": extracted.mode,
        "file_sm3": getattr(extracted, "file_sm3", None),
        "schema_version": getattr(extracted, "schema_version", None),
        "read_count": counts.read,
        "loaded_count": counts.loaded,
        "rejected_count": counts.rejected,
        "duplicate_count": counts.duplicate,
        "inserted_count": counts.inserted,
        "updated_count": counts.updated,
        "deleted_count": counts.deleted,
        "unchanged_count": counts.unchanged,
        "superseded_count": counts.superseded,
        "finding_count": counts.finding_count,
        "reason": None,
    }
    write_delivery(conn, values)


def write_delivery(conn: Connection, values: dict[str, object]) -> None:
    """Write the line of a delivery in ops.delivery, over an earlier one that was held or stopped."""
    conn.execute(
        compose(
            "insert into ops.delivery ({names}) values ({places}) on conflict (feed, batch_no) do update set "
            "({names}, recorded_at) = row ({excluded}, now())",
            names=columns(list(values)),
            places=sql.SQL(", ").join(sql.Placeholder(n) for n in values),
            excluded=columns(list(values), "excluded"),
        ),
        values,
    )
