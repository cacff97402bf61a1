"""Outcomes are kept one by one, come back as they were, and docs/benchmarks.md says what was kept."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from benchmarks import __main__ as benchmarks
from benchmarks import kept, page
from benchmarks.goal import Goal, Outcome

OUTCOME = Outcome(
    "province: 7 persons",
    ("feed", "rows", "MiB"),
    (("hrss_card", 7, 0.25), ("all", 7, float("nan"))),
    (
        Goal("province.seconds", 3.5, "s", 2, at_most=True),
        Goal("province.rows", 7, "rows", 7, at_most=False),
    ),
    "One run.",
)


def test_the_page_is_what_the_kept_outcomes_render() -> None:
    rendered = page.render(benchmarks.BENCHMARKS)
    assert page.PAGE.read_text(encoding="utf-8") == rendered, "run `make docs`"


def test_every_kept_outcome_is_of_a_benchmark() -> None:
    assert {path.stem for path in kept.FOLDER.glob("*.json")} <= set(benchmarks.BENCHMARKS)


def test_an_outcome_comes_back_as_it_was(tmp_path: Path) -> None:
    rows = (("hrss_card", np.int64(7), np.float64(0.25)),)
    outcome = Outcome(OUTCOME.title, OUTCOME.columns, rows, OUTCOME.goals, OUTCOME.remarks)
    path = kept.keep("province", outcome, date(2026, 11, 1), tmp_path)
    found = kept.read_kept("province", tmp_path)
    assert found is not None
    assert found.outcome == Outcome(OUTCOME.title, OUTCOME.columns, OUTCOME.rows[:1], OUTCOME.goals, OUTCOME.remarks)
    assert found.measured_date == date(2026, 11, 1)
    told = json.loads(path.read_text())
    assert told["commit"]
    assert "duckdb" in told["versions"]


def test_the_page_tells_what_is_missed_and_what_is_not_measured(tmp_path: Path) -> None:
    kept.keep("province", OUTCOME, date(2026, 11, 1), tmp_path)
    told = page.render(("province", "night"), tmp_path)
    assert "1 of 2 goals are met. Missed:" in told
    assert "Not measured yet: `night`." in told
    assert "## province: 7 persons\n\nMeasured 2026-11-01 at " in told
    assert "goal province.seconds 3.5 s target 2 missed" in told


def test_keeping_writes_the_outcome_and_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.province.run", lambda: OUTCOME)
    written: list[str] = []
    monkeypatch.setattr(benchmarks, "keep", lambda name, outcome, day: kept.keep(name, outcome, day, tmp_path))
    monkeypatch.setattr(benchmarks, "write_page", lambda names: written.append(page.render(names, tmp_path)))
    monkeypatch.setattr("sys.argv", ["benchmarks", "province", "--keep", "--date", "2026-11-02"])
    assert benchmarks.main() == 1
    assert "Measured 2026-11-02" in written[0]
