"""Judgements are only ever added; the latest in force counts, a withdrawn one no longer does."""

from __future__ import annotations

import psycopg
import pytest

from warehouse.database import Connection, WarehouseError
from warehouse.judgements import UNPUBLISHED, read_for_run, read_judgements, record_judgement, withdraw_judgement
from warehouse.runs import has_unpublished_changes


def test_a_judgement_closes_its_case_and_can_be_withdrawn(conn: Connection) -> None:
    conn.execute(
        "insert into core.review (subject, review_kind, left_key, right_key, state, opened_run_id, opened_date) "
        "values ('person', 'doubtful', 'b', 'a', 'open', 'n', '2026-11-01')"
    )
    number = record_judgement(conn, "person", "b", "a", "same", judged_by="steward 1", reason="one card, one photo")
    assert read_judgements(conn, "person").to_pylist() == [
        {"left_key": "a", "right_key": "b", "verdict": "same", "source": "steward"}
    ]
    assert has_unpublished_changes(conn, "person")
    assert not has_unpublished_changes(conn, "enterprise")
    assert conn.execute("select state from core.review").fetchall() == [("decided",)]
    withdraw_judgement(conn, number, judged_by="steward 2", reason="the photo was another one")
    assert read_judgements(conn, "person").num_rows == 0
    assert conn.execute("select state from core.review").fetchall() == [("gone",)]
    assert conn.execute("select count(*) from core.judgement").fetchall() == [(2,)]
    with pytest.raises(WarehouseError, match="withdrawn before"):
        withdraw_judgement(conn, number, judged_by="steward 2", reason="again")


def test_the_latest_judgement_in_force_counts(conn: Connection) -> None:
    record_judgement(conn, "person", "a", "b", "same", judged_by="s", reason="r", source="former_numbers")
    later = record_judgement(conn, "person", "b", "a", "not_same", judged_by="s", reason="r")
    assert read_judgements(conn, "person")["verdict"].to_pylist() == ["not_same"]
    withdraw_judgement(conn, later, judged_by="s", reason="r")
    assert read_judgements(conn, "person").to_pylist()[0]["source"] == "former_numbers"


def test_a_record_cannot_be_judged_against_itself(conn: Connection) -> None:
    with pytest.raises(WarehouseError):
        record_judgement(conn, "person", "a", "a", "same", judged_by="s", reason="r")


def test_what_was_judged_is_never_changed_or_deleted(conn: Connection) -> None:
    record_judgement(conn, "person", "a", "b", "same", judged_by="s", reason="r")
    for statement in ("update core.judgement set verdict = 'not_same'", "delete from core.judgement"):
        with pytest.raises(psycopg.errors.RaiseException, match="only ever added to"):
            conn.execute(statement)  # type: ignore[call-overload]
    assert read_judgements(conn, "person")["verdict"].to_pylist() == ["same"]


def test_a_judgement_made_while_a_run_is_under_way_is_left_for_the_next(conn: Connection) -> None:
    record_judgement(conn, "person", "a", "b", "same", judged_by="s", reason="r")
    known, until = read_for_run(conn, "person")
    record_judgement(conn, "person", "c", "d", "same", judged_by="s", reason="r")
    conn.execute("insert into core.judgement_effect values ('person', %s, 'night-1')", (until,))
    assert known.num_rows == 1
    assert conn.execute(UNPUBLISHED, ("person", "person")).fetchall() == [("c", "d")]
