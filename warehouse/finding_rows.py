"""The rows of a correction file: each finding with the key and the value as the department sent them. Personal."""

from __future__ import annotations

import pyarrow as pa
from psycopg import sql

from extractors.contract import Contract
from warehouse.copy import copy_out
from warehouse.database import Connection, compose, name
from warehouse.landing_tables import landing_columns


def feeds_of_file(conn: Connection, export_id: int) -> list[str]:
    """Feeds that a correction file has findings of, sorted."""
    rows = conn.execute(
        "select distinct f.feed from audit.correction_line c join ops.finding f using (finding_id) "
        "where c.export_id = %s order by 1",
        (export_id,),
    )
    return [str(feed) for (feed,) in rows.fetchall()]


def read_file_rows(conn: Connection, contract: Contract, export_id: int) -> pa.Table:
    """Findings of one feed in a correction file, gravest first, then by code and key.

    Returns
    -------
    finding_id, code, field, severity, value, line_no, row_count, first_seen, last_batch_no, due_date, key_0, key_1 ...
    `value` and the keys as received where that is kept, else in standard form; of a rejected row as received.
    """
    present = landing_columns(contract)
    sources = {column.field: column.source for column in contract.columns if column.field}

    def received(field: str) -> sql.Composed:
        landed = (
            compose("coalesce(l.received ->> {f}, l.{c}::text)", f=sql.Literal(field), c=name(field))
            if field in present
            else compose("l.received ->> {f}", f=sql.Literal(field))
        )
        return compose("coalesce({landed}, r.received::json ->> {s})", landed=landed, s=sql.Literal(sources[field]))

    values = sql.SQL(" ").join(
        compose("when {f} then {v}", f=sql.Literal(field), v=received(field)) for field in sources if field
    )
    keys = sql.SQL(", ").join(
        compose("{v} as {k}", v=received(field), k=name(f"key_{n}")) for n, field in enumerate(contract.key)
    )
    return copy_out(
        conn,
        compose(
            "select f.finding_id, f.code, f.field, f.severity, case f.field {values} end as value, f.line_no, f.row_count, "
            "f.first_seen, f.last_batch_no, f.due_date, {keys} "
            "from audit.correction_line c join ops.finding f using (finding_id) "
            "left join {landing} l on l.source_key = f.source_key "
            "left join ops.reject r on f.origin = 'reject' and r.feed = f.feed and r.batch_no = f.last_batch_no "
            "and r.line_no = f.line_no and f.source_key is not null "
            "where c.export_id = {file} and f.feed = {feed} "
            "order by array_position(array['stop', 'warn', 'inform'], f.severity), f.code, f.source_key, f.finding_id",
            values=values, keys=keys, landing=name("landing", contract.feed), file=sql.Literal(export_id),
            feed=sql.Literal(contract.feed),
        ),
    )  # fmt: skip
