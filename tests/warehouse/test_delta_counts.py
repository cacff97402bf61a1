"""A delta night is counted again before it is published, and moves the totals by what it wrote (laws 1 and 9)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.warehouse.deliveries import Files
from tests.warehouse.test_publish import DAYS, FIRST, arrive, golden, keyed, night, rows, served
from warehouse import publish as publishing
from warehouse.database import Connection, CountError
from warehouse.masters import TakenIn, stage
from warehouse.publish import publish
from warehouse.publish_counts import PublishCounts
from warehouse.totals import compare_totals, read_totals

SECOND = Files(keyed(P1="ab", P3="d"), golden(P1="王大明", P3="丁"), links=FIRST.links, next_number=3)
LOST = {
    "a file": "delete from core.person where master_id = 'P3'",
    "a value": "delete from core.person_value where master_id = 'P1' and field = 'birth_date'",
    "a record": "delete from core.crosswalk where record_key = 'hrss_card:d'",
    "a link": "delete from core.link",
    "a landed record": "delete from landing.hrss_card where source_key = 'd'",
    "a total": "update core.file_size set file_count = file_count + 1 where record_count = 1",
}


def delta(conn: Connection, folder: Path) -> PublishCounts:
    """The second night: record d comes, the file of a and b has another name; c and its file are not looked at."""
    arrive(conn, folder, 2, "abcd")
    scope = pa.array([f"hrss_card:{key}" for key in "abd"])
    stage(conn, "person", "night-2", **SECOND.staged(), taken_in=TakenIn([], scope))
    return publish(conn, "night-2", DAYS[1])


def test_totals_after_a_delta_are_those_of_the_tables(conn: Connection, tmp_path: Path) -> None:
    arrive(conn, tmp_path, 1, "abc")
    night(conn, 1, FIRST)
    counts = delta(conn, tmp_path).subjects["person"]
    assert (counts.masters, counts.records, counts.new, counts.changed) == (3, 4, 1, 1)
    assert compare_totals(conn) == []
    assert rows(conn, "select record_count, file_count from core.file_size order by 1") == [(1, 2), (2, 1)]
    beside = read_totals(conn, "person", pa.array(["P1", "P3"]))
    assert (beside.masters, beside.records, beside.largest) == (1, 1, 1)
    assert (beside.filled["name"], beside.filled["phone"]) == (1, 0)


@pytest.mark.parametrize("lost", LOST)
def test_a_delta_that_loses_a_row_is_not_published(
    conn: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    arrive(conn, tmp_path, 1, "abc")
    night(conn, 1, FIRST)
    before = served(conn)
    whole = publishing.publish_redirects

    def lose_one(connection: Connection, *more: Any) -> int:
        assert connection.execute(LOST[lost].encode()).rowcount == 1
        return whole(connection, *more)

    monkeypatch.setattr(publishing, "publish_redirects", lose_one)
    with pytest.raises(CountError, match="counted"):
        delta(conn, tmp_path)
    assert served(conn) == before
    assert compare_totals(conn) == []


def test_a_recount_on_request_tells_totals_that_are_not_borne_out(conn: Connection, tmp_path: Path) -> None:
    arrive(conn, tmp_path, 1, "abc")
    night(conn, 1, FIRST)
    conn.execute("update core.file_fill set file_count = 5 where field = 'name'")
    conn.execute("update core.person set record_count = 7 where master_id = 'P2'")
    assert compare_totals(conn) == [
        "core.file_size: person record_count 1: 1 files written down, 0 found",
        "core.file_size: person record_count 7: 0 files written down, 1 found",
        "core.file_fill: person field name: 5 files written down, 2 found",
        "core.person: records of all files: 9 written down, 3 in core.crosswalk",
    ]
