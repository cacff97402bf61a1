"""The standard form of every value, as DuckDB macros: one implementation for extraction and for matching.

Macros take null to null and never raise on odd input; `std_*` applied twice gives the same as once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from extractors.standardise.macros import create_macros
from extractors.standardise.tables import create_tables


def connect(
    *,
    as_of: date,
    threads: int | None = None,
    memory_limit: str | None = None,
    temp_directory: Path | None = None,
    keys: bool = True,
    used_by: Sequence[str] | None = None,
) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB connection with every macro and reference table of the standard form.

    Parameters
    ----------
    as_of
        The day that decides what lies in the future and who is older than 120.
    memory_limit
        Such as ``4GB``; above it DuckDB spills to `temp_directory`.
    keys
        Also the macros of match keys and parsed parts (name_key, name_pinyin, address_key, company_parts ...), which take
        half of the time.
    used_by
        SQL texts: only the macros that these use. Default: all.
    """
    config: dict[str, Any] = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    if threads is not None:
        config["threads"] = threads
    if memory_limit is not None:
        config["memory_limit"] = memory_limit
    if temp_directory is not None:
        config["temp_directory"] = str(temp_directory)
    connection = duckdb.connect(config=config)
    create_tables(connection)
    create_macros(connection, as_of, keys=keys, used_by=used_by)
    return connection


@cache
def digest_macros() -> str:
    """SHA-256 over all that makes the standard form: the code and SQL of this package and the reference tables."""
    digest = hashlib.sha256()
    folder = Path(__file__).parent
    for path in sorted([*folder.iterdir(), *(folder.parent / "reference").rglob("*")]):
        if path.suffix in (".py", ".sql", ".csv", ".parquet", ".yml"):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def standardise(values: Iterable[str | None], macro: str, as_of: date) -> pa.Array:
    """One macro applied to values, for tests and people: ``standardise(['张三 '], 'std_name', day)``."""
    with connect(as_of=as_of) as connection:
        connection.register("received", pa.table({"v": pa.array(list(values), pa.string())}))
        table: pa.Table = connection.sql(f"SELECT {macro}(v) AS v FROM received").to_arrow_table()
        return table.column("v").combine_chunks()
