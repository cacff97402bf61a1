"""What the rules over departments and the gates found in a run becomes findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date

from psycopg import sql

from warehouse.database import Connection, compose, name, transaction
from warehouse.finding_merge import EVERYTHING, Merged, make_found, merge_found

OVERDUE = "delivery_overdue"


def record_across(conn: Connection, query: str, departments: Mapping[str, str], *, run_id: str, as_of: date) -> Merged:
    """Ask the rules over departments of what is published; what they no longer find is corrected.

    Parameters
    ----------
    query
        A SELECT of code, severity, feed, source_key, field, other_key (`quality.findings.query_of_all`); run where the
        records are, nothing of it leaves the server.
    departments
        Feed → department that has to act.
    """
    _analyze_new_tables(conn)
    with transaction(conn, "asking the rules over departments"):
        conn.execute("create temp table owner (feed text primary key, department text) on commit drop")
        conn.execute(
            "insert into owner select * from unnest(%s::text[], %s::text[])",
            (list(departments), list(departments.values())),
        )
        make_found(conn)
        with joining_much(conn):
            conn.execute(
                compose(
                    "insert into found (feed, department, code, field, source_key, severity, other_key, row_count) "
                    "select b.feed, coalesce(o.department, 'steward'), b.code, b.field, b.source_key, min(b.severity), "
                    "min(b.other_key), 1 from ({query}) b left join owner o using (feed) group by 1, 2, 3, 4, 5",
                    query=sql.SQL(query),
                )
            )
        merged = merge_found(conn, origin="across", seen_on=as_of, run_id=run_id, batch_no=None, looked_at=EVERYTHING)
        conn.execute("drop table owner")
    return merged


@contextmanager
def joining_much(conn: Connection) -> Iterator[None]:
    """Settings for a query of some dozens of joins over whole tables, for the transaction that is open.

    Compiling it takes longer than it does; and as the planner knows nothing of the sizes of what is named in WITH, it would
    loop over pairs of rows that it believes to be few.
    """
    conn.execute("set local jit = off")
    conn.execute("set local enable_nestloop = off")
    yield
    conn.execute("set local enable_nestloop to default")
    conn.execute("set local jit to default")


def record_broken(conn: Connection, departments: Mapping[str, str], *, run_id: str, as_of: date) -> Merged:
    """What the gates of a run found broken about whole deliveries; a feed judged again without it is corrected.

    Of a rule with several limits the gravest broken one counts. Verdicts on master files are findings of the steward.
    """
    with transaction(conn, "keeping what the gates found"):
        conn.execute("create temp table owner (feed text primary key, department text) on commit drop")
        conn.execute(
            "insert into owner select * from unnest(%s::text[], %s::text[])",
            (list(departments), list(departments.values())),
        )
        make_found(conn)
        conn.execute(
            "insert into found (feed, department, code, field, severity, row_count) "
            "select v.feed, coalesce(o.department, 'steward'), r ->> 'rule_id', r ->> 'field', "
            "(array['stop', 'warn', 'inform'])[min(array_position(array['stop', 'warn', 'inform'], r ->> 'severity'))], "
            "max(coalesce((r ->> 'failing')::bigint, 1)) "
            "from (select distinct on (feed) * from ops.verdict where run_id = %s order by feed, verdict_id desc) v "
            "left join owner o using (feed), json_array_elements(v.detail -> 'results') r "
            "where not (r ->> 'passed')::bool group by 1, 2, 3, 4",
            (run_id,),
        )
        judged = compose(
            "select finding_id from ops.finding where code <> {overdue} "
            "and feed in (select feed from ops.verdict where run_id = {run})",
            run=sql.Literal(run_id),
            overdue=sql.Literal(OVERDUE),
        )
        merged = merge_found(conn, origin="gate", seen_on=as_of, run_id=run_id, batch_no=None, looked_at=judged)
        conn.execute("drop table owner")
    return merged


def record_overdue(
    conn: Connection,
    departments: Mapping[str, str],
    overdue: Mapping[str, str],
    *,
    run_id: str,
    as_of: date,
) -> Merged:
    """Feeds that owe a delivery: feed → severity. `departments` are the feeds looked at; what has come since is corrected."""
    with transaction(conn, "keeping which feeds are overdue"):
        make_found(conn)
        conn.execute(
            "insert into found (feed, department, code, severity, row_count) "
            "select feed, department, %s, severity, 1 from unnest(%s::text[], %s::text[], %s::text[]) "
            "as late (feed, department, severity)",
            (OVERDUE, list(overdue), [departments[feed] for feed in overdue], list(overdue.values())),
        )
        looked_at = compose(
            "select finding_id from ops.finding where code = {code} and feed = any({feeds})",
            code=sql.Literal(OVERDUE),
            feeds=sql.Literal(list(departments)),
        )
        return merge_found(conn, origin="gate", seen_on=as_of, run_id=run_id, batch_no=None, looked_at=looked_at)


def _analyze_new_tables(conn: Connection) -> None:
    """Tables that were never counted make the planner guess; the first nights are full of them."""
    new = conn.execute(
        "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where c.relkind = 'r' and c.reltuples < 0 and (n.nspname = 'landing' or c.relname = 'crosswalk')"
    ).fetchall()
    for schema, table in new:
        conn.execute(compose("analyze {t}", t=name(schema, table)))
