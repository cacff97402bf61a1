"""Arrow goes into PostgreSQL and comes back as it was: null and '' apart, quotes, newlines, arrays, dates."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warehouse.copy import copy_in, copy_out
from warehouse.database import Connection, WarehouseError, connect, transaction

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["", "NULL", "\\N", "\\.", '"', "a,b", "\r\n", " ", "{}", '{"a"}', "一档", "𠀀", "\\"]
)


@pytest.fixture(scope="module")
def table(database_url: str) -> Any:
    with connect(database_url) as conn:
        conn.execute(
            "create temp table kept (number bigint, word text, words text[], day date, at timestamp, "
            "amount numeric(18,2))"
        )
        yield conn


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.none() | TEXT, st.none() | st.lists(st.none() | TEXT, max_size=3)), max_size=20))
def test_text_and_arrays_come_back_as_they_went(table: Connection, rows: list[tuple[Any, Any]]) -> None:
    table.execute("truncate kept")
    sent = pa.table(
        {
            "number": pa.array(range(len(rows)), pa.int64()),
            "word": pa.array([r[0] for r in rows], pa.string()),
            "words": pa.array([r[1] for r in rows], pa.list_(pa.string())),
        }
    )
    assert copy_in(table, "kept", sent) == len(rows)
    back = copy_out(table, "select number, word, words from kept order by number")
    assert back.to_pylist() == sent.to_pylist()
    assert back.schema.equals(sent.schema)


def test_dates_times_and_amounts_keep_their_type(table: Connection) -> None:
    table.execute("truncate kept")
    sent = pa.table(
        {
            "number": pa.array([1, 2]),
            "day": pa.array([datetime.date(1900, 1, 1), None]),
            "at": pa.array([1_793_498_584_000_005, None], pa.timestamp("us")),
            "amount": pa.array([Decimal("12.50"), None], pa.decimal128(18, 2)),
        }
    )
    copy_in(table, "kept", sent)
    assert copy_out(table, "select number, day, at, amount from kept order by number").equals(sent)


def test_one_column_of_nulls_and_empty_texts(table: Connection) -> None:
    table.execute("truncate kept")
    copy_in(table, "kept", pa.table({"word": pa.array([None, "", None, "x"])}))
    found = copy_out(table, "select word from kept")["word"].to_pylist()
    assert sorted(found, key=str) == ["", None, None, "x"]


def test_slices_of_arrays_are_written_as_slices(table: Connection) -> None:
    table.execute("truncate kept")
    sent = pa.table({"words": pa.array([["a"], ["b", None], None, ["c"]], pa.list_(pa.string()))}).slice(1, 3)
    copy_in(table, "kept", sent)
    assert copy_out(table, "select words from kept").equals(sent)


def test_an_error_of_the_server_shows_no_value(database_url: str) -> None:
    secret = "510104198501029010"
    with connect(database_url) as conn:
        conn.execute("create temp table strict (id text primary key, day date)")
        with pytest.raises(WarehouseError) as twice, transaction(conn, "testing"):
            copy_in(conn, "strict", pa.table({"id": [secret, secret]}))
        with pytest.raises(WarehouseError) as no_date, transaction(conn, "testing"):
            copy_in(conn, "strict", pa.table({"id": ["x"], "day": [secret]}))
    for fault in (twice, no_date):
        assert secret not in str(fault.value)
        assert fault.value.__cause__ is None
        assert fault.value.__suppress_context__
    assert "UniqueViolation" in str(twice.value)
    assert "strict_pkey" in str(twice.value)


@pytest.mark.parametrize(
    "query", ["select 1 / (3 - x) as y from generate_series(1, 5) x", "select nobody from nothing"]
)
def test_a_copy_that_ends_badly_says_so_and_leaves_the_connection(database_url: str, query: str) -> None:
    with connect(database_url) as conn:
        with pytest.raises(WarehouseError, match=r"DivisionByZero|UndefinedTable"), transaction(conn, "testing"):
            copy_out(conn, query)
        assert copy_out(conn, "select 1 as x")["x"].to_pylist() == [1]
