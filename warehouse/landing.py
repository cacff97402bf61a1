"""Land a delivery: records of a feed become current, the former versions history; one transaction, all or nothing."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from extractors.contract import Contract
from warehouse.address_places import locate_landed
from warehouse.copy import distinct_count
from warehouse.database import Connection, CountError, WarehouseError, compose, lock, name, one, settle, transaction
from warehouse.deliveries import ExtractedDelivery, LandCounts, landed_before, record_delivery
from warehouse.findings import land_findings, land_rejects, land_unmapped
from warehouse.landing_merge import confirm_keys, decide, write_records
from warehouse.landing_tables import landing_columns


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
            repeat = landed_before(conn, extracted)
            if repeat is not None:
                return repeat
            counts = _land(conn, contract, extracted, run_id)
            if dry_run:
                raise _DryRunError
    except _DryRunError:
        return counts
    settle(conn, "landing", {contract.feed: counts.inserted + counts.updated + counts.deleted})
    return counts


def count_churn(conn: Connection, extracted: ExtractedDelivery) -> float | None:
    """How many records a delivery would begin, change or end if it landed now, as a share of the current ones.

    None where the feed has no current record. Changes nothing.
    """
    table = name("landing", extracted.feed)
    current = int(one(conn, compose("select count(*) from {table}", table=table))[0])
    if not current:
        return None
    keys = pq.read_table(extracted.records, columns=["source_key", "op", "record_hash"])
    changed = 0
    try:
        with transaction(conn, f"counting what {extracted.feed} {extracted.batch_no} changes"):
            decide(conn, keys, extracted)
            query = "select count(*) from decision where action in ('insert', 'update', 'delete')"
            changed = int(one(conn, query)[0])
            raise _DryRunError
    except _DryRunError:
        return changed / current


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
    wanted = [c for c in landing_columns(contract) if c not in ("batch_no", "since_run_id", "since_date")]
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
    decide(conn, records, extracted)
    rows = conn.execute("select action, count(*) from decision group by action").fetchall()
    action = {str(r[0]): int(r[1]) for r in rows}
    write_records(conn, contract, extracted, records, run_id, action)
    confirm_keys(conn, extracted)
    land_rejects(conn, extracted)
    land_unmapped(conn, extracted)
    finding_count = land_findings(conn, contract, extracted, run_id)
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
    record_delivery(conn, extracted, counts, run_id)
    locate_landed(conn, contract, batch_no, counts.inserted + counts.updated)
    # Gone at the end of the transaction anyway; dropped here so that a caller may land several in one of its own.
    conn.execute("drop table if exists arrived_key, decision, arrived")
    return counts


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
