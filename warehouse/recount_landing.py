"""Law 1 for deliveries, each night: what ops.delivery says of their rows is counted again from the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from warehouse.database import Connection, compose, name, one

_COUNTED = """
with counted as (
    select d.*,
        (select count(*) from {table} l where l.batch_no = d.batch_no)
        + (select count(*) from {history} h where h.batch_no = d.batch_no and {ended_by}) as brought,
        (select count(*) from {history} h where h.until_batch_no = d.batch_no and h.end_kind = 'updated') as replaced,
        (select count(*) from {history} h where h.until_batch_no = d.batch_no and h.end_kind = 'deleted') as ended,
        (select count(*) from ops.reject r where r.feed = d.feed and r.batch_no = d.batch_no) as rejects,
        d.inserted_count + d.updated_count + d.unchanged_count + d.superseded_count as accounted
    from ops.delivery d where d.feed = {feed} and d.state = 'landed' and ({batches})
)
select batch_no, what, said, found from counted, lateral (values
    ('rows read', read_count, loaded_count + rejected_count + duplicate_count),
    ('rejected rows', rejected_count, rejects),
    ('record versions brought', inserted_count + updated_count, brought),
    ('record versions replaced', updated_count, replaced),
    ('records ended', deleted_count, ended),
    ('rows loaded', loaded_count, case when mode = 'full' then accounted else greatest(loaded_count, accounted) end)
) as c (what, said, found) where said <> found order by batch_no, what
"""


@dataclass(frozen=True)
class Miscount:
    """A number of ops.delivery that its tables do not bear out; no value of a row is in it."""

    feed: str
    batch_no: str
    what: str
    said: int
    found: int

    def __str__(self) -> str:
        return f"{self.feed} {self.batch_no}: {self.what}: {self.said} written down, {self.found} found"


def recount_new(conn: Connection) -> tuple[int, list[Miscount]]:
    """Count the deliveries again that no published run has taken in yet; (deliveries, what does not agree)."""
    rows = conn.execute(
        "select feed, array_agg(batch_no order by batch_no) from ops.delivery "
        "where state = 'landed' and published_run_id is null group by feed order by feed"
    ).fetchall()
    wrong = [one_wrong for feed, batches in rows for one_wrong in _recount(conn, feed, batches)]
    return sum(len(batches) for _, batches in rows), wrong


def recount_all(conn: Connection) -> tuple[int, list[Miscount]]:
    """Count every landed delivery again, and the current records of each feed: what came less what ended."""
    wrong: list[Miscount] = []
    rows = conn.execute(
        "select feed, sum(inserted_count)::bigint - sum(deleted_count)::bigint, count(*) from ops.delivery "
        "where state = 'landed' group by feed order by feed"
    ).fetchall()
    for feed, current, _ in rows:
        wrong += _recount(conn, feed, None)
        found = int(one(conn, compose("select count(*) from {t}", t=name("landing", feed)))[0])
        if found != current:
            wrong.append(Miscount(feed, "all deliveries", "current records", int(current), found))
    return sum(int(row[2]) for row in rows), wrong


def _recount(conn: Connection, feed: str, batches: Sequence[str] | None) -> list[Miscount]:
    chosen = sql.SQL("true") if batches is None else compose("d.batch_no = any({b})", b=sql.Literal(list(batches)))
    # What a delivery brought, only one that landed after it can end: of those not published yet, one of themselves.
    ended_by = (
        sql.SQL("true") if batches is None else compose("h.until_batch_no = any({b})", b=sql.Literal(list(batches)))
    )
    query = compose(
        _COUNTED, table=f"landing.{feed}", history=f"landing.{feed}_history", feed=sql.Literal(feed), batches=chosen,
        ended_by=ended_by,
    )  # fmt: skip
    return [Miscount(feed, *row) for row in conn.execute(query).fetchall()]
