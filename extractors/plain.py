"""Plain rows: nothing is wrong with any text, and all but codes, days and the like stand in their usual form already.

So are nearly all rows. Looks at whole columns of bytes tell them apart, and their record is what was received, with what
was looked up. Only the other rows go the long way of `staging`, which would give the same record for a plain row: a test
holds that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from extractors.by_value import Found
from extractors.contract import Contract, Mode
from extractors.readers.decoding import LOST_MARKS
from extractors.row_sql import hash_sql, json_sql, source_key_sql
from extractors.standard_form import FieldSql
from extractors.standardise.columns import Flags, widths
from extractors.standardise.soundness import Soundness
from extractors.standardise.usual import VALUES

FEWEST = 2_000  # rows worth questions of their own; fewer all go the long way
OPERATIONS = pa.array(["I", "U", "D"])
HAN_KINDS = ("person_name", "company_name", "address", "text")  # a usual text of these may be made of lost characters


class PlainRows:
    """The plain rows of a feed's chunks."""

    def __init__(self, contract: Contract, mode: Mode, columns: Sequence[FieldSql], soundness: Soundness) -> None:
        self.contract = contract
        self.mode = mode
        self.columns = columns
        self.soundness = soundness
        self.needed = {c.field.name for c in columns if c.column.required or c.field.name in contract.key}
        self.ignored = [f"c{place}" for place, column in enumerate(contract.columns) if column.field is None]
        self.repeating = [(column, f"NOT is_usual_{column.received}") for column in columns if column.is_repeating]
        self.record_sql = (
            f"SELECT {source_key_sql(contract, columns)} AS source_key, {hash_sql(columns)} AS record_hash, "
            "hash(source_key) AS key_hash FROM texts"
        )

    def tell(self, rows: pa.Table, found: Sequence[Found]) -> tuple[Flags, pa.Table]:
        """Which rows of a chunk (one piece) are plain, and the standard forms of all columns, which hold for those."""
        looked = {one.column.received: one for one in found}
        is_plain: Flags = pc.is_null(rows["fault"]).to_numpy()
        is_suspect = pc.any(rows["suspect"]).as_py()
        op = _operations(rows["op"].chunk(0), self.mode)
        if self.mode == "delta":
            is_plain &= pc.is_valid(op).to_numpy(zero_copy_only=False)
        forms: dict[str, pa.Array] = {}
        for column in self.columns:
            name, texts = column.field.name, rows[column.received].chunk(0)
            if column.is_repeating:
                forms[name] = looked[column.received].standard
                is_plain &= looked[column.received].is_quiet
            else:
                told, forms[name] = self._usual(column, texts)
                if is_suspect and column.plain in HAN_KINDS:
                    told &= ~_are_lost(texts)
                is_plain &= told if name in self.needed or not texts.null_count else told | _is_null(texts)
            if name in self.needed and column.is_repeating:
                is_plain &= ~_is_null(forms[name])
        for name in self.ignored if is_suspect else ():
            is_plain &= ~_are_lost(rows[name].chunk(0))
        return is_plain & self._agrees(rows, looked), pa.table(
            {"op": op, **{f"s_{n}": form for n, form in forms.items()}}
        )

    def _usual(self, column: FieldSql, texts: pa.StringArray) -> tuple[Flags, pa.Array]:
        """Whether each text is its own standard form and not too long, and that form."""
        if column.plain in VALUES:
            values = VALUES[column.plain](texts)
            return ~_is_null(values), values
        told = told_usual(column, texts, self.soundness)
        if column.longest is not None and (widths(texts) > column.longest).any():
            is_short = pc.less_equal(pc.utf8_length(texts), column.longest)
            told &= pc.fill_null(is_short, False).to_numpy(zero_copy_only=False)
        return told, texts

    def are_sound_ids(self, rows: pa.Table, found: Sequence[Found]) -> Flags:
        """Whether the person's own number is sound and says the same as birth date and sex beside it."""
        number = next((column for column in self.columns if column.field.name == "id_number"), None)
        if number is None or number.plain != "id":
            return np.zeros(rows.num_rows, np.bool_)
        texts = rows[number.received].chunk(0)
        told = self.soundness.are_ids(texts) & ~_is_null(texts)
        return told & self._agrees(rows, {one.column.received: one for one in found})

    def _agrees(self, rows: pa.Table, looked: dict[str, Found]) -> Flags:
        """Whether the person's own number, where it has 18 places, says the same as birth date and sex beside it."""
        of = {column.field.name: column for column in self.columns}
        number = of.get("id_number")
        if number is None or number.plain != "id":
            return np.ones(rows.num_rows, np.bool_)
        texts = rows[number.received].chunk(0)
        born, sex = np.zeros(len(texts), np.int64), np.zeros(len(texts), np.int64)
        if "birth_date" in of:
            born = _told(looked[of["birth_date"].received], _as_digits)
        if "sex" in of:
            sexes = pa.array(["1", "2"])
            sex = _told(looked[of["sex"].received], lambda codes: pc.add(pc.index_in(codes, value_set=sexes), 1))
        return self.soundness.agree(texts, born, sex) | _is_null(texts)

    def record(
        self, connection: duckdb.DuckDBPyConnection, rows: pa.Table, forms: pa.Table, found: Sequence[Found]
    ) -> pa.Table:
        """Each row's record (without the reasons, of which there are none) and the hash of its key."""
        received = self._received(connection, rows, found)
        texts = forms.append_column("received", received)
        for one in found:
            texts = texts.set_column(
                texts.column_names.index(f"s_{one.column.field.name}"), f"s_{one.column.field.name}", one.as_text
            )
        for name in {column.received for column in self.columns if column.field.name in self.contract.key}:
            texts = texts.append_column(name, rows[name])
        connection.register("texts", texts)
        keys = connection.sql(self.record_sql).to_arrow_table()
        connection.unregister("texts")
        told = {"line_no": rows["line_no"], "received": received} | {n: keys[n] for n in keys.column_names}
        told |= {name: forms[name] for name in forms.column_names}
        return pa.table(told)

    def _received(self, connection: duckdb.DuckDBPyConnection, rows: pa.Table, found: Sequence[Found]) -> pa.Array:
        """JSON of the received texts that the standard forms do not show, as `received_sql` gives it for plain rows."""
        usual = {f"is_usual_{one.column.received}": one.is_usual for one in found}
        unusual = np.flatnonzero(~np.logical_and.reduce(list(usual.values()))) if usual else np.zeros(0, np.int64)
        if not len(unusual):
            return pa.nulls(rows.num_rows, pa.string())
        places = pa.array(unusual)
        told = {column.received: rows[column.received].take(places) for column, _ in self.repeating}
        told |= {name: pa.array(flags[unusual]) for name, flags in usual.items()}
        connection.register("unusual", pa.table(told))
        told_json = connection.sql(f"SELECT {json_sql(self.repeating)} AS received FROM unusual").to_arrow_table()
        connection.unregister("unusual")
        place = np.full(rows.num_rows, -1, np.int64)
        place[unusual] = np.arange(len(unusual))
        return pc.take(told_json["received"].combine_chunks(), pa.array(place, mask=place < 0))


