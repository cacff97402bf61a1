"""Load the reference files as `ref_*` tables: for lookups by readers of the database and for the macros' vocabularies."""

import csv

import duckdb

from extractors.reference import path_of


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Create ref_division, ref_division_successor, ref_char, ref_surname, ref_code (columns as in reference/README.md)."""
    con.execute(
        f"""
        CREATE TABLE ref_division AS FROM read_parquet('{path_of("division.parquet")}');
        CREATE VIEW ref_char AS FROM read_parquet('{path_of("character.parquet")}');
        CREATE TABLE ref_division_successor AS FROM read_csv('{path_of("division_successor.csv")}', header = true,
            auto_detect = false, delim = ',', quote = '', escape = '', columns = {{'old_code': 'VARCHAR', 'new_code': 'VARCHAR'}});
        CREATE TABLE ref_surname AS FROM read_csv('{path_of("surname.csv")}', header = true, auto_detect = false,
            delim = ',', quote = '', escape = '', columns = {{'surname': 'VARCHAR', 'weight': 'DOUBLE'}});
        """
    )
    codes = code_variants()
    con.execute("CREATE TABLE ref_code (code_table VARCHAR, variant VARCHAR, code VARCHAR, name VARCHAR)")
    con.execute(
        "INSERT INTO ref_code SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::VARCHAR[])",
        [list(column) for column in zip(*codes, strict=True)],
    )


def code_variants() -> list[tuple[str, str, str, str]]:
    """(code table, variant in upper case, code, name) of every text a source may send for a code; no variant twice."""
    rows: dict[tuple[str, str], tuple[str, str, str, str]] = {}
    with path_of("code.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for variant in (row["code"], row["name"], *filter(None, row["variants"].split(";"))):
                key = (row["code_table"], variant.upper())
                rows.setdefault(key, (*key, row["code"], row["name"]))
    return list(rows.values())
