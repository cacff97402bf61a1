"""What happens to each record of a delivery, decided and written set by set."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql

from extractors.contract import Contract
from warehouse.copy import copy_in, copy_out
from warehouse.database import Connection, columns, compose, name, one
from warehouse.deliveries import ExtractedDelivery
from warehouse.landing_tables import landing_columns


def decide(conn: Connection, records: pa.Table, extracted: ExtractedDelivery) -> None:
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
    overtaken: sql.Composable = sql.SQL("false")
    absent_from_full: sql.Composable = sql.SQL("true")
    if later_full:
        overtaken, absent_from_full = sql.SQL("true"), sql.SQL("false")
    elif later:
        spoken_later = (
            "exists (select from {history} h where h.source_key = a.source_key and h.until_batch_no > {batch}) or "
            "exists (select from ops.confirmed_key k where k.feed = {feed} and k.source_key = a.source_key "
            "and k.batch_no > {batch})"
        )
        overtaken = compose(
            "coalesce(l.batch_no > {batch}, false) or " + spoken_later,
            batch=sql.Literal(extracted.batch_no),
            feed=sql.Literal(extracted.feed),
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
        "since_run_id": pa.scalar(run_id),
        "since_date": pa.scalar(extracted.business_date, pa.date32()),
    }
    for column, value in constants.items():
        rows = rows.append_column(column, pa.repeat(value, rows.num_rows))
    return rows


def write_records(
    conn: Connection,
    contract: Contract,
    extracted: ExtractedDelivery,
    records: pa.Table,
    run_id: str,
    action: dict[str, int],
) -> None:
    """Carry out ``decision`` on the landing table of a feed and its history.

    Parameters
    ----------
    records
        All records of the delivery in the columns of the landing table (`op` is ignored).
    action
        How many keys each action has.
    """
    table, history = name("landing", contract.feed), name("landing", f"{contract.feed}_history")
    own = list(landing_columns(contract))
    if action.get("update", 0) + action.get("delete", 0):
        conn.execute(
            compose(
                "insert into {history} ({own}, until_batch_no, until_run_id, until_date, end_kind) "
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


def confirm_keys(conn: Connection, extracted: ExtractedDelivery) -> None:
    """Write down the keys of ``decision`` that a delta spoke of without changing anything: `decide` asks for them.

    A full delivery that nothing overtook speaks of every record: what was written down before is not needed any more.
    """
    if extracted.mode == "full":
        conn.execute(
            "delete from ops.confirmed_key where feed = %s and batch_no < %s", (extracted.feed, extracted.batch_no)
        )
        return
    conn.execute(
        "insert into ops.confirmed_key select %(feed)s, source_key, %(batch)s from decision "
        "where action in ('same', 'absent') on conflict (feed, source_key) do update "
        "set batch_no = excluded.batch_no where excluded.batch_no > ops.confirmed_key.batch_no",
        {"feed": extracted.feed, "batch": extracted.batch_no},
    )


def _rows_of(conn: Connection, records: pa.Table, action: str, count: int) -> pa.Table:
    if count == records.num_rows:
        return records
    chosen = copy_out(conn, compose("select source_key from decision where action = {a}", a=sql.Literal(action)))
    return records.filter(pc.is_in(records["source_key"], value_set=chosen["source_key"].combine_chunks()))
