"""Judgements at once: what they change is what the next rebuild says, and taking them back restores every served row."""

from __future__ import annotations

import datetime as dt

import pytest

from runtime.steps import at_once
from runtime.steps.night import StepError
from tests.runtime.test_delta_night import DAY, first_batches, night_of, run, steps_of
from warehouse import desk, partings
from warehouse.contents import load_facts
from warehouse.database import Connection
from warehouse.deliveries import write_delivery
from warehouse.effects import Side, effects_of
from warehouse.judgements import record_judgement, withdraw_judgement

OF_WORK = {"judgement_in_force", "delivery_quality", "finding_count", "finding_day", "finding_state", "quality_score"}
"""Views of what was judged, delivered and found, which an undo adds to."""

COUNTS = ("rejected_count", "duplicate_count", "updated_count", "deleted_count", "unchanged_count", "superseded_count")


def served_tables(conn: Connection) -> list[str]:
    """Files, their values, records, links and lists, and every view over them."""
    views = conn.execute(
        "select schemaname || '.' || viewname from pg_views where schemaname in ('core', 'mart') and not viewname = any(%s)",
        (sorted(OF_WORK),),
    ).fetchall()
    tables = ("person", "person_value", "enterprise", "enterprise_value", "crosswalk", "link")
    lists = [fact.table for fact in load_facts()]
    return [*(f"core.{table}" for table in tables), *lists, *sorted(str(row[0]) for row in views)]


def dump(conn: Connection) -> dict[str, list[str]]:
    """Every row of what is served, but for the runs that wrote it."""
    found = {}
    for table in served_tables(conn):
        schema, name = table.split(".")
        columns = conn.execute(
            "select string_agg(quote_ident(column_name), ', ' order by 1) from information_schema.columns "
            "where table_schema = %s and table_name = %s and column_name !~ '_run_id$|^since_date$|^changed_date$'",
            (schema, name),
        ).fetchone()
        assert columns is not None
        lines = conn.execute(f"select row({columns[0]})::text from {table} order by 1".encode()).fetchall()
        found[table] = [line[0] for line in lines]
    return found


