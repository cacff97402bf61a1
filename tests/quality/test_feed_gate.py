"""Each rule on a delivery fires on its planted defect and is silent on clean rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from extractors.contract import load_contracts
from quality.gates import gate_feed
from quality.history import FeedHistory
from quality.judge import judge
from quality.suites import SuiteError
from quality.thresholds import limits_of
from quality.verdict import State, Verdict
from tests.quality.clean import BATCH, NIGHT, ROWS, clean_cards, contract_with, table_of

Columns = dict[str, list[Any]]


def gate(
    columns: Columns, *expectations: dict[str, Any], history: list[FeedHistory] | None = None, **facts: Any
) -> Verdict:
    given = {"batch_no": BATCH, "mode": "full", "business_date": NIGHT, "rejected": 0, "as_of": NIGHT, **facts}
    return gate_feed(contract_with(*expectations), table_of(columns), history=history or [], **given)


def numbers(columns: Columns | None = None, **changes: Any) -> FeedHistory:
    """The numbers of the last clean delivery."""
    verdict = gate(columns or clean_cards(), batch_no="20261031-001", business_date=NIGHT - timedelta(days=1))
    return replace(FeedHistory.from_dict(verdict.statistics), **changes)


def spoil(name: str, value: Any, share: float) -> Callable[[Columns], None]:
    """Put `value` into a share of a column's rows."""

    def change(columns: Columns) -> None:
        for row in range(int(len(columns[name]) * share)):
            columns[name][row] = value

    return change


ROW_RULES: list[tuple[dict[str, Any], Callable[[Columns], None]]] = [
    ({"rule": "filled", "field": "id_number", "limit": 0.97}, spoil("id_number", None, 0.10)),
    ({"rule": "unique_key", "limit": 1}, spoil("source_key", "510104|A00000000", 0.001)),
    ({"rule": "unique", "field": "phone", "limit": 0.99}, spoil("phone", "13800000000", 0.05)),
    (
        {"rule": "matches_form", "field": "phone", "pattern": r"^1[3-9]\d{9}$", "limit": 0.95},
        spoil("phone", "028", 0.1),
    ),
    (
        {"rule": "between", "field": "birth_date", "low": "1900-01-01", "high": "as_of", "limit": 0.99},
        spoil("birth_date", date(2027, 1, 1), 0.05),
    ),
    (
        {"rule": "between", "field": "birth_date", "low": "1900-01-01", "limit": 0.99},
        spoil("birth_date", date(1800, 1, 1), 0.05),
    ),
    ({"rule": "valid_id", "field": "id_number", "limit": 0.97}, spoil("id_number_reasons", ["CHECK"], 0.10)),
]


@pytest.mark.parametrize(("expected", "defect"), ROW_RULES, ids=[f"{e['rule']}-{e.get('field')}" for e, _ in ROW_RULES])
def test_a_row_rule_fires_on_its_defect_and_only_on_it(
    expected: dict[str, Any], defect: Callable[[Columns], None]
) -> None:
    clean = gate(clean_cards(), expected)
    assert clean.state is State.PASS
    assert clean.results[0].judged
    columns = clean_cards()
    defect(columns)
    broken = gate(columns, expected)
    assert broken.state is State.STOP
    assert [r.rule_id for r in broken.broken] == [expected["rule"]]
    assert broken.results[0].failing


NUMBER_RULES: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ({"rule": "reject_rate", "limit": 0.02}, {"rejected": 20}, {"rejected": 300}),
    ({"rule": "duplicate_rate", "limit": 0.02}, {"duplicate": 20}, {"duplicate": 300}),
    ({"rule": "row_count_at_least", "limit": ROWS}, {}, {"rows": ROWS - 1}),
    ({"rule": "row_count_against_last", "limit": 0.3}, {"rows": int(ROWS * 0.71)}, {"rows": int(ROWS * 0.69)}),
    ({"rule": "row_count_rise_against_last", "limit": 0.5}, {"rows": int(ROWS * 1.4)}, {"rows": int(ROWS * 1.6)}),
    (
        {"rule": "arrived_in_time", "limit": 1},
        {"as_of": NIGHT + timedelta(days=1)},
        {"as_of": NIGHT + timedelta(days=2)},
    ),
    (
        {"rule": "finding_rate", "field": "sex", "pattern": "UNMAPPED", "limit": 0.02},
        {"findings": {("sex", "UNMAPPED"): 10, ("name", "UNMAPPED"): 900}},
        {"findings": {("sex", "UNMAPPED"): 200}},
    ),
    (
        {"rule": "in_code_table", "field": "card_status", "limit": 0.98},
        {"findings": {("card_status", "CODE_UNMAPPED"): 10, ("sex", "CODE_UNMAPPED"): 900}},
        {"findings": {("card_status", "CODE_UNMAPPED"): 100}},
    ),
]


