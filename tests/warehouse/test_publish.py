"""Publishing keeps law 7 (all or nothing), writes only what changed, and keeps the history of what it changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.warehouse.conftest import EMPTY
from tests.warehouse.deliveries import CONTRACTS, Files, make_delivery
from warehouse import publish as publishing
from warehouse.database import Connection, CountError, WarehouseError, connect
from warehouse.landing import land
from warehouse.masters import read_crosswalk, read_next_number, stage
from warehouse.publish import publish
from warehouse.publish_counts import PublishCounts
from warehouse.runs import has_unpublished_changes

DAYS = [date(2026, 11, n) for n in range(1, 30)]
LIVE = (
    "core.person", "core.person_history", "core.person_value", "core.person_value_history", "core.crosswalk",
    "core.crosswalk_history", "core.link", "core.link_history", "core.redirect", "core.redirect_history", "core.review",
    "core.card", "core.card_history", "core.id_counter", "core.publication", "ops.change_event",
)  # fmt: skip


def rows(conn: Connection, what: str) -> list[Any]:
    return conn.execute(what).fetchall()  # type: ignore[call-overload, no-any-return]


def served(conn: Connection) -> dict[str, list[Any]]:
    """Everything publishing writes."""
    return {table: sorted(rows(conn, f"select t::text from {table} t")) for table in LIVE}


def arrive(conn: Connection, folder: Path, night: int, keys: Iterable[str]) -> None:
    """A full delivery of cards with these numbers."""
    lines = [
        {"source_key": k, "name": "王小明", "card_number": k, "issue_area_code": "510104", "card_status": "normal"}
        for k in sorted(keys)
    ]
    made = make_delivery(folder, "hrss_card", f"202611{night:02}-001", lines)
    land(conn, CONTRACTS["hrss_card"], made, run_id=f"night-{night}")


def keyed(**files: str) -> dict[str, list[str]]:
    """keyed(P1="ab") → {"P1": ["hrss_card:a", "hrss_card:b"]}"""
    return {file: [f"hrss_card:{k}" for k in keys] for file, keys in files.items()}


def golden(**names: str) -> dict[str, dict[str, str]]:
    return {file: {"name": name, "birth_date": "1985-01-02"} for file, name in names.items()}


def night(conn: Connection, number: int, files: Files) -> PublishCounts:
    stage(conn, "person", f"night-{number}", **files.staged())
    return publish(conn, f"night-{number}", DAYS[number - 1])


FIRST = Files(
    keyed(P1="ab", P2="c"),
    golden(P1="王小明", P2="李四"),
    losing=[("P1", "name", "王晓明", "hrss_card:b")],
    links=[("hrss_card:a", "hrss_card:b")],
    reviews=[("doubtful", "hrss_card:b", "hrss_card:c")],
    events=[("created", "P1", None), ("created", "P2", None)],
    next_number=2,
)


def test_the_first_night_serves_all_that_was_staged(conn: Connection, tmp_path: Path) -> None:
    arrive(conn, tmp_path, 1, "abc")
    assert has_unpublished_changes(conn, "person")
    counts = night(conn, 1, FIRST)
    assert (counts.new, counts.changed, counts.retired, counts.cards_changed) == (2, 0, 0, 3)
    persons = "select master_id, name, birth_date, record_count, created_run_id from core.person order by 1"
    assert rows(conn, persons) == [
        ("P1", "王小明", date(1985, 1, 2), 2, "night-1"), ("P2", "李四", date(1985, 1, 2), 1, "night-1"),
    ]  # fmt: skip
    assert rows(conn, "select value, feed, is_winner from core.person_value where field = 'name' order by 1") == [
        ("李四", "hrss_card", True), ("王小明", "hrss_card", True), ("王晓明", "hrss_card", False),
    ]  # fmt: skip
    assert rows(conn, "select master_id, rule, score, reasons from core.link") == [
        ("P1", "same_id", 30.5, "number: same")
    ]
    assert rows(conn, "select review_kind, left_id, right_id, state from core.review") == [
        ("doubtful", "P1", "P2", "open")
    ]
    assert rows(conn, "select card_number, master_id from core.card order by 1") == [
        ("a", "P1"),
        ("b", "P1"),
        ("c", "P2"),
    ]
    assert read_next_number(conn, "person") == 2
    assert read_crosswalk(conn, "person").to_pydict() == {
        "record_key": ["hrss_card:a", "hrss_card:b", "hrss_card:c"], "master_id": ["P1", "P1", "P2"],
    }  # fmt: skip
    assert not has_unpublished_changes(conn, "person")


def test_the_same_night_again_writes_nothing(conn: Connection, tmp_path: Path) -> None:
    arrive(conn, tmp_path, 1, "abc")
    first = night(conn, 1, FIRST)
    before = served(conn)
    again = publish(conn, "night-1", DAYS[0])
    assert again.is_repeat
    assert again.subjects == first.subjects
    assert served(conn) == before


def test_staged_again_the_same_run_is_published_again(conn: Connection, tmp_path: Path) -> None:
    arrive(conn, tmp_path, 1, "abc")
    night(conn, 1, FIRST)
    counts = night(conn, 1, Files(keyed(P1="ab", P2="c"), golden(P1="王小明", P2="李四四"), next_number=2))
    assert (counts.is_repeat, counts.new, counts.changed) == (False, 0, 1)
    assert rows(conn, "select name from core.person where master_id = 'P2'") == [("李四四",)]


def test_a_night_without_change_touches_no_row(conn: Connection, tmp_path: Path) -> None:
    arrive(conn, tmp_path, 1, "abc")
    night(conn, 1, FIRST)
    tables = [t for t in LIVE if t not in ("core.publication", "core.id_counter", "ops.change_event")]
    before = {t: sorted(rows(conn, f"select t.ctid::text, t.xmin::text from {t} t")) for t in tables}
    counts = night(conn, 2, Files(**{**FIRST.__dict__, "events": []}))
    assert counts.changed_rows == 0
    assert {t: sorted(rows(conn, f"select t.ctid::text, t.xmin::text from {t} t")) for t in tables} == before
    assert rows(conn, "select count(*) from stage.person") == [(0,)]


def test_a_change_ends_one_version_and_begins_one(conn: Connection, tmp_path: Path) -> None:
    arrive(conn, tmp_path, 1, "abc")
    night(conn, 1, FIRST)
    arrive(conn, tmp_path, 2, "abcd")
    second = Files(keyed(P1="abd", P2="c"), golden(P1="王大明", P2="李四"), links=FIRST.links, next_number=2)
    counts = night(conn, 2, second)
    assert (counts.new, counts.changed, counts.subjects["person"].review_gone) == (0, 1, 1)
    assert rows(conn, "select name, since_run_id, until_run_id, until_date from core.person_history") == [
        ("王小明", "night-1", "night-2", DAYS[1])
    ]
    assert rows(
        conn, "select name, record_count, created_run_id, since_run_id from core.person where master_id = 'P1'"
    ) == [("王大明", 3, "night-1", "night-2")]
    ended = rows(conn, "select value, until_run_id from core.person_value_history order by 1")
    assert ended == [("王小明", "night-2"), ("王晓明", "night-2")]
    assert rows(conn, "select count(*) from core.person_value where master_id = 'P1' and field = 'birth_date'") == [
        (1,)
    ]
    assert rows(conn, "select event_kind, master_id from ops.change_event where run_id = 'night-2'") == [
        ("changed", "P1")
    ]
    assert rows(conn, "select state, closed_run_id from core.review") == [("gone", "night-2")]


def test_merged_files_redirect_for_ever_and_live_again_when_parted(conn: Connection, tmp_path: Path) -> None:
    arrive(conn, tmp_path, 1, "abc")
    night(conn, 1, Files(keyed(P1="a", P2="b", P3="c"), golden(P1="甲", P2="甲", P3="甲"), next_number=3))
    merged = Files(keyed(P2="ab", P3="c"), golden(P2="甲", P3="甲"), redirects={"P1": "P2"}, next_number=3)
    counts = night(conn, 2, merged)
    assert (counts.merged, counts.retired) == (1, 1)
    night(conn, 3, Files(keyed(P3="abc"), golden(P3="甲"), redirects={"P2": "P3"}, next_number=3))
    assert rows(conn, "select core.survivor('P1'), core.survivor('P2'), core.survivor('P3'), core.survivor('P9')") == [
        ("P3", "P3", "P3", None)
    ]
    assert rows(conn, "select answer, master_id_now, is_redirected from card.file_now('P1')") == [("found", "P3", True)]
    counts = night(conn, 4, Files(keyed(P1="a", P3="bc"), golden(P1="甲", P3="甲"), next_number=3))
    assert counts.new == 1
    assert rows(conn, "select core.survivor('P1'), core.survivor('P2')") == [("P1", "P3")]
    assert rows(conn, "select retired_id, until_run_id from core.redirect_history") == [("P1", "night-4")]
    moved = "select record_key, master_id, until_run_id from core.crosswalk_history order by until_run_id, 1"
    assert rows(conn, moved) == [
        ("hrss_card:a", "P1", "night-2"), ("hrss_card:a", "P2", "night-3"), ("hrss_card:b", "P2", "night-3"),
        ("hrss_card:a", "P3", "night-4"),
    ]  # fmt: skip


STEPS = [
    "publish_masters",
    "end_and_add",
    "publish_redirects",
    "publish_events",
    "publish_reviews",
    "publish_facts",
    "publish_conflicts",
    "_close",
]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("kind", ["fault", "killed"])
def test_whatever_fails_yesterday_stays_live_and_whole(
    conn: Connection, warehouse_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, kind: str
) -> None:
    arrive(conn, tmp_path, 1, "abc")
    night(conn, 1, FIRST)
    arrive(conn, tmp_path, 2, "abcd")
    stage(conn, "person", "night-2", **Files(keyed(P2="abcd"), golden(P2="王"), redirects={"P1": "P2"}).staged())
    before = served(conn)
    whole = getattr(publishing, step)

    def fail(connection: Connection, *more: Any, **named: Any) -> Any:
        whole(connection, *more, **named)
        if kind == "fault":
            raise RuntimeError("injected")
        conn.execute("select pg_terminate_backend(%s)", (connection.info.backend_pid,))
        connection.execute("select 1")

    with monkeypatch.context() as patch, connect(warehouse_url) as victim:
        patch.setattr(publishing, step, fail)
        with pytest.raises((RuntimeError, WarehouseError)):
            publish(victim, "night-2", DAYS[1])
    assert served(conn) == before
    assert publish(conn, "night-2", DAYS[1]).merged == 1
    assert rows(conn, "select master_id, record_count from core.person") == [("P2", 4)]


def test_readers_see_the_old_state_until_all_is_there(
    conn: Connection, warehouse_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(conn, tmp_path, 1, "abc")
    night(conn, 1, FIRST)
    stage(conn, "person", "night-2", **Files(keyed(P1="abc"), golden(P1="新"), redirects={"P2": "P1"}).staged())
    seen: list[Any] = []
    whole = publishing._close
    with connect(warehouse_url) as reader, monkeypatch.context() as patch:

        def look(*more: Any) -> None:
            whole(*more)
            seen.extend(rows(reader, "select count(*), max(name) from core.person"))

        patch.setattr(publishing, "_close", look)
        publish(conn, "night-2", DAYS[1])
    assert seen == [(2, "王小明")]
    assert rows(conn, "select count(*), max(name) from core.person") == [(1, "新")]


def test_a_record_without_a_file_is_never_published(conn: Connection, tmp_path: Path) -> None:
    arrive(conn, tmp_path, 1, "abc")
    stage(conn, "person", "night-1", **Files(keyed(P1="ab"), golden(P1="甲")).staged())
    with pytest.raises(CountError, match=r"against landed records: counted 2, expected 3"):
        publish(conn, "night-1", DAYS[0])
    assert rows(conn, "select count(*) from core.person") == [(0,)]


def test_rows_that_do_not_reach_the_live_tables_are_noticed(
    conn: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(conn, tmp_path, 1, "abc")
    stage(conn, "person", "night-1", **FIRST.staged())
    whole = publishing.publish_masters

    def lose_one(connection: Connection, *more: Any) -> Any:
        done = whole(connection, *more)
        connection.execute("delete from core.person where master_id = 'P2'")
        return done

    monkeypatch.setattr(publishing, "publish_masters", lose_one)
    with pytest.raises(CountError):
        publish(conn, "night-1", DAYS[0])
    assert rows(conn, "select count(*) from core.crosswalk") == [(0,)]


def test_a_stage_emptied_by_a_crash_is_noticed(conn: Connection, tmp_path: Path) -> None:
    arrive(conn, tmp_path, 1, "abc")
    stage(conn, "person", "night-1", **FIRST.staged())
    conn.execute("truncate stage.person_crosswalk")
    with pytest.raises(WarehouseError, match="Run the master step of this run again"):
        publish(conn, "night-1", DAYS[0])


@pytest.mark.parametrize(
    "wrong",
    [
        Files(keyed(P1="ab", P2="b"), golden(P1="甲", P2="乙")),
        Files(keyed(P1="ab", P2=""), golden(P1="甲", P2="乙")),
        Files(keyed(P1="ab"), golden(P1="甲"), links=[("hrss_card:zz", "hrss_card:a")]),
    ],
    ids=["record in two files", "file without records", "link of an unknown record"],
)
def test_masters_that_do_not_hold_together_are_not_staged(conn: Connection, wrong: Files) -> None:
    with pytest.raises(CountError):
        stage(conn, "person", "night-1", **wrong.staged())
    assert rows(conn, "select count(*) from stage.staged_run") == [(0,)]


def test_a_column_nobody_knows_is_refused(conn: Connection) -> None:
    with pytest.raises(WarehouseError, match="shoe_size"):
        stage(conn, "person", "night-1", **Files(keyed(P1="a"), {"P1": {"shoe_size": "42"}}).staged())


def test_a_decided_case_is_not_asked_again(conn: Connection, tmp_path: Path) -> None:
    arrive(conn, tmp_path, 1, "abc")
    night(conn, 1, FIRST)
    conn.execute("update core.review set state = 'decided'")
    assert night(conn, 2, FIRST).subjects["person"].review_opened == 0
    conn.execute("update core.review set state = 'gone'")
    assert night(conn, 3, FIRST).subjects["person"].review_opened == 1


NIGHTS = st.lists(
    st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["P1", "P2", "P3"]), min_size=1), min_size=1, max_size=5
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NIGHTS)
def test_any_nights_end_as_one_rebuild_would(conn: Connection, tmp_path: Path, nights: list[Any]) -> None:
    """Law 3 for the warehouse: what is served depends on the last night only; history rebuilds every night before."""
    columns = "select master_id, name, birth_date, record_count, fingerprint from core.person order by 1"
    walk = "select record_key, master_id from core.crosswalk order by 1"
    values = "select master_id, field, value, record_key, is_winner from core.person_value order by 1, 2, 3"

    def files(owners: dict[str, str]) -> Files:
        grouped: dict[str, str] = {}
        for key in sorted(owners):
            grouped[owners[key]] = grouped.get(owners[key], "") + key
        return Files(keyed(**grouped), golden(**{m: f"名{keys}" for m, keys in grouped.items()}))

    conn.execute(EMPTY)
    seen = []
    for number, owners in enumerate(nights, 1):
        arrive(conn, tmp_path, number, owners)
        night(conn, number, files(owners))
        seen.append(rows(conn, walk))
    for number, believed in enumerate(seen, 1):
        day = DAYS[number - 1].isoformat()
        then = rows(
            conn,
            f"select record_key, master_id from core.crosswalk where since_date <= '{day}' union all "
            f"select record_key, master_id from core.crosswalk_history where since_date <= '{day}' "
            f"and until_date > '{day}' order by 1",
        )
        assert then == believed
    step_by_step = [rows(conn, q) for q in (columns, walk, values)]
    conn.execute(EMPTY)
    arrive(conn, tmp_path, len(nights), nights[-1])
    night(conn, len(nights), files(nights[-1]))
    assert [rows(conn, q) for q in (columns, walk, values)] == step_by_step
