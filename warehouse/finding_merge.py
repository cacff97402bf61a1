"""What was found now meets what was found before: new, still there, back again, or gone. Set by set, one way for all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import sql

from warehouse.database import Connection, compose, one

FOUND = (
    "feed text, department text, code text, field text, source_key text, held_batch_no text, value_class text, "
    "severity text, line_no bigint, other_key text, row_count bigint"
)
# In the words of the unique index, which finds them one by one where few were found.
_SAME = (
    "f.feed = n.feed and coalesce(f.source_key, '') = coalesce(n.source_key, '') and f.code = n.code "
    "and coalesce(f.field, '') = coalesce(n.field, '') and coalesce(f.held_batch_no, '') = coalesce(n.held_batch_no, '')"
)

EVERYTHING = sql.SQL("select finding_id from ops.finding")
NOTHING = sql.SQL("select finding_id from ops.finding where false")


@dataclass(frozen=True)
class Merged:
    """How many findings of a look are new, were there before, came back, and are gone."""

    new: int
    still: int
    returned: int
    gone: int


def make_found(conn: Connection) -> None:
    """The temporary table ``found`` that `merge_found` reads; dropped at the end of the transaction."""
    conn.execute(f"create temp table found ({FOUND}) on commit drop")


def merge_found(
    conn: Connection, *, origin: str, seen_on: date, run_id: str, batch_no: str | None, looked_at: sql.Composable
) -> Merged:
    """Bring ops.finding up to date with the temporary table ``found``, which is dropped.

    A finding is one fault of one thing: feed, code, field and record (or held delivery). Seen again it keeps its line;
    one that was corrected is open again and its return counted; one that the department calls corrected is open again
    if a later day still shows it; one accepted is open again if the shape of its value is another now. What was looked
    at and not found is corrected.

    Parameters
    ----------
    origin
        What looked, as ops.finding.origin: only findings of the same origin can be gone.
    seen_on
        Business date of the delivery, or logical date of the run.
    looked_at
        A SELECT of finding_id: findings that would have been found again if they were still so; it may name the
        parameter ``origin``.
    """
    values: dict[str, Any] = {"origin": origin, "on": seen_on, "run": run_id, "batch": batch_no}
    if not one(conn, "select exists (select from found)")[0]:
        conn.execute("drop table found")
        return Merged(0, 0, 0, _end(conn, looked_at, sql.SQL("true"), values))
    conn.execute("analyze found")
    conn.execute(
        "create temp table seen on commit drop as select distinct on (n.feed, n.code, n.field, n.source_key, "
        f"n.held_batch_no) n.*, f.finding_id from found n left join ops.finding f on {_SAME} "
        "order by n.feed, n.code, n.field, n.source_key, n.held_batch_no, n.line_no"
    )
    conn.execute("create index on seen (finding_id)")
    conn.execute("analyze seen")
    returned = one(
        conn, "select count(*) from seen n join ops.finding f using (finding_id) where f.state = 'corrected'"
    )[0]
    still = conn.execute(
        "with now as (select f.finding_id, n.severity, n.value_class, n.line_no, n.other_key, n.row_count, "
        "case when f.state = 'corrected' or (f.state = 'answered' and f.state_since < %(on)s) "
        "or (f.state = 'accepted' and f.value_class is distinct from n.value_class) then 'open' else f.state end as state, "
        "f.state as was from seen n join ops.finding f using (finding_id)) "
        "update ops.finding f set severity = now.severity, value_class = now.value_class, line_no = now.line_no, "
        "other_key = now.other_key, row_count = now.row_count, last_batch_no = coalesce(%(batch)s, f.last_batch_no), "
        "last_run_id = %(run)s, first_seen = least(f.first_seen, %(on)s), last_seen = greatest(f.last_seen, %(on)s), "
        "state = now.state, return_count = f.return_count + (now.was = 'corrected')::int, "
        "state_since = case when now.state = now.was then f.state_since else greatest(f.state_since, %(on)s) end, "
        "state_by = case when now.state = now.was then f.state_by else %(run)s end, "
        "state_note = case when now.state = now.was then f.state_note end, "
        "due_date = case when now.state = now.was then f.due_date end "
        "from now where now.finding_id = f.finding_id",
        values,
    ).rowcount
    unseen = sql.SQL("not exists (select from seen n where n.finding_id = f.finding_id)")
    gone = _end(conn, looked_at, unseen, values)
    new = conn.execute(
        "insert into ops.finding (feed, department, origin, code, field, source_key, held_batch_no, value_class, severity, "
        "line_no, other_key, row_count, batch_no, last_batch_no, run_id, last_run_id, first_seen, last_seen, state_since, "
        "state_by) select feed, department, %(origin)s, code, field, source_key, held_batch_no, value_class, severity, "
        "line_no, other_key, row_count, %(batch)s, %(batch)s, %(run)s, %(run)s, %(on)s, %(on)s, %(on)s, %(run)s "
        "from seen where finding_id is null order by line_no, code",
        values,
    ).rowcount
    conn.execute("drop table found, seen")
    return Merged(new, int(still), int(returned), gone)


def _end(conn: Connection, looked_at: sql.Composable, unseen: sql.Composable, values: dict[str, Any]) -> int:
    """Findings of this origin that were looked at and are unseen are corrected; how many."""
    statement = compose(
        "update ops.finding f set state = 'corrected', state_since = greatest(f.state_since, %(on)s), "
        "state_by = %(run)s, state_note = null, last_run_id = %(run)s, "
        "last_batch_no = coalesce(%(batch)s, f.last_batch_no) "
        "where f.state <> 'corrected' and f.origin = %(origin)s and f.finding_id in ({looked_at}) and {unseen}",
        looked_at=looked_at, unseen=unseen,
    )  # fmt: skip
    return conn.execute(statement, values).rowcount
