"""Parquet: row groups one after the other, every value as text; line_no is the number of the row in the file.

A number is written with its digits (no exponent, no invented places), a day as ISO, a moment as ISO without zone.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from extractors.contract import Contract, Mode
from extractors.held import HeldFault
from extractors.readers.reading import Layout, Reading, batch_schema, compare_layout, row_batch
from extractors.readers.workbook import number_text

BATCH_ROWS = 50_000


def read(contract: Contract, path: Path, mode: Mode) -> Reading:
    """Read a Parquet delivery. Raises HeldFault where it is broken, nested, or has other columns than agreed."""
    try:
        file = pq.ParquetFile(path)
        schema = file.schema_arrow
    except (pa.ArrowException, OSError, ValueError) as fault:
        raise _broken(path, fault) from None
    nested = [field.name for field in schema if pa.types.is_nested(field.type)]
    if nested:
        message = (
            f"{path.name}: columns {nested} hold lists or structures; expected one value a cell. Send flat columns."
        )
        raise HeldFault("FILE_BROKEN", message)
    layout = compare_layout(contract, schema.names, mode, where=path.name)
    return Reading(_read_batches(contract, file, layout, path), list(layout.new), list(layout.matched))


def _broken(path: Path, fault: Exception) -> HeldFault:
    message = f"{path.name}: cannot be read as Parquet ({type(fault).__name__}). Send the whole file again."
    return HeldFault("FILE_BROKEN", message)


def _read_batches(contract: Contract, file: pq.ParquetFile, layout: Layout, path: Path) -> Iterator[pa.RecordBatch]:
    schema = batch_schema(contract)
    line_no = 1
    places = [place for place in (*layout.positions, layout.op_position) if place is not None]
    names = file.schema_arrow.names
    try:
        with file:
            for batch in file.iter_batches(BATCH_ROWS, columns=[names[place] for place in places], use_threads=False):
                texts = {place: as_text(batch.column(names[place])) for place in places}
                columns = [None if place is None else texts[place] for place in layout.positions]
                op = None if layout.op_position is None else texts[layout.op_position]
                lines = pa.array(np.arange(line_no, line_no + batch.num_rows), pa.int64())
                line_no += batch.num_rows
                yield row_batch(schema, lines, op, columns, suspect=True)
    except (pa.ArrowException, OSError, ValueError, OverflowError) as fault:
        raise _broken(path, fault) from None


def as_text(values: pa.Array) -> pa.Array:
    """Values of any flat type as text; NUL as U+FFFD, which no database takes.

    Bytes are read as UTF-8; what is none becomes U+FFFD.
    """
    kind = values.type
    if pa.types.is_dictionary(kind):
        return as_text(values.dictionary_decode())
    if pa.types.is_floating(kind):
        return pa.array(
            [None if one is None or one != one else number_text(one) for one in values.to_pylist()], pa.string()
        )
    if pa.types.is_timestamp(kind):
        local = pc.local_timestamp(values) if kind.tz else values
        texts = pc.strftime(
            local.cast(pa.timestamp("us"), safe=False).cast(pa.timestamp("s"), safe=False), "%Y-%m-%d %H:%M:%S"
        )
        return pc.replace_substring_regex(texts, " 00:00:00$", "")
    if pa.types.is_boolean(kind):
        return pc.if_else(values, "TRUE", "FALSE")
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        texts = [None if one is None else one.decode("utf-8", errors="replace") for one in values.to_pylist()]
        return as_text(pa.array(texts, pa.string()))
    found = values.cast(pa.string())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        found.validate(full=True)  # a damaged page may hold bytes that are no UTF-8
        found = pc.replace_substring(found, "\x00", "\ufffd")
    return found
