"""The place of an address is kept beside it: the division by the table of the record's year, mapped forward to today's."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.deliveries import CONTRACTS, make_delivery
from tests.warehouse.histories import Chronicle
from warehouse.address_places import APPLIED, sync_address_places
from warehouse.database import Connection
from warehouse.landing import land

SHUANGLIU, BISHAN = "四川省双流县东升镇花园路12号3栋2单元501号", "四川省璧山县城关镇新华村3组"


def card(number: str, address: str | None, year: int) -> dict[str, Any]:
    return {"source_key": f"510100|{number}", "op": "I", "card_number": number, "name": "王小明", "address": address,
            "updated_at": datetime.fromisoformat(f"{year}-05-06T08:00:00")}  # fmt: skip


def rows(conn: Connection, query: str) -> list[Any]:
    return conn.execute(query.encode()).fetchall()


def places(conn: Connection) -> list[Any]:
    return rows(conn, "select year, division_code, confidence, township, road from core.address_place order by 1, 2")


@pytest.fixture
def chronicle(conn: Connection, tmp_path: Path) -> Chronicle:
    return Chronicle(conn, tmp_path)


def test_a_file_shows_the_place_of_its_time_and_of_today(conn: Connection, chronicle: Chronicle) -> None:
    """Domain section 5: counties became districts (双流), some lie in Chongqing now (璧山), and some addresses tell no place."""
    sent = [card("A1", SHUANGLIU, 2000), card("A2", BISHAN, 1990), card("A3", "集体户", 2020), card("A4", None, 2020)]
    chronicle.night({"hrss_card": sent}, {f"hrss_card:510100|A{n}": f"P{n}" for n in range(1, 5)})
    query = "select {} from core.person_address order by master_id"
    told = "master_id, division_code, current_division_code, division_confidence, township, road, building, room"
    assert rows(conn, query.format(told)) == [
        ("P1", "510122", "510116", 1.0, "东升镇", "花园路", "3", "501"),
        ("P2", "510232", "500120", 1.0, "城关镇", None, None, None),
        ("P3", None, None, None, None, None, None, None),
    ]
    registered = {"source_key": "m1", "op": "I", "entity_no": "m1", "name": "某公司", "address": SHUANGLIU,
                  "updated_at": datetime.fromisoformat("2026-05-06T08:00:00")}  # fmt: skip
    chronicle.night({"mr_entity": [registered]}, {"mr_entity:m1": "E1"})
    query = (
        "select address_kind, division_code, current_division_code, division_confidence from core.enterprise_address"
    )
    assert rows(conn, query) == [("registered", "510122", "510116", 0.8)]  # a county no longer of that name


def test_what_was_read_is_not_read_again_and_a_dry_run_keeps_nothing(conn: Connection, tmp_path: Path) -> None:
    made = make_delivery(tmp_path, "hrss_card", "20261101-001", [card("A1", SHUANGLIU, 2000)], mode="delta")
    land(conn, CONTRACTS["hrss_card"], made, run_id="night-1", dry_run=True)
    assert places(conn) == []
    land(conn, CONTRACTS["hrss_card"], made, run_id="night-1")
    once = [(2000, "510122", 1.0, "东升镇", "花园路")]
    assert places(conn) == once
    conn.execute("update core.address_place set road = 'kept'")
    again = [card("A1", SHUANGLIU, 2000) | {"name": "王晓明"}, card("A2", SHUANGLIU, 2000), card("A3", SHUANGLIU, 2026)]
    land(
        conn,
        CONTRACTS["hrss_card"],
        make_delivery(tmp_path, "hrss_card", "20261102-001", again, mode="delta"),
        run_id="night-2",
    )
    assert places(conn) == [(2000, "510122", 1.0, "东升镇", "kept"), (2026, "510122", 0.8, "东升镇", "花园路")]


def test_with_other_divisions_all_addresses_are_read_anew(conn: Connection, tmp_path: Path) -> None:
    long = "四川省成都市锦江区" + "春" * 5_000 + "路1号"
    sent = [card("A1", SHUANGLIU, 2000), card("A2", long, 2026)]
    land(
        conn,
        CONTRACTS["hrss_card"],
        make_delivery(tmp_path, "hrss_card", "20261101-001", sent, mode="delta"),
        run_id="night-1",
    )
    read = places(conn)
    assert len(read) == 2
    conn.execute("update core.address_place set division_code = null")
    with conn.transaction():
        sync_address_places(conn, CONTRACTS.values())
    assert places(conn) != read
    conn.execute("update ops.applied_file set content_md5 = 'of another edition' where path = %s", (APPLIED,))
    with conn.transaction():
        sync_address_places(conn, CONTRACTS.values())
    assert places(conn) == read
