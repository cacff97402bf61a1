"""From staged rows to the files: records, rejects, findings and unmapped values; rows of one key settled first.

Of rows with one key the newest by update time becomes the record, the later line where that is equal. An equal row is a
duplicate (a finding says which line), another content is rejected as KEY_CONFLICT.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

from extractors.chunk_files import ChunkFiles
from extractors.contract import Contract
from extractors.records_file import write_records
from extractors.snapshot import Delivery
from extractors.staging import Stage
from extractors.standard_form import FieldSql, field_sql, quote

# Findings that only tell; every other is a 'warn'.
TELLING = (
    "DUPLICATE_ROW",
    "COLUMN_NEW",
    "NAME_LATIN",
    "NAME_NOTE",
    "NAME_MASKED",
    "ID_MASKED",
    "ID_TYPE_MISMATCH",
    "PHONE_LANDLINE",
    "DATE_TWO_DIGIT_YEAR",
)
UNMAPPED = ("CODE_UNMAPPED", "AREA_UNKNOWN")
MANY = 5  # rows that share an unknown value before it is shown as it is: a code, not somebody's name
PARQUET = "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"


def write_results(
    connection: duckdb.DuckDBPyConnection, contract: Contract, delivery: Delivery, stage: Stage, folder: Path
) -> dict[str, int]:
    """Write records, rejects, findings and unmapped values to Parquet from what was staged; returns findings by code."""
    columns = field_sql(contract)
    _settle_keys(connection, contract, stage.files)
    lost = connection.sql("SELECT line_no FROM settled WHERE verdict = 'KEY_CONFLICT'").to_arrow_table()["line_no"]
    connection.register("losing", stage.files.received(lost.combine_chunks()))
    settled = connection.sql("SELECT line_no FROM settled").to_arrow_table()["line_no"].to_numpy()
    kept = "ANTI JOIN settled USING (line_no)" if len(settled) else ""
    schema = stage.files.record_schema
    records = folder / "records.parquet"
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(
            write_records, stage.files.in_order(settled), schema, contract, columns, delivery.business_date, records
        )
        counts = _write_others(connection, contract, columns, kept, folder)
        writing.result()
    return counts


def _write_others(
    connection: duckdb.DuckDBPyConnection, contract: Contract, columns: list[FieldSql], kept: str, folder: Path
) -> dict[str, int]:
    connection.execute(f"COPY ({_rejects(contract)}) TO '{folder / 'rejects.parquet'}' {PARQUET}")
    connection.execute(f"CREATE TEMP TABLE kept_odd AS FROM odd {kept} WHERE reject IS NULL")
    connection.execute(f"CREATE TEMP TABLE finding AS {_findings(columns)}")
    connection.execute(
        f"""
        COPY (
            SELECT line_no, source_key, field, code, value_class,
                   CASE WHEN code IN ({", ".join(quote(code) for code in TELLING)}) THEN 'inform' ELSE 'warn' END
                   AS severity
            FROM finding ORDER BY line_no NULLS FIRST, field, code
        ) TO '{folder / "findings.parquet"}' {PARQUET}
        """
    )
    connection.execute(f"COPY ({_unmapped(columns)}) TO '{folder / 'unmapped.parquet'}' {PARQUET}")
    counts = connection.execute("SELECT code, count(*) FROM finding GROUP BY code ORDER BY code").fetchall()
    return dict(counts)


def _unmapped(columns: list[FieldSql]) -> str:
    """Values of code columns that no list knows, with the rows that hold each; shown only where they are nobody's own."""
    parts = [
        f"SELECT {quote(column.field.name)} AS field, {column.received} AS text, "
        f"{column.field.protection in ('open', 'internal')} AS is_open FROM kept_odd "
        f"WHERE list_has_any(n_{column.field.name}, {list(UNMAPPED)})"
        for column in columns
        if column.lookup and any(code in column.lookup.findings for code in UNMAPPED)
    ]
    parts.append("SELECT NULL::VARCHAR AS field, NULL::VARCHAR AS text, FALSE AS is_open WHERE FALSE")
    return f"""
        WITH told AS ({" UNION ALL ".join(parts)}), counted AS (
            SELECT field, text, is_open, count(*) AS row_count FROM told GROUP BY ALL
        )
        SELECT field, CASE WHEN is_open OR row_count >= {MANY} THEN left(text, 100) END AS value,
               value_class(text) AS value_class, sum(row_count)::BIGINT AS row_count
        FROM counted GROUP BY ALL ORDER BY field, row_count DESC, value_class, value
    """


