"""Days move: what happens to people, cards and enterprises shows in the deltas, and keys stay consistent."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from demo import living
from demo.deliveries import FEEDS, sending_of
from demo.world import start
from tests.demo.conftest import FIRST, PERSONS, Row

DAYS = 14
DAILY = [name for name, feed in FEEDS.items() if feed.table is not None]


@dataclass
class Told:
    """What a feed sends on one day: rows by english name, each with its op, key and subject."""

    rows: list[Row]
    keys: list[str]
    ops: list[str]
    subjects: list[int]


@pytest.fixture(scope="module")
def days() -> list[dict[str, Told]]:
    """Each feed's rows of the first day (keys only) and of the thirteen nights after it."""
    world = start(7, PERSONS, (FIRST - date(1970, 1, 1)).days)
    found = []
    for day in range(DAYS):
        if day:
            living.live(world)
        told = {}
        for name in DAILY:
            feed, sending = FEEDS[name], sending_of(world, FEEDS[name])
            assert (sending.ops is None) == (day == 0)
            sent = feed.render(world, sending.rows, sending.older)
            rows = pa.table({**sent.columns, "subject": sent.subjects}).to_pylist() if day else []
            ops = ["I"] * len(sending) if sending.ops is None else sending.ops.tolist()
            told[name] = Told(rows, sent.keys.to_pylist(), ops, np.asarray(sent.subjects).tolist())
        found.append(told)
    return found


@pytest.mark.parametrize("feed", DAILY)
def test_keys_stay_consistent(days: list[dict[str, Told]], feed: str) -> None:
    """Taken away or changed is only what is there, new only what is not; a key keeps its subject."""
    there: dict[str, int] = {}
    for told in (day[feed] for day in days):
        gone = {key for key, op in zip(told.keys, told.ops, strict=True) if op == "D"}
        new = {key for key, op in zip(told.keys, told.ops, strict=True) if op == "I"}
        changed = {key for key, op in zip(told.keys, told.ops, strict=True) if op == "U"}
        assert gone <= there.keys()
        assert changed <= there.keys() - gone
        assert not new & (there.keys() - gone)
        assert set(told.ops) <= {"D", "I", "U"}
        for key, subject in zip(told.keys, told.subjects, strict=True):
            assert there.get(key, subject) == subject
        for key in gone:
            del there[key]
        there |= {key: s for key, s, op in zip(told.keys, told.subjects, told.ops, strict=True) if op != "D"}


def test_a_night_changes_few_rows(days: list[dict[str, Told]]) -> None:
    """0.5 to 1.5 million of 800 million rows (domain.md 10), here at most 1.5 % of a feed."""
    whole = {name: len(told.keys) for name, told in days[0].items()}
    for day in days[1:]:
        assert all(len(told.keys) <= max(0.015 * whole[name], 8) for name, told in day.items())
        assert 0.0005 <= sum(len(told.keys) for told in day.values()) / sum(whole.values()) <= 0.005


def events(days: list[dict[str, Told]], feed: str) -> list[tuple[str, Row]]:
    """(op, row) of a feed over all nights."""
    return [pair for day in days[1:] for pair in zip(day[feed].ops, day[feed].rows, strict=True)]


def test_people_are_born_die_move_and_marry(days: list[dict[str, Told]]) -> None:
    rows = events(days, "ps_person")
    born = [row for op, row in rows if op == "I" and row["birth_date"] > "20261101"]
    died = [row for op, row in rows if op == "U" and row["cancel_reason"] == "01"]
    left = [row for op, row in rows if op == "U" and row["cancel_reason"] == "02"]
    came = [row for op, row in rows if op == "I" and (row["move_in"] or "") > "20261101"]
    wed = [
        row
        for op, row in rows
        if row["marital"] == "20" and row["birth_date"] > "19800101" and not row["cancel_reason"]
    ]
    widowed = [row for op, row in rows if op == "U" and row["marital"] == "30"]
    assert len(born) >= 5
    assert len(died) >= 5
    assert len(left) >= 5
    assert {row["subject"] for row in left} == {row["subject"] for row in came}
    assert len(wed) >= 4
    assert widowed


def test_mistyped_numbers_are_corrected(days: list[dict[str, Told]]) -> None:
    """The row under the wrong key goes, one under the right key comes the same night."""
    corrected = 0
    for told in (day["ps_person"] for day in days[1:]):
        gone = [s for s, op in zip(told.subjects, told.ops, strict=True) if op == "D"]
        new = {s for s, op in zip(told.subjects, told.ops, strict=True) if op == "I"}
        assert set(gone) <= new
        corrected += len(gone)
    assert corrected >= 3


def test_cards_are_lost_replaced_and_issued(days: list[dict[str, Told]]) -> None:
    rows = events(days, "hrss_card")
    lost = [row for op, row in rows if op == "U" and row["card_status"] in ("2", "挂失")]
    replaced = [row for op, row in rows if op == "U" and row["card_status"] in ("5", "已补换")]
    cancelled = [row for op, row in rows if op == "U" and row["card_status"] in ("4", "注销")]
    issued = [row for op, row in rows if op == "I"]
    assert len(lost) >= 10
    assert len(replaced) >= 5
    assert len(cancelled) >= 5
    assert len(issued) >= 10
    assert {row["issue_date"][:6] for row in issued} == {"202611"}


def test_people_take_and_lose_jobs(days: list[dict[str, Told]]) -> None:
    rows = events(days, "nhsa_insured")
    assert [row for op, row in rows if op == "I" and row["insutype"] == "310"]
    assert [row for op, row in rows if op == "I" and row["insutype"] == "390"]  # newborn children
    assert [row for op, row in rows if op == "U" and row["psn_insu_stas"] == "2"]
    assert [row for op, row in rows if op == "U" and row["psn_insu_stas"] == "4"]  # the dead


def test_enterprises_open_close_and_change_their_names(days: list[dict[str, Told]]) -> None:
    rows = events(days, "mr_entity")
    opened = [row for op, row in rows if op == "I"]
    closed = [row for op, row in rows if op == "U" and (row["cancel_date"] or "") > "2026-11-01"]
    renamed = [row for op, row in rows if op == "U" and row["former_names"]]
    assert len(opened) >= 5
    assert {row["founded"][:7] for row in opened} <= {"2026-10", "2026-11"}
    assert closed
    assert renamed
    assert events(days, "tax_payer")


def test_rows_of_a_delta_are_dated_that_day(days: list[dict[str, Told]]) -> None:
    """Update times lie on the day of the change, but for the outdated row of a conflict."""
    odd = 0
    for number, day in enumerate(days[1:], 1):
        stamp = f"2026-11-{number + 1:02d}"
        odd += sum(not row["updated"].startswith(stamp) for row in day["hrss_card"].rows)
    total = Counter(len(day["hrss_card"].rows) for day in days[1:])
    assert odd <= 0.02 * sum(size * count for size, count in total.items())
