"""Incidents: one a stopped file, released for that file and those rules alone, decisions only ever added."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import psycopg
import pytest

from warehouse import incidents
from warehouse.database import Connection, WarehouseError

DAY, AT = date(2026, 11, 3), datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
STOP = incidents.Stop(
    "mr_entity",
    "20261103-001",
    "sm3",
    ("row_count_against_last",),
    "held",
    "at most 30 %",
    "50 % fewer",
    "send it whole",
)
PUBLISH = incidents.Stop("person", None, None, ("churn",), "not published", "at most 3 %", "5 %", "look")


def state_of(conn: Connection, incident_id: int) -> str:
    row = conn.execute("select state from ops.incident where incident_id = %s", (incident_id,)).fetchone()
    assert row is not None
    return str(row[0])


def decide(conn: Connection, incident_id: int, decision: incidents.Decision, reason: str = "checked by phone") -> bool:
    return incidents.decide(conn, incident_id, decision, reason=reason, decided_by="engineer", decided_at=AT)


def released(conn: Connection, stop: incidents.Stop) -> incidents.Release | None:
    return incidents.release_of(conn, stop.feed, stop.batch_no, stop.file_sm3, stop.rules)


def test_a_stop_is_one_incident_however_often_it_is_judged(conn: Connection) -> None:
    first = incidents.open_incident(conn, STOP, run_id="night-1", on=DAY)
    again = incidents.open_incident(conn, replace(STOP, found="51 % fewer"), run_id="night-2", on=DAY)
    assert first == again
    (waiting,) = incidents.read_open(conn, "night-2")
    assert (waiting.stop.found, waiting.opened_on, waiting.state) == ("51 % fewer", DAY, "open")
    assert incidents.read_open(conn, "night-1") == []


def test_a_release_counts_for_this_file_and_these_rules_alone(conn: Connection) -> None:
    number = incidents.open_incident(conn, STOP, run_id="night-1", on=DAY)
    assert released(conn, STOP) is None
    assert decide(conn, number, "released")
    found = released(conn, STOP)
    assert found == incidents.Release(number, "checked by phone", "engineer")
    assert released(conn, replace(STOP, file_sm3="another file")) is None
    assert released(conn, replace(STOP, batch_no="20261104-001")) is None
    assert released(conn, replace(STOP, rules=("row_count_against_last", "reject_rate"))) is None


def test_another_rule_opens_a_released_incident_again(conn: Connection) -> None:
    number = incidents.open_incident(conn, STOP, run_id="night-1", on=DAY)
    decide(conn, number, "released")
    incidents.open_incident(conn, replace(STOP, rules=("reject_rate",)), run_id="night-2", on=DAY)
    assert state_of(conn, number) == "open"


def test_what_an_engineer_keeps_held_is_not_asked_again_what_nobody_answered_is(conn: Connection) -> None:
    kept = incidents.open_incident(conn, STOP, run_id="night-1", on=DAY)
    decide(conn, kept, "kept")
    incidents.open_incident(conn, STOP, run_id="night-2", on=DAY)
    unanswered = incidents.open_incident(conn, PUBLISH, run_id="night-2", on=DAY)
    decide(conn, unanswered, "timed_out")
    assert (state_of(conn, kept), state_of(conn, unanswered)) == ("kept", "open")
    assert [one.incident_id for one in incidents.read_open(conn, "night-2")] == [unanswered]


def test_landing_or_publishing_ends_it(conn: Connection) -> None:
    number = incidents.open_incident(conn, STOP, run_id="night-1", on=DAY)
    publish = incidents.open_incident(conn, PUBLISH, run_id="night-1", on=DAY)
    assert incidents.settle(conn, "mr_entity", "20261102-001", "night-1") == 0
    assert incidents.settle(conn, "mr_entity", "20261104-001", "night-2") == 1
    assert incidents.settle(conn, "person", None, "night-2") == 1
    assert (state_of(conn, number), state_of(conn, publish)) == ("settled", "settled")
    assert not decide(conn, number, "released"), "an answer after the end changes nothing"
    assert state_of(conn, number) == "settled"
    assert incidents.open_incident(conn, STOP, run_id="night-3", on=DAY) != number


def test_a_decision_needs_a_reason_and_an_incident(conn: Connection) -> None:
    number = incidents.open_incident(conn, STOP, run_id="night-1", on=DAY)
    with pytest.raises(WarehouseError, match="no reason was given, so nothing was changed"):
        decide(conn, number, "released", reason="  ")
    with pytest.raises(WarehouseError, match="no incident 99"):
        decide(conn, 99, "kept")
    assert state_of(conn, number) == "open"


def test_decisions_are_never_changed(conn: Connection) -> None:
    number = incidents.open_incident(conn, STOP, run_id="night-1", on=DAY)
    decide(conn, number, "released")
    for statement in ("update audit.release set reason = 'other'", "delete from audit.release"):
        with pytest.raises(psycopg.errors.RaiseException, match="only ever added to"), conn.transaction():
            conn.execute(statement)