def told_usual(column: FieldSql, texts: pa.StringArray, soundness: Soundness) -> Flags:
    """Whether each text is its own standard form, in which nothing is found but perhaps its length."""
    check = soundness.checks.get(column.plain)
    if check is None:
        return np.zeros(len(texts), np.bool_)
    told = check(texts)
    if column.field.form:
        has_form = pc.match_substring_regex(texts, f"^(?:{column.field.form})$")
        told &= pc.fill_null(has_form, False).to_numpy(zero_copy_only=False)
    return told


def _operations(texts: pa.StringArray, mode: Mode) -> pa.Array:
    """As `op_sql`."""
    if mode != "delta":
        return pa.nulls(len(texts), pa.string())
    told = pc.utf8_upper(pc.utf8_trim(texts, characters=" "))
    return pc.if_else(pc.is_in(told, value_set=OPERATIONS), told, None)


def _told(found: Found, numbers: Callable[[pa.Array], pa.Array]) -> npt.NDArray[np.int64]:
    """A number for each row from the distinct standard forms, 0 for none."""
    known = pc.fill_null(numbers(found.known["s"].chunk(0)).cast(pa.int64()), 0)
    told: npt.NDArray[np.int64] = pc.fill_null(pc.take(known, found.places), 0).to_numpy()
    return told


def _as_digits(days: pa.Array) -> pa.Array:
    """19850102 for a day."""
    return pc.add(pc.multiply(pc.add(pc.multiply(pc.year(days), 100), pc.month(days)), 100), pc.day(days))


def _is_null(texts: pa.Array) -> Flags:
    flags: Flags = pc.is_null(texts).to_numpy(zero_copy_only=False)
    return flags


def _are_lost(texts: pa.StringArray) -> Flags:
    """Whether a text holds a mark of lost characters."""
    found = [pc.fill_null(pc.match_substring(texts, mark), False) for mark in LOST_MARKS]
    flags: Flags = np.logical_or.reduce([one.to_numpy(zero_copy_only=False) for one in found])
    return flags
