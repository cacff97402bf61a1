"""Received texts of records one record after the other, so that what a night asks of one lies in one place of a file.

A column for each field would spread a record over as many places: where a night asks for some records of many, nearly
every page of every column would be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa

from matching.keys import Ints

ROWS = 1 << 18
"""Records that are turned over at once: bounds memory."""


def pack(records: pa.Table, order: Ints, rows: int = ROWS) -> Iterator[pa.LargeStringArray]:
    """The text columns in this order of the records, record by record, so many in each array (at least one array)."""
    columns = [records.column(name) for name, is_text in _kinds(records.schema).items() if is_text]
    for begin in range(0, max(len(order), 1), rows):
        part = order[begin : begin + rows]
        taken = [_one(column.take(pa.array(part))).cast(pa.large_string()) for column in columns]
        place = (
            np.arange(len(part), dtype=np.int64)[:, None] + len(part) * np.arange(len(taken), dtype=np.int64)[None, :]
        )
        yield pa.concat_arrays([pa.array([], pa.large_string()), *taken]).take(pa.array(place.ravel()))


def others(records: pa.Table, order: Ints) -> pa.Table:
    """The columns that are no text, in the same order."""
    rest = records.select([name for name, is_text in _kinds(records.schema).items() if not is_text])
    return rest.take(pa.array(order)).combine_chunks() if rest.num_columns else rest


def unpack(
    cells: Sequence[pa.LargeStringArray], rest: pa.Table, form: pa.Schema, rows: Ints, most: int = ROWS
) -> pa.Table:
    """The records in these rows, which are in order, with the columns of `form`; `most`: records in an array of `cells`."""
    texts = [name for name, is_text in _kinds(form).items() if is_text]
    found: dict[str, list[pa.Array]] = {name: [pa.array([], pa.string())] for name in texts}
    ends = np.searchsorted(rows, np.arange(len(cells) + 1, dtype=np.int64) * most)
    for number, (begin, end) in enumerate(pairwise(ends)):
        first = (rows[begin:end] - number * most) * len(texts)
        for place, name in enumerate(texts if len(first) else ()):
            found[name].append(cells[number].take(pa.array(first + place)).cast(pa.string()))
    columns = {name: pa.chunked_array(parts, pa.string()) for name, parts in found.items()}
    if rest.num_columns:
        taken = rest.take(pa.array(rows))
        columns |= {name: taken.column(name) for name in taken.column_names}
    return pa.table([columns[name] for name in form.names], schema=form)


def _kinds(form: pa.Schema) -> dict[str, bool]:
    """Whether a column is one of text."""
    return {field.name: pa.types.is_string(field.type) for field in form}


def _one(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
