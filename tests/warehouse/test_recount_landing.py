"""What ops.delivery says is counted again from the tables, and a lost or changed row is told by delivery and number."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.warehouse.deliveries import make_delivery
from tests.warehouse.test_landing import FEED, card, land
from warehouse.database import Connection
from warehouse.recount_landing import recount_all, recount_new


def three(conn: Connection, folder: Path) -> None:
    """A full, a delta and a late delta, with rejects, a duplicate, deletions and rows that stay."""
    whole = [card(f"A{n}", record_hash=f"h{n}") for n in range(1, 6)]
    land(conn, make_delivery(folder, FEED, "20261101-001", whole, rejects=2, duplicate=1))
    later = [card("A1", "新", op="U"), card("A2", op="D"), card("A3", op="U", record_hash="h3"), card("A9", op="D")]
    land(conn, make_delivery(folder, FEED, "20261103-001", later, mode="delta", rejects=1))
    late = [card("A1", "旧", op="U"), card("A4", op="D"), card("B1", op="I")]
    land(conn, make_delivery(folder, FEED, "20261102-001", late, mode="delta"))
    land(conn, make_delivery(folder, FEED, "20261104-001", [card("A1", "新"), card("B1", "乙"), card("B2")]))


def test_what_was_written_down_is_found_in_the_tables(conn: Connection, tmp_path: Path) -> None:
    three(conn, tmp_path)
    assert recount_new(conn) == (4, [])
    assert recount_all(conn) == (4, [])


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("delete from landing.hrss_card where card_number = 'B2'", "20261104-001: record versions brought: 2"),
        ("delete from landing.hrss_card_history where end_kind = 'deleted'", "20261103-001: records ended: 1"),
        ("delete from ops.reject where batch_no = '20261103-001'", "20261103-001: rejected rows: 1"),
        ("update ops.delivery set loaded_count = 6, read_count = 9 where batch_no = '20261101-001'", "rows loaded: 6"),
        ("insert into landing.hrss_card (source_key, record_hash, batch_no, since_run_id, since_date) values "
         "('x', 'x', '20261104-001', 'r', '2026-11-04')", "20261104-001: record versions brought: 2"),
    ],
)  # fmt: skip
def test_a_row_that_is_lost_or_too_many_is_told(conn: Connection, tmp_path: Path, damage: str, told: str) -> None:
    three(conn, tmp_path)
    conn.execute(damage.encode())
    for recount in (recount_new, recount_all):
        assert any(told in str(wrong) for wrong in recount(conn)[1])


def test_only_what_is_not_published_is_counted_each_night(conn: Connection, tmp_path: Path) -> None:
    three(conn, tmp_path)
    conn.execute("update ops.delivery set published_run_id = 'n'")
    conn.execute("delete from landing.hrss_card where card_number = 'B2'")
    assert recount_new(conn) == (0, [])
    said = [str(wrong) for wrong in recount_all(conn)[1]]
    assert said[-1] == "hrss_card all deliveries: current records: 3 written down, 2 found"