@pytest.mark.parametrize(("expected", "good", "bad"), NUMBER_RULES, ids=[e["rule"] for e, _, _ in NUMBER_RULES])
def test_a_rule_on_a_number_fires_beyond_its_limit(
    expected: dict[str, Any], good: dict[str, Any], bad: dict[str, Any]
) -> None:
    for facts, state in ((good, State.PASS), (bad, State.STOP)):
        given = dict(facts)
        columns = clean_cards(given.pop("rows", ROWS))
        assert gate(columns, expected, history=[numbers()], **given).state is state


@pytest.mark.parametrize(("field", "value"), [("sex", "M"), ("ethnicity", "汉族"), ("card_status", "停用")])
def test_a_code_outside_its_table_is_seen_even_without_a_finding(field: str, value: str) -> None:
    columns, expected = clean_cards(), {"rule": "in_code_table", "field": field, "limit": 0.98}
    assert gate(columns, expected).state is State.PASS
    spoil(field, value, 0.05)(columns)
    assert gate(columns, expected).state is State.STOP


def test_a_code_table_is_asked_of_coded_fields_only() -> None:
    with pytest.raises(KeyError, match="name is not coded"):
        gate(clean_cards(), {"rule": "in_code_table", "field": "name", "limit": 0.9})


def test_rules_against_the_last_delivery_see_what_moved() -> None:
    expected = [
        {"rule": "fill_against_last", "field": "id_number", "limit": 0.05},
        {"rule": "valid_against_last", "field": "id_number", "limit": 0.02},
        {"rule": "share_against_last", "field": "card_status", "limit": 0.05},
    ]
    assert gate(clean_cards(), *expected, history=[numbers()]).state is State.PASS
    columns = clean_cards()
    spoil("id_number", None, 0.12)(columns)
    spoil("card_status", "cancelled", 0.3)(columns)
    for row in range(1000, 1200):
        columns["id_number_reasons"][row] = ["CHECK"]
    broken = gate(columns, *expected, history=[numbers()])
    assert [r.rule_id for r in broken.results if not r.passed] == [e["rule"] for e in expected]


def test_a_first_delivery_has_nothing_to_be_compared_with() -> None:
    verdict = gate(
        clean_cards(),
        {"rule": "row_count_against_last", "limit": 0.3},
        {"rule": "fill_against_last", "field": "id_number", "limit": 0.05},
        {"rule": "share_against_last", "field": "card_status", "limit": 0.05},
    )
    assert verdict.state is State.PASS
    assert not any(result.judged for result in verdict.results)


