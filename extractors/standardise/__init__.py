"""The standard form of every field, as DuckDB macros: one implementation for extracting and for matching.

    con = connect(as_of=date(2026, 11, 1))
    con.sql("SELECT std_name(name), id_reasons(std_id(id), std_date(born), std_sex(sex)) FROM received")

Every macro gives null for null, never fails on any text, and standardising twice changes nothing. The SQL stands in
`<topic>.sql` next to this file, the vocabularies in `extractors/reference`.
"""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from extractors.standardise.macros import create_macros
from extractors.standardise.tables import create_tables

__all__ = ["connect", "standardise"]


def connect(
    *,
    as_of: date,
    threads: int | None = None,
    memory_limit: str | None = None,
    temp_directory: Path | None = None,
) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB with all macros and `ref_*` tables; extensions are neither installed nor loaded by themselves.

    `as_of` is the day against which FUTURE and AGE are judged; the machine's clock is never read. `memory_limit` is a
    DuckDB size such as '2GB'; `temp_directory` takes what does not fit. duckdb.Error if a limit cannot be understood.
    """
    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    if threads is not None:
        settings["threads"] = str(threads)
    if memory_limit is not None:
        settings["memory_limit"] = memory_limit
    if temp_directory is not None:
        settings["temp_directory"] = str(temp_directory)
    con = duckdb.connect(":memory:", config=settings)
    create_tables(con)
    create_macros(con, as_of)
    return con


def standardise(values: Iterable[str | None], macro: str, as_of: date) -> pa.Array:
    """Apply one macro of one argument to texts, in order; for tests and for people. ValueError for an unknown macro."""
    if not macro.isidentifier():
        raise ValueError(f"{macro!r} is not the name of a macro; use one like 'std_name'")
    received = pa.table({"place": pa.array(range(len(listed := list(values)))), "value": pa.array(listed, pa.string())})
    con = connect(as_of=as_of, threads=1)
    try:
        con.register("received", received)
        table = con.sql(f"SELECT {macro}(value) AS value FROM received ORDER BY place").to_arrow_table()
    finally:
        con.close()
    column: pa.Array = table["value"].combine_chunks()
    return column
