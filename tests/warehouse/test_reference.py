"""Code tables stand in the database with their validity and source; what no list knows is counted by value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from extractors.contract import load_contracts
from extractors.reference import code_tables
from extractors.reference.codes import read_code_tables
from tests.warehouse.deliveries import make_delivery
from tests.warehouse.test_landing import FEED, card
from warehouse import landing
from warehouse.database import Connection
from warehouse.reference import sync_reference


def one(conn: Connection, query: str) -> Any:
    row = conn.execute(query.encode()).fetchone()
    return row if row is None or len(row) > 1 else row[0]


def test_every_table_says_what_defines_it() -> None:
    assert {table.code_table for table in read_code_tables()} == code_tables()
    assert all(table.standard or table.source for table in read_code_tables())


def test_a_code_is_known_with_its_name_its_parent_and_since_when(conn: Connection) -> None:
    query = (
        "select name, parent, valid_from::text, valid_to, source from ref.code where code_table = '{}' and code = '{}'"
    )
    assert one(conn, query.format("marital", "21")) == ("初婚", "20", "2003-01-01", None, "GB/T 2261.2-2003")
    assert one(conn, query.format("health", "61"))[1] == "6"
    assert one(conn, query.format("enterprise_type", "1110"))[1:3] == ("1100", "-infinity")
    assert one(conn, "select code from ref.code_variant where code_table = 'ethnicity' and variant = 'ZA'") == "04"
    sent = "select standard from ref.feed_code where feed = 'hrss_card' and field = 'card_status' and received = '正式挂失'"
    assert one(conn, sent) == "lost"


def test_a_division_is_known_as_of_any_day_and_where_it_lies_today(conn: Connection) -> None:
    """Domain section 2.1: 5122 was Mianyang to 1981 and Wanxian from 1982; Huili became a city in 2021."""
    on = "select name from ref.division where code = '{}' and date '{}' between valid_from and coalesce(valid_to, 'infinity')"
    assert one(conn, on.format("512200", "1981-06-01")) == "绵阳地区"
    assert one(conn, on.format("512200", "1990-06-01")) == "万县地区"
    assert one(conn, on.format("513425", "2000-01-01")) == "会理县"
    assert one(conn, on.format("513425", "2026-01-01")) is None
    assert one(conn, "select new_code from ref.division_successor where old_code = '513425'") == "513402"
    assert one(conn, "select level, parent from ref.division where code = '510104' limit 1") == ("county", "510100")


def test_what_a_list_no_longer_holds_stays_and_says_so(conn: Connection) -> None:
    conn.execute("insert into ref.code values ('sex', '7', 'x', null, '-infinity', null, 'old list', true)")
    conn.execute("delete from ops.applied_file where path like 'ref/%'")
    with conn.transaction():
        sync_reference(conn, load_contracts().values())
    assert one(conn, "select is_listed from ref.code where code_table = 'sex' and code = '7'") is False
    assert one(conn, "select count(*) from ref.code where code_table = 'sex' and is_listed") == 4
    conn.execute("delete from ref.code where code_table = 'sex' and code = '7'")


def test_unmapped_values_of_a_delivery_are_counted(conn: Connection, tmp_path: Path) -> None:
    made = make_delivery(tmp_path, FEED, "20261101-001", [card("A1")])
    rows = [{"field": "card_status", "value": "9", "value_class": "D1", "row_count": 7},
            {"field": "sex", "value": None, "value_class": "H3", "row_count": 2}]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "unmapped.parquet")
    object.__setattr__(made, "unmapped", tmp_path / "unmapped.parquet")
    landing.land(conn, load_contracts()[FEED], made, run_id="night-1")
    found = conn.execute("select field, value, value_class, row_count from mart.unmapped_value order by 1").fetchall()
    assert found == [("card_status", "9", "D1", 7), ("sex", None, "H3", 2)]