def test_a_stopped_delivery_keeps_the_state_and_is_no_measure_for_the_next() -> None:
    """A file half as long is stopped, and so is the same file on the next night."""
    volume = {"rule": "row_count_against_last", "limit": 0.3}
    history = [numbers()]
    for batch_no in ("20261101-001", "20261102-001", "20261103-001"):
        verdict = gate(clean_cards(ROWS // 2), volume, history=history, batch_no=batch_no)
        assert not verdict.may_go_on
        assert verdict.statistics["accepted"] is False
        history.append(FeedHistory.from_dict(verdict.statistics))
    good = gate(clean_cards(), volume, history=history, batch_no="20261104-001")
    assert good.may_go_on
    assert good.statistics["accepted"] is True


def test_a_second_judgement_of_a_batch_is_not_compared_with_itself() -> None:
    volume = {"rule": "row_count_against_last", "limit": 0.3}
    mine = numbers(batch_no=BATCH, records=1)
    assert not gate(clean_cards(), volume, history=[mine]).results[0].judged


def test_a_few_rows_are_not_condemned_for_one() -> None:
    """One missing number among twelve is chance, three among twelve are not."""
    expected = {"rule": "filled", "field": "id_number", "limit": 0.97}
    for missing, state in ((1, State.PASS), (6, State.STOP)):
        columns = clean_cards(12)
        columns["id_number"][:missing] = [None] * missing
        assert gate(columns, expected, mode="delta").state is state


def test_deletions_of_a_delta_are_counted_and_not_judged() -> None:
    columns = clean_cards(100)
    columns["op"][:60] = ["D"] * 60
    columns["name"][:60] = [None] * 60
    verdict = gate(columns, {"rule": "filled", "field": "name", "limit": 0.99}, mode="delta")
    assert verdict.state is State.PASS
    assert (verdict.statistics["records"], verdict.statistics["deletions"], verdict.statistics["read"]) == (40, 60, 100)
    deletions = {"rule": "deletion_rate", "limit": 0.2}
    assert gate(columns, deletions, mode="delta").state is State.STOP
    assert not gate(columns, deletions).results[0].judged


def test_a_delta_of_unusual_size_is_seen_and_month_end_is_no_alarm() -> None:
    size = {"rule": "delta_size_against_usual", "limit": 5}
    past = [
        numbers(
            batch_no=f"2026{month:02d}{day:02d}-001",
            business_date=f"2026-{month:02d}-{day:02d}",
            mode="delta",
            read=read,
        )
        for month in (8, 9, 10)
        for day, read in ((1, 4000), (8, 100), (9, 120), (10, 110), (11, 90))
    ]
    tuesday = date(2026, 11, 10)
    assert (
        gate(clean_cards(), size, history=past, mode="delta", batch_no="20261110-001", business_date=tuesday).state
        is State.STOP
    )
    assert gate(clean_cards(), size, history=past, mode="delta").state is State.PASS  # the first of November


def test_a_delta_that_broke_off_is_seen_and_a_handful_is_none() -> None:
    fall = {"rule": "delta_fall_against_usual", "limit": 0.1}
    for usual, state in ((40_000, State.STOP), (20, State.PASS)):
        past = [
            numbers(batch_no=f"202610{day:02d}-001", business_date=f"2026-10-{day:02d}", mode="delta", read=usual)
            for day in (8, 9, 12, 13)
        ]
        verdict = gate(clean_cards(), fall, history=past, mode="delta", batch_no="20261110-001",
                       business_date=date(2026, 11, 10))  # fmt: skip
        assert verdict.state is state


def test_an_empty_full_file_is_stopped_and_an_empty_delta_passes() -> None:
    expected = [*load_contracts()["hrss_card"].expectations]
    contract = contract_with().model_copy(update={"expectations": tuple(expected)})
    for mode, state in (("full", State.STOP), ("delta", State.PASS)):
        verdict = gate_feed(
            contract,
            table_of(clean_cards(0)),
            batch_no=BATCH, mode=mode, business_date=NIGHT, rejected=0, as_of=NIGHT, history=[numbers()],
        )  # fmt: skip
        assert verdict.state is state


def test_the_gravest_broken_rule_decides() -> None:
    columns = clean_cards()
    spoil("id_number", None, 0.10)(columns)
    limits: list[dict[str, Any]] = [
        {"rule": "filled", "field": "id_number", "limit": 0.99, "severity": "inform"},
        {"rule": "filled", "field": "id_number", "limit": 0.97, "severity": "warn"},
        {"rule": "filled", "field": "id_number", "limit": 0.80, "severity": "stop"},
    ]
    assert gate(columns, limits[0]).state is State.PASS
    assert gate(columns, *limits).state is State.WARN
    spoil("id_number", None, 0.50)(columns)
    assert gate(columns, *limits).state is State.STOP


def test_a_frame_over_arrow_is_judged_as_a_table_is() -> None:
    table, expected = table_of(clean_cards()), {"rule": "valid_id", "field": "id_number", "limit": 0.97}
    facts: dict[str, Any] = {"batch_no": BATCH, "mode": "full", "business_date": NIGHT, "rejected": 0, "as_of": NIGHT}
    frame = table.to_pandas(types_mapper=pd.ArrowDtype)
    assert gate_feed(contract_with(expected), frame, **facts) == gate_feed(contract_with(expected), table, **facts)


def test_the_order_of_the_rows_changes_nothing() -> None:
    columns = clean_cards()
    spoil("id_number", None, 0.02)(columns)
    backwards = {name: values[::-1] for name, values in columns.items()}
    expected = [{"rule": "filled", "field": "id_number", "limit": 0.97}, {"rule": "unique_key", "limit": 1}]
    assert gate(columns, *expected) == gate(backwards, *expected)


def test_a_verdict_travels_as_json() -> None:
    verdict = gate(
        clean_cards(), {"rule": "filled", "field": "name", "limit": 0.99}, {"rule": "reject_rate", "limit": 0.1}
    )
    assert Verdict.from_dict(json.loads(json.dumps(verdict.as_dict()))) == verdict


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        ({"rule": "filled", "limit": 0.9}, "needs a field"),
        ({"rule": "reject_rate"}, "needs a limit"),
        ({"rule": "matches_form", "field": "phone", "limit": 0.9}, "needs a pattern"),
        ({"rule": "between", "field": "birth_date", "limit": 0.9}, "needs low or high"),
    ],
)
def test_an_incomplete_expectation_is_refused(expected: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        gate(clean_cards(), expected)


def test_an_unknown_rule_is_refused_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match=r"known rules: .*filled"):
        limits_of(contract_with({"rule": "is_nice"}).expectations)


