"""Runs, their steps, deliveries that are held, verdicts: what happened, written as it happens and read by reports."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from warehouse.database import Connection, WarehouseError, one
from warehouse.deliveries import write_delivery
from warehouse.findings import record_held_finding
from warehouse.judgements import UNPUBLISHED
from warehouse.records import subject_feeds
from warehouse.summary import RunSummary as RunSummary
from warehouse.summary import read_run as read_run


class HeldDelivery(Protocol):
    """What `extractors` says of a delivery it holds."""

    @property
    def code(self) -> str: ...
    @property
    def file_name(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def batch_no(self) -> str | None: ...


@dataclass(frozen=True)
class Step:
    """One step of a run; feed is empty if it worked on all, a subject for the later steps."""

    step: str
    feed: str
    state: str
    rows: int | None
    seconds: float | None
    note: str | None


def run_id_of(day: date) -> str:
    """Name of the nightly run of a logical date: ``night-2026-11-01``."""
    return f"night-{day.isoformat()}"


AT_ONCE = "judged-"
"""How the names of runs begin that only bring judgements into effect, between two nights."""


def why_not_at_once(conn: Connection) -> str | None:
    """Why judgements cannot take effect between two nights just now; None if they can."""
    row = conn.execute(
        "select run_id from ops.run where state = 'running' and not starts_with(run_id, %s) order by started_at limit 1",
        (AT_ONCE,),
    ).fetchone()
    if row is not None:
        return f"Run {row[0]} is not finished: the judgements take effect when it, or the next night, is published."
    if last_finished_date(conn) is None:
        return "No night was published yet: the judgements take effect in the first one."
    if any(_has_landed(conn, subject) for subject in ("person", "enterprise")):
        return "Deliveries of a night that was not published wait: the judgements take effect with them."
    return None


def running_run(conn: Connection) -> str | None:
    """Name of a run that has begun and not ended, None if there is none."""
    row = conn.execute("select run_id from ops.run where state = 'running' order by started_at limit 1").fetchone()
    return str(row[0]) if row else None


def begin_run(conn: Connection, run_id: str, logical_date: date) -> None:
    """Write down that a run has begun; one that was there is running again."""
    conn.execute(
        "insert into ops.run (run_id, logical_date, state) values (%s, %s, 'running') on conflict (run_id) "
        "do update set state = 'running', finished_at = null where ops.run.state <> 'running'",
        (run_id, logical_date),
    )


def require_open(conn: Connection, run_id: str) -> None:
    """Raise `WarehouseError` unless the run has begun and has not ended."""
    row = conn.execute("select state from ops.run where run_id = %s", (run_id,)).fetchone()
    if row is None or row[0] != "running":
        found = "was never begun" if row is None else f"is {row[0]}"
        raise WarehouseError(f"Run {run_id} {found}; expected: running. Start the night from its first step.")


def begin_step(conn: Connection, run_id: str, step: str, feed: str = "") -> None:
    """Write down that a step has begun (again)."""
    conn.execute(
        "insert into ops.step (run_id, step, feed, state) values (%s, %s, %s, 'running') "
        "on conflict (run_id, step, feed) do update set (state, started_at, ended_at, row_count, seconds, note) = "
        "row ('running', now(), null, null, null, null)",
        (run_id, step, feed),
    )


def end_step(
    conn: Connection,
    run_id: str,
    step: str,
    feed: str = "",
    *,
    state: str,
    rows: int | None = None,
    seconds: float | None = None,
    note: str | None = None,
) -> None:
    """Write down how a step ended: success, warn, held, stopped, failed or skipped."""
    conn.execute(
        "insert into ops.step (run_id, step, feed, state, ended_at, row_count, seconds, note) "
        "values (%s, %s, %s, %s, clock_timestamp(), %s, %s, %s) on conflict (run_id, step, feed) do update set "
        "(state, ended_at, row_count, seconds, note) = row (excluded.state, excluded.ended_at, excluded.row_count, "
        "excluded.seconds, excluded.note)",
        (run_id, step, feed, state, rows, seconds, note),
    )


def read_steps(conn: Connection, run_id: str) -> list[Step]:
    """Steps of a run in the order they ended, those still running last."""
    rows = conn.execute(
        "select step, feed, state, row_count, seconds, note from ops.step where run_id = %s "
        "order by ended_at nulls last, started_at, feed",
        (run_id,),
    ).fetchall()
    return [Step(*row) for row in rows]


def finish_run(conn: Connection, run_id: str, state: str, counts: dict[str, Any]) -> None:
    """Close a run: success, incomplete (published, but a feed was held or stopped) or failed (not published)."""
    done = conn.execute(
        "update ops.run set state = %s, counts = %s, finished_at = clock_timestamp() where run_id = %s",
        (state, json.dumps(counts), run_id),
    )
    if done.rowcount != 1:
        raise WarehouseError(f"Run {run_id} is not in ops.run; expected begin_run before finish_run.")


def last_finished_date(conn: Connection) -> date | None:
    """Logical date of the latest run that was published, None before the first one."""
    found: date | None = one(conn, "select max(logical_date) from ops.run where state in ('success', 'incomplete')")[0]
    return found


def is_done(conn: Connection, day: date) -> bool:
    """Whether the night of this date was published."""
    query = "select exists (select from ops.run where logical_date = %s and state in ('success', 'incomplete'))"
    return bool(one(conn, query, (day,))[0])


def last_run(conn: Connection) -> str | None:
    """Name of the run that began last, None if there is none."""
    row = conn.execute("select run_id from ops.run order by started_at desc, run_id desc limit 1").fetchone()
    return str(row[0]) if row else None


def landed_batches(conn: Connection, feed: str) -> dict[str, str]:
    """Batch number → SM3 of the file of every landed delivery of a feed, as the department sent them: no replays."""
    rows = conn.execute(
        "select batch_no, coalesce(file_sm3, '') from ops.delivery where feed = %s and state = 'landed' "
        "and replays_batch_no is null",
        (feed,),
    )
    return {str(batch_no): str(sm3) for batch_no, sm3 in rows.fetchall()}


def record_held(conn: Connection, run_id: str, held: HeldDelivery, *, feed: str) -> None:
    """Write down a delivery that could not be received or extracted, with its finding.

    Writing it again changes nothing. The finding is corrected when a delivery of this batch number, or a later full one,
    lands.
    """
    batch_no = held.batch_no or held.file_name
    with conn.transaction():
        landed = conn.execute(
            "select 1 from ops.delivery where feed = %s and batch_no = %s and state = 'landed'", (feed, batch_no)
        ).fetchone()
        if landed is None:
            values = {"feed": feed, "batch_no": batch_no, "state": "held", "run_id": run_id, "reason": held.code}
            write_delivery(conn, dict(values))
        record_held_finding(
            conn, feed=feed, department=feed.partition("_")[0], batch_no=batch_no, code=held.code, run_id=run_id
        )


def record_verdict(conn: Connection, run_id: str, feed: str, batch_no: str | None, verdict: dict[str, Any]) -> None:
    """Keep a verdict as the gate wrote it; a stop marks the delivery as stopped. Judged again, the last word counts."""
    state = str(verdict["state"])
    with conn.transaction():
        conn.execute(
            "delete from ops.verdict where run_id = %s and feed = %s and batch_no is not distinct from %s",
            (run_id, feed, batch_no),
        )
        conn.execute(
            "insert into ops.verdict (run_id, feed, batch_no, state, detail) values (%s, %s, %s, %s, %s)",
            (run_id, feed, batch_no, state, json.dumps(verdict, ensure_ascii=False, default=str)),
        )
        if state == "stop" and batch_no is not None:
            write_delivery(
                conn,
                {"feed": feed, "batch_no": batch_no, "state": "stopped", "run_id": run_id, "reason": "GATE_STOPPED"},
            )


def read_verdicts(conn: Connection, feed: str, limit: int = 30) -> list[dict[str, Any]]:
    """The latest verdicts on a feed, newest first, as the gate wrote them."""
    rows = conn.execute(
        "select detail from ops.verdict where feed = %s order by verdict_id desc limit %s", (feed, limit)
    ).fetchall()
    return [row[0] for row in rows]


@dataclass(frozen=True)
class Judged:
    """A verdict on a delivery as the gate wrote it, and the logical date of its run."""

    day: date
    detail: dict[str, Any]


def read_judged(conn: Connection, feed: str, nights: int = 30) -> list[Judged]:
    """The verdicts on a feed in its last nights with any, newest first; of a delivery judged again, the last word."""
    rows = conn.execute(
        "select distinct on (v.batch_no) r.logical_date, v.detail from ops.verdict v join ops.run r using (run_id) "
        "where v.feed = %(feed)s and v.batch_no is not null and r.logical_date >= (select min(day) from ("
        "select distinct r.logical_date as day from ops.verdict v join ops.run r using (run_id) where v.feed = %(feed)s "
        "order by 1 desc limit %(nights)s) last) order by v.batch_no desc, v.verdict_id desc",
        {"feed": feed, "nights": nights},
    ).fetchall()
    return [Judged(*row) for row in rows]


def read_run_verdicts(conn: Connection, run_id: str) -> list[dict[str, Any]]:
    """All verdicts of a run in order, as the gates wrote them."""
    rows = conn.execute("select detail from ops.verdict where run_id = %s order by verdict_id", (run_id,)).fetchall()
    return [row[0] for row in rows]


def last_published_verdict(conn: Connection, subject: str) -> dict[str, Any] | None:
    """The verdict on the masters of a subject that were published last."""
    row = conn.execute(
        "select v.detail from ops.verdict v join core.publication p on p.run_id = v.run_id where v.feed = %s "
        "order by p.publication_id desc, v.verdict_id desc limit 1",
        (subject,),
    ).fetchone()
    return row[0] if row else None


def unpublished_batches(conn: Connection, subject: str) -> list[tuple[str, str]]:
    """(feed, batch_no) of the deliveries that landed and no published run has taken in, sorted.

    Read them before the records: a delivery that lands meanwhile is then taken in again by the next run, never lost.
    """
    rows = conn.execute(
        "select feed, batch_no from ops.delivery where state = 'landed' and published_run_id is null "
        "and feed = any(%s) order by feed, batch_no",
        (subject_feeds(subject),),
    ).fetchall()
    return [(str(feed), str(batch)) for feed, batch in rows]


def has_unpublished_changes(conn: Connection, subject: str) -> bool:
    """Whether records of a subject changed, or it was judged, since it was published last."""
    landed = _has_landed(conn, subject)
    judged = one(conn, f"select exists ({UNPUBLISHED})", (subject, subject))[0]
    return bool(landed or judged)


def _has_landed(conn: Connection, subject: str) -> bool:
    query = (
        "select exists (select from ops.delivery where state = 'landed' and published_run_id is null "
        "and feed = any(%s) and inserted_count + updated_count + deleted_count > 0)"
    )
    return bool(one(conn, query, (subject_feeds(subject),))[0])
