"""Codes of national tables, sent as codes, names or both (domain.md section 2), telephones, bank cards, areas."""

from __future__ import annotations

import re
import unicodedata

import duckdb

from extractors.standardise.lookup import create_lookup

NEVER_ISSUED = "142|143|154|161|164|194"


def _fold(text: str) -> str:
    return re.sub(r"[\s.:：-]+", "", unicodedata.normalize("NFKC", text)).upper()


def register(connection: duckdb.DuckDBPyConnection) -> None:
    """Create std_code, std_sex, std_ethnicity, std_area, std_phone, phone_reasons, std_bank_card, luhn_is_valid."""
    pairs: dict[str, str] = {}
    for table, code, name, variants in connection.execute("SELECT * FROM ref_code").fetchall():
        for text in (code, name, f"{code}{name}", *(variants or "").split(";")):
            if text and text.strip():
                pairs.setdefault(f"{table}|{_fold(text)}", code)
    create_lookup(connection, "_code_of", list(pairs.items()))
    divisions = connection.execute(
        "SELECT DISTINCT name, arg_max(code, to_year) FROM ref_division WHERE code LIKE '51%' AND code LIKE '%00' GROUP BY name"
    ).fetchall()
    known = [code for (code,) in connection.execute("SELECT DISTINCT code FROM ref_division").fetchall()]
    create_lookup(connection, "_area_of", [*((c, c) for c in known), *((n, c) for n, c in divisions)])
    doubled = "substr('0246813579', d + 1, 1)::INTEGER"
    luhn = (
        "list_sum(list_transform(string_split(reverse(s), ''), lambda ch, i: CASE WHEN i % 2 = 0 THEN "
        + doubled.replace("d + 1", "ch::INTEGER + 1")
        + " ELSE ch::INTEGER END)) % 10 = 0"
    )
    macros = {
        "std_sex": "CASE WHEN s IN ('1', '2') THEN s ELSE std_code('sex', s) END",
        "std_ethnicity": "CASE WHEN s = '01' THEN s ELSE std_code('ethnicity', s) END",
        "std_area": "coalesce(_area_of(s), _area_of(substr(_digits_only(s), 1, 6)), _area_of(std_text(s)))",
        "_phone_digits": "regexp_replace(regexp_replace(half_width(std_text(s)), '[\\s()\\-]+', '', 'g'), '^(\\+?0{0,2}86)(1\\d{10})$', '\\2')",
        "std_phone": "CASE WHEN regexp_full_match(s, '1[3-9]\\d{9}') THEN s WHEN regexp_full_match(_phone_digits(s), '[+0-9*]{5,20}') "
        "THEN _phone_digits(s) END",
        "phone_reasons": f"CASE WHEN s IS NULL THEN NULL WHEN regexp_full_match(s, '1[3-9]\\d{{9}}') AND NOT regexp_matches(s, '^(?:{NEVER_ISSUED})') "
        "THEN []::VARCHAR[] WHEN std_text(s) IS NULL THEN []::VARCHAR[] WHEN std_phone(s) IS NULL THEN ['CHARS'] "
        "WHEN contains(s, '*') THEN ['MASKED'] WHEN regexp_full_match(std_phone(s), '1[3-9]\\d{9}') THEN "
        f"CASE WHEN regexp_matches(std_phone(s), '^(?:{NEVER_ISSUED})') THEN ['NEVER_ISSUED'] ELSE []::VARCHAR[] END "
        "WHEN regexp_full_match(std_phone(s), '0\\d{9,11}|\\d{7,8}') THEN ['LANDLINE'] ELSE ['FORM'] END",
        "std_bank_card": "CASE WHEN regexp_full_match(regexp_replace(half_width(std_text(s)), '[\\s\\-'']+', '', 'g'), '\\d{8,30}') "
        "THEN regexp_replace(half_width(std_text(s)), '[\\s\\-'']+', '', 'g') END",
        "luhn_is_valid": f"CASE WHEN s IS NULL THEN NULL WHEN regexp_full_match(s, '\\d{{8,30}}') THEN {luhn} ELSE false END",
    }
    connection.execute("CREATE MACRO _digits_only(s) AS regexp_extract(half_width(s), '^\\s*(\\d{6})', 1)")
    connection.execute(
        "CREATE MACRO std_code(t, s) AS _code_of(t || '|' || upper(regexp_replace(half_width(std_text(s)), '[\\s.:-]+', '', 'g')))"
    )
    for name in (
        "_phone_digits",
        "std_sex",
        "std_ethnicity",
        "std_area",
        "std_phone",
        "phone_reasons",
        "std_bank_card",
        "luhn_is_valid",
    ):
        connection.execute(f"CREATE MACRO {name}(s) AS {macros[name]}")
