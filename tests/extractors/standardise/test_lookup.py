"""Look-ups inside SQL expressions: any key is found, no other key finds anything."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.standardise.lookup import create_character_lookup, create_character_map, create_lookup, quoted

KEYS = st.text(st.characters(exclude_characters="\x00\x1d\x1e\x1f", exclude_categories=["Cs"]), min_size=1, max_size=8)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as connection:
        yield connection


def ask(con: duckdb.DuckDBPyConnection, macro: str, keys: list[str | None]) -> list[str | None]:
    con.register("asked", pa.table({"place": range(len(keys)), "k": pa.array(keys, pa.string())}))
    return [found for (found,) in con.execute(f"SELECT {macro}(k) FROM asked ORDER BY place").fetchall()]


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(KEYS, KEYS, max_size=60), st.lists(KEYS, max_size=20))
def test_a_lookup_is_a_dictionary(pairs: dict[str, str], strangers: list[str]) -> None:
    with duckdb.connect(config={"threads": 1}) as con:
        create_lookup(con, "found", pairs.items())
        keys: list[str | None] = [*pairs, *strangers, "", None]
        assert ask(con, "found", keys) == [None if key is None else pairs.get(key) for key in keys]


def test_one_key_with_two_values_is_refused(con: duckdb.DuckDBPyConnection) -> None:
    create_lookup(con, "found", [("a", "1"), ("a", "1")])
    with pytest.raises(ValueError, match="a key has one value"):
        create_lookup(con, "other", [("a", "1"), ("a", "2")])


def test_characters_by_their_pages(con: duckdb.DuckDBPyConnection) -> None:
    create_character_map(con, "usual", {"張": "张", "㐀": "一", "鿿": "𬭚"})
    assert ask(con, "usual", ["張", "㐀", "鿿", "张", "A", "", "𬭚", "\uffff", "\u33ff", None]) == [
        "张", "一", "𬭚", "张", "A", "", "𬭚", "\uffff", "\u33ff", None,
    ]  # fmt: skip
    create_character_lookup(con, "read_as", {"張": "zhang", "㐀": "qiu"})
    assert ask(con, "read_as", ["張", "㐀", "张", "A", "", None]) == ["zhang", "qiu", None, None, None, None]


def test_a_quote_is_doubled() -> None:
    assert quoted("a'b") == "'a''b'"
