"""The staged SQL that takes a delivery from received texts to standard rows with their rejects decided.

A chunk of rows goes through two steps: texts not met before get their standard form, once each (lookup tables), then
one statement joins them to the rows and works out all that depends on the row.

Columns of the staged rows: line_no, op, c<position> received texts, s_<field> standard forms, <field>_reasons,
source_key, received (JSON of what the standard form does not show), record_hash, reject, reject_field,
is_damaged_row (holds lost characters), has_finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from extractors.by_value import FormsByValue, Found
from extractors.contract import Contract, Mode
from extractors.plain import PlainRows, record_columns
from extractors.readers.decoding import LOST_MARKS
from extractors.readers.reading import batch_schema
from extractors.row_sql import hash_sql, is_damaged_sql, op_sql, received_sql, reject_sql, source_key_sql
from extractors.shape import sample_of, shape_sql
from extractors.standard_form import FieldSql, field_sql, quote
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
MOST_ODD_ROWS = 300_000  # beyond, they do not fit in memory beside everything else


class Stage:
    """The staged rows of one delivery, chunk by chunk; several workers may stage chunks at once.

    Each chunk leaves a table of its own, so that rows stay in the order of the file whichever worker is done first:
    plain_<n> (a record for each row, which holds for the plain ones), and its received texts in received_<n>.arrow in
    `scratch`. The other rows of several chunks go the long way together, into record_<n> and odd_<n> (those with findings,
    and rejected ones, whole). `views` makes one of each.
    """

    def __init__(self, contract: Contract, mode: Mode, scratch: Path, soundness: Soundness) -> None:
        self.contract = contract
        self.scratch = scratch
        self.columns = field_sql(contract)
        self.forms = FormsByValue(self.columns)
        self.plain = PlainRows(contract, mode, self.columns, soundness)
        self.staged = staged_sql(contract, mode, self.columns)
        self.record = record_columns(self.columns)
        self.waiting: list[pa.Table] = []  # odd rows, until they are worth a statement
        self.turn = Lock()
        self.chunks = self.batches = self.odd_rows = 0

    def take(self, connection: duckdb.DuckDBPyConnection, number: int, chunk: pa.Table) -> None:
        """Stage chunk `number` of received rows (readers' schema) on a connection that no other worker uses."""
        with pa.OSFile(str(self._received(number)), "wb") as sink, pa.ipc.new_file(sink, chunk.schema) as writer:
            writer.write_table(chunk)
        rows = _one_piece(chunk)
        found = self.forms.find(connection, rows, endless=False)
        rows = _with_standard(rows, found)
        is_plain = self.plain.tell(connection, rows, found)
        connection.register("rows", self.plain.flagged(rows, found, is_plain))
        names = ", ".join(self.record)
        connection.execute(f"CREATE TABLE plain_{number} AS SELECT is_plain, {names} FROM ({self.plain.record})")
        connection.unregister("rows")
        connection.register("sample", sample_of(rows))
        connection.execute(f"CREATE TABLE shape_{number} AS {shape_sql(self.contract, rows.num_rows)}")
        connection.unregister("sample")
        self._stage_odd(connection, _with_codes(rows, found).filter(pa.array(~is_plain)))

    def _stage_odd(self, connection: duckdb.DuckDBPyConnection, rows: pa.Table, *, is_last: bool = False) -> None:
        """Tables record_<n> and odd_<n> of all rows that wait, once they are enough."""
        with self.turn:
            self.waiting.append(rows)
            if not is_last and sum(map(len, self.waiting)) < ODD_ROWS:
                return
            odd, self.waiting = _one_piece(pa.concat_tables(self.waiting)), []
            number, self.batches = self.batches, self.batches + 1
            self.odd_rows += odd.num_rows
        named = self.forms.find(connection, odd, endless=True)
        connection.register("batches", _with_codes(_with_standard(odd, named), named))
        connection.execute(f"CREATE OR REPLACE TEMP TABLE staged AS {self.staged}")
        connection.unregister("batches")
        names = ", ".join(self.record)
        connection.execute(f"CREATE TABLE record_{number} AS SELECT {names} FROM staged WHERE reject IS NULL")
        connection.execute(
            f"CREATE TABLE odd_{number} AS SELECT * FROM staged WHERE has_finding OR is_damaged_row OR reject IS NOT NULL"
        )
        connection.execute("DROP TABLE staged")

    def views(self, connection: duckdb.DuckDBPyConnection, chunks: int) -> None:
        """Stage what still waits, and make the views `record`, `odd` and `shape` over the first `chunks` chunks.

        `record` is in the order of the file as long as odd rows fit in memory; it is asked for in that order where not.
        """
        self.chunks = chunks
        if self.waiting:
            self._stage_odd(connection, self.waiting.pop(), is_last=True)
        for name, count in (("odd", self.batches), ("shape", chunks)):
            parts = " UNION ALL ".join(f"FROM {name}_{number}" for number in range(count))
            connection.execute(f"CREATE VIEW {name} AS {parts}")
        plain = " UNION ALL ".join(f"FROM plain_{number}" for number in range(chunks))
        odd = " UNION ALL ".join(f"FROM record_{number}" for number in range(self.batches))
        line, *others = self.record
        chosen = ", ".join(f"CASE WHEN is_plain THEN plain.{name} ELSE odd.{name} END AS {name}" for name in others)
        connection.execute(
            "SET disabled_optimizers = 'join_order,build_side_probe_side'"
        )  # they may turn the order round
        connection.execute(
            f"CREATE VIEW record AS SELECT plain.{line}, {chosen} FROM ({plain}) AS plain LEFT JOIN ({odd}) AS odd "
            f"ON plain.{line} = odd.{line} WHERE is_plain OR odd.{line} IS NOT NULL"
            + (f" ORDER BY plain.{line}" if self.odd_rows > MOST_ODD_ROWS else "")
        )

    def received(self, lines: pa.Array) -> pa.Table:
        """The received rows (readers' schema) of these lines, in the order of the file."""
        found = []
        for number in range(self.chunks):
            with pa.memory_map(str(self._received(number))) as source:
                table = pa.ipc.open_file(source).read_all()
                chosen = pc.is_in(table["line_no"], value_set=lines)
                if pc.any(chosen).as_py():
                    found.append(table.filter(chosen))
        return pa.concat_tables(found) if found else batch_schema(self.contract).empty_table()

    def _received(self, number: int) -> Path:
        return self.scratch / f"received_{number}.arrow"


def _one_piece(rows: pa.Table) -> pa.Table:
    """The same rows with each column in one piece, also if there are none."""
    columns = [column.combine_chunks() for column in rows.columns]
    return pa.Table.from_arrays(columns, schema=rows.schema)


def _with_codes(rows: pa.Table, found: Sequence[Found]) -> pa.Table:
    for one in found:
        rows = rows.append_column(f"n_{one.column.field.name}", one.codes)
    return rows


def _with_standard(rows: pa.Table, found: Sequence[Found]) -> pa.Table:
    for one in found:
        rows = rows.append_column(f"s_{one.column.field.name}", one.standard)
    return rows


def staged_sql(contract: Contract, mode: Mode, columns: list[FieldSql]) -> str:
    """SELECT over the registered rows `batches`, forms and codes of looked-up columns among them, giving the staged rows.

    Only the standard forms are materialized, which everything else is worked out from: the other steps stream, so that a
    chunk is never held in memory once for each of them.
    """
    places = [f"c{place}" for place in range(len(contract.columns))]
    looked_up = [f"{kind}_{column.field.name}" for column in columns if column.lookup for kind in ("s", "n")]
    standard = [f"{column.standard} AS s_{column.field.name}" for column in columns if not column.lookup]
    reasons = [f"{column.reasons} AS {column.field.name}_reasons" for column in columns if column.reasons]
    odd = [f"({condition})" for column in columns for condition, _ in column.oddities]
    reject, reject_field = reject_sql(contract, mode, columns)
    return f"""
        WITH texts AS (
            SELECT line_no, fault, row_text, coalesce({is_damaged_sql(contract)}, FALSE) AS is_damaged_row, {op_sql(mode)} AS op, op AS op_text,
                   {", ".join([*places, *looked_up])}
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
        SELECT * EXCLUDE (is_judged), {reject_field} AS reject_field, {hash_sql(columns)} AS record_hash
        FROM decided
    """
