"""Records grouped into profiles: each distinct text is standardised once, everything after works on numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from extractors.standardise.columns import points_of
from matching.keys import distinct, hash_texts
from matching.model import Mask, Model, Setting, Value
from matching.received import InputError as InputError
from matching.received import Received, encode, indices_of
from matching.spill import Spill
from matching.standard_values import standardise

Codes = npt.NDArray[np.int32]
SIGNS_AT_ONCE = 1 << 18


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

    def told(self, codes: npt.NDArray[np.integer]) -> list[str]:
        """The values of these codes (none may be -1) as Python text."""
        texts: list[str] = self.values.take(pa.array(codes)).to_pylist()
        return texts

    def signs(self) -> set[str]:
        """The characters of which the values are written."""
        written = np.zeros(0x110000, bool)
        for begin in range(0, len(self.values), SIGNS_AT_ONCE):
            written[points_of(self.values.slice(begin, SIGNS_AT_ONCE))] = True
        return set(map(chr, np.flatnonzero(written).tolist()))

    @property
    def present(self) -> Mask:
        """Which profiles have a value."""
        mask: Mask = self.codes >= 0
        return mask


@dataclass(slots=True)
class Profiles:
    """The distinct evidence. `of_record` int32 gives each record its profile; profiles stand in order of content.

    `standard`: the columns that the records were grouped by, as they were before anything was derived from them.
    """

    count: int
    columns: dict[str, Column]
    of_record: Codes
    record_keys: pa.Array
    fingerprint: npt.NDArray[np.uint64]
    weight: npt.NDArray[np.int64]
    standard: dict[str, Column]
    extra: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    tables: dict[str, Any] = field(default_factory=dict)
    spill: Spill = field(default_factory=Spill)

    def __getitem__(self, name: str) -> Column:
        try:
            return self.columns[name]
        except KeyError:
            raise KeyError(f"no value column {name!r}; there are {sorted(self.columns)}") from None

    def put(self, name: str, codes: Codes, like: Column) -> None:
        """Add a column of other codes into the values of `like`."""
        self.columns[name] = Column(self.spill.numbers(codes), like.values, like.hashes)

    def add(self, name: str, texts: Iterable[str | None]) -> None:
        """Add a text column computed from the others, one value a profile."""
        encoded = pa.array(texts, pa.string()).dictionary_encode()
        codes = indices_of(encoded)
        self.columns[name] = Column(codes, encoded.dictionary, np.zeros(len(encoded.dictionary), np.uint64))


def standard_columns(
    records: Received, model: Model, connected: Callable[[], Any], spill: Spill, cut: dict[str, int]
) -> dict[str, Column]:
    """The standard values of checked records, a code for each record; each distinct text is standardised once.

    `connected()` gives the standardising connection, which may still be in the making while the first columns are read.
    Columns of `records` are taken, those whose values share dictionaries together, two such parts side by side: one is
    read and planned while the other is standardised. `cut` is filled with how many texts of a column were cut.
    """
    columns: dict[str, Column] = {}

    def look(sources: list[str]) -> dict[str, Column]:
        encoded = {name: encode(records.take(name), name, cut) for name in sources}
        with connected().cursor() as cursor:
            found = _columns_of(model, sources, encoded, cursor, spill)
        spill.let_go()
        return found

    with ThreadPoolExecutor(2 if spill.has_room(len(records)) else 1) as pool:
        parts = sorted(_parts(model), key=lambda part: not model.longest.intersection(part))
        for found in pool.map(look, parts):
            columns |= found
    return {value.name: columns.pop(value.name) for value in model.values if value.is_kept}


def group(
    columns: dict[str, Column],
    record_keys: pa.Array,
    model: Model,
    apart: npt.NDArray[np.int64],
    connection: Any,
    spill: Spill,
) -> Profiles:
    """Profiles of records by their standard values, which are given one value a profile then: rows that say the same.

    `apart` int64: rows that never share a profile with another row (judged 'not same'); neither do rows that tell
    no number.
    """
    alone = _alone(model, columns, len(record_keys))
    alone[apart] = True
    return _group(columns, record_keys, alone, connection, spill)


def by_dictionary(model: Model) -> dict[str, list[Value]]:
    """The kept values that share a dictionary, by its name."""
    found: dict[str, list[Value]] = {}
    for value in model.values:
        if value.is_kept:
            found.setdefault(value.dictionary or value.name, []).append(value)
    return found


def _parts(model: Model) -> list[list[str]]:
    """The sources, those together whose values share a dictionary; the model's first source first."""
    part_of: dict[str, list[str]] = {}
    of_dictionary: dict[str, list[str]] = {}
    for value in model.values:
        mine = part_of.setdefault(value.source, [value.source])
        if not value.is_kept:
            continue
        theirs = of_dictionary.setdefault(value.dictionary or value.name, mine)
        if theirs is not mine:
            theirs += mine
            for source in mine:
                part_of[source] = theirs
            of_dictionary |= {name: theirs for name, part in of_dictionary.items() if part is mine}
    return list({id(part): part for part in part_of.values()}.values())


