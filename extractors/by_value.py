"""The standard forms of texts that repeat (dates, codes, names), each worked out once and then only looked up.

A delivery has some thousand distinct dates and a few dozen codes in a million rows, so a chunk of rows mostly meets none
that is new, and each of its columns is one look-up of whole columns. Usual texts are known at a glance; the rest is asked
of the macros, whose statement takes longer to plan than thousands of look-ups: together with the rows that go the long way,
or at once where many rows share it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.contract import SHEET
from extractors.standard_form import FieldSql, Lookup
from extractors.standardise.columns import Flags, one_piece, widths

Glance = Callable[[pa.StringArray], pa.Array]  # the standard form of each text, null where it takes a closer look
MANY = 0.02  # of a chunk's rows share texts that are not known at a glance: worth a statement at once
DAY_WIDTHS = {"%Y%m%d": 8, "%Y-%m-%d": 10, None: 10}


@dataclass(frozen=True)
class Found:
    """What the texts of one column of a chunk stand for: a place of `known` for each row, null for no text or an unknown one."""

    column: FieldSql
    known: pa.Table
    places: pa.Array
    texts: pa.Array

    @property
    def standard(self) -> pa.Array:
        """The standard form of each row."""
        return pc.take(self.known["s"].chunk(0), self.places)

    @property
    def as_text(self) -> pa.Array:
        """The standard form of each row as text."""
        form = self.known["s"].chunk(0)
        return pc.take(form if pa.types.is_string(form.type) else form.cast(pa.string()), self.places)

    @property
    def codes(self) -> pa.Array:
        """The finding codes of each row, a list or null."""
        return pc.take(self.known["codes"].chunk(0), self.places)

    @property
    def reasons(self) -> pa.Array:
        """Everything wrong with the number of each row, a list or null."""
        return pc.take(self.known["reasons"].chunk(0), self.places)

    @property
    def is_usual(self) -> Flags:
        """Whether a row's text is the usual form of what it says, or absent."""
        return self._flags(f"is_usual_{self.column.received}")

    @cached_property
    def is_quiet(self) -> Flags:
        """Whether a row's text is known and nothing is found in it, or absent."""
        return self._flags("is_quiet") & ~self.is_unknown

    @cached_property
    def is_unknown(self) -> Flags:
        """Whether a row's text takes a closer look."""
        if self.places.null_count == self.texts.null_count:
            return np.zeros(len(self.places), np.bool_)
        flags: Flags = pc.and_(pc.is_null(self.places), pc.is_valid(self.texts)).to_numpy(zero_copy_only=False)
        return flags

    def _flags(self, name: str) -> Flags:
        told = self.known[name].chunk(0)
        if told.true_count == len(told):
            return np.ones(len(self.places), np.bool_)
        flags: Flags = pc.fill_null(pc.take(told, self.places), True).to_numpy(zero_copy_only=False)
        return flags


class FormsByValue:
    """What was worked out for the columns of a delivery; several workers may ask at once."""

    def __init__(self, columns: Sequence[FieldSql], glances: dict[str, Glance]) -> None:
        self.sharing: dict[str, list[FieldSql]] = {}
        self.glances = glances
        for column in columns:
            if column.lookup:
                self.sharing.setdefault(column.lookup.table, []).append(column)
        self.known = {table: _nothing(columns) for table, columns in self.sharing.items()}
        self.learning = Lock()

    def look(self, connection: duckdb.DuckDBPyConnection, chunk: pa.Table) -> list[Found]:
        """Look up the columns of a chunk (of one piece) whose texts repeat; rare texts may stay unknown."""
        found = []
        for columns in self.sharing.values():
            lookup = columns[0].lookup
            if lookup is None or lookup.is_endless:
                continue
            places = _Places(columns, chunk)
            looked = places.among(self._glanced(lookup, columns, places.texts))
            if sum(one.is_unknown.sum() for one in looked) > MANY * chunk.num_rows:
                looked = places.among(self._learnt(connection, lookup, columns, places.texts))
            found += looked
        return found

    def find(self, connection: duckdb.DuckDBPyConnection, rows: pa.Table) -> list[Found]:
        """Look up all columns worked out by value; no text stays unknown."""
        found = []
        for columns in self.sharing.values():
            lookup = columns[0].lookup
            if lookup is not None:
                places = _Places(columns, rows)
                found += places.among(self._learnt(connection, lookup, columns, places.texts))
        return found

    def _glanced(self, lookup: Lookup, columns: Sequence[FieldSql], texts: pa.Array) -> pa.Table:
        """A table with all of these texts that are known, or are at a glance."""
        known, new = self._split(lookup, texts)
        glance = self.glances.get(lookup.table)
        if glance is None or not len(new):
            return known
        standard = glance(new)
        is_found = pc.is_valid(standard)
        new, standard = new.filter(is_found), standard.filter(is_found)
        return self._keep(lookup, glanced_forms(columns, new, standard, known.schema)) if len(new) else known

    def _learnt(
        self, connection: duckdb.DuckDBPyConnection, lookup: Lookup, columns: Sequence[FieldSql], texts: pa.Array
    ) -> pa.Table:
        """A table with all of these texts; of endless ones nothing is kept."""
        if lookup.is_endless:
            return self._formed_anew(connection, lookup, columns, texts)
        self._glanced(lookup, columns, texts)
        known, new = self._split(lookup, texts)
        return self._keep(lookup, formed(connection, lookup, columns, new)) if len(new) else known

    def _formed_anew(
        self, connection: duckdb.DuckDBPyConnection, lookup: Lookup, columns: Sequence[FieldSql], texts: pa.Array
    ) -> pa.Table:
        """All of these texts, of which usual ones need no statement."""
        glance = self.glances.get(lookup.table)
        if glance is None:
            return formed(connection, lookup, columns, texts)
        standard = glance(texts)
        is_found = pc.is_valid(standard)
        usual = glanced_forms(columns, texts.filter(is_found), standard.filter(is_found), _schema(columns))
        others = texts.filter(pc.invert(is_found))
        parts = [usual, formed(connection, lookup, columns, others)] if len(others) else [usual]
        return one_piece(pa.concat_tables(parts))

    def _split(self, lookup: Lookup, texts: pa.Array) -> tuple[pa.Table, pa.Array]:
        known = self.known[lookup.table]
        return known, texts.filter(pc.invert(pc.is_in(texts, value_set=known["r"].chunk(0))))

    def _keep(self, lookup: Lookup, formed: pa.Table) -> pa.Table:
        with self.learning:
            known = self.known[lookup.table]  # another worker may have learnt some of it meanwhile
            is_new = pc.invert(pc.is_in(formed["r"], value_set=known["r"].chunk(0)))
            self.known[lookup.table] = one_piece(pa.concat_tables([known, formed.filter(is_new)]))
            return self.known[lookup.table]