def on_any_day(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """A dump without the views that another logical date alone makes others: by age, and what is counted by day."""
    of_the_day = ("core.person_category", "mart.file_coverage", "mart.person_count")
    return {table: lines for table, lines in found.items() if table not in of_the_day}


def two_files(conn: Connection) -> tuple[str, str]:
    """A record each of two persons with one record each."""
    rows = conn.execute(
        "select min(record_key) from core.crosswalk where subject = 'person' group by master_id having count(*) = 1 "
        "order by master_id limit 2"
    ).fetchall()
    return str(rows[0][0]), str(rows[1][0])


def file_of(conn: Connection, key: str) -> str:
    row = conn.execute("select master_id from core.crosswalk where record_key = %s", (key,)).fetchone()
    assert row is not None
    return str(row[0])


def land_without_subject(conn: Connection, run_id: str) -> None:
    """A delivery of three rows of a feed that no file is made of."""
    conn.execute("create table landing.no_subject as select '1' as batch_no from generate_series(1, 3)")
    conn.execute("create table landing.no_subject_history (batch_no text, until_batch_no text, end_kind text)")
    counts = {"read_count": 3, "loaded_count": 3, "inserted_count": 3}
    told = {"feed": "no_subject", "batch_no": "1", "mode": "full", "state": "landed", "run_id": run_id}
    write_delivery(conn, told | dict.fromkeys(COUNTS, 0) | counts)


def test_judgements_take_effect_at_once_and_are_undone_exactly(conn: Connection) -> None:
    assert at_once.apply_judgements() is None
    first = night_of(DAY)
    run(first, first_batches(first))
    record_judgement(conn, "person", *two_files(conn), "unsure", judged_by="ann", reason="r")
    with pytest.raises(StepError, match="not finished"):
        at_once.apply_judgements()
    conn.execute("update ops.run set state = 'success'")
    land_without_subject(conn, first.run_id)
    assert at_once.apply_judgements() is not None  # what no file is made of holds nothing up
    assert at_once.apply_judgements() is None
    former = dump(conn)

    # joined by a judgement, then taken back
    left, right = two_files(conn)
    homes = {file_of(conn, left), file_of(conn, right)}
    sides = [Side(home, 1, [], "") for home in sorted(homes)]
    told = effects_of(conn, {"review_id": 0, "holds": True}, sides)["same"][1]
    number = record_judgement(conn, "person", left, right, "same", judged_by="ann", reason="one photo")
    name = at_once.apply_judgements()
    kept = file_of(conn, left)
    assert kept == file_of(conn, right)
    (gone,) = homes - {kept}  # what the page told before it was decided
    assert told.words == f"{kept} lives on; {gone} is retired and answers with it for ever."
    assert told.chinese.startswith(f"{kept} 沿用；{gone} 停用")
    causes = conn.execute(
        "select distinct event_kind, cause from ops.change_event where run_id = %s", (name,)
    ).fetchall()
    assert {("merged", f"judgement {number}"), ("redirected", f"judgement {number}")} <= set(causes)
    looked = conn.execute(
        "select row_count from ops.step where run_id = %s and step = 'match' and row_count > 0", (name,)
    )
    assert all(row[0] < 50 for row in looked.fetchall())  # the touched components only
    assert conn.execute("select logical_date from ops.run where run_id = %s", (name,)).fetchone() == (DAY,)
    withdraw_judgement(conn, number, judged_by="ann", reason="it was another photo")
    at_once.apply_judgements()
    assert {file_of(conn, left), file_of(conn, right)} == homes
    assert conn.execute("select count(*) from core.redirect where retired_id = any(%s)", (list(homes),)).fetchone() == (
        0,
    )
    assert dump(conn) == former

    # split by a judgement: it survives a rebuild of everything, and is undone exactly
    large = conn.execute(
        "select master_id from core.crosswalk where subject = 'person' group by 1 having count(*) between 3 and 5 "
        "order by count(*) desc, 1 limit 1"
    ).fetchone()
    assert large is not None
    act = partings.split_file(conn, large[0], [1], judged_by="ann", reason="another person")
    at_once.apply_judgements()
    split = dump(conn)
    assert split["core.crosswalk"] != former["core.crosswalk"]
    rebuilt = night_of(DAY + dt.timedelta(days=1), full_rematch=True)
    run(rebuilt, {})
    conn.execute("update ops.run set state = 'success'")
    assert "records looked at" not in str(steps_of(conn, rebuilt)[("match", "person")][1])
    assert on_any_day(dump(conn)) == on_any_day(split)
    judged = conn.execute("select min(judgement_id) from core.judgement where act_id = %s", (act,)).fetchone()
    assert judged is not None
    partings.undo(conn, judged[0], judged_by="ann", reason="it is one person after all")
    at_once.apply_judgements()
    assert on_any_day(dump(conn)) == on_any_day(former)
    # the id that was given to the records split off lived, and so it answers for ever
    assert conn.execute("select distinct master_id from core.redirect").fetchall() == [(large[0],)]

    # a decided case
    case = desk.take_next(conn, "ann")
    assert case is not None
    keys = conn.execute("select left_key, right_key from core.review where review_id = %s", (case,)).fetchone()
    assert keys is not None
    assert desk.decide(conn, case, "ann", "not_same", reason="twins").state == "decided"
    at_once.apply_judgements()
    assert conn.execute("select state from core.review where review_id = %s", (case,)).fetchone() != ("open",)
    assert file_of(conn, keys[0]) != file_of(conn, keys[1])


def test_the_review_queue_is_small(conn: Connection) -> None:
    persons, waiting = conn.execute(
        "select (select count(*) from core.person), (select count(*) from core.review where subject = 'person' "
        "and state in ('open', 'taken', 'deferred'))"
    ).fetchone() or (0, 0)
    assert persons > 1000
    assert waiting < 0.005 * persons, f"{waiting} cases for {persons} persons"
