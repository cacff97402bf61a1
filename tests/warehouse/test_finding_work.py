"""Findings are followed: one line a fault whatever comes, legal changes only, answers strictly read, days that count."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.warehouse.conftest import EMPTY
from tests.warehouse.deliveries import CONTRACTS, make_delivery
from warehouse import finding_work as work
from warehouse.database import Connection, WarehouseError, connect, transaction
from warehouse.finding_looks import record_broken, record_overdue
from warehouse.landing import land
from warehouse.runs import begin_run, record_held

FEED, RUN = "hrss_card", "night-1"
DAY = date(2026, 11, 2)  # a Monday
STATES = ("open", "sent", "answered", "corrected", "accepted", "disputed", "expired")


def found(key: str, code: str = "ID_CHECK", **more: Any) -> dict[str, Any]:
    told = {"source_key": key, "field": "id_number", "code": code, "value_class": "D18", "severity": "warn"}
    return {**told, **more}


def deliver(conn: Connection, day: date, keys: str, wrong: str, *, mode: str = "full") -> None:
    """Records of these keys, the wrong ones with a finding each."""
    op = {"op": "U"} if mode == "delta" else {}
    lines = [{"source_key": k, "name": f"王{k}{day.day}", "card_number": k, **op} for k in keys]
    with tempfile.TemporaryDirectory() as folder:
        made = make_delivery(
            Path(folder), FEED, f"{day:%Y%m%d}-001", lines, mode=mode, findings=[found(k) for k in wrong]
        )
        land(conn, CONTRACTS[FEED], made, run_id=f"night-{day}")


def states(conn: Connection) -> dict[str, str]:
    query = "select source_key, state from ops.finding where source_key is not null and code = 'ID_CHECK'"
    return dict(conn.execute(query).fetchall())


def send(conn: Connection, day: date, department: str = "hrss") -> work.Sent:
    with transaction(conn, "sending"):
        sent = work.send(conn, department, made_by="engineer", reason="weekly file", as_of=day)
    assert sent is not None
    return sent


def answer(conn: Connection, sent: work.Sent, day: date, said: dict[str, tuple[str, str | None]]) -> work.Taken:
    numbers = dict(conn.execute("select source_key, finding_id from ops.finding where code = 'ID_CHECK'").fetchall())
    rows = [
        {"finding_id": numbers[k], "answer": a, "note": note, "place": f"row {n}"}
        for n, (k, (a, note)) in enumerate(said.items(), 2)
    ]
    schema = pa.schema([("finding_id", pa.int64()), *((n, pa.string()) for n in ("answer", "note", "place"))])
    table = pa.Table.from_pylist(rows, schema)
    return work.take_answers(conn, "hrss", sent.export_id, table, taken_by="engineer", as_of=day, file_sm3="0" * 64)


def test_a_finding_from_open_to_corrected_by_way_of_the_department(conn: Connection) -> None:
    deliver(conn, DAY, "abcd", "abcd")
    sent = send(conn, DAY)
    assert (sent.findings, sent.due_date) == (4, date(2026, 11, 16))
    taken = answer(
        conn, sent, DAY + timedelta(1),
        {"a": ("corrected", None), "b": ("accepted", "属实"), "c": ("disputed", "号码无误")},
    )  # fmt: skip
    assert taken == work.Taken(1, 1, 1, 0)
    assert states(conn) == {"a": "answered", "b": "accepted", "c": "disputed", "d": "sent"}
    deliver(conn, DAY + timedelta(2), "abcd", "bcd")  # the fix is seen: closed by the delivery, not by the answer
    assert states(conn) == {"a": "corrected", "b": "accepted", "c": "disputed", "d": "sent"}
    deliver(conn, DAY + timedelta(3), "abcd", "abcd")
    assert states(conn)["a"] == "open"
    assert conn.execute(
        "select return_count, first_seen, last_seen from ops.finding where source_key = 'a'"
    ).fetchall() == [(1, DAY, DAY + timedelta(3))]
    history = "select from_state, to_state, on_date, e.batch_no from ops.finding_event e join ops.finding f using (finding_id) "
    assert conn.execute(history + "where source_key = 'a' order by event_id").fetchall() == [
        ("open", "sent", DAY, "20261102-001"), ("sent", "answered", DAY + timedelta(1), "20261102-001"),
        ("answered", "corrected", DAY + timedelta(2), "20261104-001"),
        ("corrected", "open", DAY + timedelta(3), "20261105-001"),
    ]  # fmt: skip


def test_an_answer_that_no_delivery_shows_is_taken_back(conn: Connection) -> None:
    deliver(conn, DAY, "ab", "ab")
    sent = send(conn, DAY)
    answer(conn, sent, DAY, {"a": ("corrected", None), "b": ("corrected", None)})
    deliver(
        conn, DAY + timedelta(1), "a", "a", mode="delta"
    )  # still wrong; b was not delivered: nothing is known of it
    assert states(conn) == {"a": "open", "b": "answered"}


def test_what_ends_takes_its_findings_with_it(conn: Connection) -> None:
    deliver(conn, DAY, "ab", "ab")
    deliver(conn, DAY + timedelta(1), "a", "a")
    assert states(conn) == {"a": "open", "b": "corrected"}


def test_a_file_nobody_answers_expires_after_working_days_and_can_be_sent_again(conn: Connection) -> None:
    deliver(conn, DAY, "a", "a")
    sent = send(conn, DAY)
    assert sent.due_date is not None
    assert work.pass_time(conn, as_of=sent.due_date, run_id=RUN) == 0
    assert work.pass_time(conn, as_of=sent.due_date + timedelta(1), run_id=RUN) == 1
    again = send(conn, sent.due_date + timedelta(1))
    assert states(conn) == {"a": "sent"}
    with pytest.raises(WarehouseError, match="row 2: a later correction file carries it"):
        answer(conn, sent, again.due_date or DAY, {"a": ("corrected", None)})


def test_answers_are_taken_whole_or_not_at_all(conn: Connection) -> None:
    deliver(conn, DAY, "abc", "abc")
    sent = send(conn, DAY)
    for said, fault in (
        ({"a": ("corrected", None), "b": ("disputed", " ")}, "row 3: needs a note"),
        ({"a": ("corrected", None), "b": ("fixed", "x")}, "row 3: no such answer"),
    ):
        with pytest.raises(WarehouseError, match=fault):
            answer(conn, sent, DAY, said)  # type: ignore[arg-type]
        assert set(states(conn).values()) == {"sent"}
    with pytest.raises(WarehouseError, match="was made for hrss"):
        work.take_answers(
            conn, "ps", sent.export_id, pa.table({"finding_id": pa.array([], pa.int64())}),
            taken_by="x", as_of=DAY, file_sm3="",
        )  # fmt: skip
    assert conn.execute("select kind, finding_count, reason from audit.correction_file").fetchall() == [
        ("export", 3, "weekly file")
    ]


def test_a_steward_decides_disputes_with_a_reason(conn: Connection) -> None:
    deliver(conn, DAY, "ab", "ab")
    sent = send(conn, DAY)
    answer(conn, sent, DAY, {"a": ("disputed", "无误"), "b": ("disputed", "无误")})
    numbers = dict(conn.execute("select source_key, finding_id from ops.finding").fetchall())
    with pytest.raises(WarehouseError, match="needs a reason"):
        work.decide_dispute(conn, numbers["a"], uphold=True, decided_by="s", reason=" ", as_of=DAY)
    work.decide_dispute(conn, numbers["a"], uphold=True, decided_by="s", reason="证件照片为证", as_of=DAY)
    work.decide_dispute(conn, numbers["b"], uphold=False, decided_by="s", reason="部门有理", as_of=DAY)
    assert states(conn) == {"a": "open", "b": "accepted"}
    with pytest.raises(WarehouseError, match="not disputed"):
        work.decide_dispute(conn, numbers["b"], uphold=True, decided_by="s", reason="x", as_of=DAY)


def test_the_database_refuses_every_change_of_state_that_is_not_legal(conn: Connection) -> None:
    legal = set(conn.execute("select from_state, to_state from ref.finding_transition").fetchall())
    deliver(conn, DAY, "a", "a")
    for before in STATES:
        for after in STATES:
            try:
                with conn.transaction():
                    with conn.transaction(), conn.cursor() as cursor:  # bring it to `before` on a legal way
                        for step in _way(legal, before):
                            cursor.execute("update ops.finding set state = %s", (step,))
                    conn.execute("update ops.finding set state = %s", (after,))
                    raise psycopg.Rollback
            except psycopg.errors.CheckViolation as fault:
                refused = fault.diag.constraint_name
                assert refused == "finding_transition"
                assert (before, after) not in legal
            else:
                assert before == after or (before, after) in legal
    with pytest.raises(psycopg.errors.CheckViolation, match="begins as open"):
        conn.execute(
            "insert into ops.finding (feed, code, severity, run_id, department, origin, first_seen, last_seen, "
            "state_since, state_by, state) values ('x', 'X', 'warn', 'r', 'x', 'delivery', %s, %s, %s, 'r', 'sent')",
            (DAY, DAY, DAY),
        )


def _way(legal: set[tuple[Any, ...]], goal: str) -> list[str]:
    waiting: list[list[str]] = [["open"]]
    while waiting:
        way = waiting.pop(0)
        if way[-1] == goal:
            return way[1:]
        waiting += [[*way, after] for before, after in sorted(legal) if before == way[-1] and after not in way]
    raise AssertionError(goal)


STEP = st.one_of(
    st.tuples(st.just("full"), st.sets(st.sampled_from("abc")), st.sets(st.sampled_from("abc"))),
    st.tuples(st.just("delta"), st.sets(st.sampled_from("abc"), min_size=1), st.sets(st.sampled_from("abc"))),
    st.tuples(st.just("send")),
    st.tuples(st.just("time"), st.integers(1, 30)),
    st.tuples(st.just("answer"), st.sampled_from("abc"), st.sampled_from(("corrected", "accepted", "disputed"))),
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=12))
def test_whatever_happens_a_fault_is_one_finding_with_a_legal_history(warehouse_url: str, steps: list[Any]) -> None:
    """After any run of deliveries, files, answers and days: one line a fault, true faults not closed, history unbroken."""
    with connect(warehouse_url) as conn:
        conn.execute(EMPTY)
        day, wrong, present, sent = DAY, set[str](), set[str](), None
        for step in steps:
            day += timedelta(1)
            match step:
                case ("full", keys, bad):
                    present, wrong = set(keys), set(keys) & set(bad)
                    deliver(conn, day, "".join(sorted(keys)), "".join(sorted(wrong)))
                case ("delta", keys, bad):
                    present |= keys
                    wrong = (wrong - keys) | (keys & bad)
                    deliver(conn, day, "".join(sorted(keys)), "".join(sorted(keys & bad)), mode="delta")
                case ("send",):
                    with transaction(conn, "sending"):
                        sent = work.send(conn, "hrss", made_by="e", reason="r", as_of=day) or sent
                case ("time", days):
                    day += timedelta(days)
                    work.pass_time(conn, as_of=day, run_id=f"night-{day}")
                case ("answer", key, said) if sent is not None and key in states(conn):
                    with suppress(WarehouseError):  # refused: nothing changed, which the history below proves
                        answer(conn, sent, day, {key: (said, "note")})
            now = states(conn)
            assert {k for k, state in now.items() if state != "corrected"} == wrong
        assert conn.execute("select max(n) from (select count(*) n from ops.finding where source_key is not null "
                            "group by feed, code, source_key) t").fetchone() in ((None,), (1,))  # fmt: skip
        broken = conn.execute(
            "with line as (select finding_id, from_state, to_state, on_date, lag(to_state, 1, 'open') over w as was, "
            "lag(on_date) over w as earlier, last_value(to_state) over (partition by finding_id) as last "
            "from ops.finding_event window w as (partition by finding_id order by event_id)) "
            "select count(*) from line l left join ref.finding_transition t using (from_state, to_state) "
            "where l.from_state <> was or t.meaning is null or on_date < earlier"
        ).fetchone()
        assert broken == (0,)
        ends = conn.execute(
            "select count(*) from ops.finding f where state <> coalesce((select to_state from ops.finding_event e "
            "where e.finding_id = f.finding_id order by event_id desc limit 1), 'open')"
        ).fetchone()
        assert ends == (0,)


def test_held_deliveries_are_missed_until_they_land_or_a_later_full_one_does(conn: Connection) -> None:
    class Held:
        code, file_name, message, batch_no = "HASH_WRONG", "f", "m", "20261102-001"

    begin_run(conn, RUN, DAY)
    record_held(conn, RUN, Held(), feed=FEED)
    record_held(conn, RUN, Held(), feed=FEED)
    one = "select state from ops.finding where code = 'HASH_WRONG'"
    deliver(conn, DAY + timedelta(1), "a", "", mode="delta")
    assert conn.execute(one).fetchall() == [("open",)]
    deliver(conn, DAY + timedelta(2), "a", "")
    assert conn.execute(one).fetchall() == [("corrected",)]


def test_rejected_rows_are_a_finding_until_a_delivery_has_none(conn: Connection, tmp_path: Path) -> None:
    begin_run(conn, RUN, DAY)
    row = [{"source_key": "a", "name": "王"}]
    told = "select code, origin, row_count, state from ops.finding"
    land(conn, CONTRACTS[FEED], make_delivery(tmp_path, FEED, "20261102-001", row, rejects=2), run_id=RUN)
    assert conn.execute(told).fetchall() == [("LINE_BROKEN", "reject", 2, "open")]
    land(conn, CONTRACTS[FEED], make_delivery(tmp_path, FEED, "20261103-001", row), run_id=RUN)
    assert conn.execute(told).fetchall() == [("LINE_BROKEN", "reject", 2, "corrected")]


@pytest.mark.parametrize(
    ("day", "days", "expected"),
    [
        ("2026-09-30", 1, "2026-10-08"),  # National Day
        ("2026-09-18", 1, "2026-09-20"),  # a Sunday that is worked
        ("2026-02-13", 2, "2026-02-24"),  # Saturday the 14th is worked, then Spring Festival
        ("2024-02-08", 1, "2024-02-09"),
        ("2025-01-27", 3, "2025-02-07"),
        ("2026-12-25", 3, "2026-12-30"),
        ("2026-12-25", 20, None),  # reaches into a year whose notice is not known
        ("2024-12-31", 1, "2025-01-02"),
    ],
)
def test_working_days_follow_the_notices(conn: Connection, day: str, days: int, expected: str | None) -> None:
    row = conn.execute("select ref.add_working_days(%s::date, %s)", (day, days)).fetchone()
    assert row == (None if expected is None else date.fromisoformat(expected),)


def test_an_unknown_year_is_said_and_not_guessed(conn: Connection) -> None:
    late = date(2026, 12, 24)
    deliver(conn, late, "a", "a")
    assert send(conn, late).due_date is None
    work.pass_time(conn, as_of=late, run_id=RUN)
    told = "select department, code, value_class, state from ops.finding where feed = 'calendar'"
    assert conn.execute(told).fetchall() == [("platform", "HOLIDAYS_UNKNOWN", "2027", "open")]
    with conn.transaction(force_rollback=True):
        conn.execute("insert into ref.holiday_year values (2027, 'test', '2026-11-10')")
        work.pass_time(conn, as_of=late + timedelta(1), run_id=RUN)
        assert conn.execute(told).fetchall() == [("platform", "HOLIDAYS_UNKNOWN", "2027", "corrected")]
        due = conn.execute("select due_date from ops.finding where source_key = 'a'").fetchone()
        assert due is not None
        assert due[0] > late


def test_an_overdue_feed_is_one_finding_until_it_delivers(conn: Connection) -> None:
    owners = {FEED: "hrss", "nhsa_insured": "nhsa"}

    def look(night: int, late: dict[str, str]) -> list[Any]:
        told = {"run_id": f"night-{night}", "as_of": DAY + timedelta(night)}
        record_overdue(conn, owners, late, **told)
        record_broken(conn, owners, **told)  # the gates have nothing to say of a feed that is not there
        query = (
            "select feed, department, severity, state from ops.finding where code = 'delivery_overdue' order by feed"
        )
        return conn.execute(query).fetchall()

    for night in range(4):
        begin_run(conn, f"night-{night}", DAY + timedelta(night))
    assert look(0, {FEED: "inform"}) == [(FEED, "hrss", "inform", "open")]
    assert look(1, {FEED: "warn"}) == [(FEED, "hrss", "warn", "open")]
    assert look(2, {}) == [(FEED, "hrss", "warn", "corrected")]
    assert look(3, {FEED: "inform"}) == [(FEED, "hrss", "inform", "open")]