def test_a_gate_that_cannot_judge_does_not_pass() -> None:
    """A broken pattern cannot be computed: an error, not a pass, and without a value."""
    with pytest.raises(SuiteError, match="matches_form:phone could not be judged") as caught:
        gate(clean_cards(), {"rule": "matches_form", "field": "phone", "pattern": "(", "limit": 0.9})
    assert "138" not in str(caught.value)


def test_a_rule_for_masters_in_a_contract_is_refused() -> None:
    with pytest.raises(TypeError, match="judges masters"):
        gate(clean_cards(), {"rule": "churn", "limit": 0.1})


def test_no_limits_no_judgement() -> None:
    assert judge((), table_of(clean_cards()), None) == ()  # type: ignore[arg-type]


def test_a_delivery_that_changes_too_much_is_seen_and_month_end_is_no_alarm() -> None:
    churn = {"rule": "churn_against_usual", "limit": 5}
    past = [
        numbers(
            batch_no=f"2026{month:02d}{day:02d}-001",
            business_date=f"2026-{month:02d}-{day:02d}",
            mode="delta",
            churn=usual,
        )
        for month in (8, 9, 10)
        for day, usual in ((1, 0.2), (8, 0.01), (9, 0.012), (10, 0.011), (11, 0.009))
    ]
    tuesday = {"mode": "delta", "batch_no": "20261110-001", "business_date": date(2026, 11, 10)}
    assert gate(clean_cards(), churn, history=past, churn=0.2, **tuesday).state is State.STOP
    assert gate(clean_cards(), churn, history=past, churn=0.03, **tuesday).state is State.PASS
    assert (
        gate(clean_cards(), churn, history=past, churn=0.2, mode="delta").state is State.PASS
    )  # the first of November
    assert not gate(clean_cards(), churn, history=past, **tuesday).results[0].judged  # nobody counted
    assert not gate(clean_cards(), churn, history=past, churn=0.2).results[0].judged  # a full file, no like one before
    quiet = [replace(one, churn=0.0) for one in past]
    assert gate(clean_cards(), churn, history=quiet, churn=0.004, **tuesday).state is State.PASS
    verdict = gate(clean_cards(), churn, history=past, churn=0.03, **tuesday)
    assert FeedHistory.from_dict(verdict.statistics).churn == 0.03
