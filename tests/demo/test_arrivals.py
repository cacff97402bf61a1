"""Late and cut deliveries: on which days, and that the nightly run can take them when they come."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo import plan
from demo.deliveries import FEEDS, deliver
from extractors.contract import load_contracts
from extractors.extract import extract
from extractors.snapshot import Received, receive
from tests.demo.conftest import FIRST, PERSONS, read_truth

NAMES = tuple(FEEDS)


@given(seed=st.integers(0, 10**6), days=st.integers(1, 60))
def test_every_delivery_comes_whole_once(seed: int, days: int) -> None:
    """At most a day late, in the order of its days, never before its day."""
    whole: dict[tuple[str, int], int] = {}
    for day in range(days + 1):
        for arrival in plan.arrivals(seed, day, NAMES):
            assert day - 1 <= arrival.day <= day
            if arrival.fault is None:
                assert (arrival.feed, arrival.day) not in whole
                assert (arrival.feed, arrival.day + 1) not in whole
                whole[(arrival.feed, arrival.day)] = day
    assert set(whole) >= {(feed, day) for feed in NAMES for day in range(days)}


@given(seed=st.integers(0, 10**6))
def test_the_first_three_nights_are_clean(seed: int) -> None:
    for day in range(3):
        assert plan.arrivals(seed, day, NAMES) == [plan.Arrival(feed, day) for feed in NAMES]


def test_the_days_the_guide_names() -> None:
    """demo/README.md: day 3 tax_payer is late, day 5 nhsa_insured is cut; then every ten days by the seed."""
    assert [plan.late_feed(7, day) for day in range(10)] == [None] * 3 + ["tax_payer"] + [None] * 6
    assert [plan.broken_feed(7, day) for day in range(10)] == [None] * 5 + [("nhsa_insured", "cut")] + [None] * 4
    assert {plan.late_feed(seed, 13) for seed in range(60)} == set(plan.DAILY)
    assert {plan.broken_feed(seed, 15) for seed in range(60)} == {("hrss_card", "renamed"), ("mr_entity", "renamed")}
    assert {plan.broken_feed(seed, 25) for seed in range(60)} == {(feed, "miscounted") for feed in plan.DAILY}
    assert {plan.broken_feed(seed, 35) for seed in range(60)} == {(feed, "cut") for feed in plan.DAILY}


class Nights:
    """Deliveries of one province, received night by night as the pipeline does."""

    def __init__(self, folder: Path) -> None:
        self.inbox, self.truth, self.snapshots = folder / "inbox", folder / "truth", folder / "snapshots"
        self.known: dict[str, dict[str, str]] = {feed: {} for feed in NAMES}

    def run(self, day: int) -> dict[str, Received]:
        """Let `day` be delivered and received; what was received counts as landed."""
        today = FIRST + timedelta(days=day)
        deliver(day=today, first=FIRST, persons=PERSONS, seed=7, inbox=self.inbox, truth_folder=self.truth)
        found = {}
        contracts = load_contracts()
        for feed, contract in ((name, contracts[name]) for name in NAMES):
            found[feed] = receive(contract, self.inbox, self.snapshots, self.known[feed], business_date_to=today)
            self.known[feed] |= {d.batch_no: d.file_sm3 for d in found[feed].deliveries}
        return found


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Received]]:
    """What the first seven nights received."""
    province = Nights(tmp_path_factory.mktemp("nights"))
    found = [province.run(day) for day in range(7)]
    read_truth(province.truth)  # a key is told of once, whatever came when
    return found


def batches(received: Received) -> list[str]:
    return [delivery.batch_no for delivery in received.deliveries]


def grave(received: Received) -> list[str]:
    return [held.code for held in received.held if held.is_grave]


def test_nothing_else_is_held(nights: list[dict[str, Received]]) -> None:
    held = {(day, feed, code) for day, night in enumerate(nights) for feed in NAMES for code in grave(night[feed])}
    assert held == {(5, "nhsa_insured", "HASH_WRONG")}


def test_a_late_delivery_is_taken_the_next_night_in_its_order(nights: list[dict[str, Received]]) -> None:
    assert batches(nights[3]["tax_payer"]) == []
    assert batches(nights[4]["tax_payer"]) == ["20261104-001", "20261105-001"]
    assert [d.business_date for d in nights[4]["tax_payer"].deliveries] == [date(2026, 11, 4), date(2026, 11, 5)]


def test_a_cut_delivery_is_held_and_taken_when_it_comes_whole(nights: list[dict[str, Received]]) -> None:
    """Under the same batch number and file name: a held delivery is not a known one."""
    assert batches(nights[5]["nhsa_insured"]) == []
    assert batches(nights[6]["nhsa_insured"]) == ["20261106-001", "20261107-001"]


@pytest.mark.parametrize("day, code", [(15, "COLUMN_RENAMED"), (25, "COUNT_WRONG")])
def test_a_file_broken_otherwise_is_held_and_taken_when_it_comes_whole(tmp_path: Path, day: int, code: str) -> None:
    seed = next(s for s in range(100) if (plan.broken_feed(s, day) or ("",))[0] == "hrss_card")
    contract, held = load_contracts()["hrss_card"], []
    for today in (FIRST + timedelta(days=day), FIRST + timedelta(days=day + 1)):
        deliver(day=today, first=FIRST, persons=4_000, seed=seed, inbox=tmp_path / "inbox", truth_folder=tmp_path / "t")
        received = receive(contract, tmp_path / "inbox", tmp_path / "snapshots", {}, business_date_to=today)
        assert grave(received) == []
        first = received.deliveries[0]
        assert first.business_date == FIRST + timedelta(days=day)
        held.append(extract(contract, first, tmp_path / "out", as_of=today, threads=1).held)
    assert held[0] is not None
    assert held[0].code == code
    assert held[1] is None


def test_social_aid_comes_once_a_month(nights: list[dict[str, Received]], tmp_path: Path) -> None:
    assert batches(nights[0]["ca_assist"]) == ["20261101-001"]
    assert all(batches(night["ca_assist"]) == [] for night in nights[1:])
    month = date(2026, 12, 1)
    deliver(day=month, first=FIRST, persons=1_000, seed=7, inbox=tmp_path / "inbox", truth_folder=tmp_path / "truth")
    contract = load_contracts()["ca_assist"]
    (sent,) = receive(contract, tmp_path / "inbox", tmp_path / "snapshots", {}, business_date_to=month).deliveries
    assert (sent.batch_no, sent.mode) == ("20261201-001", "full")


def test_a_day_before_the_first_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="lies before"):
        deliver(day=date(2026, 10, 31), first=FIRST, persons=100, seed=7, inbox=tmp_path, truth_folder=tmp_path / "t")
