"""Rejects and findings of a delivery: rejects stay with their delivery, findings are followed from day to day."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from psycopg import sql

from extractors.contract import Contract
from warehouse.copy import copy_in
from warehouse.database import Connection, CountError, compose
from warehouse.deliveries import ExtractedDelivery
from warehouse.finding_merge import NOTHING, Merged, make_found, merge_found

REJECT_COLUMNS = ["line_no", "source_key", "reason", "field", "value_class", "received"]
FINDING_COLUMNS = ["line_no", "source_key", "field", "code", "value_class", "severity"]
SEVERITIES = ("stop", "warn", "inform")
# What a delivery would have shown again: a delta what it names, a full one everything, but for what later ones said.
_LOOKED_AT = {
    "delta": "select f.finding_id from ops.finding f join decision d on d.source_key = coalesce(f.source_key, '') "
    "where f.feed = {feed} and f.origin = %(origin)s and f.state <> 'corrected' and d.action <> 'superseded' "
    "union all select f.finding_id from ops.finding f "
    "where f.feed = {feed} and coalesce(f.source_key, '') = '' and f.last_batch_no <= {batch}",
    "full": "select f.finding_id from ops.finding f where f.feed = {feed} and f.origin = %(origin)s "
    "and f.state <> 'corrected' and f.last_batch_no <= {batch} and not exists "
    "(select from decision d where d.action = 'superseded' and d.source_key = f.source_key)",
}
_TOLD = "select * from told"
_REJECTED = (
    "select reason as code, field, source_key, value_class, 'warn' as severity, line_no from ops.reject "
    "where feed = {feed} and batch_no = {batch}"
)
# A delivery that was held is no longer missed when it lands, or when a later full one says all that it would have; a
# source that could not be pulled from answers again when a delivery of its feed lands.
_HELD = (
    "strpos(f.code, 'SOURCE_') = 1 or f.held_batch_no = {batch} or strpos(f.held_batch_no, {in_name}) > 0 "
    "or ({is_full} and f.held_batch_no < {batch})"
)


def _read(path: Path, names: list[str]) -> pa.Table:
    rows = pq.read_table(path)
    found = {n: rows[n] if n in rows.column_names else pa.nulls(rows.num_rows, pa.string()) for n in names}
    return pa.table(found)


def land_rejects(conn: Connection, extracted: ExtractedDelivery) -> None:
    """Write the rejects of a delivery to ops.reject; the columns are `REJECT_COLUMNS`."""
    rows = _read(extracted.rejects, REJECT_COLUMNS)
    for column, value in (("feed", extracted.feed), ("batch_no", extracted.batch_no)):
        rows = rows.append_column(column, pa.repeat(pa.scalar(value), rows.num_rows))
    copy_in(conn, "ops.reject", rows)


def land_unmapped(conn: Connection, extracted: ExtractedDelivery) -> None:
    """Write the values that no list knows to ops.unmapped_value; a delivery extracted by an older version has none."""
    path = getattr(extracted, "unmapped", None)
    if path is None or not path.exists():
        return
    rows = pq.read_table(path)
    for column, value in (("feed", extracted.feed), ("batch_no", extracted.batch_no)):
        rows = rows.append_column(column, pa.repeat(pa.scalar(value), rows.num_rows))
    copy_in(conn, "ops.unmapped_value", rows)


def land_findings(conn: Connection, contract: Contract, extracted: ExtractedDelivery, run_id: str) -> int:
    """Bring ops.finding up to date after a delivery; needs its lines in ops.reject and the temp table ``decision``.

    Findings of the extraction and rejected rows are told by record; rejects whose key cannot be read, and what is about
    the whole delivery, are one finding a kind with the number of rows. Unexpected ops of a delta become findings:
    DELTA_INSERT_KNOWN, DELTA_UPDATE_UNKNOWN, DELTA_DELETE_UNKNOWN; rows a later delivery had overtaken
    LATE_SUPERSEDED. What a record that came again, or ended, no longer shows is corrected.

    Returns
    -------
    Findings of this delivery: new ones, those still true and those that came back.
    """
    feed, batch_no = extracted.feed, extracted.batch_no
    rows = _read(extracted.findings, FINDING_COLUMNS)
    unknown = set(pc.unique(rows["severity"]).to_pylist()) - set(SEVERITIES)
    if unknown:
        raise CountError(f"{feed} {batch_no}: severities {sorted(map(str, unknown))} are not among {SEVERITIES}.")
    conn.execute(
        "create temp table told (line_no bigint, source_key text, field text, code text, value_class text, "
        "severity text) on commit drop"
    )
    copy_in(conn, "told", rows)
    conn.execute(
        "insert into told (source_key, code, severity) select source_key, "
        "case when op = 'I' then 'DELTA_INSERT_KNOWN' "
        "when op = 'U' then 'DELTA_UPDATE_UNKNOWN' else 'DELTA_DELETE_UNKNOWN' end, 'inform' from decision "
        "where action <> 'superseded' and ((op = 'I' and is_known) or (op in ('U', 'D') and not is_known))"
    )
    conn.execute(
        "insert into told (code, severity) select 'LATE_SUPERSEDED', 'inform' from decision where action = 'superseded'"
    )
    merged = _merge(conn, contract, extracted, run_id, "delivery", _TOLD)
    conn.execute("drop table told")
    _merge(conn, contract, extracted, run_id, "reject", _REJECTED)
    _miss_no_longer(conn, extracted, run_id)
    return merged.new + merged.still


def _merge(
    conn: Connection, contract: Contract, extracted: ExtractedDelivery, run_id: str, origin: str, rows: str
) -> Merged:
    batch = sql.Literal(extracted.batch_no)
    feed = sql.Literal(contract.feed)
    make_found(conn)
    conn.execute(
        compose(
            "insert into found (feed, department, code, field, source_key, value_class, severity, line_no, row_count) "
            "select {feed}, {department}, code, field, source_key, min(value_class), min(severity), min(line_no), "
            "case when source_key is null then count(*) else 1 end from ({rows}) t group by code, field, source_key",
            feed=feed, department=sql.Literal(contract.department), rows=compose(rows, feed=feed, batch=batch),
        )
    )  # fmt: skip
    looked_at = compose(_LOOKED_AT[extracted.mode], feed=feed, batch=batch)
    return merge_found(
        conn, origin=origin, seen_on=extracted.business_date, run_id=run_id, batch_no=extracted.batch_no,
        looked_at=looked_at,
    )  # fmt: skip


def _miss_no_longer(conn: Connection, extracted: ExtractedDelivery, run_id: str) -> None:
    make_found(conn)
    in_name = sql.Literal(f"_{extracted.batch_no}.")
    is_full = sql.Literal(extracted.mode == "full")
    held = compose(_HELD, batch=sql.Literal(extracted.batch_no), in_name=in_name, is_full=is_full)
    merge_found(
        conn, origin="receive", seen_on=extracted.business_date, run_id=run_id, batch_no=extracted.batch_no,
        looked_at=compose(
            "select f.finding_id from ops.finding f where f.feed = {feed} and coalesce(f.source_key, '') = '' and ({held})",
            feed=sql.Literal(extracted.feed), held=held,
        ),
    )  # fmt: skip


def record_held_finding(conn: Connection, *, feed: str, department: str, batch_no: str, code: str, run_id: str) -> None:
    """Write down that a delivery was held, and why; seen again it stays one finding."""
    make_found(conn)
    conn.execute(
        "insert into found (feed, department, code, held_batch_no, severity, row_count) values (%s, %s, %s, %s, 'stop', 1)",
        (feed, department, code, batch_no),
    )
    seen_on = conn.execute("select logical_date from ops.run where run_id = %s", (run_id,)).fetchone()
    if seen_on is None:
        raise CountError(f"Run {run_id} is not in ops.run; expected begin_run before a delivery is held.")
    merge_found(conn, origin="receive", seen_on=seen_on[0], run_id=run_id, batch_no=batch_no, looked_at=NOTHING)
