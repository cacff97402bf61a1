"""Landing keeps law 1 (nothing is lost), law 9 (only what changed is written) and is all or nothing."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.warehouse.deliveries import CONTRACTS, Made, make_delivery
from warehouse import landing
from warehouse.database import Connection, CountError, WarehouseError, connect
from warehouse.deliveries import LandCounts

FEED = "hrss_card"


def land(conn: Connection, made: Made, run_id: str = "night-1", **more: Any) -> LandCounts:
    return landing.land(conn, CONTRACTS[made.feed], made, run_id=run_id, **more)


def card(number: str, name: str = "王小明", **more: Any) -> dict[str, Any]:
    return {"source_key": f"510100|{number}", "name": name, "card_number": number, **more}


def rows(conn: Connection, what: str) -> list[Any]:
    return conn.execute(what).fetchall()  # type: ignore[call-overload, no-any-return]


def current(conn: Connection) -> dict[str, str]:
    return dict(rows(conn, "select source_key, name from landing.hrss_card"))


def test_a_full_delivery_lands_with_every_column(conn: Connection, tmp_path: Path) -> None:
    row = card(
        "A1", id_number="510104198501029010", id_number_reasons=["CHECK", "DATE"], birth_date=date(1985, 1, 2),
        received='{"name":" 王小明"}', address="",
    )  # fmt: skip
    counts = land(conn, make_delivery(tmp_path, FEED, "20261101-001", [row, card("A2")], rejects=2, duplicate=1))
    assert counts == LandCounts(read=5, loaded=2, rejected=2, duplicate=1, inserted=2)
    found = rows(
        conn,
        "select name, id_number_reasons, birth_date, received ->> 'name', address, batch_no, since_run_id, since_date "
        "from landing.hrss_card where card_number = 'A1'",
    )
    expected = (
        "王小明",
        ["CHECK", "DATE"],
        date(1985, 1, 2),
        " 王小明",
        "",
        "20261101-001",
        "night-1",
        date(2026, 11, 1),
    )
    assert found == [expected]
    assert rows(conn, "select count(*) from ops.reject") == [(2,)]
    assert rows(conn, "select state, read_count, loaded_count, rejected_count, duplicate_count from ops.delivery") == [
        ("landed", 5, 2, 2, 1)
    ]


def test_the_same_batch_again_does_nothing(conn: Connection, tmp_path: Path) -> None:
    made = make_delivery(tmp_path, FEED, "20261101-001", [card("A1")], rejects=1)
    first = land(conn, made)
    assert land(conn, made, run_id="night-2") == replace(first, is_repeat=True)
    assert rows(conn, "select since_run_id from landing.hrss_card") == [("night-1",)]
    assert rows(conn, "select count(*) from ops.reject") == [(1,)]
    with pytest.raises(WarehouseError, match="under a new batch number"):
        land(conn, replace(made, file_sm3="f" * 64))


def test_a_second_full_touches_only_what_changed_and_ends_what_is_absent(conn: Connection, tmp_path: Path) -> None:
    land(conn, make_delivery(tmp_path, FEED, "20261101-001", [card("A1"), card("A2"), card("A3")]))
    places = dict(rows(conn, "select card_number, ctid::text from landing.hrss_card"))
    counts = land(
        conn, make_delivery(tmp_path, FEED, "20261102-001", [card("A1"), card("A2", "王晓明"), card("A4")]), "night-2"
    )
    assert counts == LandCounts(3, 3, 0, 0, inserted=1, updated=1, deleted=1, unchanged=1)
    assert current(conn) == {"510100|A1": "王小明", "510100|A2": "王晓明", "510100|A4": "王小明"}
    assert rows(conn, "select ctid::text, batch_no from landing.hrss_card where card_number = 'A1'") == [
        (places["A1"], "20261101-001")
    ]
    assert rows(
        conn,
        "select source_key, name, since_run_id, until_run_id, until_batch_no, until_date, end_kind "
        "from landing.hrss_card_history order by source_key",
    ) == [
        ("510100|A2", "王小明", "night-1", "night-2", "20261102-001", date(2026, 11, 2), "updated"),
        ("510100|A3", "王小明", "night-1", "night-2", "20261102-001", date(2026, 11, 2), "deleted"),
    ]


def test_what_a_delivery_would_change_is_counted_and_nothing_changes(conn: Connection, tmp_path: Path) -> None:
    first = make_delivery(tmp_path, FEED, "20261101-001", [card("A1"), card("A2"), card("A3"), card("A5")])
    assert landing.count_churn(conn, first) is None
    land(conn, first)
    before = current(conn)
    full = make_delivery(tmp_path, FEED, "20261102-001", [card("A1"), card("A2", "王晓明"), card("A4"), card("A5")])
    assert landing.count_churn(conn, full) == 3 / 4  # one changed, one new, one gone
    delta = [card("A1", op="U"), card("A2", "丙", op="U"), card("A3", op="D"), card("B3", op="D")]
    assert landing.count_churn(conn, make_delivery(tmp_path, FEED, "20261103-001", delta, mode="delta")) == 2 / 4
    assert current(conn) == before
    assert land(conn, full, "night-2").updated == 1


def test_a_delta_follows_its_ops_and_says_what_is_odd(conn: Connection, tmp_path: Path) -> None:
    land(conn, make_delivery(tmp_path, FEED, "20261101-001", [card(f"A{n}") for n in range(1, 5)]))
    delta = [
        card("A1", "甲", op="U"), card("A2", op="D"), card("B1", op="I"),
        card("A3", "丙", op="I"), card("B2", op="U"), card("B3", op="D"),
    ]  # fmt: skip
    counts = land(conn, make_delivery(tmp_path, FEED, "20261102-001", delta, mode="delta"))
    assert counts == LandCounts(6, 6, 0, 0, inserted=2, updated=2, deleted=1, finding_count=3)
    assert sorted(k.split("|")[1] for k in current(conn)) == ["A1", "A3", "A4", "B1", "B2"]
    assert rows(conn, "select source_key, code from ops.finding order by 1") == [
        ("510100|A3", "DELTA_INSERT_KNOWN"), ("510100|B2", "DELTA_UPDATE_UNKNOWN"),
        ("510100|B3", "DELTA_DELETE_UNKNOWN"),
    ]  # fmt: skip


def test_findings_stay_open_as_long_as_they_are_true(conn: Connection, tmp_path: Path) -> None:
    def found(number: str, code: str) -> dict[str, Any]:
        key = f"510100|{number}"
        return {"source_key": key, "field": "id_number", "code": code, "value_class": "D18", "severity": "inform"}

    both = [card("A1"), card("A2")]
    land(
        conn, make_delivery(tmp_path, FEED, "20261101-001", both, findings=[found("A1", "CHECK"), found("A2", "DATE")])
    )
    again = [found("A1", "CHECK"), found("A1", "LEN")]
    counts = land(conn, make_delivery(tmp_path, FEED, "20261102-001", both, findings=again))
    assert counts.finding_count == 2
    assert rows(
        conn, "select source_key, code, batch_no, last_batch_no, state from ops.finding order by finding_id"
    ) == [
        ("510100|A1", "CHECK", "20261101-001", "20261102-001", "open"),
        ("510100|A2", "DATE", "20261101-001", "20261102-001", "corrected"),
        ("510100|A1", "LEN", "20261102-001", "20261102-001", "open"),
    ]
    land(conn, make_delivery(tmp_path, FEED, "20261103-001", [card("A2", op="U")], mode="delta"))
    assert rows(conn, "select count(*) from ops.finding where state <> 'corrected'") == [(2,)]


def test_a_late_delivery_never_overwrites_a_later_one(conn: Connection, tmp_path: Path) -> None:
    land(conn, make_delivery(tmp_path, FEED, "20261101-001", [card("A1"), card("A2"), card("A3")]))
    later = [card("A1", "新", op="U"), card("A2", op="D")]
    land(conn, make_delivery(tmp_path, FEED, "20261103-001", later, mode="delta"))
    late = [card("A1", "旧", op="U"), card("A2", "旧", op="U"), card("A3", "旧", op="U")]
    counts = land(conn, make_delivery(tmp_path, FEED, "20261102-001", late, mode="delta"))
    assert (counts.superseded, counts.updated, counts.loaded) == (2, 1, 3)
    assert current(conn) == {"510100|A1": "新", "510100|A3": "旧"}
    assert rows(conn, "select code from ops.finding where source_key is null") == [("LATE_SUPERSEDED",)]
    land(conn, make_delivery(tmp_path, FEED, "20261105-001", [card("A9")]))
    counts = land(conn, make_delivery(tmp_path, FEED, "20261104-001", [card("A1"), card("A2")]))
    assert counts.superseded == 2
    assert list(current(conn)) == ["510100|A9"]


def test_a_late_delta_does_not_undo_what_a_later_one_confirmed(conn: Connection, tmp_path: Path) -> None:
    """Found by comparing orders of arrival: the later delta re-sent A1 as it was and ended A3, which was not there."""
    land(conn, make_delivery(tmp_path, FEED, "20261101-001", [card("A1", record_hash="same"), card("A2")]))
    later = [card("A1", op="U", record_hash="same"), card("A3", op="D")]
    land(conn, make_delivery(tmp_path, FEED, "20261103-001", later, mode="delta"))
    late = [card("A1", "旧", op="U"), card("A2", "旧", op="U"), card("A3", "旧", op="I")]
    counts = land(conn, make_delivery(tmp_path, FEED, "20261102-001", late, mode="delta"))
    assert (counts.superseded, counts.updated, counts.inserted) == (2, 1, 0)
    assert current(conn) == {"510100|A1": "王小明", "510100|A2": "旧"}
    assert rows(conn, "select count(*) from ops.confirmed_key") == [(2,)]
    land(conn, make_delivery(tmp_path, FEED, "20261104-001", [card("A1")]))
    assert rows(conn, "select count(*) from ops.confirmed_key") == [(0,)]


def test_a_dry_run_counts_and_keeps_nothing(conn: Connection, tmp_path: Path) -> None:
    counts = land(conn, make_delivery(tmp_path, FEED, "20261101-001", [card("A1")], rejects=1), dry_run=True)
    assert counts == LandCounts(2, 1, 1, 0, inserted=1)
    for table in ("landing.hrss_card", "ops.delivery", "ops.reject"):
        assert rows(conn, f"select count(*) from {table}") == [(0,)]


@pytest.mark.parametrize(
    "wrong", [{"loaded": 3, "read": 3}, {"read": 9}, {"rejected": 1, "read": 3}, {"loaded": 1, "read": 1}]
)
def test_counts_that_do_not_hold_are_refused(conn: Connection, tmp_path: Path, wrong: dict[str, int]) -> None:
    made = make_delivery(tmp_path, FEED, "20261101-001", [card("A1"), card("A2")])
    with pytest.raises(CountError):
        land(conn, replace(made, **wrong))
    assert current(conn) == {}
    assert rows(conn, "select count(*) from ops.delivery") == [(0,)]


def test_rows_that_do_not_reach_the_table_are_noticed(
    conn: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = landing.write_records

    def lose_one(connection: Connection, *more: Any) -> None:
        whole(connection, *more)
        connection.execute("delete from landing.hrss_card where card_number = 'A2'")

    monkeypatch.setattr(landing, "write_records", lose_one)
    with pytest.raises(CountError):
        land(conn, make_delivery(tmp_path, FEED, "20261101-001", [card("A1"), card("A2")]))
    assert current(conn) == {}


def test_a_key_twice_is_refused_without_naming_it(conn: Connection, tmp_path: Path) -> None:
    with pytest.raises(CountError) as fault:
        land(conn, make_delivery(tmp_path, FEED, "20261101-001", [card("A1"), card("A1", "别")]))
    assert "A1" not in str(fault.value)


@pytest.mark.parametrize("step", ["write_records", "land_rejects", "land_findings", "record_delivery"])
def test_killed_at_any_step_it_is_as_if_never_begun(
    conn: Connection, warehouse_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    land(conn, make_delivery(tmp_path, FEED, "20261101-001", [card("A1")]))
    before = current(conn)
    second = make_delivery(tmp_path, FEED, "20261102-001", [card("A1", "乙"), card("A2")], rejects=1)
    whole = getattr(landing, step)

    def cut_off(connection: Connection, *more: Any) -> Any:
        done = whole(connection, *more)
        conn.execute("select pg_terminate_backend(%s)", (connection.info.backend_pid,))
        connection.execute("select 1")
        return done

    with monkeypatch.context() as patch, connect(warehouse_url) as victim:
        patch.setattr(landing, step, cut_off)
        with pytest.raises(WarehouseError):
            land(victim, second)
    assert current(conn) == before
    assert rows(conn, "select count(*) from ops.delivery") == [(1,)]
    assert rows(conn, "select count(*) from ops.reject") == [(0,)]
    assert land(conn, second).inserted == 1


KEYS = st.sampled_from("ABCDE")
ROWS = st.dictionaries(KEYS, st.sampled_from(["甲", "乙", ""]), max_size=5)
NIGHTS = st.lists(st.tuples(st.just("full"), ROWS) | st.tuples(st.just("delta"), st.dictionaries(KEYS, st.sampled_from(
    [("I", "甲"), ("U", "乙"), ("U", ""), ("D", "甲")]
), max_size=5)), min_size=1, max_size=6)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NIGHTS)
def test_any_run_of_deliveries_ends_as_a_plain_dictionary_would(conn: Connection, nights: list[Any]) -> None:
    for table in ("landing.hrss_card", "landing.hrss_card_history", "ops.delivery", "ops.finding"):
        conn.execute(f"delete from {table}")
    expected: dict[str, str] = {}
    versions = 0
    with tempfile.TemporaryDirectory() as folder:
        for number, (mode, content) in enumerate(nights, 1):
            before = dict(expected)
            if mode == "full":
                expected = {f"510100|{k}": name for k, name in content.items()}
                lines = [card(k, name) for k, name in content.items()]
            else:
                lines = [card(k, name, op=op) for k, (op, name) in content.items()]
                for k, (op, name) in content.items():
                    expected.pop(f"510100|{k}", None) if op == "D" else expected.update({f"510100|{k}": name})
            counts = land(conn, make_delivery(Path(folder), FEED, f"202611{number:02}-001", lines, mode=mode))
            assert counts.inserted == len(set(expected) - set(before))
            assert counts.updated == sum(expected.get(k, v) != v for k, v in before.items())
            assert counts.deleted == len(set(before) - set(expected))
            versions += counts.inserted + counts.updated
    assert current(conn) == expected
    assert rows(conn, "select count(*) from landing.hrss_card_history") == [(versions - len(expected),)]
