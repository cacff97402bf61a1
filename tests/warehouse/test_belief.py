"""What was believed on day D about day V: never changed by later loads, one row a change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.warehouse.conftest import EMPTY
from tests.warehouse.deliveries import CONTRACTS, Files, make_delivery
from warehouse.database import Connection
from warehouse.landing import land
from warehouse.masters import stage
from warehouse.publish import publish

FIRST = date(2026, 11, 1)
DAYS = [FIRST + timedelta(days=n) for n in range(40)]
Said = tuple[str, str, str, int]  # record, file, address, day of change (in days before its night)


def night(
    conn: Connection, folder: Path, number: int, said: Sequence[Said], redirects: dict[str, str] | None = None
) -> date:
    """One night in which the card office says these addresses; returns its date."""
    day = DAYS[number]
    lines = [
        {
            "source_key": key, "name": "王小明", "address": address, "card_number": key, "issue_area_code": "510104",
            "card_status": "normal" if address != "丙" else "lost",
            "updated_at": datetime.combine(day - timedelta(days=ago), datetime.min.time()),
        }
        for key, _, address, ago in said
    ]  # fmt: skip
    run = f"night-{day}"
    made = make_delivery(folder, "hrss_card", f"{day:%Y%m%d}-001", lines, business_date=day)
    land(conn, CONTRACTS["hrss_card"], made, run_id=run)
    records: dict[str, list[str]] = {}
    for key, file, _, _ in said:
        records.setdefault(file, []).append(f"hrss_card:{key}")
    address = {f"hrss_card:{key}": a for key, _, a, _ in said}
    golden = {file: {"address": address[keys[0]], "birth_date": "1985-01-02"} for file, keys in records.items()}
    stage(conn, "person", run, **Files(records, golden, redirects=redirects or {}).staged())
    publish(conn, run, day)
    return day


def believed(conn: Connection, known: date, valid: date, file: str = "P1") -> dict[str, str]:
    rows = conn.execute("select field, value from core.person_on(%s, %s, %s)", (file, valid, known)).fetchall()
    return dict(rows)


def test_what_a_record_said_is_not_told_of_the_file_it_was_split_from(conn: Connection, tmp_path: Path) -> None:
    first = night(conn, tmp_path, 0, [("a", "P1", "甲", 30), ("b", "P1", "甲", 30)])
    second = night(conn, tmp_path, 10, [("a", "P1", "乙", 5), ("b", "P1", "甲", 30)])
    split = night(conn, tmp_path, 20, [("b", "P1", "丙", 1), ("a", "P2", "乙", 5)])
    before = split - timedelta(days=1)
    assert believed(conn, before, second)["address"] == "乙"
    assert believed(conn, split, first).get("address") is None
    assert believed(conn, split, second).get("address") is None
    assert believed(conn, split, split)["address"] == "丙"
    assert believed(conn, split, split, "P2")["address"] == "乙"


def test_a_move_told_late_holds_from_its_day_but_was_not_known_before(conn: Connection, tmp_path: Path) -> None:
    first = night(conn, tmp_path, 0, [("a", "P1", "甲", 30)])
    late = night(conn, tmp_path, 10, [("a", "P1", "乙", 5)])
    moved = late - timedelta(days=5)
    before, after = moved - timedelta(days=1), moved
    assert believed(conn, late, after)["address"] == "乙"
    assert believed(conn, late, before)["address"] == "甲"
    assert believed(conn, late - timedelta(days=1), after)["address"] == "甲"
    assert "address" not in believed(conn, first, first - timedelta(days=31))  # nobody said so
    assert believed(conn, first, first - timedelta(days=9000))["birth_date"] == "1985-01-02"
    assert believed(conn, first - timedelta(days=1), first) == {}
    rows = conn.execute("select batch_no, valid_from from core.person_value where field = 'address'").fetchall()
    assert rows == [(f"{late:%Y%m%d}-001", moved)]


def test_a_value_nobody_says_any_more_held_until_we_learnt_it(conn: Connection, tmp_path: Path) -> None:
    night(conn, tmp_path, 0, [("a", "P1", "甲", 3), ("b", "P2", "乙", 3)])
    gone = night(conn, tmp_path, 5, [("b", "P2", "乙", 8)])
    assert believed(conn, gone, gone - timedelta(days=1)) == {}  # the file itself is gone by then
    assert believed(conn, gone - timedelta(days=1), gone)["address"] == "甲"


def test_a_value_repeated_writes_no_row_and_keeps_its_day(conn: Connection, tmp_path: Path) -> None:
    night(conn, tmp_path, 0, [("a", "P1", "甲", 3)])
    before = conn.execute("select t::text from core.person_value t order by 1").fetchall()
    night(conn, tmp_path, 1, [("a", "P1", "甲", 0)])
    assert conn.execute("select t::text from core.person_value t order by 1").fetchall() == before
    assert conn.execute("select count(*) from core.person_value_history").fetchone() == (0,)


def test_a_retired_file_answers_with_the_survivor_of_the_day(conn: Connection, tmp_path: Path) -> None:
    one = night(conn, tmp_path, 0, [("a", "P1", "甲", 0), ("b", "P2", "乙", 0), ("c", "P3", "甲", 0)])
    two = night(conn, tmp_path, 1, [("a", "P1", "甲", 1), ("b", "P1", "乙", 1), ("c", "P3", "甲", 0)], {"P2": "P1"})
    three = night(conn, tmp_path, 2, [("c", "P3", "甲", 0), ("a", "P3", "甲", 1), ("b", "P3", "乙", 1)], {"P1": "P3"})
    for day, expected in ((one, "P2"), (two, "P1"), (three, "P3")):
        assert conn.execute("select core.survivor_on('P2', %s)", (day,)).fetchone() == (expected,)
    asked = "select record_key from core.records_on('P2', %s)"
    assert len(conn.execute(asked, (one,)).fetchall()) == 1
    assert len(conn.execute(asked, (three,)).fetchall()) == 3
    assert conn.execute("select answer, master_id_now from card.file_now('P2')").fetchone() == ("found", "P3")
    assert conn.execute("select master_id from core.file_on('hrss_card:b', %s)", (two,)).fetchone() == ("P1",)


def test_the_state_of_a_card_on_a_day(conn: Connection, tmp_path: Path) -> None:
    first = night(conn, tmp_path, 0, [("A1", "P1", "甲", 9)])
    late = night(conn, tmp_path, 10, [("A1", "P1", "丙", 4)])
    asked = "select card_status from core.card_on('A1', '510104', %s, %s)"
    assert conn.execute(asked, (late - timedelta(days=4), late)).fetchone() == ("lost",)
    assert conn.execute(asked, (late - timedelta(days=5), late)).fetchone() == ("normal",)
    assert conn.execute(asked, (late - timedelta(days=4), late - timedelta(days=1))).fetchone() == ("normal",)
    assert conn.execute(asked, (first - timedelta(days=10), late)).fetchone() is None


SAID = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from(["P1", "P2"]), st.sampled_from("甲乙丙"), st.integers(0, 6)),
    min_size=1, max_size=4, unique_by=lambda s: s[0],
)  # fmt: skip


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(SAID, min_size=2, max_size=5))
def test_answers_for_a_day_never_change_by_later_loads(conn: Connection, tmp_path: Path, nights: list[Any]) -> None:
    conn.execute(EMPTY)
    told: dict[tuple[Any, ...], Any] = {}
    for number, said in enumerate(nights):
        night(conn, tmp_path, number * 3, said)
        for earlier in range(number * 3 + 1):
            for about in (earlier - 2, earlier, earlier + 2):
                known, valid = DAYS[earlier], FIRST + timedelta(days=about)
                for question in (
                    "select * from core.person_on('P1', %(v)s, %(d)s)",
                    "select * from core.card_on('a', '510104', %(v)s, %(d)s)",
                    "select * from core.records_on('P2', %(d)s)",
                    "select * from core.file_on('hrss_card:a', %(d)s)",
                ):
                    answer = conn.execute(question, {"v": valid, "d": known}).fetchall()
                    assert told.setdefault((question, known, valid), answer) == answer
