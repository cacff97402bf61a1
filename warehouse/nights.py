"""The last night as the console's first page shows it: feeds by steps, what is held, counts against the night before."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from warehouse.database import Connection
from warehouse.files import rows
from warehouse.runs import AT_ONCE


@dataclass(frozen=True)
class NightView:
    """A night. `grid`: feed (or subject, or all) → step → its line of ops.step; `feed_steps` are taken by each feed,
    `later_steps` over all of them; `feeds` and `subjects` with the counts of the night before."""

    run: dict[str, Any]
    earlier: str | None
    runs: list[str]
    feed_steps: list[str]
    later_steps: list[str]
    grid: dict[str, dict[str, dict[str, Any]]]
    feeds: list[dict[str, Any]]
    held: list[dict[str, Any]]
    subjects: list[dict[str, Any]]
    verdicts: list[dict[str, Any]]


def read_night(conn: Connection, feeds: list[str], run_id: str | None = None) -> NightView | None:
    """The night asked for, or the latest one; None before the first.

    Parameters
    ----------
    feeds
        Every feed there is a contract for: one without a delivery that night is shown as such.
    """
    nights = rows(
        conn,
        "select run_id, logical_date, state, started_at, finished_at, "
        "extract(epoch from finished_at - started_at)::float8 as seconds from ops.run order by logical_date desc, "
        "started_at desc limit 60",
    )
    chosen = {run_id} if run_id is not None else {r["run_id"] for r in nights if not r["run_id"].startswith(AT_ONCE)}
    at = next((n for n, r in enumerate(nights) if r["run_id"] in chosen), None)
    if at is None:
        return None
    run = nights[at]
    before = next(
        (
            r["run_id"]
            for r in nights[at + 1 :]
            if r["state"] in ("success", "incomplete") and not r["run_id"].startswith(AT_ONCE)
        ),
        None,
    )
    pair = {"now": run["run_id"], "before": before}
    lines = rows(
        conn,
        "select step, feed, state, row_count, seconds, note from ops.step where run_id = %(now)s order by started_at, step",
        pair,
    )
    feed_steps = list(dict.fromkeys(line["step"] for line in lines if line["feed"] in feeds))
    later_steps = list(dict.fromkeys(line["step"] for line in lines if line["feed"] not in feeds))
    grid: dict[str, dict[str, dict[str, Any]]] = {feed: {} for feed in feeds}
    for line in lines:
        grid.setdefault(line["feed"] or "all", {})[line["step"]] = line
    counted = (
        "select feed, sum(read_count)::bigint as read, sum(loaded_count)::bigint as loaded, "
        "sum(rejected_count)::bigint as rejected, sum(finding_count)::bigint as findings, count(*) as deliveries, "
        "count(*) filter (where d.business_date < r.logical_date) as late "
        "from ops.delivery d join ops.run r using (run_id) where run_id = %s and d.state = 'landed' group by feed"
    )
    now = {r["feed"]: r for r in rows(conn, counted, (run["run_id"],))}
    past = {r["feed"]: r for r in rows(conn, counted, (before,))} if before else {}
    held = rows(
        conn,
        "select feed, batch_no, state, reason, recorded_at, run_id from ops.delivery where state <> 'landed' "
        "order by recorded_at desc limit 50",
    )
    blocked = {h["feed"] for h in held if h["run_id"] == run["run_id"]}
    earlier = Counter(h["feed"] for h in held if h["run_id"] != run["run_id"])
    return NightView(
        run=run,
        earlier=before,
        runs=[r["run_id"] for r in nights],
        feed_steps=feed_steps,
        later_steps=later_steps,
        grid=grid,
        feeds=[
            {
                "feed": feed,
                "now": now.get(feed),
                "before": past.get(feed),
                "state": _arrival(feed in blocked, now.get(feed)),
                "held_before": earlier[feed],
            }
            for feed in sorted(feeds, key=lambda feed: (feed not in blocked, not earlier[feed], feed not in now))
        ],
        held=held,
        subjects=_subjects(conn, run["run_id"], before),
        verdicts=rows(
            conn, "select feed, batch_no, state from ops.verdict where run_id = %(now)s order by verdict_id", pair
        ),
    )


def _arrival(is_held: bool, counts: dict[str, Any] | None) -> str:
    if is_held:
        return "held"
    return "no delivery" if counts is None else "late" if counts["late"] else "arrived"


def _subjects(conn: Connection, now: str, before: str | None) -> list[dict[str, Any]]:
    """Counts of the last publication of a run by subject and what, with those of the run before."""
    return rows(
        conn,
        "with line as (select distinct on (p.run_id) p.run_id, p.counts::jsonb -> 'subjects' as counts "
        "from core.publication p where p.run_id in (%(now)s, %(before)s) order by p.run_id, p.publication_id desc) "
        "select s.key as subject, c.key as what, max(c.value::text) filter (where run_id = %(now)s) as now, "
        "max(c.value::text) filter (where run_id = %(before)s) as before "
        "from line, jsonb_each(line.counts) s, jsonb_each(s.value) c group by 1, 2 order by 1 desc, 2",
        {"now": now, "before": before},
    )


def read_troubles(conn: Connection) -> dict[str, list[dict[str, Any]]]:
    """Open findings and rejects by feed and kind, largest first; no value of a person is among them."""
    return {
        "findings": rows(
            conn,
            "select feed, code, severity, coalesce(field, '') as field, count(*) as number, min(batch_no) as first, "
            "max(batch_no) as last from ops.finding where state <> 'corrected' group by 1, 2, 3, 4 "
            "order by array_position(array['stop', 'warn', 'inform'], severity), 5 desc limit 300",
        ),
        "rejects": rows(
            conn,
            "select feed, reason, coalesce(field, '') as field, count(*) as number, min(batch_no) as first, "
            "max(batch_no) as last from ops.reject group by 1, 2, 3 order by 4 desc limit 300",
        ),
        "matching": rows(
            conn,
            "select f.subject, f.code, f.detail, f.found_count as number, f.run_id from ops.run_finding f "
            "where f.run_id = (select run_id from ops.run order by logical_date desc, started_at desc limit 1) "
            "order by found_count desc nulls last limit 100",
        ),
    }


def read_trouble_lines(conn: Connection, sort: str, feed: str, code: str, *, limit: int = 200) -> list[dict[str, Any]]:
    """Single findings or rejects of one kind: where they stand in their file, never what stood there."""
    if sort == "reject":
        query = (
            "select batch_no, line_no, field, value_class from ops.reject where feed = %s and reason = %s "
            "order by batch_no desc, line_no limit %s"
        )
    else:
        query = (
            "select batch_no, line_no, field, value_class from ops.finding where feed = %s and code = %s "
            "and state <> 'corrected' order by finding_id desc limit %s"
        )
    return rows(conn, query, (feed, code, limit))
