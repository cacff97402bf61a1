"""Dates in every form that departments send (domain.md section 6), and timestamps."""

from __future__ import annotations

from datetime import date

import duckdb

PLACEHOLDERS = "0{8}|0000-00-00|9999[-/.]?12[-/.]?31|1900[-/.]?0?1[-/.]?0?1|1899[-/.]?12[-/.]?3[01]|0{4}"


def register(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
    """Create std_date, date_reasons and std_timestamp. Excel serials count from 1899-12-30."""
    digits = "regexp_replace(t, '[^0-9]+', '-', 'g')"
    macros = {
        "_date_text": "regexp_replace(half_width(std_text(s)), '(?:[T ]\\s*\\d{1,2}:\\d{2}.*)$|\\.0$', '')",
        "_date_placeholder": f"regexp_full_match(_date_text(s), '{PLACEHOLDERS}')",
        "_date_compact": "TRY_CAST(substr(t, 1, 4) || '-' || substr(t, 5, 2) || '-' || substr(t, 7, 2) AS DATE)",
        "_date_read": "CASE WHEN regexp_full_match(t, '(1[89]|20)\\d{6}') THEN _date_compact(t) "
        "WHEN regexp_full_match(t, '(1[89]|20)\\d{12}') THEN _date_compact(t) "
        "WHEN regexp_full_match(t, '(1[89]|20)\\d\\d\\s*[-/.年]\\s*\\d{1,2}\\s*[-/.月]\\s*\\d{1,2}\\s*日?') "
        f"THEN TRY_CAST(trim({digits}, '-') AS DATE) "
        "WHEN regexp_full_match(t, '[1-5]\\d{4}(\\.\\d+)?') "
        "THEN DATE '1899-12-30' + TRY_CAST(floor(TRY_CAST(t AS DOUBLE)) AS INTEGER) "
        "WHEN regexp_full_match(t, '\\d{1,2}-[A-Za-z]{3}-\\d{4}') THEN CAST(try_strptime(t, '%d-%b-%Y') AS DATE) "
        "WHEN regexp_full_match(t, '\\d{1,2}-[A-Za-z]{3}-\\d{2}') THEN _century(CAST(try_strptime(t, '%d-%b-%y') AS DATE)) END",
        "_century": f"CASE WHEN t > DATE '{as_of.isoformat()}' THEN CAST(t - INTERVAL 100 YEAR AS DATE) ELSE t END",
    }
    order = ("_century", "_date_text", "_date_placeholder", "_date_compact", "_date_read")
    for name in order:
        argument = "s" if "(s)" in macros[name] else "t"
        connection.execute(f"CREATE MACRO {name}({argument}) AS {macros[name]}")
    connection.execute(
        "CREATE MACRO std_date(s) AS CASE WHEN regexp_full_match(s, '(19[0-9][1-9]|19[1-9]0|20\\d\\d)\\d{4}') "
        "AND NOT regexp_full_match(s, '9999.*') THEN _date_compact(s) "
        "WHEN _date_placeholder(s) THEN NULL ELSE _date_read(_date_text(s)) END"
    )
    connection.execute(
        "CREATE MACRO date_reasons(s) AS CASE WHEN s IS NULL THEN NULL WHEN std_date(s) IS NOT NULL THEN []::VARCHAR[] "
        "WHEN std_text(s) IS NULL THEN []::VARCHAR[] WHEN _date_placeholder(s) THEN ['PLACEHOLDER'] ELSE ['UNREADABLE'] END"
    )
    connection.execute(
        "CREATE MACRO std_timestamp(s) AS CASE WHEN regexp_full_match(s, '\\d{14}') THEN CAST(try_strptime(s, '%Y%m%d%H%M%S') "
        "AS TIMESTAMP) ELSE coalesce(TRY_CAST(std_text(s) AS TIMESTAMP), TRY_CAST(replace(half_width(std_text(s)), '/', '-') "
        "AS TIMESTAMP), CAST(std_date(s) AS TIMESTAMP)) END"
    )
