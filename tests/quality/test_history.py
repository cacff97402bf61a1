"""What a delivery may be compared with: accepted, earlier, of its mode, on a day of its kind."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.history import FeedHistory, MasterStats, kind_of_day, last_accepted, usual_size
from quality.verdict import Dimension, RuleResult, Severity, State, decide


def one(batch_no: str, *, mode: str = "full", read: int = 100, accepted: bool = True) -> FeedHistory:
    day = f"{batch_no[:4]}-{batch_no[4:6]}-{batch_no[6:8]}"
    return FeedHistory("hrss_card", batch_no, mode, day, read, read, 0, 0, 0, accepted=accepted)


@given(st.permutations([one(f"202610{day:02d}-001", mode="delta" if day % 3 else "full") for day in range(1, 13)]))
def test_the_last_one_does_not_depend_on_the_order(history: list[FeedHistory]) -> None:
    last = last_accepted(history, mode="full", before="20261012-001")
    assert last is not None
    assert last.batch_no == "20261009-001"


def test_a_stopped_one_is_passed_over() -> None:
    history = [one("20261001-001"), one("20261002-001", accepted=False), one("20261003-001", mode="delta")]
    last = last_accepted(history, mode="full", before="20261004-001")
    assert last is not None
    assert last.batch_no == "20261001-001"
    assert last_accepted(history, mode="full", before="20261001-001") is None


def test_a_delta_is_held_against_one_of_the_same_kind_of_day() -> None:
    history = [
        one(f"{day:%Y%m%d}-001", mode="delta") for day in (date(2026, 9, 30), date(2026, 10, 28), date(2026, 10, 29))
    ]
    for day, expected in (
        (date(2026, 10, 30), "20260930-001"),
        (date(2026, 10, 27), None),
        (date(2026, 11, 4), "20261029-001"),
    ):
        last = last_accepted(history, mode="delta", before=f"{day:%Y%m%d}-001", business_date=day)
        assert (last.batch_no if last else None) == (expected or "20260930-001")
    weekend = last_accepted(history, mode="delta", before="20261031-001", business_date=date(2026, 10, 24))
    assert weekend is not None, "where no day of the kind is known, the newest serves"


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 10, 29), "weekday"),
        (date(2026, 10, 30), "month_end"),
        (date(2026, 10, 31), "month_end"),
        (date(2026, 11, 1), "month_end"),
        (date(2026, 11, 2), "month_end"),
        (date(2026, 11, 3), "weekday"),
        (date(2026, 11, 7), "weekend"),
        (date(2024, 2, 28), "month_end"),
    ],
)
def test_days_of_a_kind(day: date, kind: str) -> None:
    assert kind_of_day(day) == kind


def test_the_usual_size_needs_three_comparable_days() -> None:
    first = date(2026, 9, 7)  # a Monday
    week = [first + timedelta(days=n) for n in range(4)]
    history = [one(f"{day:%Y%m%d}-001", mode="delta", read=100 + n) for n, day in enumerate(week)]
    monday = date(2026, 9, 14)
    assert usual_size(history[:2], before="20260914-001", business_date=monday) is None
    assert usual_size(history[:3], before="20260914-001", business_date=monday) == 101
    assert usual_size(history, before="20260914-001", business_date=date(2026, 9, 30)) is None


def test_numbers_travel_as_dictionaries() -> None:
    numbers = one("20261001-001")
    assert FeedHistory.from_dict(numbers.as_dict()) == numbers
    stats = MasterStats("person", 1, 2, 2, 0, {"created": 1}, {"name": 1.0})
    assert MasterStats.from_dict(stats.as_dict()) == stats


def result(severity: Severity, *, passed: bool) -> RuleResult:
    texts = {"message": "", "sentence": "", "advice": "", "set_by": "", "unit": "share", "bound": "at_least"}
    numbers = {"observed": 0.5, "limit": 0.9, "allowed": 0.9, "failing": 1}
    return RuleResult("filled", Dimension.COMPLETENESS, severity, "name", passed, True, **numbers, **texts)  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.sampled_from(Severity), st.booleans())))
def test_the_state_is_the_gravest_of_the_broken(drawn: list[tuple[Severity, bool]]) -> None:
    state = decide(result(severity, passed=passed) for severity, passed in drawn)
    gravest = {severity for severity, passed in drawn if not passed}
    assert (state is State.STOP) == (Severity.STOP in gravest)
    assert (state is State.PASS) == (not gravest & {Severity.STOP, Severity.WARN})
