"""The staged SQL that takes a delivery from received texts to standard rows with their rejects decided.

A chunk of rows goes through two steps: texts not met before get their standard form, once each (lookup tables), then
one statement joins them to the rows and works out all that depends on the row.

Columns of the staged rows: line_no, op, c<position> received texts, s_<field> standard forms, <field>_reasons,
source_key, received (JSON of what the standard form does not show), record_hash, reject, reject_field,
is_damaged_row (holds lost characters), has_finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from extractors.contract import Contract, Mode
from extractors.readers.decoding import LOST_MARKS
from extractors.readers.reading import batch_schema
from extractors.shape import shape_sql
from extractors.standard_form import FieldSql, field_sql, quote

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
ID_LIKE = r"\d{14,}[0-9Xx]"


class Stage:
    """The staged rows of one delivery, chunk by chunk; several workers may stage chunks at once.

    Each chunk leaves tables of its own, so that rows stay in the order of the file whichever worker is done first:
    record_<n> (rows that become records, without their received texts), odd_<n> (those of them with findings, and
    rejected ones, whole) and received_<n>.arrow in `scratch` (the received texts of all). `views` makes one of each.
    """

    def __init__(self, contract: Contract, mode: Mode, scratch: Path) -> None:
        self.contract = contract
        self.mode = mode
        self.scratch = scratch
        self.columns = field_sql(contract)
        self.select = staged_sql(contract, mode, self.columns)
        self.chunks = 0

    def take(self, connection: duckdb.DuckDBPyConnection, number: int, chunk: pa.Table) -> None:
        """Stage chunk `number` of received rows (readers' schema) on a connection that no other worker uses."""
        with pa.OSFile(str(self._received(number)), "wb") as sink, pa.ipc.new_file(sink, chunk.schema) as writer:
            writer.write_table(chunk)
        connection.register("batches", chunk)
        for statement in _lookup_sql(self.columns):
            connection.execute(statement)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE chunk AS {self.select}")
        connection.unregister("batches")
        texts = ", ".join(f"c{place}" for place in range(len(self.contract.columns)))
        codes = ", ".join(f"n_{column.field.name}" for column in self.columns if column.lookup)
        left_out = ", ".join(part for part in (texts, codes, "fault, row_text, op_text, reject_field") if part)
        connection.execute(
            f"CREATE TABLE record_{number} AS SELECT * EXCLUDE ({left_out}) FROM chunk WHERE reject IS NULL ORDER BY line_no"
        )
        connection.execute(
            f"CREATE TABLE odd_{number} AS SELECT * FROM chunk WHERE has_finding OR is_damaged_row OR reject IS NOT NULL "
            "ORDER BY line_no"
        )
        connection.execute(f"CREATE TABLE shape_{number} AS {shape_sql(self.contract)}")
        connection.execute("DROP TABLE chunk")

    def views(self, connection: duckdb.DuckDBPyConnection, chunks: int) -> None:
        """Views `record`, `odd` and `shape` over the first `chunks` chunks, one after the other."""
        self.chunks = chunks
        for name in ("record", "odd", "shape"):
            parts = " UNION ALL ".join(f"FROM {name}_{number}" for number in range(chunks))
            connection.execute(f"CREATE VIEW {name} AS {parts}")

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


def _lookup_sql(columns: list[FieldSql]) -> Iterator[str]:
    """Work out what has not been met before of each form that is worked out by value."""
    lookups = {column.lookup.table: column.lookup for column in columns if column.lookup}
    for table, lookup in lookups.items():
        sharing = [column.received for column in columns if column.lookup and column.lookup.table == table]
        texts = " UNION ALL ".join(f"SELECT {received} AS r FROM batches" for received in sharing)
        met = f"met AS (SELECT DISTINCT r FROM ({texts}) WHERE r IS NOT NULL)"
        if lookup.is_endless:
            yield f"""
                CREATE OR REPLACE TEMP TABLE {table} AS
                WITH {met}, formed AS (SELECT r, {lookup.standard} AS s FROM met)
                SELECT r, s, ({lookup.findings})::VARCHAR[] AS codes FROM formed
            """
            continue
        yield f"CREATE TEMP TABLE IF NOT EXISTS {table} (r VARCHAR, s {lookup.type}, codes VARCHAR[])"
        yield f"""
            INSERT INTO {table}
            WITH {met}, formed AS (SELECT r, {lookup.standard} AS s FROM met ANTI JOIN {table} USING (r))
            SELECT r, s, {lookup.findings} FROM formed
        """


def staged_sql(contract: Contract, mode: Mode, columns: list[FieldSql]) -> str:
    """SELECT over the registered chunk `batches` giving the staged rows.

    Only the standard forms are materialized, which everything else is worked out from: the other steps stream, so that a
    chunk is never held in memory once for each of them.
    """
    texts = ", ".join(f"c{place}" for place in range(len(contract.columns)))
    damaged = f"suspect AND is_damaged(concat_ws(' ', row_text, {texts}))"
    standard = [f"{column.standard} AS s_{column.field.name}" for column in columns]
    standard += [f"m{column.received[1:]}.codes AS n_{column.field.name}" for column in columns if column.lookup]
    joins = [
        f"LEFT JOIN {column.lookup.table} AS m{column.received[1:]} ON {column.received} = m{column.received[1:]}.r"
        for column in columns
        if column.lookup
    ]
    reasons = [f"{column.reasons} AS {column.field.name}_reasons" for column in columns if column.reasons]
    odd = [f"({condition})" for column in columns for condition, _ in column.oddities]
    reject, reject_field = _reject(contract, mode, columns)
    return f"""
        WITH texts AS (
            SELECT line_no, fault, row_text, {damaged} AS is_damaged_row, {_op(mode)} AS op, op AS op_text, {texts}
            FROM batches
        ), standard AS MATERIALIZED (
            SELECT texts.*, {", ".join(standard)} FROM texts {" ".join(joins)}
        ), judged AS (
            SELECT *, {", ".join([*reasons, "TRUE AS is_judged"])} FROM standard
        ), found AS (
            SELECT *, coalesce({" OR ".join(odd)}, FALSE) AS has_finding, {_received(columns)} AS received,
                   {_source_key(contract, columns)} AS source_key
            FROM judged
        ), decided AS (
            SELECT *, {reject} AS reject FROM found
        )
        SELECT * EXCLUDE (is_judged), {reject_field} AS reject_field, {_hash(columns)} AS record_hash
        FROM decided
    """


def _op(mode: Mode) -> str:
    known = "CASE upper(trim(op)) WHEN 'I' THEN 'I' WHEN 'U' THEN 'U' WHEN 'D' THEN 'D' END"
    return known if mode == "delta" else "NULL::VARCHAR"


def _received(columns: list[FieldSql]) -> str:
    unusual = [f"coalesce(NOT ({column.is_usual}), {column.received} IS NOT NULL)" for column in columns]
    pairs = ", ".join(
        f"{quote(column.field.name)}, CASE WHEN {odd} THEN {column.received} END"
        for column, odd in zip(columns, unusual, strict=True)
    )
    return f"CASE WHEN {' OR '.join(unusual)} THEN json_merge_patch('{{}}', json_object({pairs}))::VARCHAR END"


def _key_parts(contract: Contract, columns: list[FieldSql]) -> list[tuple[str, FieldSql]]:
    by_field = {column.field.name: column for column in columns}
    parts = []
    for name in contract.key:
        column = by_field[name]
        part = f"s_{name}::VARCHAR"
        if column.field.kind == "area":  # an area too new for the code table still names its row
            code = f"regexp_extract({column.received}, '^[0-9]{{6}}$')"
            part = f"coalesce({part}, nullif({code}, ''))"
        parts.append((part, column))
    return parts


def _source_key(contract: Contract, columns: list[FieldSql]) -> str:
    parts = [f"replace({part}, '|', '%7C')" for part, _ in _key_parts(contract, columns)]
    return " || '|' || ".join(parts)  # null as soon as one part is


def _reject(contract: Contract, mode: Mode, columns: list[FieldSql]) -> tuple[str, str]:
    """The reject code of a row (null: it becomes a record) and the field it is about."""
    cases = [("fault IS NOT NULL", "fault", "NULL")]
    if mode == "delta":
        cases.append(("op IS NULL", "'OP_UNKNOWN'", "'op'"))
    for part, column in _key_parts(contract, columns):
        name = quote(column.field.name)
        cases.append((f"{column.received} IS NULL", "'KEY_MISSING'", name))
        cases.append((f"{part} IS NULL OR is_damaged({part})", "'KEY_UNREADABLE'", name))
    named = {column.field.name: column for column in columns}
    if "name" in named and "id_number" in named:
        shifted = (
            f"regexp_full_match({named['name'].received}, '{ID_LIKE}') "
            f"AND NOT regexp_matches(coalesce({named['id_number'].received}, ''), '[0-9]')"
        )
        cases.append((shifted, "'COLUMNS_SHIFTED'", "'name'"))
    for column in columns:
        if column.column.required and column.field.name not in contract.key:
            missing = f"s_{column.field.name} IS NULL AND op IS DISTINCT FROM 'D'"
            cases.append((missing, "'REQUIRED_MISSING'", quote(column.field.name)))
    reject = " ".join(f"WHEN {condition} THEN {code}" for condition, code, _ in cases)
    reject_field = " ".join(f"WHEN {condition} THEN {field}" for condition, _, field in cases)
    return f"CASE {reject} END", f"CASE WHEN reject IS NULL THEN NULL {reject_field} END"


def _hash(columns: list[FieldSql]) -> str:
    """md5 over everything a record says; not over its line, its operation or the day it came."""
    parts = [f"coalesce(s_{column.field.name}::VARCHAR, '')" for column in columns]
    return f"md5(concat_ws(chr(31), {', '.join(parts)}, coalesce(received, '')))"
