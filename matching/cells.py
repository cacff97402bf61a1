"""Received texts of records one record after the other, so that what a night asks of one lies in one place of a file.

A column for each field would spread a record over as many places: where a night asks for some records of many, nearly
every page of every column would be read.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from matching.keys import Ints


def pack(records: pa.Table, order: Ints) -> tuple[pa.LargeStringArray, pa.Table]:
    """The text columns in this order of the rows, record by record; and the columns that are no text, in the same order."""
    texts, rest = _kinds(records.schema)
    columns = [_one(records.column(name)).cast(pa.large_string()) for name in texts]
    rows = records.num_rows
    place = order[:, None] + rows * np.arange(len(texts), dtype=np.int64)[None, :]
    every = pa.concat_arrays(columns) if columns else pa.array([], pa.large_string())
    others = records.select(rest)
    return every.take(pa.array(place.ravel())), others.take(pa.array(order)).combine_chunks() if rest else others


def unpack(cells: pa.LargeStringArray, rest: pa.Table, form: pa.Schema, rows: Ints) -> pa.Table:
    """The records in these rows, with the columns of `form`."""
    texts, _ = _kinds(form)
    begin = rows * len(texts)
    found: dict[str, pa.Array | pa.ChunkedArray] = {
        name: cells.take(pa.array(begin + n)).cast(pa.string()) for n, name in enumerate(texts)
    }
    if rest.num_columns:
        others = rest.take(pa.array(rows))
        found |= {name: others.column(name) for name in others.column_names}
    return pa.table([found[name] for name in form.names], schema=form)


def _kinds(form: pa.Schema) -> tuple[list[str], list[str]]:
    """Names of the columns of text, and of the others."""
    texts = [field.name for field in form if pa.types.is_string(field.type)]
    return texts, [field.name for field in form if not pa.types.is_string(field.type)]


def _one(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