class _Places:
    """The distinct texts of columns that share a table, and where each row's is among them."""

    def __init__(self, columns: Sequence[FieldSql], rows: pa.Table) -> None:
        self.columns = columns
        self.received = [rows[column.received].chunk(0) for column in columns]
        self.encoded = [texts.dictionary_encode() for texts in self.received]
        self.texts = pc.unique(pa.concat_arrays([one.dictionary for one in self.encoded]))

    def among(self, known: pa.Table) -> list[Found]:
        """The columns by their places in `known`."""
        return [
            Found(
                column, known, pc.take(pc.index_in(one.dictionary, value_set=known["r"].chunk(0)), one.indices), texts
            )
            for column, one, texts in zip(self.columns, self.encoded, self.received, strict=True)
        ]


def _schema(columns: Sequence[FieldSql]) -> pa.Schema:
    types = {
        "VARCHAR": pa.string(),
        "DATE": pa.date32(),
        "TIMESTAMP": pa.timestamp("us"),
        "DECIMAL(18,2)": pa.decimal128(18, 2),
    }
    lookup = columns[0].lookup
    assert lookup is not None
    return pa.schema(
        [("r", pa.string()), ("s", types[lookup.type]), ("reasons", pa.list_(pa.string()))]
        + [("codes", pa.list_(pa.string())), ("is_quiet", pa.bool_())]
        + [(f"is_usual_{column.received}", pa.bool_()) for column in columns]
    )


def _nothing(columns: Sequence[FieldSql]) -> pa.Table:
    return one_piece(_schema(columns).empty_table())


def glanced_forms(columns: Sequence[FieldSql], texts: pa.Array, standard: pa.Array, schema: pa.Schema) -> pa.Table:
    """What `formed` gives, for texts whose standard form is known at a glance; without codes, of which there are none."""
    usual = [_is_usual(column, texts, standard) for column in columns]
    none, quiet = pa.nulls(len(texts), pa.list_(pa.string())), pa.repeat(True, len(texts))
    lookup = columns[0].lookup
    reasons = no_reasons(len(texts)) if lookup is not None and lookup.reasons else none
    return pa.table([texts, standard, reasons, none, quiet, *usual], schema)


def no_reasons(count: int) -> pa.ListArray:
    """So many empty lists."""
    return pa.ListArray.from_arrays(pa.array(np.zeros(count + 1, np.int32)), pa.array([], pa.string()))


def _is_usual(column: FieldSql, texts: pa.Array, standard: pa.Array) -> pa.Array:
    """The same as the column's `is_usual` says, for texts known at a glance."""
    if column.column.codes:
        return pc.is_in(texts, value_set=pa.array([told[0] for told in column.column.codes.values()], pa.string()))
    if column.column.source == SHEET:
        return pa.repeat(True, len(texts))
    if column.field.kind in ("timestamp", "amount"):  # told only where they are
        return pa.repeat(True, len(texts))
    if column.field.kind == "date":
        return pa.array(widths(texts) == DAY_WIDTHS.get(column.column.format, 0))
    return pc.equal(texts, standard)


def formed(
    connection: duckdb.DuckDBPyConnection, lookup: Lookup, columns: Sequence[FieldSql], texts: pa.Array
) -> pa.Table:
    """Columns r, s, reasons, codes, is_quiet and is_usual_<received> of each column, one piece each."""
    usual = ", ".join(
        f"coalesce({column.lookup.is_usual}, FALSE) AS is_usual_{column.received}"
        for column in columns
        if column.lookup
    )
    connection.register("met", pa.table({"r": texts}))
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE formed AS
        WITH standard AS (SELECT r, {lookup.standard} AS s FROM met),
        judged AS (SELECT r, s, {lookup.reasons or "NULL::VARCHAR[]"} AS reasons FROM standard),
        told AS (SELECT r, s, reasons, ({lookup.findings})::VARCHAR[] AS codes FROM judged)
        SELECT r, s, reasons, codes, coalesce(len(codes), 0) = 0 AND NOT is_damaged(r) AS is_quiet, {usual} FROM told
        """
    )
    formed = connection.sql("FROM formed").to_arrow_table()  # asked for at once, a statement of macros is planned twice
    connection.unregister("met")
    return one_piece(formed.cast(_schema(columns)))
