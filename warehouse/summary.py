"""A run as reports show it, counted from the tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from warehouse.database import Connection, WarehouseError, one
from warehouse.masters import SUBJECTS
from warehouse.reviews import WAITING

TOTALS = ("masters", "records", "review_open")


@dataclass(frozen=True)
class FeedCounts:
    """What became of the rows of a feed in a run; read = loaded + rejected + duplicate."""

    deliveries: int
    read: int
    loaded: int
    rejected: int
    duplicate: int
    inserted: int
    updated: int
    deleted: int
    unchanged: int
    findings: int


@dataclass(frozen=True)
class RunSummary:
    """A run as reports show it.

    `subjects` holds the counts of `publish` by subject, empty if nothing was published; `review_open` the doubts that
    wait now, by subject.
    """

    run_id: str
    logical_date: date
    state: str
    seconds: float | None
    feeds: dict[str, FeedCounts]
    persons: int
    enterprises: int
    subjects: dict[str, dict[str, int]]
    cards_changed: int
    review_open: dict[str, int]
    held: list[tuple[str, str, str, str]]
    verdicts: list[dict[str, Any]]
    counts: dict[str, Any]


def _published(conn: Connection, run_id: str) -> tuple[dict[str, dict[str, int]], int]:
    """What a run changed by subject, and cards; changes of several publications add up, totals are the last ones."""
    rows = conn.execute("select counts from core.publication where run_id = %s order by publication_id", (run_id,))
    subjects: dict[str, dict[str, int]] = {}
    cards_changed = 0
    for (counts,) in rows.fetchall():
        cards_changed += int(counts.get("facts", counts).get("card", 0))
        for subject, changes in counts["subjects"].items():
            so_far = subjects.setdefault(subject, {})
            for what, number in changes.items():
                so_far[what] = int(number) + (0 if what in TOTALS else so_far.get(what, 0))
    return subjects, cards_changed


def read_run(conn: Connection, run_id: str) -> RunSummary:
    """Everything a report says of a run, counted from the tables.

    Raises
    ------
    WarehouseError
        There is no such run.
    """
    row = conn.execute(
        "select logical_date, state, extract(epoch from finished_at - started_at)::float8, counts from ops.run "
        "where run_id = %s",
        (run_id,),
    ).fetchone()
    if row is None:
        raise WarehouseError(f"Run {run_id} is not in ops.run.")
    feeds = conn.execute(
        "select feed, count(*), sum(read_count), sum(loaded_count), sum(rejected_count), sum(duplicate_count), "
        "sum(inserted_count), sum(updated_count), sum(deleted_count), sum(unchanged_count), sum(finding_count) "
        "from ops.delivery where run_id = %s and state = 'landed' group by feed order by feed",
        (run_id,),
    ).fetchall()
    held = conn.execute(
        "select feed, batch_no, state, coalesce(reason, '') from ops.delivery where run_id = %s and state <> 'landed' "
        "order by feed, batch_no",
        (run_id,),
    ).fetchall()
    subjects, cards_changed = _published(conn, run_id)
    verdicts = conn.execute(
        "select detail from ops.verdict where run_id = %s order by verdict_id", (run_id,)
    ).fetchall()
    totals = {s: int(one(conn, f"select count(*) from core.{s}")[0]) for s in SUBJECTS}
    waiting = f"select subject, count(*) from core.review where state in {WAITING} group by 1"
    return RunSummary(
        run_id=run_id,
        logical_date=row[0],
        state=row[1],
        seconds=row[2],
        feeds={f[0]: FeedCounts(*(int(n or 0) for n in f[1:])) for f in feeds},
        persons=totals["person"],
        enterprises=totals["enterprise"],
        subjects=subjects,
        cards_changed=cards_changed,
        review_open={**dict.fromkeys(SUBJECTS, 0), **dict(conn.execute(waiting).fetchall())},
        held=[(h[0], h[1], h[2], h[3]) for h in held],
        verdicts=[v[0] for v in verdicts],
        counts=row[3] or {},
    )
