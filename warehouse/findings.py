"""Rejects and findings of a delivery: rejects stay with their delivery, findings stay open as long as they are true."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from warehouse.copy import copy_in
from warehouse.database import Connection, CountError

REJECT_COLUMNS = ["line_no", "source_key", "reason", "field", "value_class", "received"]
FINDING_COLUMNS = ["line_no", "source_key", "field", "code", "value_class", "severity"]
SEVERITIES = ("stop", "warn", "inform")


def _read(path: Path, names: list[str]) -> pa.Table:
    rows = pq.read_table(path)
    found = {n: rows[n] if n in rows.column_names else pa.nulls(rows.num_rows, pa.string()) for n in names}
    return pa.table(found)


def land_rejects(conn: Connection, extracted: Any) -> None:
    """Write the rejects of a delivery to ops.reject; the columns are `REJECT_COLUMNS`."""
    rows = _read(extracted.rejects, REJECT_COLUMNS)
    for column, value in (("feed", extracted.feed), ("batch_no", extracted.batch_no)):
        rows = rows.append_column(column, pa.repeat(pa.scalar(value), rows.num_rows))
    copy_in(conn, "ops.reject", rows)


def land_findings(conn: Connection, extracted: Any, run_id: str) -> int:
    """Bring ops.finding up to date after a delivery; needs the temp tables ``decision`` and ``arrived_key``.

    A finding that is still true stays as it is, one that is not repeated for a record that came again is closed, a
    new one is opened. Unexpected ops of a delta become findings: DELTA_INSERT_KNOWN, DELTA_UPDATE_UNKNOWN,
    DELTA_DELETE_UNKNOWN; rows a later delivery had overtaken become one finding LATE_SUPERSEDED of the delivery.

    Returns
    -------
    Findings of this delivery, counted after writing: new ones and those still true.
    """
    feed, batch_no = extracted.feed, extracted.batch_no
    rows = _read(extracted.findings, FINDING_COLUMNS)
    unknown = set(pc.unique(rows["severity"]).to_pylist()) - set(SEVERITIES)
    if unknown:
        raise CountError(f"{feed} {batch_no}: severities {sorted(map(str, unknown))} are not among {SEVERITIES}.")
    conn.execute(
        "create temp table found (line_no bigint, source_key text, field text, code text, value_class text, "
        "severity text) on commit drop"
    )
    copy_in(conn, "found", rows)
    conn.execute(
        "insert into found (source_key, code, severity) select source_key, "
        "case when op = 'I' then 'DELTA_INSERT_KNOWN' "
        "when op = 'U' then 'DELTA_UPDATE_UNKNOWN' else 'DELTA_DELETE_UNKNOWN' end, 'inform' from decision "
        "where action <> 'superseded' and ((op = 'I' and is_known) or (op in ('U', 'D') and not is_known))"
    )
    conn.execute(
        "insert into found (code, severity) select 'LATE_SUPERSEDED', 'inform' "
        "where exists (select from decision where action = 'superseded')"
    )
    conn.execute("analyze found")
    conn.execute(
        # Why this delivery was held before it could land.
        "update ops.finding set closed_batch_no = %(batch)s where feed = %(feed)s and closed_batch_no is null "
        "and source_key is null and (batch_no = %(batch)s or strpos(batch_no, %(in_name)s) > 0)",
        {"feed": feed, "batch": batch_no, "in_name": f"_{batch_no}."},
    )
    conn.execute(
        # Records that came again, or ended, and no longer show what was found about them.
        "update ops.finding f set closed_batch_no = %(batch)s where f.feed = %(feed)s and f.closed_batch_no is null "
        "and f.source_key is not null "
        "and f.source_key in (select source_key from decision where action <> 'superseded') "
        "and not exists (select from found n where n.source_key = f.source_key and n.code = f.code "
        "and n.field is not distinct from f.field and n.value_class is not distinct from f.value_class)",
        {"feed": feed, "batch": batch_no},
    )
    added = conn.execute(
        "insert into ops.finding (feed, batch_no, line_no, source_key, field, code, value_class, severity, run_id) "
        "select %(feed)s, %(batch)s, min(n.line_no), n.source_key, n.field, n.code, n.value_class, min(n.severity), "
        "%(run)s from found n where n.source_key is null or not exists (select from ops.finding f "
        "where f.feed = %(feed)s and f.source_key = n.source_key and f.closed_batch_no is null and f.code = n.code "
        "and f.field is not distinct from n.field and f.value_class is not distinct from n.value_class) "
        "group by n.source_key, n.field, n.code, n.value_class, case when n.source_key is null then n.line_no end "
        "order by min(n.line_no), n.code",
        {"feed": feed, "batch": batch_no, "run": run_id},
    ).rowcount
    still = conn.execute(
        "select count(*) from (select distinct n.source_key, n.field, n.code, n.value_class from found n "
        "where n.source_key is not null) n join ops.finding f on f.feed = %s and f.source_key = n.source_key "
        "and f.closed_batch_no is null and f.code = n.code and f.field is not distinct from n.field "
        "and f.value_class is not distinct from n.value_class where f.batch_no <> %s",
        (feed, batch_no),
    ).fetchone()
    return int(added) + int(still[0] if still else 0)
