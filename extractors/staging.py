"""The staged SQL that takes a delivery from received texts to standard rows with their rejects decided.

Plain rows of a chunk need no such statement (`plain`). For the others, texts that are not usual get their standard form,
once each (`by_value`), then one statement works out all that depends on the row.

Columns of the staged rows: line_no, op, c<position> received texts, s_<field> standard forms, <field>_reasons,
source_key, received (JSON of what the standard form does not show), record_hash, reject, reject_field,
is_damaged_row (holds lost characters), has_finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import duckdb
import numpy as np
import pyarrow as pa

from extractors import plain
from extractors.by_value import FormsByValue, Found
from extractors.chunk_files import ChunkFiles
from extractors.contract import Contract, Mode
from extractors.glances import glances_of
from extractors.plain import PlainRows
from extractors.readers.decoding import LOST_MARKS
from extractors.readers.reading import batch_schema
from extractors.row_sql import hash_sql, is_damaged_sql, op_sql, received_sql, reject_sql, source_key_sql
from extractors.shape import sample_of, shape_sql
from extractors.standard_form import FieldSql, field_sql, quote
from extractors.standardise.columns import one_piece
from extractors.standardise.soundness import Soundness

MACROS = (
    "CREATE OR REPLACE MACRO is_damaged(t) AS " + " OR ".join(f"contains(t, {quote(mark)})" for mark in LOST_MARKS),
    # 'D18', 'H3*1': letters L, digits D, Han H, space S, lost ?, asterisk *, anything else P; each with its run length
    r"""
    CREATE OR REPLACE MACRO value_class(t) AS array_to_string(list_transform(regexp_extract_all(
        regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(left(t, 60),
            '[\p{Latin}\p{Greek}\p{Cyrillic}]', 'L', 'g'), '\p{Nd}', 'D', 'g'), '\p{Han}', 'H', 'g'),
            '\s|\p{Z}', 'S', 'g'), '\x{FFFD}', '?', 'g'), '[^LDHS?*]', 'P', 'g'),
        'L+|D+|H+|S+|P+|\?+|\*+'), lambda run: run[1] || length(run)), '')
    """,
)


ODD_ROWS = 30_000  # worth the planning of their statement, which takes as long as a few thousand rows
SHARED_ODD_ROWS = 3_000  # at the end, when nobody has anything else to do


class Stage:
    """The staged rows of one delivery, chunk by chunk; several workers may stage chunks at once.

    Each chunk leaves its rows in files (`ChunkFiles`), so that rows stay in the order of the file whichever worker is done
    first. Rows that are not plain go the long way, those of several chunks together; they leave odd_<n> (those with
    findings, and rejected ones, whole) in the database. `views` makes one of each kind of table.
    """

    def __init__(self, contract: Contract, mode: Mode, scratch: Path, soundness: Soundness) -> None:
        self.contract = contract
        self.columns = field_sql(contract)
        self.files = ChunkFiles(scratch, batch_schema(contract), record_schema(self.columns))
        self.forms = FormsByValue(self.columns, glances_of(self.columns, soundness))
        self.plain = PlainRows(contract, mode, self.columns, soundness)
        self.staged = staged_sql(contract, mode, self.columns)
        self.waiting: list[tuple[int, pa.Table]] = []  # odd rows by chunk, until they are worth a statement
        self.turn = Lock()

    def take(self, connection: duckdb.DuckDBPyConnection, number: int, chunk: pa.Table) -> None:
        """Stage chunk `number` of received rows (readers' schema) on a connection that no other worker uses."""
        self.files.keep_received(number, chunk)
        rows = one_piece(chunk)
        connection.register("sample", sample_of(rows))
        connection.execute(f"CREATE TABLE shape_{number} AS {shape_sql(self.contract, rows.num_rows)}")
        connection.unregister("sample")
        odd = rows
        if rows.num_rows >= plain.FEWEST:
            found = self.forms.look(connection, rows)
            is_plain, forms = self.plain.tell(rows, found)
            record = self.plain.record(connection, rows, forms, found)
            self.files.keep_records(number, record.drop_columns("key_hash"), is_plain)
            connection.register("keys", record.select(["line_no", "key_hash"]).filter(pa.array(is_plain)))
            connection.execute(f"CREATE TABLE key_plain_{number} AS FROM keys")
            connection.unregister("keys")
            odd = rows.filter(pa.array(~is_plain))
        else:
            self.files.keep_records(number, rows.select(["line_no"]), np.zeros(rows.num_rows, np.bool_))
            connection.execute(f"CREATE TABLE key_plain_{number} (line_no BIGINT, key_hash UBIGINT)")
        with self.turn:
            self.waiting.append((number, odd))
            enough = self.waiting if sum(len(rows) for _, rows in self.waiting) >= ODD_ROWS else []
            if enough:
                self.waiting = []
        if enough:
            self.take_odd(connection, enough)

    def left(self, workers: int) -> list[list[tuple[int, pa.Table]]]:
        """What still waits once all chunks are taken, for so many workers to `take_odd` at once."""
        rows = sum(len(rows) for _, rows in self.waiting)
        shares: list[list[tuple[int, pa.Table]]] = [[] for _ in range(workers if rows >= SHARED_ODD_ROWS else 1)]
        for one in sorted(self.waiting, key=lambda one: -len(one[1])):
            min(shares, key=lambda share: sum(len(rows) for _, rows in share)).append(one)
        self.waiting = []
        return [share for share in shares if share]

    def take_odd(self, connection: duckdb.DuckDBPyConnection, odd_rows: Sequence[tuple[int, pa.Table]]) -> None:
        """Odd rows of some chunks go the long way, on a connection that no other worker uses."""
        with self.turn:
            number, self.files.batches = self.files.batches, self.files.batches + 1
        chunks, waiting = zip(*odd_rows, strict=True)
        odd = one_piece(pa.concat_tables(waiting))
        found = self.forms.find(connection, odd)
        is_sound = pa.array(self.plain.are_sound_ids(odd, found))
        connection.register("batches", _with_forms(odd, found).append_column("is_sound_id", is_sound))
        connection.execute(f"CREATE OR REPLACE TEMP TABLE staged AS {self.staged}")
        connection.unregister("batches")
        names = ", ".join(self.files.record_schema.names)
        records = connection.sql(f"SELECT {names} FROM staged WHERE reject IS NULL").to_arrow_table()
        self.files.keep_odd(number, chunks, records)
        connection.execute(
            f"CREATE TABLE key_odd_{number} AS SELECT line_no, hash(source_key) AS key_hash FROM staged WHERE reject IS NULL"
        )
        connection.execute(
            f"CREATE TABLE odd_{number} AS SELECT * FROM staged WHERE has_finding OR is_damaged_row OR reject IS NOT NULL"
        )
        connection.execute("DROP TABLE staged")

    def views(self, connection: duckdb.DuckDBPyConnection, chunks: int) -> None:
        """Make the views `odd`, `shape` and `key` over the first `chunks` chunks."""
        self.files.chunks = chunks
        batches = range(self.files.batches)
        tables = {
            "odd": [f"odd_{number}" for number in batches],
            "shape": [f"shape_{number}" for number in range(chunks)],
            "key": [f"key_plain_{number}" for number in range(chunks)] + [f"key_odd_{number}" for number in batches],
        }
        for view, parts in tables.items():
            connection.execute(f"CREATE VIEW {view} AS {' UNION ALL '.join(f'FROM {part}' for part in parts)}")


def _with_forms(rows: pa.Table, found: Sequence[Found]) -> pa.Table:
    for one in found:
        name = one.column.field.name
        rows = rows.append_column(f"s_{name}", one.standard).append_column(f"n_{name}", one.codes)
        if one.column.reasons:
            rows = rows.append_column(f"{name}_reasons", one.reasons)
    return rows


def record_schema(columns: Sequence[FieldSql]) -> pa.Schema:
    """The columns of a staged record, the line first."""
    types = {"text": pa.string(), "date": pa.date32(), "timestamp": pa.timestamp("us"), "decimal": pa.decimal128(18, 2)}
    told = [("line_no", pa.int64())] + [(name, pa.string()) for name in ("op", "source_key", "received", "record_hash")]
    told += [(f"s_{column.field.name}", types[column.field.type]) for column in columns]
    return pa.schema(
        told + [(f"{column.field.name}_reasons", pa.list_(pa.string())) for column in columns if column.reasons]
    )


def staged_sql(contract: Contract, mode: Mode, columns: list[FieldSql]) -> str:
    """SELECT over the registered rows `batches`, forms and codes of looked-up columns among them, giving the staged rows.

    Only the standard forms are materialized, which everything else is worked out from: the other steps stream, so that a
    chunk is never held in memory once for each of them.
    """
    places = [f"c{place}" for place in range(len(contract.columns))]
    looked_up = [f"{kind}_{column.field.name}" for column in columns if column.lookup for kind in ("s", "n")]
    looked_up += [f"{column.field.name}_reasons" for column in columns if column.lookup and column.reasons]
    standard = [f"{column.standard} AS s_{column.field.name}" for column in columns if not column.lookup]
    reasons = [
        f"{column.reasons} AS {column.field.name}_reasons" for column in columns if column.reasons and not column.lookup
    ]
    odd = [f"({condition})" for column in columns for condition, _ in column.oddities]
    reject, reject_field = reject_sql(contract, mode, columns)
    return f"""
        WITH texts AS (
            SELECT line_no, fault, row_text, coalesce({is_damaged_sql(contract)}, FALSE) AS is_damaged_row, {op_sql(mode)} AS op, op AS op_text,
                   {", ".join([*places, *looked_up, "is_sound_id"])}
            FROM batches
        ), standard AS MATERIALIZED (
            SELECT {", ".join(["*", *standard])} FROM texts
        ), judged AS (
            SELECT *, {", ".join([*reasons, "TRUE AS is_judged"])} FROM standard
        ), found AS (
            SELECT *, coalesce({" OR ".join(odd)}, FALSE) AS has_finding, {received_sql(columns)} AS received,
                   {source_key_sql(contract, columns)} AS source_key
            FROM judged
        ), decided AS (
            SELECT *, {reject} AS reject FROM found
        )
        SELECT * EXCLUDE (is_judged, is_sound_id), {reject_field} AS reject_field, {hash_sql(columns)} AS record_hash
        FROM decided
    """
