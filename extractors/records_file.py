"""records.parquet: the records of a delivery in the order of its rows, put together by one thread while another writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from extractors.contract import Contract
from extractors.standard_form import FieldSql

SAMPLE, FEW = 5_000, 500  # so few distinct texts among so many rows that a dictionary of them pays


def write_records(
    tables: Iterator[pa.Table],
    schema: pa.Schema,
    contract: Contract,
    columns: Sequence[FieldSql],
    day: dt.date,
    path: Path,
) -> None:
    """Write staged records (of `schema`): source_key, op, line_no, updated_at, fields, reasons, received, record_hash.

    A record without a time of update has the beginning of `day`.
    """

    def following() -> pa.Table | None:
        table = next(tables, None)
        return None if table is None else _as_written(table, contract, columns, day)

    first = following() or _as_written(schema.empty_table(), contract, columns, day)
    with (
        pq.ParquetWriter(
            path, first.schema, compression="zstd", compression_level=1, use_dictionary=_repeating(first),
            write_statistics=["line_no", "source_key"], store_schema=False,
        ) as writer,
        ThreadPoolExecutor(1) as pool,
    ):  # fmt: skip
        table: pa.Table | None = first
        while table is not None:
            coming = pool.submit(following)
            writer.write_table(table)
            table = coming.result()


def _as_written(table: pa.Table, contract: Contract, columns: Sequence[FieldSql], day: dt.date) -> pa.Table:
    begun = pa.scalar(dt.datetime.combine(day, dt.time()), pa.timestamp("us"))
    updated = contract.updated_column
    moments = pc.fill_null(table[f"s_{updated}"], begun) if updated else pa.repeat(begun, len(table))
    told = {name: table[name] for name in ("source_key", "op", "line_no")} | {"updated_at": moments}
    told |= {c.field.name: table[f"s_{c.field.name}"] for c in columns if c.field.name != "updated_at"}
    reasons = [f"{column.field.name}_reasons" for column in columns if column.reasons]
    told |= {name: pc.fill_null(table[name], []) for name in reasons}
    written = pa.table(told | {name: table[name] for name in ("received", "record_hash")})
    never_null = ("line_no",) if updated else ("line_no", "updated_at")
    return written.cast(pa.schema([field.with_nullable(field.name not in never_null) for field in written.schema]))


def _repeating(table: pa.Table) -> list[str]:
    """Columns of few distinct values."""
    sample = table.slice(0, SAMPLE)
    found = []
    for field in table.schema:
        if pa.types.is_list(field.type):
            found.append(f"{field.name}.list.element")
        elif pc.count_distinct(sample[field.name]).as_py() <= FEW:
            found.append(field.name)
    return found