def _columns_of(
    model: Model,
    sources: list[str],
    encoded: dict[str, pa.DictionaryArray],
    connection: Any,
    spill: Spill,
) -> dict[str, Column]:
    """The columns of all kept values of these sources."""
    standard = standardise(connection, {source: encoded[source].dictionary for source in sources}, model)
    indices = {source: indices_of(encoded[source]) for source in sources}
    encoded.clear()
    columns: dict[str, Column] = {}
    for values in (values for values in by_dictionary(model).values() if values[0].source in indices):
        columns |= _share_codes(values, [standard.pop(value.name) for value in values], indices, connection, spill)
    return columns


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


def one_chunk(column: pa.ChunkedArray, spill: Spill) -> pa.Array:
    """Record keys as one array, in a file if they are large."""
    if column.nbytes >= 2**31:
        raise InputError(f"record keys of {column.nbytes / 2**30:.1f} GiB; expected less than 2: give shorter keys")
    found: pa.Array = column.combine_chunks()
    return spill.texts(found)


def _share_codes(
    values: list[Value], standard: list[pa.Array], indices: dict[str, Codes], connection: Any, spill: Spill
) -> dict[str, Column]:
    """Columns of values that share one dictionary: equal text, equal code."""
    joined = pa.concat_arrays(standard).dictionary_encode()
    codes = indices_of(joined)
    hashes = spill.numbers(hash_texts(joined.dictionary, connection))
    texts = spill.texts(joined.dictionary)
    columns = {}
    begin = 0
    for value, own in zip(values, standard, strict=True):
        table = np.append(codes[begin : begin + len(own)], np.int32(-1))
        columns[value.name] = Column(spill.numbers(table[indices[value.source]]), texts, hashes)
        begin += len(own)
    return columns


def mix(numbers: npt.NDArray[np.uint64], salt: int) -> npt.NDArray[np.uint64]:
    """A 64-bit finaliser (splitmix64): spreads content hashes so that sums of columns do not cancel."""
    mixed = numbers + np.uint64((0x9E3779B97F4A7C15 * (salt + 1)) & 0xFFFFFFFFFFFFFFFF)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _group(columns: dict[str, Column], record_keys: pa.Array, alone: Mask, connection: Any, spill: Spill) -> Profiles:
    """One profile for all records equal in every column, ordered by content hash (so not by arrival).

    Records of `alone` have their key for content too.
    """
    rows = len(record_keys)
    workers = 2 if spill.has_room(rows) else 1
    with ThreadPoolExecutor(workers) as pool:
        salted = list(enumerate(columns.values()))
        parts = pool.map(lambda of: _content(salted[of::workers], rows, spill), range(workers))
        total = np.add.reduce(list(parts))
    if alone.any():
        total[alone] += mix(hash_texts(record_keys.filter(pa.array(alone)), connection), len(columns))
    order = np.argsort(total)
    ordered = total[order]
    begins = np.flatnonzero(np.r_[np.ones(min(rows, 1), bool), ordered[1:] != ordered[:-1]])
    prints, first, counts = ordered[begins], order[begins], np.diff(np.r_[begins, rows])
    profile: Codes = np.empty(rows, np.int32)
    profile[order] = np.repeat(np.arange(len(begins), dtype=np.int32), counts)
    repeated = order[np.repeat(counts > 1, counts)]

    def say_once(name: str) -> None:
        column = columns[name]
        codes = column.codes[first]
        if not np.array_equal(column.codes[repeated], codes[profile[repeated]]):
            raise RuntimeError(f"two different records share one content hash (column {name}): report this")
        column.codes = spill.numbers(codes)
        spill.let_go()

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(say_once, columns))
    prints, weight = spill.numbers(prints), spill.numbers(counts.astype(np.int64))
    profile = spill.numbers(profile)
    return Profiles(len(prints), columns, profile, record_keys, prints, weight, dict(columns), spill=spill)


def _content(columns: Sequence[tuple[int, Column]], rows: int, spill: Spill) -> npt.NDArray[np.uint64]:
    """The sum of the content hashes of these columns, each spread by its salt."""
    total = np.zeros(rows, np.uint64)
    for salt, column in columns:
        table = np.append(mix(column.hashes, salt), np.uint64(0))
        total += table[column.codes]
        spill.let_go()
    return total


def connect(model: Model, setting: Setting) -> Any:
    """The DuckDB connection with the macros the model's values use."""
    from extractors.standardise import connect as connect_standard

    engine = Spill(setting.memory_bytes).engine()
    making = model.connect or partial(connect_standard, used_by=model.sql_texts())
    connection = making(as_of=setting.as_of, threads=setting.threads, memory_limit=engine.get("memory_limit"))
    if engine:
        connection.execute("SET temp_directory = ?", [engine["temp_directory"]])
    return connection
