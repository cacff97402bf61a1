"""Identification numbers of persons and enterprises, their checks and every reason against them (domain.md section 1)."""

from __future__ import annotations

from datetime import date

import duckdb

from extractors.standardise.lookup import create_lookup

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999, ISO 7064 MOD 11-2
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015
ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714-1997
GRACE_YEARS, FIRST_YEAR = 2, 1984
EMPTY = "无|不详|未知|暂无|没有|空|NULL|NONE|N/?A|[-/]+"


def _digit(place: int, of: str = "c") -> str:
    return f"(ascii(substr({of}, {place}, 1)) - 48)"


def register(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
    """Create the macros of ids, social credit codes, organisation codes and registration numbers."""
    longest = connection.execute("SELECT code, max(to_year) FROM ref_division GROUP BY code").fetchall()
    create_lookup(connection, "_division_last", [(code, str(year)) for code, year in longest])
    total = " + ".join(f"{_digit(i + 1)} * {w}" for i, w in enumerate(ID_WEIGHTS))
    day = f"DATE '{as_of.isoformat()}'"
    position = f"(strpos('{USCC_ALPHABET}', substr(c, {{}}, 1)) - 1)"
    uscc_total = " + ".join(f"{position.format(i + 1)} * {pow(3, i, 31)}" for i in range(17))
    org = "(strpos('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', substr(c, {}, 1)) - 1)"
    org_total = " + ".join(f"{org.format(i + 1)} * {w}" for i, w in enumerate(ORG_WEIGHTS))
    # ISO 7064 MOD 11,10 over 14 digits, unrolled: p -> ((p + d) % 10 or 10) * 2 % 11
    mod = "list_reduce(list_prepend(10, list_transform(string_split(substr(c, 1, 14), ''), lambda x: x::INTEGER)), "
    mod += "lambda p, d: CASE WHEN (p + d) % 10 = 0 THEN 9 ELSE ((p + d) % 10 * 2) % 11 END)"
    citizen = "regexp_full_match(c, '[1-9]\\d{16}[\\dX]')"
    macros: list[tuple[str, str, str]] = [
        ("_id_letters", "s", "translate(upper(half_width(s)), 'Ⅹⅹ×Х', 'XXXX')"),
        (
            "_id_cleaned",
            "s",
            "regexp_replace(regexp_replace(_id_letters(std_text(s)), '^[''=\"]+|\"$', '', 'g'), '[\\s\\-·]+', '', 'g')",
        ),
        (
            "std_id",
            "s",
            "CASE WHEN regexp_full_match(s, '[1-9]\\d{16}[\\dX]') THEN s "
            f"WHEN regexp_full_match(_id_cleaned(s), '{EMPTY}') THEN NULL "
            "WHEN regexp_full_match(_id_cleaned(s), '\\d{17}\\*') THEN regexp_replace(_id_cleaned(s), '\\*$', 'X') "
            "ELSE nullif(_id_cleaned(s), '') END",
        ),
        ("_id_check", "c", f"substr('10X98765432', ({total}) % 11 + 1, 1)"),
        (
            "id_upgrade",
            "c",
            "CASE WHEN regexp_full_match(c, '[1-9]\\d{14}') THEN _with_check(substr(c, 1, 6) || '19' || substr(c, 7)) END",
        ),
        ("_with_check", "c", "c || _id_check(c)"),
        ("_id_day", "c", "TRY_CAST(substr(c, 7, 4) || '-' || substr(c, 11, 2) || '-' || substr(c, 13, 2) AS DATE)"),
        (
            "id_birth_date",
            "c",
            f"CASE WHEN {citizen} AND substr(c, 1, 1) <> '9' THEN _id_day(c) WHEN {citizen} THEN _id_day(c) "
            "WHEN regexp_full_match(c, '[1-9]\\d{14}') "
            "THEN TRY_CAST('19' || substr(c, 7, 2) || '-' || substr(c, 9, 2) || '-' || substr(c, 11, 2) AS DATE) END",
        ),
        (
            "id_sex",
            "c",
            f"CASE WHEN {citizen} THEN CASE WHEN {_digit(17)} % 2 = 1 THEN '1' ELSE '2' END "
            f"WHEN regexp_full_match(c, '[1-9]\\d{{14}}') THEN CASE WHEN {_digit(15)} % 2 = 1 THEN '1' ELSE '2' END END",
        ),
        (
            "_is_placeholder",
            "c",
            "length(replace(c, substr(c, 1, 1), '')) = 0 OR starts_with(c, '12345678') OR starts_with(c, '0000') "
            f"OR regexp_full_match(c, '{EMPTY}')",
        ),
        (
            "id_kind",
            "c",
            "CASE WHEN c IS NULL THEN NULL WHEN contains(c, '*') THEN 'masked' WHEN _is_placeholder(c) THEN 'placeholder' "
            f"WHEN {citizen} THEN CASE WHEN substr(c, 1, 1) = '9' THEN 'foreign18' "
            "WHEN substr(c, 1, 6) IN ('810000', '820000', '830000') THEN 'permit18' ELSE 'citizen18' END "
            "WHEN regexp_full_match(c, '[1-9]\\d{14}') THEN 'citizen15' WHEN regexp_full_match(c, '[A-Z]{3}\\d{12}') THEN 'foreign15' "
            "WHEN regexp_full_match(c, '[HM]\\d{8}(\\d{2})?') THEN 'hm_travel' "
            "WHEN regexp_full_match(c, '\\d{8}|\\d{10}\\([A-Z]\\)') THEN 'tw_travel' "
            "WHEN regexp_full_match(c, '[EG]\\d{8}|E[A-Z]\\d{7}') THEN 'passport' "
            "WHEN regexp_full_match(c, '[A-Z]\\d{9}') THEN 'birth_certificate' ELSE 'other' END",
        ),
        (
            "_division_known",
            "c, b",
            "substr(c, 1, 1) = '9' OR substr(c, 1, 6) IN ('810000', '820000', '830000') OR "
            f"coalesce(TRY_CAST(_division_last(substr(c, 1, 6)) AS INTEGER) + {GRACE_YEARS} >= greatest(year(b), {FIRST_YEAR}), false)",
        ),
        (
            "_id_reasons18",
            "c, b, x",
            "list_filter([CASE WHEN _is_placeholder(c) THEN 'PLACEHOLDER' END, "
            f"CASE WHEN id_birth_date(c) IS NULL THEN 'DATE' WHEN id_birth_date(c) > {day} THEN 'FUTURE' "
            f"WHEN id_birth_date(c) <= {day} - INTERVAL 121 YEAR THEN 'AGE' END, "
            f"CASE WHEN NOT _division_known(c, coalesce(id_birth_date(c), {day})) THEN 'DIVISION' END, "
            "CASE WHEN right(c, 3) = '000' THEN 'EXCEL_000' END, "
            "CASE WHEN _id_check(c) <> substr(c, 18, 1) THEN 'CHECK' END, "
            "CASE WHEN x IN ('1', '2') AND substr(c, 1, 1) <> '9' AND x <> id_sex(c) THEN 'SEX_MISMATCH' END, "
            "CASE WHEN b IS NOT NULL AND substr(c, 1, 1) <> '9' AND b <> id_birth_date(c) THEN 'DOB_MISMATCH' END], lambda r: r IS NOT NULL)",
        ),
        (
            "id_reasons",
            "c, b, x",
            f"CASE WHEN c IS NULL THEN NULL WHEN {citizen} AND substr(c, 1, 1) <> '9' THEN _id_reasons18(c, b, x) "
            f"WHEN {citizen} THEN CASE WHEN _id_check(c) <> substr(c, 18, 1) THEN ['CHECK'] ELSE []::VARCHAR[] END "
            "WHEN id_kind(c) = 'masked' THEN ['MASKED'] WHEN id_kind(c) = 'placeholder' THEN ['PLACEHOLDER'] "
            "WHEN id_kind(c) = 'citizen15' THEN list_filter([CASE WHEN id_birth_date(c) IS NULL THEN 'DATE' END, "
            "CASE WHEN right(c, 3) = '000' THEN 'EXCEL_000' END, CASE WHEN x IN ('1', '2') AND x <> id_sex(c) THEN 'SEX_MISMATCH' END, "
            "CASE WHEN b IS NOT NULL AND b <> id_birth_date(c) THEN 'DOB_MISMATCH' END], lambda r: r IS NOT NULL) "
            "WHEN regexp_full_match(c, '\\d(\\.\\d+)?E\\+?\\d+') THEN ['EXCEL_000'] "
            "WHEN id_kind(c) IN ('hm_travel', 'tw_travel', 'passport', 'foreign15', 'birth_certificate') THEN ['TYPE_MISMATCH'] "
            "WHEN length(c) <> 18 THEN CASE WHEN regexp_full_match(c, '[0-9X]+') THEN ['LEN'] ELSE ['LEN', 'CHARS'] END ELSE ['CHARS'] END",
        ),
        (
            "id_is_valid",
            "c",
            f"CASE WHEN c IS NULL THEN NULL WHEN NOT {citizen} THEN false WHEN substr(c, 1, 1) = '9' THEN _id_check(c) = substr(c, 18, 1) "
            f"ELSE _id_check(c) = substr(c, 18, 1) AND right(c, 3) <> '000' AND coalesce(id_birth_date(c) <= {day} AND "
            f"id_birth_date(c) > {day} - INTERVAL 121 YEAR, false) AND NOT (_is_placeholder(c)) AND _division_known(c, id_birth_date(c)) END",
        ),
        (
            "_uscc_cleaned",
            "s",
            "regexp_replace(regexp_replace(upper(half_width(std_text(s))), '^[''=]+', ''), '[\\s\\-]+', '', 'g')",
        ),
        (
            "std_uscc",
            "s",
            f"CASE WHEN regexp_full_match(_uscc_cleaned(s), '{EMPTY}') THEN NULL ELSE nullif(_uscc_cleaned(s), '') END",
        ),
        (
            "_org_check",
            "c",
            "CASE 11 - ("
            + org_total
            + ") % 11 WHEN 11 THEN '0' WHEN 10 THEN 'X' ELSE (11 - ("
            + org_total
            + ") % 11)::VARCHAR END",
        ),
        ("_uscc_check", "c", f"substr('{USCC_ALPHABET}', (31 - ({uscc_total}) % 31) % 31 + 1, 1)"),
        (
            "uscc_reasons",
            "c",
            "CASE WHEN c IS NULL THEN NULL WHEN contains(c, '*') THEN ['MASKED'] WHEN length(c) <> 18 THEN ['LEN'] "
            f"WHEN NOT regexp_full_match(c, '[{USCC_ALPHABET}]{{18}}') THEN ['CHARS'] WHEN _is_placeholder(c) THEN ['PLACEHOLDER'] "
            "ELSE list_filter([CASE WHEN _uscc_check(c) <> substr(c, 18, 1) THEN 'CHECK' END, "
            "CASE WHEN _org_check(substr(c, 9, 8)) <> substr(c, 17, 1) THEN 'ORG_CHECK' END], lambda r: r IS NOT NULL) END",
        ),
        ("uscc_kind", "c", "CASE WHEN length(uscc_reasons(c)) = 0 THEN substr(c, 1, 2) END"),
        ("std_org_code", "s", "std_uscc(s)"),
        (
            "org_code_reasons",
            "c",
            "CASE WHEN c IS NULL THEN NULL WHEN length(c) <> 9 THEN ['LEN'] WHEN NOT regexp_full_match(c, '[0-9A-Z]{8}[0-9X]') "
            "THEN ['CHARS'] WHEN _is_placeholder(c) THEN ['PLACEHOLDER'] WHEN _org_check(c) <> substr(c, 9, 1) THEN ['CHECK'] "
            "ELSE []::VARCHAR[] END",
        ),
        ("std_registration_no", "s", "std_uscc(s)"),
        ("_registration_check", "c", f"((11 - {mod}) % 10)::VARCHAR"),
        (
            "registration_no_reasons",
            "c",
            "CASE WHEN c IS NULL THEN NULL WHEN NOT regexp_full_match(c, '\\d+') THEN ['CHARS'] WHEN _is_placeholder(c) "
            "THEN ['PLACEHOLDER'] WHEN length(c) = 13 THEN []::VARCHAR[] WHEN length(c) <> 15 THEN ['LEN'] "
            "WHEN _registration_check(c) <> substr(c, 15, 1) THEN ['CHECK'] ELSE []::VARCHAR[] END",
        ),
    ]
    waiting = macros
    while waiting:  # a macro can be made only after those it calls
        later = []
        for name, arguments, body in waiting:
            if any(f"{other}(" in body for other, _, _ in waiting if other != name):
                later.append((name, arguments, body))
            else:
                connection.execute(f"CREATE MACRO {name}({arguments}) AS {body}")
        waiting = later
