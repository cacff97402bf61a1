"""The standard forms of texts that repeat (dates, codes, names), each worked out once and then only looked up.

A delivery has some thousand distinct dates and a few dozen codes in a million rows, so a chunk of rows mostly meets none
that is new, and each of its columns is one look-up of whole columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from extractors.standard_form import FieldSql, Lookup
from extractors.standardise.soundness import Flags


@dataclass(frozen=True)
class Found:
    """What the texts of one column of a chunk stand for: a place of `known` for each row, null for no text."""

    column: FieldSql
    known: pa.Table
    places: pa.Array

    @property
    def standard(self) -> pa.Array:
        """The standard form of each row."""
        return pc.take(self.known["s"].chunk(0), self.places)

    @property
    def codes(self) -> pa.Array:
        """The finding codes of each row, a list or null."""
        return pc.take(self.known["codes"].chunk(0), self.places)

    @property
    def is_usual(self) -> Flags:
        """Whether a row's text is the usual form of what it says, or absent."""
        return self._flags(f"is_usual_{self.column.received}")

    @property
    def is_quiet(self) -> Flags:
        """Whether nothing is found in a row's text."""
        return self._flags("is_quiet")

    def _flags(self, name: str) -> Flags:
        flags: Flags = pc.fill_null(pc.take(self.known[name].chunk(0), self.places), True).to_numpy(
            zero_copy_only=False
        )
        return flags


class FormsByValue:
    """What was worked out for the columns of a delivery; several workers may ask at once."""

    def __init__(self, columns: Sequence[FieldSql]) -> None:
        self.sharing: dict[str, list[FieldSql]] = {}
        for column in columns:
            if column.lookup:
                self.sharing.setdefault(column.lookup.table, []).append(column)
        self.known: dict[str, pa.Table] = {}
        self.learning = Lock()

    def find(self, connection: duckdb.DuckDBPyConnection, chunk: pa.Table, *, endless: bool) -> list[Found]:
        """Look up the columns of a chunk (of one piece) whose texts repeat, or with `endless` those of new texts without end."""
        found = []
        for columns in self.sharing.values():
            lookup = columns[0].lookup
            if lookup is None or lookup.is_endless != endless:
                continue
            encoded = [chunk[column.received].chunk(0).dictionary_encode() for column in columns]
            texts = pc.unique(pa.concat_arrays([one.dictionary for one in encoded]))
            known = self._learn(connection, lookup, columns, texts)
            for column, one in zip(columns, encoded, strict=True):
                places = pc.index_in(one.dictionary, value_set=known["r"].chunk(0))
                found.append(Found(column, known, pc.take(places, one.indices)))
        return found

    def _learn(
        self, connection: duckdb.DuckDBPyConnection, lookup: Lookup, columns: Sequence[FieldSql], texts: pa.Array
    ) -> pa.Table:
        """A table with all of these texts; of endless ones nothing is kept."""
        known = None if lookup.is_endless else self.known.get(lookup.table)
        new = texts if known is None else texts.filter(pc.invert(pc.is_in(texts, value_set=known["r"].chunk(0))))
        if known is not None and not len(new):
            return known
        formed = _formed(connection, lookup, columns, new)
        if lookup.is_endless:
            return formed
        with self.learning:
            known = self.known.get(lookup.table)  # another worker may have learnt some of it meanwhile
            if known is not None:
                is_new = pc.invert(pc.is_in(formed["r"], value_set=known["r"].chunk(0)))
                formed = pa.concat_tables([known, formed.filter(is_new)]).combine_chunks()
            self.known[lookup.table] = formed
        return formed


def _formed(
    connection: duckdb.DuckDBPyConnection, lookup: Lookup, columns: Sequence[FieldSql], texts: pa.Array
) -> pa.Table:
    """Columns r, s, codes, is_quiet and is_usual_<received> of each column, one piece each."""
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
        told AS (SELECT r, s, ({lookup.findings})::VARCHAR[] AS codes FROM standard)
        SELECT r, s, codes, coalesce(len(codes), 0) = 0 AS is_quiet, {usual} FROM told
        """
    )
    formed = connection.sql("FROM formed").to_arrow_table()  # asked for at once, a statement of macros is planned twice
    connection.unregister("met")
    if len(formed):
        return formed.combine_chunks()
    return pa.table([pa.array([], field.type) for field in formed.schema], formed.schema)