def _settle_keys(connection: duckdb.DuckDBPyConnection, contract: Contract, files: ChunkFiles) -> None:
    """Table settled(line_no, source_key, verdict): rows that lose their key to another row of the delivery."""
    updated = f"s_{contract.updated_column}" if contract.updated_column else "NULL::TIMESTAMP"
    alike = connection.sql(
        "SELECT line_no FROM key SEMI JOIN (SELECT key_hash FROM key GROUP BY ALL HAVING count(*) > 1) USING (key_hash)"
    )
    columns = ["line_no", "op", "source_key", "record_hash"]
    columns += [f"s_{contract.updated_column}"] if contract.updated_column else []
    connection.register("repeated", files.records(alike.to_arrow_table()["line_no"].combine_chunks(), columns))
    connection.execute(
        f"""
        CREATE TEMP TABLE settled AS
        WITH ranked AS (
            SELECT line_no, source_key, op, record_hash, row_number() OVER newest AS place,
                   first_value(op) OVER newest AS best_op, first_value(record_hash) OVER newest AS best_hash
            FROM repeated
            WINDOW newest AS (PARTITION BY source_key ORDER BY {updated} DESC NULLS LAST, line_no DESC)
        )
        SELECT line_no, source_key, CASE WHEN record_hash = best_hash AND op IS NOT DISTINCT FROM best_op
                                         THEN 'DUPLICATE_ROW' ELSE 'KEY_CONFLICT' END AS verdict
        FROM ranked WHERE place > 1
        """
    )
    connection.unregister("repeated")


def _rejects(contract: Contract) -> str:
    """Every rejected row with its received texts by source column, or the whole line where it could not be split."""
    texts = ", ".join(f"c{place}" for place in range(len(contract.columns)))
    pairs = ", ".join(  # what may not be taken is not kept of a rejected row either
        f"{quote(column.source)}, c{place}" for place, column in enumerate(contract.columns) if not column.ignored
    )
    values = " ".join(
        f"WHEN {quote(column.field)} THEN value_class(c{place})"
        for place, column in enumerate(contract.columns)
        if column.field
    )
    return f"""
        WITH rejected AS (
            SELECT line_no, source_key, reject AS reason, reject_field, row_text, op_text, {texts}
            FROM odd WHERE reject IS NOT NULL
            UNION ALL
            SELECT line_no, source_key, verdict, NULL, row_text, op, {texts}
            FROM losing JOIN settled USING (line_no)
        )
        SELECT line_no, source_key, reason, reject_field AS field,
               CASE reject_field {values} WHEN 'op' THEN value_class(op_text) END AS value_class,
               CASE WHEN row_text IS NULL
                    THEN json_merge_patch('{{}}', json_object({quote(contract.op)}, op_text, {pairs}))::VARCHAR
                    ELSE json_object('row', row_text)::VARCHAR END AS received
        FROM rejected ORDER BY line_no
    """


def _findings(columns: list[FieldSql]) -> str:
    parts = [
        "SELECT NULL::BIGINT AS line_no, NULL::VARCHAR AS source_key, name AS field, 'COLUMN_NEW' AS code, "
        "NULL::VARCHAR AS value_class FROM new_column",
        "SELECT line_no, source_key, NULL, verdict, NULL FROM settled",
    ]
    for column in columns:
        head = f"SELECT line_no, source_key, {quote(column.field.name)}"
        shown = f"value_class({column.received}) FROM kept_odd WHERE"
        parts += [f"{head}, unnest({codes}), {shown} {condition}" for condition, codes in column.oddities]
        cut = f"regexp_matches({column.received}, '\\x{{FFFD}}[0-9]?\\x{{FFFD}}?$')"
        code = f"CASE WHEN {cut} THEN 'TRUNCATED_CHARACTER' ELSE 'LOST_CHARACTER' END"
        parts.append(f"{head}, {code}, {shown} is_damaged_row AND is_damaged({column.received})")
    return "\nUNION ALL\n".join(parts)
