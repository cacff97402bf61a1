"""What the reports of a night show, read from the tables; no value of a person is among it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from psycopg import sql

from warehouse.database import Connection

Row = dict[str, Any]
NIGHTS = 60


def rows(conn: Connection, statement: str, parameters: Any = None) -> list[Row]:
    """The rows of a statement as dictionaries; whole numbers as int, other decimals as float."""
    cursor = conn.execute(sql.SQL(statement), parameters)
    names = [c.name for c in cursor.description or ()]
    return [{n: _number(v) for n, v in zip(names, row, strict=True)} for row in cursor.fetchall()]


def _number(value: Any) -> Any:
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral_value() else float(value)


def read_scores(conn: Connection, night: date) -> list[Row]:
    """Lines of mart.quality_score of the last nights up to this one."""
    return rows(conn, "select * from mart.quality_score where night between %s - %s and %s", (night, NIGHTS, night))


def read_finding_states(conn: Connection) -> list[Row]:
    """Lines of mart.finding_state."""
    return rows(conn, "select * from mart.finding_state")


def read_finding_days(conn: Connection, night: date) -> list[Row]:
    """Lines of mart.finding_day of the last nights up to this one."""
    return rows(conn, "select * from mart.finding_day where day between %s - %s and %s", (night, NIGHTS, night))


def read_coverage(conn: Connection) -> list[Row]:
    """Lines of mart.file_coverage."""
    return rows(conn, "select * from mart.file_coverage")


def read_presence(conn: Connection) -> list[Row]:
    """Lines of mart.department_presence."""
    return rows(conn, "select * from mart.department_presence")


def read_last_seen(conn: Connection) -> dict[str, date]:
    """Feed → business date of its last landed delivery."""
    found = conn.execute("select feed, max(business_date) from ops.delivery where state = 'landed' group by feed")
    return {str(feed): day for feed, day in found.fetchall()}


def read_troubles(conn: Connection, run_id: str) -> list[Row]:
    """Steps of a run that are not as they should be; `report` itself is not among them."""
    return rows(
        conn,
        "select step, feed, state, note from ops.step where run_id = %s and step <> 'report' "
        "and state in ('held', 'stopped', 'failed', 'warn', 'running') order by feed, step",
        (run_id,),
    )


def read_deliveries(conn: Connection, run_id: str) -> list[Row]:
    """Rows of each feed and mode that landed in a run, beside what came the time before in the same mode."""
    return rows(
        conn,
        "with counted as (select d.feed, d.mode, r.logical_date, r.run_id, sum(read_count)::bigint as read, "
        "sum(rejected_count)::bigint as rejected from ops.delivery d "
        "join ops.run r using (run_id) where d.state = 'landed' group by 1, 2, 3, 4) "
        "select c.*, (select b.read from counted b where b.feed = c.feed and b.mode = c.mode "
        "and b.logical_date < c.logical_date order by b.logical_date desc limit 1) as before "
        "from counted c where run_id = %s order by feed, mode",
        (run_id,),
    )


def read_changes(conn: Connection, run_id: str) -> list[Row]:
    """What publishing changed: subject, what, number."""
    return rows(
        conn,
        "select s.key as subject, c.key as what, sum(c.value::text::bigint)::bigint as number from core.publication p, "
        "jsonb_each(p.counts::jsonb -> 'subjects') s, jsonb_each(s.value) c where p.run_id = %s group by 1, 2",
        (run_id,),
    )


def read_finding_moves(conn: Connection, night: date) -> list[Row]:
    """By department: findings found, corrected, returned and expired on this date, and those due within three days."""
    return rows(
        conn,
        "select department, sum(found) as found, sum(corrected) as corrected, sum(returned) as returned, "
        "sum(expired) as expired, sum(due_soon) as due_soon from ("
        "select department, (first_seen = %(on)s)::int as found, 0 as corrected, 0 as returned, 0 as expired, "
        "coalesce(state in ('sent', 'answered') and due_date between %(on)s and %(on)s + 3, false)::int as due_soon "
        "from ops.finding union all "
        "select f.department, 0, (e.to_state = 'corrected')::int, (e.from_state = 'corrected')::int, "
        "(e.to_state = 'expired')::int, 0 from ops.finding_event e join ops.finding f using (finding_id) "
        "where e.on_date = %(on)s) moved group by department "
        "having sum(found + corrected + returned + expired + due_soon) > 0 order by department",
        {"on": night},
    )
