"""Plain rows: nothing is wrong with any text, and all but codes, days and the like stand in their usual form already.

So are nearly all rows. Short conditions over whole columns tell them apart, and their record is what was received, with
what was looked up. Only the other rows go the long way of `staging`, which would give the same record for a plain row: a
test holds that.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
import pyarrow as pa

from extractors.by_value import Found
from extractors.contract import Contract, Mode
from extractors.row_sql import hash_sql, is_damaged_sql, json_sql, op_sql, source_key_sql
from extractors.standard_form import FieldSql
from extractors.standardise.soundness import Flags, Soundness

FEWEST = 2_000  # rows worth questions of their own; fewer all go the long way


class PlainRows:
    """The plain rows of a feed's chunks."""

    def __init__(self, contract: Contract, mode: Mode, columns: Sequence[FieldSql], soundness: Soundness) -> None:
        self.sound = {column.received: soundness.checks[column.sound] for column in columns if column.sound}
        self.condition = _condition(contract, mode, columns)
        self.record = _record(contract, mode, columns)

    def tell(self, connection: duckdb.DuckDBPyConnection, rows: pa.Table, found: Sequence[Found]) -> Flags:
        """Which rows of a chunk (one piece, the standard forms `found` beside it) are plain."""
        if rows.num_rows < FEWEST:
            return np.zeros(rows.num_rows, np.bool_)
        for received, check in self.sound.items():
            rows = rows.append_column(f"is_sound_{received}", pa.array(check(rows[received].chunk(0))))
        connection.register("rows", rows)
        told = connection.execute(f"SELECT coalesce({self.condition}, FALSE) AS is_plain FROM rows").fetchnumpy()
        connection.unregister("rows")
        flags: Flags = np.asarray(told["is_plain"])
        for one in found:
            flags &= one.is_quiet
        return flags

    def flagged(self, rows: pa.Table, found: Sequence[Found], is_plain: Flags) -> pa.Table:
        """The rows as `record` reads them: is_plain, is_usual of the row and of each text that was looked up."""
        usual = np.ones(rows.num_rows, np.bool_)
        for one in found:
            rows = rows.append_column(f"is_usual_{one.column.received}", pa.array(one.is_usual))
            usual &= one.is_usual
        return rows.append_column("is_usual", pa.array(usual)).append_column("is_plain", pa.array(is_plain))


def _condition(contract: Contract, mode: Mode, columns: Sequence[FieldSql]) -> str:
    """SQL over received `rows`: nothing is to be said of the row, but for its repeating texts."""
    conditions = ["fault IS NULL", f"NOT coalesce({is_damaged_sql(contract)}, FALSE)"]
    if mode == "delta":
        conditions.append(f"{op_sql(mode)} IS NOT NULL")
    for column in columns:
        is_needed = column.column.required or column.field.name in contract.key
        if column.is_repeating:
            conditions += [f"s_{column.field.name} IS NOT NULL"] if is_needed else []
            continue
        told = " AND ".join(filter(None, (column.plain or "FALSE", column.is_short)))
        conditions.append(f"({told})" if is_needed else f"({column.received} IS NULL OR ({told}))")
    return " AND ".join(conditions)


def _record(contract: Contract, mode: Mode, columns: Sequence[FieldSql]) -> str:
    """SELECT over `rows` of `flagged`, giving each row's record, which holds for the plain ones (and `is_plain`)."""
    standard = [f"{column.plain_form} AS s_{column.field.name}" for column in columns if not column.is_repeating]
    reasons = [f"[]::VARCHAR[] AS {column.field.name}_reasons" for column in columns if column.reasons]
    unusual = json_sql([(column, f"NOT is_usual_{column.received}") for column in columns if column.is_repeating])
    received = f"CASE WHEN NOT is_usual THEN {unusual} END AS received"
    return f"""
        WITH standard AS (
            SELECT * EXCLUDE (op), {", ".join([f"{op_sql(mode)} AS op", *standard, *reasons, received])} FROM rows
        )
        SELECT *, {source_key_sql(contract, columns)} AS source_key, {hash_sql(columns)} AS record_hash FROM standard
    """


def record_columns(columns: Sequence[FieldSql]) -> list[str]:
    """The columns of a staged record, in their order, the line first."""
    names = ["line_no", "op", "source_key", "received", "record_hash"]
    names += [f"s_{column.field.name}" for column in columns]
    return names + [f"{column.field.name}_reasons" for column in columns if column.reasons]
