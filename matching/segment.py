"""A segment of a state: sorted arrays in files that are mapped into memory, so that what is asked is found, not sought.

`records` [record_key, unit, component] in order of unit, `names` [hash, row] in order of the record keys' hashes; `keys`
[key, unit, component, kind, bits] in order of key, `owners` [unit, row] in order of unit. Units of one component have
numbers in a row, so what is in order of unit is in order of component. In the same order, and each record in one place:
`codes`, the standard values as places in `values.<dictionary>` [text, hash], and `cells`, the records as received
(`cells`), with `rest`, those of their columns that are no text. `form` has the columns of both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from matching.beyond import Keys
from matching.cells import others, pack, unpack
from matching.keys import Ints, cross, hash_texts
from matching.model import Mask
from matching.profiles import Column
from matching.stored import Shares, Stored, one_array

STANDING = ("key", "unit", "component", "kind", "bits")
Columns = Mapping[str, npt.NDArray[np.generic]]


@dataclass(frozen=True)
class Segment:
    """Segment number `number` of the state in `folder`."""

    folder: Path
    number: int

    @cached_property
    def _opened(self) -> dict[str, pa.Table]:
        return {}

    def _file(self, part: str) -> pa.Table:
        """A file, mapped once: mapped anew, its pages would be."""
        if part not in self._opened:
            self._opened[part] = _read(self.folder, part, self.number)
        return self._opened[part]

    @property
    def records(self) -> pa.Table:
        """[record_key, unit, component] in order of unit."""
        return self._file("records")

    @property
    def form(self) -> pa.Schema:
        """The columns of the records as received."""
        return self._file("form").schema.remove_metadata()

    @property
    def record_key(self) -> pa.Array:
        """The column of `records`."""
        return one_array(self.records, "record_key")

    @cached_property
    def keys(self) -> dict[str, npt.NDArray[np.generic]]:
        """Columns of `STANDING` in order of key."""
        return _columns(self._file("keys"))

    def rows_of_names(self, record_keys: pa.Array, hashes: Keys) -> Ints:
        """Rows of `records` with these keys."""
        names = _columns(self._file("names"))
        asked, place = cross(hashes, names["hash"])  # type: ignore[arg-type]
        rows = names["row"][place].astype(np.int64)
        same = pc.equal(self.record_key.take(pa.array(rows)), record_keys.take(pa.array(asked)))
        found: Ints = rows[same.to_numpy(zero_copy_only=False)]
        return found

    def rows_of(self, column: str, wanted: Ints) -> Ints:
        """Rows of `records` of these units or components."""
        return rows_among(_column(self.records, column), wanted)

    def standing(self, keys: Keys) -> dict[str, npt.NDArray[np.generic]]:
        """Rows of `keys` under these keys."""
        rows = rows_among(self.keys["key"], keys)
        return {name: self.keys[name][rows] for name in STANDING}

    def keys_of(self, units: Ints) -> Keys:
        """Keys under which these units stand; may repeat."""
        owners = _columns(self._file("owners"))
        found: Keys = self.keys["key"][owners["row"][rows_among(owners["unit"], units)]].astype(np.uint64)
        return found

    def stored(self, rows: Ints, shares: Shares) -> Stored:
        """The standard values of the records in these rows."""
        names = json.loads(self._file("form").schema.metadata[b"values"])
        codes = np.ascontiguousarray(self._codes[rows].T)
        columns: dict[str, Column] = {}
        for dictionary, sharing in shares.items():
            told = self._file(f"values.{dictionary}")
            texts, hashes = one_array(told, "text"), told.column("hash").to_numpy()
            columns |= {name: Column(codes[names.index(name)], texts, hashes) for name in sharing}
        return Stored(self.record_key.take(pa.array(rows)), {name: columns[name] for name in names})

    def received(self, rows: Ints) -> pa.Table:
        """The records in these rows, which are in order, as received."""
        return unpack(self._file("cells").column("text").chunks, self._file("rest"), self.form, rows)

    @cached_property
    def _codes(self) -> npt.NDArray[np.int32]:
        found: npt.NDArray[np.int32] = np.load(_path(self.folder, "codes", self.number, "npy"), mmap_mode="r")
        return found

    def column(self, name: str) -> npt.NDArray[np.int32]:
        """A column of `records` as numbers."""
        return _column(self.records, name)


def rows_among(ordered: npt.NDArray[np.generic], wanted: npt.NDArray[np.generic]) -> Ints:
    """Places in an ordered array of all values that are wanted."""
    return cross(np.sort(wanted).astype(ordered.dtype), ordered)[1]  # type: ignore[arg-type]


def write_segment(
    folder: Path, number: int, records: pa.Table, keys: Columns, stored: Stored, received: pa.Table, shares: Shares
) -> None:
    """Write `records` [record_key, unit, component], in the order of `stored` and `received`, and the rows of `STANDING` in
    any order.
    """
    of_unit = np.argsort(_column(records, "unit"), kind="stable")
    records = records.take(pa.array(of_unit)).combine_chunks()
    hashes = hash_texts(records.column("record_key").combine_chunks())
    _write(folder, "records", number, records)
    _write_ordered(folder, "names", number, "hash", hashes)
    order = np.argsort(keys["key"])
    ordered = {name: keys[name][order] for name in STANDING}
    _write(folder, "keys", number, pa.table({name: pa.array(column) for name, column in ordered.items()}))
    _write_ordered(folder, "owners", number, "unit", ordered["unit"])
    codes = np.empty((len(of_unit), len(stored.columns)), np.int32)
    for place, column in enumerate(stored.columns.values()):
        codes[:, place] = column.codes[of_unit]
    np.save(_path(folder, "codes", number, "npy"), codes)
    with _written(folder, "cells", number, pa.schema({"text": pa.large_string()})) as file:
        for cells in pack(received, of_unit):
            file.write_batch(pa.record_batch({"text": cells}))
    _write(folder, "rest", number, others(received, of_unit))
    form = received.schema.with_metadata({"values": json.dumps(list(stored.columns))})
    _write(folder, "form", number, form.empty_table())
    for dictionary, names in shares.items():
        column = stored.columns[names[0]]
        told = pa.table({"text": column.values, "hash": pa.array(np.asarray(column.hashes))})
        _write(folder, f"values.{dictionary}", number, told)


def is_live(component: npt.NDArray[np.generic], retired: Ints) -> Mask:
    """Which rows are of components that are not retired (these in order)."""
    if not len(retired):
        return np.ones(len(component), bool)
    place = np.minimum(np.searchsorted(retired, component), len(retired) - 1)
    live: Mask = retired[place] != component
    return live


def _write_ordered(folder: Path, part: str, number: int, name: str, values: npt.NDArray[np.generic]) -> None:
    order = np.argsort(values, kind="stable").astype(np.int32)
    _write(folder, part, number, pa.table({name: pa.array(values[order]), "row": pa.array(order)}))


def _write(folder: Path, part: str, number: int, table: pa.Table) -> None:
    table = table.combine_chunks()
    with _written(folder, part, number, table.schema) as file:
        file.write_table(table)


@contextmanager
def _written(folder: Path, part: str, number: int, form: pa.Schema) -> Iterator[pa.RecordBatchFileWriter]:
    with pa.OSFile(str(_path(folder, part, number)), "wb") as sink, pa.ipc.new_file(sink, form) as file:
        yield file


def _read(folder: Path, part: str, number: int) -> pa.Table:
    with pa.memory_map(str(_path(folder, part, number))) as source:
        table: pa.Table = pa.ipc.open_file(source).read_all()
    return table if table.num_rows else table.combine_chunks()


def _path(folder: Path, part: str, number: int, kind: str = "arrow") -> Path:
    return folder / f"{part}-{number:04}.{kind}"


def _columns(table: pa.Table) -> dict[str, npt.NDArray[np.generic]]:
    return {name: _column(table, name) for name in table.column_names}


def _column(table: pa.Table, name: str) -> npt.NDArray[np.int32]:
    return np.asarray(table.column(name).to_numpy())
