"""One connection with the standard form for all tests of this folder, and a way to ask it about many values at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from extractors import standardise

AS_OF = date(2026, 11, 1)
Each = Callable[[str, Sequence[str | None]], list[Any]]


@pytest.fixture(scope="session")
def standard() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with every macro, as of 2026-11-01."""
    with standardise.connect(as_of=AS_OF, threads=1) as connection:
        yield connection


@pytest.fixture(scope="session")
def each(standard: duckdb.DuckDBPyConnection) -> Each:
    """each(expression over v, values) -> what it gives for each of them, from one query."""

    def ask(expression: str, values: Sequence[str | None]) -> list[Any]:
        standard.register("asked", pa.table({"place": range(len(values)), "v": pa.array(values, pa.string())}))
        rows = standard.execute(f"SELECT {expression} FROM asked ORDER BY place").fetchall()
        return [answer for (answer,) in rows]

    return ask


@pytest.fixture(scope="session")
def table(each: Each) -> Callable[[str, dict[str, Any]], None]:
    """table(expression, {value: expected}) fails with the values that gave something else."""

    def check(expression: str, expected: dict[str, Any]) -> None:
        found = dict(zip(expected, each(expression, list(expected)), strict=True))
        assert {value: found[value] for value in found if found[value] != expected[value]} == {}, expression
        assert found == expected

    return check
