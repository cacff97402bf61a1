"""A feed that sends nothing by its contract's deadline is told of, more gravely the longer it lasts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from extractors.contract import load_contracts
from quality.arrivals import overdue
from quality.verdict import Severity

NIGHT = date(2026, 11, 1)
CONTRACTS = load_contracts()


@pytest.mark.parametrize(
    ("feed", "days_ago", "severity"),
    [
        ("hrss_card", 1, None), ("hrss_card", 2, Severity.INFORM), ("hrss_card", 3, Severity.INFORM),
        ("hrss_card", 4, Severity.WARN),
        ("dpf_cert", 7, None), ("dpf_cert", 8, Severity.INFORM), ("dpf_cert", 10, Severity.WARN),
        ("ca_assist", 31, None), ("ca_assist", 32, Severity.INFORM), ("ca_assist", 34, Severity.WARN),
    ],
)  # fmt: skip
def test_an_overdue_feed_is_found_by_its_own_frequency(feed: str, days_ago: int, severity: Severity | None) -> None:
    seen = dict.fromkeys(CONTRACTS, NIGHT) | {feed: NIGHT - timedelta(days_ago)}
    assert overdue(CONTRACTS, seen, NIGHT) == ({} if severity is None else {feed: severity})


def test_a_feed_that_never_came_owes_nothing() -> None:
    assert overdue(CONTRACTS, {feed: NIGHT for feed in CONTRACTS if feed != "ps_person"}, NIGHT) == {}
