"""Each rule on masters fires on its planted defect and is silent on clean ones; the limits hang together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

import pytest

from quality.gates import gate_masters
from quality.history import MasterStats
from quality.rules import RULES
from quality.rules.rule import MasterMeasureRule, RowRule
from quality.thresholds import limits_of_masters
from quality.verdict import Severity, State, Verdict
from tests.quality.clean import NIGHT, ROWS, clean_persons, table_of

Columns = dict[str, list[Any]]
LAST = MasterStats(
    "person", ROWS, 4 * ROWS, 6, 3, {"created": ROWS}, {"name": 1.0, "id_number": 1.0, "birth_date": 1.0}
)
NOW = replace(LAST, events={"joined": 30, "created": 2, "merged": 1, "redirected": 1})


def gate(columns: Columns, now: MasterStats = NOW, last: MasterStats | None = LAST) -> Verdict:
    return gate_masters("person", table_of(columns), now=now, last=last, as_of=NIGHT)


def broken(verdict: Verdict) -> set[tuple[str, str | None]]:
    return {(result.rule_id, result.field) for result in verdict.broken}


def spoil(name: str, value: Any, share: float) -> Callable[[Columns], None]:
    def change(columns: Columns) -> None:
        for row in range(int(ROWS * share)):
            columns[name][row] = value

    return change


def test_clean_masters_pass_on_a_first_and_on_a_later_night() -> None:
    assert gate(clean_persons()).state is State.PASS
    first = gate(clean_persons(), last=None)
    assert first.state is State.PASS
    assert any(not result.judged for result in first.results)
    assert all(result.judged for result in gate(clean_persons()).results)


@pytest.mark.parametrize(
    ("rule", "field", "defect"),
    [
        ("unique", "master_id", spoil("master_id", "P000000", 0.01)),
        ("filled", "name", spoil("name", None, 0.05)),
        ("filled", "id_number", spoil("id_number", None, 0.20)),
        ("fill_against_last", "id_number", spoil("id_number", None, 0.09)),
        ("valid_id", "id_number", spoil("id_number_reasons", ["CHECK"], 0.10)),
        ("unique", "id_number", spoil("id_number", "510104196001010000", 0.05)),
        ("one_current_id", None, spoil("valid_id_count", 2, 0.05)),
    ],
)
def test_a_spoilt_column_stops_the_publish(rule: str, field: str | None, defect: Callable[[Columns], None]) -> None:
    columns = clean_persons()
    defect(columns)
    verdict = gate(columns)
    assert (rule, field) in broken(verdict)
    assert verdict.state is State.STOP


def test_files_that_contradict_themselves_are_warned_of() -> None:
    columns = clean_persons()
    spoil("fact_count", 2, 0.2)(columns)
    verdict = gate(columns)
    assert broken(verdict) == {("one_word", None)}
    assert verdict.state is State.WARN


@pytest.mark.parametrize(
    ("rule", "now", "state"),
    [
        ("largest_cluster", replace(NOW, largest=400), State.STOP),
        ("largest_cluster", replace(NOW, largest=61), State.WARN),
        ("master_count_against_last", replace(NOW, masters=int(ROWS * 0.94), records=int(4 * ROWS * 0.94)), State.STOP),
        ("records_per_master_against_last", replace(NOW, records=6 * ROWS), State.STOP),
        ("records_per_master_against_last", replace(NOW, records=2 * ROWS), State.STOP),
        ("churn", replace(NOW, events={"retired": ROWS // 10}), State.STOP),
        ("merge_rate", replace(NOW, events={"merged": ROWS // 20}), State.STOP),
        ("split_rate", replace(NOW, events={"split": ROWS // 10}), State.STOP),
        ("moved_rate", replace(NOW, events={"records_moved": 4 * ROWS // 20}), State.STOP),
        ("review_rate", replace(NOW, reviews=ROWS // 10), State.WARN),
    ],
)
def test_a_night_unlike_the_last_is_seen(rule: str, now: MasterStats, state: State) -> None:
    verdict = gate(clean_persons(), now)
    assert {name for name, _ in broken(verdict)} == {rule}
    assert verdict.state is state


@pytest.mark.parametrize("count", ["records_without_master", "masters_without_record"])
def test_no_record_and_no_master_stands_alone(count: str) -> None:
    verdict = gate_masters("person", table_of(clean_persons()), now=NOW, last=LAST, as_of=NIGHT, **{count: 1})
    assert verdict.state is State.STOP


def test_large_masters_are_noted() -> None:
    columns = clean_persons()
    spoil("record_count", 40, 0.01)(columns)
    assert broken(gate(columns)) == {("cluster_size", None)}


@pytest.mark.parametrize("subject", ["person", "enterprise"])
def test_the_limits_of_masters_hang_together(subject: Literal["person", "enterprise"]) -> None:
    limits = limits_of_masters(subject)
    rules = {limit.rule for limit in limits}
    asked = {name for name, rule in RULES.items() if isinstance(rule, MasterMeasureRule)}
    assert asked <= rules
    assert all(isinstance(RULES[name], MasterMeasureRule | RowRule) for name in rules)
    assert all(len(limit.set_by) > 10 for limit in limits)
    for limit in limits:  # a warning comes before the stop
        for other in limits:
            same = limit.rule == other.rule and limit.field == other.field and limit.high == other.high
            if same and limit.severity is Severity.WARN and other.severity is Severity.STOP:
                at_most = RULES[limit.rule].bound == "at_most" or RULES[limit.rule].unit == "points"
                assert limit.number < other.number if at_most else limit.number > other.number


def test_a_line_with_an_unknown_key_is_refused(tmp_path: Any) -> None:
    (tmp_path / "person.yml").write_text('- {rule: churn, severity: stop, limits: 1, set_by: "a test"}\n')
    with pytest.raises(ValueError, match=r"unknown keys \['limits'\]"):
        limits_of_masters("person", tmp_path)
