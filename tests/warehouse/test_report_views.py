"""Views reports are made of: coverage follows the tables there are, small cells between departments stay hidden."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.warehouse.deliveries import CONTRACTS, Files, make_delivery
from warehouse.coverage import sync_coverage
from warehouse.database import Connection
from warehouse.landing import land
from warehouse.masters import stage
from warehouse.publish import publish
from warehouse.runs import begin_run

RUN, DAY = "night-2026-11-01", date(2026, 11, 1)


def night(conn: Connection, folder: Path) -> None:
    """Thirty persons in the household register, twelve of them with a card; two more with a card only."""
    begin_run(conn, RUN, DAY)
    for feed, keys in (("ps_person", range(30)), ("hrss_card", [*range(12), 30, 31])):
        rows = [{"source_key": f"k{n}", "name": "王小明", "card_number": f"C{n}"} for n in keys]
        if feed == "ps_person":
            rows = [{k: v for k, v in row.items() if k != "card_number"} for row in rows]
        land(conn, CONTRACTS[feed], make_delivery(folder, feed, "20261101-001", rows), run_id=RUN)
    records = {f"P{n}": [f"ps_person:k{n}"] + ([f"hrss_card:k{n}"] if n < 12 else []) for n in range(30)}
    records |= {f"P{n}": [f"hrss_card:k{n}"] for n in (30, 31)}
    golden = {m: {"name": "王小明", "area_code": "510104", **({"phone": "1"} if m < "P2" else {})} for m in records}
    stage(conn, "person", RUN, **Files(records, golden, next_number=40).staged())
    publish(conn, RUN, DAY)


def test_departments_are_compared_by_area_and_few_are_hidden(conn: Connection, tmp_path: Path) -> None:
    night(conn, tmp_path)
    query = (
        "select area_code, department, other_department, in_both::int, only_here::int, is_suppressed "
        "from mart.department_presence order by is_whole, department"
    )
    assert conn.execute(query).fetchall() == [
        ("510104", "hrss", "ps", 12, None, True), ("510104", "ps", "hrss", 12, 18, False),
        (None, "hrss", "ps", 10, 0, False), (None, "ps", "hrss", 10, 20, False),
    ]  # fmt: skip


def test_coverage_counts_golden_fields_and_every_list_there_is(conn: Connection, tmp_path: Path) -> None:
    night(conn, tmp_path)
    query = "select kind, fact, files_total, files_with, within_year from mart.file_coverage where subject = 'person'"
    found = {fact: rest for _, fact, *rest in conn.execute(query).fetchall()}
    assert found["name"] == [32, 32, 32]
    assert found["phone"][1] == 12  # P0, P1, P10 ... P19
    with conn.transaction(force_rollback=True):
        conn.execute("create table core.pension (master_id text, since_date date, valid_from date)")
        conn.execute(
            "insert into core.pension values ('P1', '2026-11-01', '2020-01-01'), ('P1', '2026-11-01', '2026-01-01')"
        )
        sync_coverage(conn)
        sync_coverage(conn)
        assert ("list", "pension", 32, 1, 1) in conn.execute(query).fetchall()
