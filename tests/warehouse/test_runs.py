"""Runs, steps, held deliveries and verdicts are written as they happen and read back as reports need them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from tests.warehouse.deliveries import CONTRACTS, make_delivery
from warehouse import runs
from warehouse.database import Connection, WarehouseError
from warehouse.landing import land
from warehouse.nights import read_night

DAY = date(2026, 11, 1)
RUN = runs.run_id_of(DAY)


@dataclass(frozen=True)
class Held:
    """A held delivery as the extractors say it."""

    code: str
    file_name: str
    message: str
    batch_no: str | None = None


def test_a_run_begins_ends_and_is_done(conn: Connection) -> None:
    assert runs.last_finished_date(conn) is None
    assert runs.last_run(conn) is None
    runs.begin_run(conn, RUN, DAY)
    runs.begin_run(conn, RUN, DAY)
    runs.require_open(conn, RUN)
    assert not runs.is_done(conn, DAY)
    runs.finish_run(conn, RUN, "failed", {})
    assert not runs.is_done(conn, DAY)
    with pytest.raises(WarehouseError, match="is failed; expected: running"):
        runs.require_open(conn, RUN)
    runs.begin_run(conn, RUN, DAY)
    runs.finish_run(conn, RUN, "incomplete", {"verdict_pass": 3})
    assert runs.is_done(conn, DAY)
    assert runs.last_finished_date(conn) == DAY
    assert runs.last_run(conn) == RUN
    assert runs.read_run(conn, RUN).counts == {"verdict_pass": 3}


def test_a_run_nobody_began(conn: Connection) -> None:
    for ask in (runs.require_open, runs.read_run):
        with pytest.raises(WarehouseError, match="night-2026-11-01"):
            ask(conn, RUN)
    with pytest.raises(WarehouseError, match="begin_run"):
        runs.finish_run(conn, RUN, "success", {})


def test_steps_come_in_the_order_they_ended(conn: Connection) -> None:
    runs.begin_run(conn, RUN, DAY)
    for feed in ("b", "a", "c"):
        runs.begin_step(conn, RUN, "land", feed)
    runs.end_step(conn, RUN, "land", "a", state="success", rows=5, seconds=1.5)
    runs.end_step(conn, RUN, "land", "b", state="failed", note="TimeoutError")
    runs.begin_step(conn, RUN, "land", "b")
    runs.end_step(conn, RUN, "land", "b", state="warn", rows=0)
    assert [(s.feed, s.state, s.rows, s.note) for s in runs.read_steps(conn, RUN)] == [
        ("a", "success", 5, None), ("b", "warn", 0, None), ("c", "running", None, None),
    ]  # fmt: skip


def test_a_held_delivery_is_said_until_it_lands(conn: Connection, tmp_path: Path) -> None:
    runs.begin_run(conn, RUN, DAY)
    named = Held("COUNT_WRONG", "hrss_card_20261101_20261101-001.csv", "…", "20261101-001")
    nameless = Held("MANIFEST_MISSING", "hrss_card_20261101_20261101-001.csv", "…")
    for held in (named, named, nameless):
        runs.record_held(conn, RUN, held, feed="hrss_card")
    summary = runs.read_run(conn, RUN)
    assert sorted((feed, state, reason) for feed, _, state, reason in summary.held) == [
        ("hrss_card", "held", "COUNT_WRONG"), ("hrss_card", "held", "MANIFEST_MISSING"),
    ]  # fmt: skip
    open_codes = "select code from ops.finding where state <> 'corrected' order by code"
    assert conn.execute(open_codes).fetchall() == [("COUNT_WRONG",), ("MANIFEST_MISSING",)]
    assert runs.landed_batches(conn, "hrss_card") == {}
    made = make_delivery(tmp_path, "hrss_card", "20261101-001", [{"source_key": "a", "name": "甲"}])
    land(conn, CONTRACTS["hrss_card"], made, run_id=RUN)
    assert runs.read_run(conn, RUN).held == []
    assert conn.execute(open_codes).fetchall() == []
    assert runs.landed_batches(conn, "hrss_card") == {"20261101-001": "0" * 64}
    runs.record_held(conn, RUN, named, feed="hrss_card")
    assert runs.landed_batches(conn, "hrss_card") == {"20261101-001": "0" * 64}


def test_what_an_earlier_night_held_is_told_apart(conn: Connection, tmp_path: Path) -> None:
    runs.begin_run(conn, RUN, DAY)
    runs.record_held(
        conn, RUN, Held("HASH_WRONG", "hrss_card_20261101_20261101-001.csv", "…", "20261101-001"), feed="hrss_card"
    )
    runs.finish_run(conn, RUN, "incomplete", {})
    later = runs.run_id_of(date(2026, 11, 2))
    runs.begin_run(conn, later, date(2026, 11, 2))
    made = make_delivery(tmp_path, "hrss_card", "20261102-001", [{"source_key": "a", "name": "甲"}])
    land(conn, CONTRACTS["hrss_card"], made, run_id=later)
    for run_id, state, before in ((RUN, "held", 0), (later, "arrived", 1)):
        view = read_night(conn, ["hrss_card", "ca_assist"], run_id)
        assert view is not None
        assert [(f["feed"], f["state"], f["held_before"]) for f in view.feeds] == [
            ("hrss_card", state, before), ("ca_assist", "no delivery", 0),
        ]  # fmt: skip


def test_verdicts_are_kept_as_the_gate_wrote_them(conn: Connection) -> None:
    runs.begin_run(conn, RUN, DAY)
    runs.record_verdict(conn, RUN, "hrss_card", "20261101-001", {"state": "stop", "statistics": {"rows": 1}})
    assert runs.read_run(conn, RUN).held == [("hrss_card", "20261101-001", "stopped", "GATE_STOPPED")]
    runs.record_verdict(conn, RUN, "hrss_card", "20261101-001", {"state": "pass", "statistics": {"rows": 2}})
    runs.record_verdict(conn, RUN, "person", None, {"state": "warn", "statistics": {}})
    assert [v["statistics"] for v in runs.read_verdicts(conn, "hrss_card")] == [{"rows": 2}]
    assert [v["state"] for v in runs.read_run_verdicts(conn, RUN)] == ["pass", "warn"]
    assert runs.last_published_verdict(conn, "person") is None
    conn.execute("insert into core.publication (run_id, as_of, counts) values (%s, %s, '{}')", (RUN, DAY))
    last = runs.last_published_verdict(conn, "person")
    assert last is not None
    assert last["state"] == "warn"


def test_the_summary_counts_what_the_tables_hold(conn: Connection, tmp_path: Path) -> None:
    runs.begin_run(conn, RUN, DAY)
    for number in (1, 2):
        lines = [{"source_key": f"k{n}", "name": "甲"} for n in range(number + 1)]
        made = make_delivery(tmp_path, "hrss_card", f"20261101-00{number}", lines, rejects=1, duplicate=2)
        land(conn, CONTRACTS["hrss_card"], made, run_id=RUN)
    counts = runs.read_run(conn, RUN).feeds["hrss_card"]
    assert (counts.deliveries, counts.read, counts.loaded, counts.rejected, counts.duplicate) == (2, 11, 5, 2, 4)
    assert (counts.inserted, counts.unchanged) == (3, 2)
