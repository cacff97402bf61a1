"""A segment of a state: sorted arrays in files that are mapped into memory, so that what is asked is found, not sought.

`records` [record_key, unit, component, place] in order of unit, `names` [hash, row] in order of the record keys' hashes; `keys`
[key, unit, component, kind, bits] in order of key, `owners` [unit, row] in order of unit. Units of one component have
numbers in a row, so what is in order of unit is in order of component. `rows` are the records as received, `codes` their
standard values as places in `values.<dictionary>` [text, hash], both in the order in which they came; `place` of
`records` tells where.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from matching.beyond import Keys
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
    def records(self) -> pa.Table:
        """[record_key, unit, component, place] in order of unit."""
        return _read(self.folder, "records", self.number)

    @property
    def form(self) -> pa.Schema:
        """The columns of `rows`."""
        return _read(self.folder, "rows", self.number).schema

    @property
    def record_key(self) -> pa.Array:
        """The column of `records`."""
        return one_array(self.records, "record_key")

    @cached_property
    def keys(self) -> dict[str, npt.NDArray[np.generic]]:
        """Columns of `STANDING` in order of key."""
        return _columns(_read(self.folder, "keys", self.number))

    def rows_of_names(self, record_keys: pa.Array, hashes: Keys) -> Ints:
        """Rows of `records` with these keys."""
        names = _columns(_read(self.folder, "names", self.number))
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
        owners = _columns(_read(self.folder, "owners", self.number))
        found: Keys = self.keys["key"][owners["row"][rows_among(owners["unit"], units)]].astype(np.uint64)
        return found

    def stored(self, rows: Ints, shares: Shares) -> Stored:
        """The records in these rows of `records`, with their standard values."""
        place = self.column("place")[rows]
        codes = _read(self.folder, "codes", self.number)
        columns: dict[str, Column] = {}
        for dictionary, names in shares.items():
            told = _read(self.folder, f"values.{dictionary}", self.number)
            texts, hashes = one_array(told, "text"), told.column("hash").to_numpy()
            columns |= {name: Column(codes.column(name).to_numpy()[place], texts, hashes) for name in names}
        received = _read(self.folder, "rows", self.number).take(pa.array(place))
        return Stored(received, {name: columns[name] for name in codes.column_names})

    def column(self, name: str) -> npt.NDArray[np.int32]:
        """A column of `records` as numbers."""
        return _column(self.records, name)


def rows_among(ordered: npt.NDArray[np.generic], wanted: npt.NDArray[np.generic]) -> Ints:
    """Places in an ordered array of all values that are wanted."""
    return cross(np.sort(wanted).astype(ordered.dtype), ordered)[1]  # type: ignore[arg-type]


def write_segment(folder: Path, number: int, records: pa.Table, keys: Columns, stored: Stored, shares: Shares) -> None:
    """Write `records` [record_key, unit, component], in the order of `stored`, and the rows of `STANDING` in any order."""
    order = np.argsort(_column(records, "unit"), kind="stable")
    records = records.take(pa.array(order)).append_column("place", pa.array(order.astype(np.int32))).combine_chunks()
    hashes = hash_texts(records.column("record_key").combine_chunks())
    _write(folder, "records", number, records)
    _write_ordered(folder, "names", number, "hash", hashes)
    order = np.argsort(keys["key"])
    ordered = {name: keys[name][order] for name in STANDING}
    _write(folder, "keys", number, pa.table({name: pa.array(column) for name, column in ordered.items()}))
    _write_ordered(folder, "owners", number, "unit", ordered["unit"])
    _write(folder, "rows", number, stored.records)
    _write(folder, "codes", number, pa.table({name: pa.array(c.codes) for name, c in stored.columns.items()}))
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
    with (
        pa.OSFile(str(folder / f"{part}-{number:04}.arrow"), "wb") as sink,
        pa.ipc.new_file(sink, table.schema) as file,
    ):
        file.write_table(table)


def _read(folder: Path, part: str, number: int) -> pa.Table:
    with pa.memory_map(str(folder / f"{part}-{number:04}.arrow")) as source:
        table: pa.Table = pa.ipc.open_file(source).read_all()
    return table if table.num_rows else table.combine_chunks()


def _columns(table: pa.Table) -> dict[str, npt.NDArray[np.generic]]:
    return {name: _column(table, name) for name in table.column_names}


def _column(table: pa.Table, name: str) -> npt.NDArray[np.int32]:
    return np.asarray(table.column(name).to_numpy())
