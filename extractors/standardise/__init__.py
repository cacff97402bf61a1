"""The standard form of every value, as DuckDB macros: one implementation for extraction and for matching.

Macros take null to null and never raise on odd input; `std_*` applied twice gives the same as once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from extractors.reference import path_of
from extractors.standardise import addresses, codes, companies, dates, names, numbers


def connect(
    *,
    as_of: date,
    threads: int | None = None,
    memory_limit: str | None = None,
    temp_directory: Path | None = None,
) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB connection with every macro and reference table of the standard form.

    Parameters
    ----------
    as_of
        The day that decides what lies in the future and who is older than 120.
    memory_limit
        Such as ``4GB``; above it DuckDB spills to `temp_directory`.
    """
    config: dict[str, Any] = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    if threads is not None:
        config["threads"] = threads
    if memory_limit is not None:
        config["memory_limit"] = memory_limit
    if temp_directory is not None:
        config["temp_directory"] = str(temp_directory)
    connection = duckdb.connect(config=config)
    _load_reference(connection)
    names.register(connection)
    dates.register(connection, as_of)
    numbers.register(connection, as_of)
    codes.register(connection)
    addresses.register(connection)
    companies.register(connection)
    return connection


def _load_reference(connection: duckdb.DuckDBPyConnection) -> None:
    for table, file in (("ref_char", "character.parquet"), ("ref_division", "division.parquet")):
        connection.execute(f"CREATE TABLE {table} AS SELECT * FROM read_parquet(?)", [str(path_of(file))])
    for table, file in (
        ("ref_division_successor", "division_successor.csv"),
        ("ref_code", "code.csv"),
        ("ref_variant", "variant.csv"),
        ("ref_surname_reading", "surname_reading.csv"),
    ):
        connection.execute(
            f"CREATE TABLE {table} AS SELECT * FROM read_csv(?, header = true, all_varchar = true)",
            [str(path_of(file))],
        )
    connection.execute(
        "CREATE TABLE ref_surname AS SELECT surname, weight::DOUBLE AS weight "
        "FROM read_csv(?, header = true, all_varchar = true)",
        [str(path_of("surname.csv"))],
    )


def standardise(values: Iterable[str | None], macro: str, as_of: date) -> pa.Array:
    """One macro applied to values, for tests and people: ``standardise(['张三 '], 'std_name', day)``."""
    with connect(as_of=as_of) as connection:
        connection.register("received", pa.table({"v": pa.array(list(values), pa.string())}))
        table: pa.Table = connection.execute(f"SELECT {macro}(v) AS v FROM received").to_arrow_table()
        return table.column("v").combine_chunks()
