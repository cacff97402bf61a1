"""Incidents: what a gate stopped, who decided what about it, and when it was over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from warehouse.database import Connection, WarehouseError

Decision = Literal["released", "kept", "timed_out"]
PLATFORM = "platform"


@dataclass(frozen=True)
class Stop:
    """What a gate stopped and why; `batch_no` and `file_sm3` are None for a publish. No personal value is in it."""

    feed: str
    batch_no: str | None
    file_sm3: str | None
    rules: tuple[str, ...]
    what: str
    expected: str
    found: str
    advice: str


@dataclass(frozen=True)
class Incident:
    """An incident as it stands."""

    incident_id: int
    run_id: str
    opened_on: date
    stop: Stop
    state: str


@dataclass(frozen=True)
class Release:
    """Who released what a gate stopped, and why."""

    incident_id: int
    reason: str
    decided_by: str


_COLUMNS = "incident_id, run_id, opened_on, feed, batch_no, file_sm3, rules, what, expected, found, advice, state"


def open_incident(conn: Connection, stop: Stop, *, run_id: str, on: date) -> int:
    """Write down that a gate stopped something; returns the incident's number.

    The same delivery stopped again is the same incident with what was found now. It is open again, unless an engineer
    decided to keep this very file held.
    """
    row = conn.execute(
        "insert into ops.incident (run_id, opened_on, feed, batch_no, file_sm3, rules, what, expected, found, advice, "
        "state) values (%(run)s, %(on)s, %(feed)s, %(batch)s, %(sm3)s, %(rules)s, %(what)s, %(expected)s, %(found)s, "
        "%(advice)s, 'open') on conflict (feed, coalesce(batch_no, ''), coalesce(file_sm3, '')) where state <> 'settled' "
        "do update set (run_id, rules, what, expected, found, advice, state) = row (excluded.run_id, excluded.rules, "
        "excluded.what, excluded.expected, excluded.found, excluded.advice, "
        "case when ops.incident.state = 'kept' and ops.incident.rules @> excluded.rules then 'kept' else 'open' end) "
        "returning incident_id",
        {
            "run": run_id, "on": on, "feed": stop.feed, "batch": stop.batch_no, "sm3": stop.file_sm3,
            "rules": sorted(stop.rules), "what": stop.what, "expected": stop.expected, "found": stop.found,
            "advice": stop.advice,
        },
    ).fetchone()  # fmt: skip
    assert row is not None
    return int(row[0])


def release_of(
    conn: Connection, feed: str, batch_no: str | None, file_sm3: str | None, rules: Sequence[str]
) -> Release | None:
    """The release in force for this very file (or the subject's next publish) and all of these rules, if there is one."""
    row = conn.execute(
        "select i.incident_id, r.reason, r.decided_by from ops.incident i join audit.release r using (incident_id) "
        "where i.state = 'released' and r.decision = 'released' and i.feed = %s and i.batch_no is not distinct from %s "
        "and i.file_sm3 is not distinct from %s and i.rules @> %s::text[] order by r.release_id desc limit 1",
        (feed, batch_no, file_sm3, sorted(rules)),
    ).fetchone()
    return Release(int(row[0]), str(row[1]), str(row[2])) if row else None


def read_open(conn: Connection, run_id: str) -> list[Incident]:
    """The incidents of a run that wait for a decision."""
    rows = conn.execute(
        f"select {_COLUMNS} from ops.incident where run_id = %s and state = 'open' order by incident_id", (run_id,)
    ).fetchall()
    return [
        Incident(
            incident_id=row[0], run_id=row[1], opened_on=row[2], state=row[11],
            stop=Stop(
                feed=row[3], batch_no=row[4], file_sm3=row[5], rules=tuple(row[6]), what=row[7], expected=row[8],
                found=row[9], advice=row[10],
            ),
        )
        for row in rows
    ]  # fmt: skip


def decide(
    conn: Connection, incident_id: int, decision: Decision, *, reason: str, decided_by: str, decided_at: datetime
) -> bool:
    """Add a decision and put the incident into its state; False if it was over before anybody decided.

    Raises
    ------
    WarehouseError
        There is no such incident, or no reason is given.
    """
    if not reason.strip():
        raise WarehouseError(
            f"Incident {incident_id}: no reason was given, so nothing was changed. Expected: why it may land, or why not. "
            "Clear the task `decide` of this run to be asked again."
        )
    with conn.transaction():
        row = conn.execute(
            "select state from ops.incident where incident_id = %s for update", (incident_id,)
        ).fetchone()
        if row is None:
            raise WarehouseError(
                f"There is no incident {incident_id} in ops.incident; look at the number in the run's form."
            )
        conn.execute(
            "insert into audit.release (incident_id, decision, reason, decided_by, decided_at) values (%s, %s, %s, %s, %s)",
            (incident_id, decision, reason.strip(), decided_by, decided_at),
        )
        if row[0] == "settled":
            return False
        state = {"released": "released", "kept": "kept", "timed_out": "open"}[decision]
        conn.execute("update ops.incident set state = %s where incident_id = %s", (state, incident_id))
    return True


def settle(conn: Connection, feed: str, batch_no: str | None, run_id: str) -> int:
    """A delivery landed (or a subject was published): incidents about it and about earlier ones are over; their number."""
    done = conn.execute(
        "update ops.incident set state = 'settled', settled_run_id = %s where state <> 'settled' and feed = %s "
        "and coalesce(batch_no, '') <= coalesce(%s, '')",
        (run_id, feed, batch_no),
    )
    return int(done.rowcount)
