"""Which night is next, and what a person asked for; against a real warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from extractors.contract import load_contracts
from runtime import airflow, night
from runtime.settings import read_settings
from warehouse import runs
from warehouse.database import Connection, connect
from warehouse.migrate import migrate

FIRST = date(2026, 11, 1)


@pytest.fixture(scope="module")
def conn(database_url: str) -> Iterator[Connection]:
    migrate(database_url)
    with connect(database_url) as opened:
        yield opened


def finish(conn: Connection, day: date, state: str) -> None:
    runs.begin_run(conn, runs.run_id_of(day), day)
    runs.finish_run(conn, runs.run_id_of(day), state, {})


def test_nights_follow_each_other(conn: Connection) -> None:
    assert night.choose_date(conn, None, FIRST) == (FIRST, False)
    runs.begin_run(conn, runs.run_id_of(FIRST), FIRST)
    assert night.choose_date(conn, None, FIRST) == (FIRST, False), "an interrupted night is run again"
    finish(conn, FIRST, "failed")
    assert night.choose_date(conn, None, FIRST) == (FIRST, False), "a night that published nothing is run again"
    finish(conn, FIRST, "success")
    assert night.choose_date(conn, None, FIRST) == (date(2026, 11, 2), False)
    assert night.choose_date(conn, FIRST, FIRST) == (FIRST, True)
    finish(conn, date(2026, 11, 3), "incomplete")
    assert night.choose_date(conn, None, FIRST) == (date(2026, 11, 4), False), (
        "a night without one feed is not repeated"
    )
    with pytest.raises(night.NightError, match="Nights run in order"):
        night.choose_date(conn, date(2026, 11, 2), FIRST)


def test_a_wrong_date_or_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(night.NightError, match="DATE=1st"):
        night.read_asked({"DATE": "1st"})
    with pytest.raises(night.NightError, match="INBOX="):
        night.read_asked({"INBOX": str(tmp_path / "absent")})
    assert night.read_asked({"INBOX": str(tmp_path), "DATE": ""}) == night.Asked(None, tmp_path)


def test_an_unfinished_contract_is_named_before_anything_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = tmp_path / "ed_student.yml"
    draft.write_text("feed: ed_student\nkey: ['FILL IN: name of the new field']\n", encoding="utf-8")
    monkeypatch.setattr(night, "load_contracts", lambda: load_contracts(tmp_path))
    monkeypatch.setattr(night, "servers_up", None)
    with pytest.raises(night.NightError, match=r"extractors/feeds/ed_student\.yml: 1 places still say FILL IN: key"):
        night.run_night(read_settings(), night.Asked(FIRST, tmp_path))


def test_what_a_silent_night_waits_for_is_named() -> None:
    tasks = [
        {"task_id": "by_feed.land", "rendered_map_index": "hrss_card", "state": "running"},
        {"task_id": "by_feed.receive", "rendered_map_index": "nhc_birth", "state": "queued"},
        {"task_id": "publish", "rendered_map_index": None, "state": None},
        {"task_id": "by_feed.gate", "rendered_map_index": "hrss_card", "state": "success"},
    ]
    assert night.waited_for(tasks) == "by_feed.land hrss_card (running), by_feed.receive nhc_birth (queued)"
    assert "scheduler" in night.waited_for(tasks[2:])


def test_a_killed_airflow_is_told_with_what_to_do() -> None:
    with pytest.raises(airflow.AirflowError, match=r"no answer .* What was published stays.* the same command again"):
        airflow.Client(1, airflow.Account("admin", "")).run_state(airflow.DAG_ID, "night-2026-11-02")
