"""SQL over staged rows: operation, what is received beside the standard form, key, reason to reject, digest of a record."""

from __future__ import annotations

from collections.abc import Sequence

from extractors.contract import Contract, Mode
from extractors.standard_form import FieldSql, quote

ID_LIKE = r"\d{14,}[0-9Xx]"


def op_sql(mode: Mode) -> str:
    """The operation of a row of a delta, null if unknown; of a full delivery none."""
    known = "CASE upper(trim(op)) WHEN 'I' THEN 'I' WHEN 'U' THEN 'U' WHEN 'D' THEN 'D' END"
    return known if mode == "delta" else "NULL::VARCHAR"


def received_sql(columns: Sequence[FieldSql]) -> str:
    """JSON of the received texts that the standard forms do not show; null if there is none."""
    unusual = [f"coalesce(NOT ({column.is_usual}), {column.received} IS NOT NULL)" for column in columns]
    odd = zip(columns, unusual, strict=True)
    return f"CASE WHEN {' OR '.join(unusual)} THEN {json_sql(list(odd))} END"


def json_sql(odd: Sequence[tuple[FieldSql, str]]) -> str:
    """JSON of the received texts by field of which each condition holds; null values are left out."""
    pairs = ", ".join(
        f"{quote(column.field.name)}, CASE WHEN {is_odd} THEN {column.received} END" for column, is_odd in odd
    )
    return f"json_merge_patch('{{}}', json_object({pairs}))::VARCHAR"


def is_damaged_sql(contract: Contract) -> str:
    """Whether a row of a block with lost characters holds one; null or false if not."""
    texts = ", ".join(f"c{place}" for place in range(len(contract.columns)))
    return f"CASE WHEN suspect THEN is_damaged(concat_ws(' ', row_text, {texts})) END"


def _key_parts(contract: Contract, columns: Sequence[FieldSql]) -> list[tuple[str, FieldSql]]:
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


def source_key_sql(contract: Contract, columns: Sequence[FieldSql]) -> str:
    """The parts of a row's key joined by |; null if one is missing."""
    parts = [f"replace({part}, '|', '%7C')" for part, _ in _key_parts(contract, columns)]
    return " || '|' || ".join(parts)  # null as soon as one part is


def reject_sql(contract: Contract, mode: Mode, columns: Sequence[FieldSql]) -> tuple[str, str]:
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


def hash_sql(columns: Sequence[FieldSql]) -> str:
    """md5 over everything a record says; not over its line, its operation or the day it came."""
    parts = [f"coalesce(s_{column.field.name}::VARCHAR, '')" for column in columns]
    return f"md5(concat_ws(chr(31), {', '.join(parts)}, coalesce(received, '')))"
