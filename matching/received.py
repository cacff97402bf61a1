"""Received records, column by column: each is read when it is wanted and let go, so that a large file never stands whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from matching.keys import hash_texts
from matching.model import Model

Codes = npt.NDArray[np.int32]
LONGEST = 400
"""Characters of a received text that are looked at; no honest name, number or address is longer."""


class InputError(ValueError):
    """The records given cannot be matched; the message names the column and what to do."""


class Received:
    """Columns of records by name. `column` reads one and keeps it; `take` hands it over, maybe as a dictionary, and forgets it."""

    def __init__(self, names: Sequence[str], rows: int, read: Callable[[str], pa.ChunkedArray]) -> None:
        """`read(name)` gives a column of `rows` values; it is called again for a column that was taken before."""
        self.names = tuple(names)
        self.rows = rows
        self._read = read
        self._kept: dict[str, pa.ChunkedArray] = {}

    @classmethod
    def of(cls, records: pa.Table | Received) -> Received:
        """A table as received records."""
        return records if isinstance(records, Received) else cls(records.column_names, len(records), records.column)

    def __len__(self) -> int:
        return self.rows

    def column(self, name: str) -> pa.ChunkedArray:
        """The column, kept until it is taken; as plain text where it came as a dictionary of texts."""
        column = self._kept[name] if name in self._kept else self._read(name)
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        self._kept[name] = column
        return column

    def take(self, name: str) -> pa.ChunkedArray:
        """The column, no longer kept here."""
        return self._kept.pop(name) if name in self._kept else self._read(name)

    def put(self, name: str, column: pa.ChunkedArray) -> None:
        """Another column in the place of the one received."""
        self._kept[name] = column

    def but(self, names: Sequence[str], read: Callable[[str], pa.ChunkedArray]) -> Received:
        """The same number of records with these columns, read so."""
        return Received(names, self.rows, read)


def check_columns(records: pa.Table | Received, model: Model) -> Received:
    """The needed columns as text. InputError for a missing column, a column that is no text, a bad record key."""
    received = Received.of(records)
    if "record_key" not in received.names:
        raise InputError("column 'record_key' is missing: every record needs a key of its own")
    missing = [name for name in model.required if name not in received.names]
    if missing:
        raise InputError(
            f"column {missing[0]!r} is missing (model {model.name} expects {list(model.required)}; "
            f"also missing: {missing[1:]}): add it, empty if there is nothing in it"
        )

    def read(name: str) -> pa.ChunkedArray:
        if name not in received.names:
            return pa.chunked_array([pa.nulls(len(received), pa.string())])
        return as_text(received.take(name), name)

    checked = received.but(tuple(dict.fromkeys(("record_key", *model.required, *model.optional))), read)
    keys = checked.column("record_key")
    empty = pc.fill_null(pc.equal(keys, ""), True)
    if pc.any(empty).as_py():
        row, rows = pc.index(empty, True).as_py(), pc.sum(empty).as_py()
        raise InputError(f"column 'record_key' is empty in {rows} row(s), first in row {row + 1}")
    hashes = np.sort(hash_texts(keys))  # told and sorted many times sooner than texts
    if (hashes[1:] == hashes[:-1]).any():
        codes, first, counts = np.unique(indices_of(encode(keys)), return_index=True, return_counts=True)
        if len(codes) < len(keys):
            row = int(first[counts > 1].min())
            raise InputError(
                f"column 'record_key' repeats: {len(keys) - len(codes)} row(s) too many, "
                f"first repeated key in row {row + 1}; every record needs a key of its own"
            )
    return checked


def as_text(column: pa.ChunkedArray | pa.Array, name: str) -> pa.ChunkedArray:
    """A column as text, or as a dictionary of texts; InputError if it cannot be."""
    chunked = column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
    if pa.types.is_dictionary(chunked.type) and not pa.types.is_string(chunked.type.value_type):
        chunked = chunked.cast(chunked.type.value_type)
    if pa.types.is_string(chunked.type) or pa.types.is_dictionary(chunked.type):
        return chunked
    try:
        return chunked.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InputError(f"column {name!r} is {chunked.type}, expected text: send it as text ({error})") from error


def encode(column: pa.ChunkedArray, name: str = "", cut: dict[str, int] | None = None) -> pa.DictionaryArray:
    """Dictionary of the distinct texts, over-long ones cut, broken UTF-8 replaced by U+FFFD (a placeholder).

    `cut` gets, under the column's name, how many distinct texts were cut, if any were.
    """
    encoded = column.dictionary_encode().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks() if encoded.num_chunks else pa.array([], column.type).dictionary_encode()
    values = encoded.dictionary
    try:
        values.validate(full=True)
    except pa.ArrowInvalid:
        raw = values.cast(pa.binary()).to_pylist()
        values = pa.array([text.decode("utf-8", errors="replace") for text in raw], pa.string())
    if len(values) and (pc.max(pc.binary_length(values)).as_py() or 0) > LONGEST:
        longer = pc.sum(pc.greater(pc.utf8_length(values), LONGEST)).as_py()
        if longer and cut is not None:
            cut[name] = longer
        values = pc.utf8_slice_codeunits(values, 0, LONGEST)
    return pa.DictionaryArray.from_arrays(encoded.indices, values)


def indices_of(encoded: pa.DictionaryArray) -> Codes:
    """The places of the rows' values in the dictionary, -1 where there is none."""
    indices = encoded.indices
    if indices.null_count:
        indices = pc.fill_null(indices, -1)
    return np.asarray(indices.to_numpy(zero_copy_only=False), dtype=np.int32)
