"""Authoritative lists enter as judgements: with their source, once, and taken back when the list says so no longer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest

from tests.warehouse.deliveries import CONTRACTS, Files, make_delivery
from warehouse.database import Connection, transaction
from warehouse.judgements import read_judgements, record_judgement
from warehouse.landing import land
from warehouse.lists import take_lists
from warehouse.masters import stage
from warehouse.partings import undo
from warehouse.publish import publish

OLD, NEW = "510107196203059011", "510107196203059038"


def arrive(
    conn: Connection, folder: Path, feed: str, number: int, rows: Sequence[Mapping[str, object]]
) -> list[tuple[str, str]]:
    batch = f"2026110{number}-001"
    land(conn, CONTRACTS[feed], make_delivery(folder / f"{feed}{number}", feed, batch, rows), run_id=f"night-{number}")
    return [(feed, batch)]


def take(conn: Connection, batches: list[tuple[str, str]], subject: str = "person") -> tuple[int, int]:
    with transaction(conn, "taking"):
        return take_lists(conn, subject, batches)


LINE = {"source_key": "1", "name": "王小明", "id_number": NEW, "former_id_number": OLD}
CARD = {"source_key": "a", "name": "王小明", "id_number": OLD}


def test_a_former_number_is_a_judgement_with_its_source(conn: Connection, tmp_path: Path) -> None:
    batches = arrive(conn, tmp_path, "ps_person", 1, [LINE]) + arrive(
        conn, tmp_path, "hrss_card", 1, [CARD, {**CARD, "source_key": "b", "name": "李四"}]
    )
    assert take(conn, batches) == (1, 0)  # not the one of another name
    rows = conn.execute("select left_key, right_key, verdict, source, judged_by, reason from core.judgement").fetchall()
    reason = "Public Security lists the number as a former one of this person, delivery 20261101-001"
    assert rows == [("hrss_card:a", "ps_person:1", "same", "ps_former_number", "ps_person", reason)]
    assert take(conn, batches) == (0, 0)


@pytest.mark.parametrize("is_line_first", [True, False])
def test_line_and_record_meet_whichever_came_first(conn: Connection, tmp_path: Path, is_line_first: bool) -> None:
    first, second = (
        (("ps_person", LINE), ("hrss_card", CARD)) if is_line_first else (("hrss_card", CARD), ("ps_person", LINE))
    )
    assert take(conn, arrive(conn, tmp_path, first[0], 1, [first[1]])) == (0, 0)
    key = f"{first[0]}:{first[1]['source_key']}"
    number = str(first[1]["id_number"])
    files = Files({"P1": [key]}, {"P1": {"name": "王小明", "id_number": number}}, events=[("created", "P1", None)])
    stage(conn, "person", "night-1", **files.staged())
    publish(conn, "night-1", date(2026, 11, 1))
    assert take(conn, arrive(conn, tmp_path, second[0], 2, [second[1]])) == (1, 0)


def test_what_a_list_no_longer_says_is_taken_back(conn: Connection, tmp_path: Path) -> None:
    take(conn, arrive(conn, tmp_path, "ps_person", 1, [LINE]) + arrive(conn, tmp_path, "hrss_card", 1, [CARD]))
    assert take(conn, arrive(conn, tmp_path, "ps_person", 2, [{**LINE, "former_id_number": None}])) == (0, 1)
    assert read_judgements(conn, "person").num_rows == 0
    assert conn.execute("select count(*) from core.judgement").fetchone() == (2,)


def test_a_steward_beats_a_list_and_undo_leaves_lists_alone(conn: Connection, tmp_path: Path) -> None:
    batches = arrive(conn, tmp_path, "ps_person", 1, [LINE]) + arrive(conn, tmp_path, "hrss_card", 1, [CARD])
    take(conn, batches)
    listed = conn.execute("select judgement_id from core.judgement").fetchone()
    assert listed is not None
    with pytest.raises(Exception, match="authoritative list"):
        undo(conn, listed[0], judged_by="ann", reason="r")
    record_judgement(conn, "person", "hrss_card:a", "ps_person:1", "not_same", judged_by="ann", reason="two photos")
    assert take(conn, batches) == (0, 0)
    assert read_judgements(conn, "person")["verdict"].to_pylist() == ["not_same"]


def test_the_registers_table_of_old_numbers(conn: Connection, tmp_path: Path) -> None:
    line = {
        "source_key": "1",
        "name": "成都甲有限公司",
        "uscc": "91510100MA61RBX08B",
        "registration_no": "510100000012345",
    }
    old = {"source_key": "7", "name": "成都甲有限公司", "uscc": "510100000012345"}
    batches = arrive(conn, tmp_path, "mr_entity", 1, [line]) + arrive(conn, tmp_path, "tax_payer", 1, [old])
    assert take(conn, batches, "enterprise") == (1, 0)
    assert conn.execute("select source from core.judgement").fetchall() == [("mr_number_table",)]
