"""Records grouped into profiles: each distinct text is standardised once, everything after works on numbers."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from matching.keys import distinct
from matching.model import Mask, Model, Setting, Value
from matching.standard_values import Memo, Standard, recall, standardise

Codes = npt.NDArray[np.int32]
LONGEST = 400
"""Characters of a received text that are looked at; no honest name, number or address is longer."""


class InputError(ValueError):
    """The records given cannot be matched; the message names the column and what to do."""


@dataclass(slots=True)
class Column:
    """One value of every profile: `codes` int32 (-1 = none) into the distinct `values`, with a content hash of each."""

    codes: Codes
    values: pa.Array
    hashes: npt.NDArray[np.uint64]
    _texts: list[str] | None = None

    @property
    def texts(self) -> list[str]:
        """The distinct values as Python text, made when first asked for."""
        if self._texts is None:
            self._texts = self.values.to_pylist()
        return self._texts

    @property
    def present(self) -> Mask:
        """Which profiles have a value."""
        mask: Mask = self.codes >= 0
        return mask


@dataclass(slots=True)
class Profiles:
    """The distinct evidence. `of_record` int32 gives each record its profile; profiles stand in order of content."""

    count: int
    columns: dict[str, Column]
    of_record: Codes
    record_keys: pa.Array
    fingerprint: npt.NDArray[np.uint64]
    weight: npt.NDArray[np.int64]
    extra: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    tables: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Column:
        try:
            return self.columns[name]
        except KeyError:
            raise KeyError(f"no value column {name!r}; there are {sorted(self.columns)}") from None

    def add(self, name: str, texts: Iterable[str | None]) -> None:
        """Add a text column computed from the others, one value a profile."""
        encoded = pa.array(texts, pa.string()).dictionary_encode()
        codes = _indices(encoded)
        self.columns[name] = Column(codes, encoded.dictionary, np.zeros(len(encoded.dictionary), np.uint64))


def check_columns(records: pa.Table, model: Model) -> pa.Table:
    """The needed columns as text. InputError for a missing column, a column that is no text, a bad record key."""
    if "record_key" not in records.column_names:
        raise InputError("column 'record_key' is missing: every record needs a key of its own")
    missing = [name for name in model.required if name not in records.column_names]
    if missing:
        raise InputError(
            f"column {missing[0]!r} is missing (model {model.name} expects {list(model.required)}; "
            f"also missing: {missing[1:]}): add it, empty if there is nothing in it"
        )
    columns: dict[str, pa.ChunkedArray] = {}
    for name in dict.fromkeys(("record_key", *model.required, *model.optional)):
        column = records.column(name) if name in records.column_names else pa.nulls(len(records), pa.string())
        columns[name] = _as_text(column, name)
    keys = columns["record_key"]
    empty = pc.fill_null(pc.equal(keys, ""), True)
    if pc.any(empty).as_py():
        row, rows = pc.index(empty, True).as_py(), pc.sum(empty).as_py()
        raise InputError(f"column 'record_key' is empty in {rows} row(s), first in row {row + 1}")
    distinct = pc.count_distinct(keys).as_py()
    if distinct != len(keys):
        _, first, counts = np.unique(_indices(_encode(keys)), return_index=True, return_counts=True)
        row = int(first[counts > 1].min())
        raise InputError(
            f"column 'record_key' repeats: {len(keys) - distinct} row(s) too many, "
            f"first repeated key in row {row + 1}; every record needs a key of its own"
        )
    return pa.table(columns)


def build(
    records: pa.Table,
    model: Model,
    connection: Any,
    apart: npt.NDArray[np.int64] | None = None,
    memo: Memo | None = None,
) -> Profiles:
    """Profiles of checked records: standard values once per distinct text, rows that say the same grouped.

    `apart` int64: rows that never share a profile with another row (judged 'not same'); neither do rows that tell
    no number. `memo`: texts it knows are not standardised again, others are added to it.
    """
    sources = list(dict.fromkeys(value.source for value in model.values))
    with ThreadPoolExecutor(2) as pool:
        encoded = dict(zip(sources, pool.map(lambda name: _encode(records.column(name)), sources), strict=True))
    standard: Standard = {}
    for source in sources:
        texts = encoded[source].dictionary
        standard.update(
            standardise(connection, texts, model, source)
            if memo is None
            else recall(memo, source, connection, texts, model)
        )
    columns: dict[str, Column] = {}
    shared: dict[str, list[Value]] = {}
    for value in (value for value in model.values if value.is_kept):
        shared.setdefault(value.dictionary or value.name, []).append(value)
    for values in shared.values():
        columns.update(_share_codes(values, standard, encoded))
    ordered = {value.name: columns[value.name] for value in model.values if value.is_kept}
    keys = records.column("record_key").combine_chunks()
    alone = _alone(model, ordered, len(keys))
    if apart is not None:
        alone[apart] = True
    return _group(ordered, keys, alone, connection)


def _alone(model: Model, columns: dict[str, Column], rows: int) -> Mask:
    """Rows whose being alike makes them no one: of tables without repeats; without any number, or any value at all."""
    alone = np.full(rows, model.two_sided)
    if model.identity is None and not model.two_sided:
        alone[:] = True
        for column in columns.values():
            alone &= ~column.present
    if model.identity is not None and model.identity.told_by:
        alone[:] = True
        for name in model.identity.told_by:
            alone &= ~columns[name].present | _is_under_many(columns[name], columns.get(model.identity.named), model)
    return alone


def _is_under_many(number: Column, named: Column | None, model: Model) -> Mask:
    """Rows whose number stands under more names than one subject has."""
    if named is None or model.identity is None:
        return np.zeros(len(number.codes), bool)
    rows = np.flatnonzero((number.codes >= 0) & (named.codes >= 0))
    both = distinct(number.codes[rows].astype(np.int64) << 32 | named.codes[rows].astype(np.int64))
    names = np.bincount(both >> 32, minlength=len(number.values) + 1)
    many: Mask = (names > model.identity.most_names)[number.codes]
    return many


def _as_text(column: Any, name: str) -> pa.ChunkedArray:
    chunked = column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
    if pa.types.is_dictionary(chunked.type):
        chunked = chunked.cast(chunked.type.value_type)
    if pa.types.is_string(chunked.type):
        return chunked
    try:
        return chunked.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InputError(f"column {name!r} is {chunked.type}, expected text: send it as text ({error})") from error


def _encode(column: pa.ChunkedArray) -> pa.DictionaryArray:
    """Dictionary of the distinct texts, over-long ones cut, broken UTF-8 replaced by U+FFFD (a placeholder)."""
    encoded = column.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    values = encoded.dictionary
    try:
        values.validate(full=True)
    except pa.ArrowInvalid:
        raw = values.cast(pa.binary()).to_pylist()
        values = pa.array([text.decode("utf-8", errors="replace") for text in raw], pa.string())
    if len(values) and (pc.max(pc.binary_length(values)).as_py() or 0) > LONGEST:
        values = pc.utf8_slice_codeunits(values, 0, LONGEST)
    return pa.DictionaryArray.from_arrays(encoded.indices, values)


def _indices(encoded: pa.DictionaryArray) -> Codes:
    indices = encoded.indices
    if indices.null_count:
        indices = pc.fill_null(indices, -1)
    return np.asarray(indices.to_numpy(zero_copy_only=False), dtype=np.int32)


def _share_codes(
    values: list[Value],
    standard: Standard,
    encoded: dict[str, pa.DictionaryArray],
) -> dict[str, Column]:
    """Columns of values that share one dictionary: equal text, equal code."""
    joined = pa.concat_arrays([standard[value.name][0] for value in values]).dictionary_encode()
    codes = _indices(joined)
    hashes = np.zeros(len(joined.dictionary), np.uint64)
    hashes[codes[codes >= 0]] = np.concatenate([standard[value.name][1] for value in values])[codes >= 0]
    columns = {}
    begin = 0
    for value in values:
        length = len(standard[value.name][0])
        table = np.append(codes[begin : begin + length], np.int32(-1)).astype(np.int32)
        columns[value.name] = Column(table[_indices(encoded[value.source])], joined.dictionary, hashes)
        begin += length
    return columns


def mix(numbers: npt.NDArray[np.uint64], salt: int) -> npt.NDArray[np.uint64]:
    """A 64-bit finaliser (splitmix64): spreads content hashes so that sums of columns do not cancel."""
    mixed = numbers + np.uint64((0x9E3779B97F4A7C15 * (salt + 1)) & 0xFFFFFFFFFFFFFFFF)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _group(columns: dict[str, Column], record_keys: pa.Array, alone: Mask, connection: Any) -> Profiles:
    """One profile for all records equal in every column, ordered by content hash (so not by arrival).

    Records of `alone` have their key for content too.
    """
    rows = len(record_keys)
    total = np.zeros(rows, np.uint64)
    for salt, column in enumerate(columns.values()):
        table = np.append(mix(column.hashes, salt), np.uint64(0))
        total += table[column.codes]
    if alone.any():
        keys = pa.table({"k": record_keys.filter(pa.array(alone))})
        connection.register("keys", keys)
        hashed = connection.sql("SELECT hash(k) AS h FROM keys").to_arrow_table()
        connection.unregister("keys")
        total[alone] += mix(np.asarray(hashed.column("h").to_numpy(), np.uint64), len(columns))
    prints, first, of_record, counts = np.unique(total, return_index=True, return_inverse=True, return_counts=True)
    for name, column in columns.items():
        if not np.array_equal(column.codes, column.codes[first][of_record]):
            raise RuntimeError(f"two different records share one content hash (column {name}): report this")
    grouped = {name: Column(column.codes[first], column.values, column.hashes) for name, column in columns.items()}
    return Profiles(len(prints), grouped, of_record.astype(np.int32), record_keys, prints, counts.astype(np.int64))


def connect(model: Model, setting: Setting) -> Any:
    """The DuckDB connection with the macros the model's values use."""
    if model.connect is not None:
        return model.connect(as_of=setting.as_of, threads=setting.threads, memory_limit=setting.memory_limit)
    from extractors.standardise import connect as connect_standard

    return connect_standard(as_of=setting.as_of, threads=setting.threads, memory_limit=setting.memory_limit)
