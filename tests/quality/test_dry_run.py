"""New limits on past nights: the same limits give the same verdicts, others change what they should and no more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from quality.dry_run import render, replay
from quality.gates import gate_feed
from quality.history import FeedHistory
from quality.thresholds import limits_from, limits_of
from quality.verdict import Severity, State
from tests.quality.clean import clean_cards, contract_with, table_of

FIRST = date(2026, 10, 2)
LIMITS = (
    {"rule": "row_count_against_last", "limit": 0.30},
    {"rule": "filled", "field": "id_number", "limit": 0.97, "severity": "warn"},
    {"rule": "matches_form", "field": "phone", "pattern": "^1[0-9]{10}$", "limit": 0.9, "severity": "warn"},
)
SIZES = (2000, 2000, 1700, 1900, 1000, 1950)  # the fifth is half of the fourth


@dataclass(frozen=True)
class Judged:
    day: date
    detail: dict[str, Any]


@pytest.fixture(scope="module")
def nights() -> list[Judged]:
    """Six full files; in the third one number of ten is missing."""
    history: list[FeedHistory] = []
    found = []
    for number, size in enumerate(SIZES):
        day = FIRST + timedelta(days=number)
        columns = clean_cards(size)
        if number == 2:
            columns["id_number"] = [None if n % 10 == 0 else value for n, value in enumerate(columns["id_number"])]
        verdict = gate_feed(
            contract_with(*LIMITS), table_of(columns), batch_no=f"{day:%Y%m%d}-001", mode="full", business_date=day,
            rejected=0, as_of=day, history=history,
        )  # fmt: skip
        history.append(FeedHistory.from_dict(verdict.statistics))
        found.append(Judged(day, verdict.as_dict()))
    return found


def states(nights: list[Judged], *limits: dict[str, Any]) -> list[State]:
    contract = contract_with(*limits)
    return [one.now for one in replay(contract, limits_of(contract.expectations), nights)]


def test_the_same_limits_say_the_same(nights: list[Judged]) -> None:
    replayed = replay(contract_with(*LIMITS), limits_of(contract_with(*LIMITS).expectations), nights)
    assert [one.now for one in replayed] == [one.then for one in replayed]
    assert [one.then for one in replayed] == ["pass", "pass", "warn", "pass", "stop", "pass"]
    assert render(replayed).endswith("6 deliveries: stop 1 -> 1, warn 1 -> 1, pass 4 -> 4; 0 changed\n")


def test_a_looser_limit_lets_the_short_file_pass_and_it_becomes_the_measure(nights: list[Judged]) -> None:
    assert states(nights, {"rule": "row_count_against_last", "limit": 0.6}) == ["pass"] * 6
    # the last file is twice the fifth: only if that one had been taken does a limit on rises see it
    rise = {"rule": "row_count_rise_against_last", "limit": 0.5}
    assert states(nights, {"rule": "row_count_against_last", "limit": 0.6}, rise)[-1] == "stop"
    assert states(nights, {"rule": "row_count_against_last", "limit": 0.3}, rise)[-1] == "pass"


def test_a_tighter_limit_stops_what_was_warned_of(nights: list[Judged]) -> None:
    assert states(nights, {"rule": "filled", "field": "id_number", "limit": 0.97})[2] == "stop"
    assert states(nights, {"rule": "fill_against_last", "field": "id_number", "limit": 0.05})[2] == "stop"


def test_what_was_not_measured_is_said_and_not_judged(nights: list[Judged]) -> None:
    contract = contract_with({"rule": "between", "field": "birth_date", "low": "1900-01-01", "limit": 1.0})
    replayed = replay(contract, limits_of(contract.expectations), nights)
    assert {one.now for one in replayed} == {State.PASS}
    assert "not measured then, not judged: between birth_date" in render(replayed)


def test_the_table_says_which_rule_and_how_far(nights: list[Judged]) -> None:
    contract = contract_with({"rule": "matches_form", "field": "phone", "limit": 1.0, "pattern": "^1[0-9]{10}$"},
                             {"rule": "row_count_against_last", "limit": 0.1})  # fmt: skip
    page = render(replay(contract, limits_of(contract.expectations), nights))
    assert "stop row_count_against_last: 0.15, allowed 0.1" in page
    assert "<- changed" in page


def test_limits_come_from_a_list_or_a_contract(tmp_path: Path) -> None:
    path = tmp_path / "limits.yml"
    line = '{rule: filled, field: name, limit: 0.5, severity: warn, set_by: "a trial"}'
    path.write_text(f"- {line}\n")
    (limit,) = limits_from(path)
    assert (limit.rule, limit.number, limit.severity) == ("filled", 0.5, Severity.WARN)
    path.write_text(f"feed: x\nexpectations:\n  - {line}\n")
    assert limits_from(path) == (limit,)
    path.write_text("[]\n")
    with pytest.raises(ValueError, match="holds no limits"):
        limits_from(path)
    path.write_text("- {rule: filled, severity: warn}\n")
    with pytest.raises(ValueError, match="missing keys"):
        limits_from(path)
