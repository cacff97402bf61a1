"""Code tables as versioned rows: what each code means, from when to when, below which other, and who says so."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq

from extractors.reference import path_of

OPEN_END = 9999


@dataclass(frozen=True)
class CodeTable:
    """One table; the validity is that of the edition, from 1 January of its year. None: not known, or open."""

    code_table: str
    title: str
    standard: str | None
    source: str
    valid_from: date | None
    valid_to: date | None


def read_code_tables() -> list[CodeTable]:
    """Every table of code_table.csv."""
    with path_of("code_table.csv").open(encoding="utf-8", newline="") as file:
        return [
            CodeTable(
                row["code_table"], row["title"], row["standard"] or None, row["source"],
                _day(row["valid_from"]), _day(row["valid_to"]),
            )
            for row in csv.DictReader(file)
        ]  # fmt: skip


def read_codes() -> pa.Table:
    """Columns code_table, code, name, parent, valid_from, valid_to, source; those of a table hold for its codes."""
    tables = {table.code_table: table for table in read_code_tables()}
    with path_of("code.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    known = {(row["code_table"], row["code"]) for row in rows}
    return pa.Table.from_pylist(
        [
            {
                "code_table": row["code_table"], "code": row["code"], "name": row["name"],
                "parent": parent_of(row["code_table"], row["code"], known),
                "valid_from": tables[row["code_table"]].valid_from, "valid_to": tables[row["code_table"]].valid_to,
                "source": tables[row["code_table"]].standard or tables[row["code_table"]].source,
            }
            for row in rows
        ],
        pa.schema(
            [*((name, pa.string()) for name in ("code_table", "code", "name", "parent")),
             ("valid_from", pa.date32()), ("valid_to", pa.date32()), ("source", pa.string())]
        ),
    )  # fmt: skip


def parent_of(code_table: str, code: str, known: set[tuple[str, str]]) -> str | None:
    """The code that a code refines: its last digits zeroed (1110 -> 1100), or cut off (61 -> 6); None if there is none."""
    if not code.isdigit() or code_table in ("ethnicity", "political_affiliation", "document_type", "insurance_type"):
        return None
    for cut in range(1, len(code)):
        for parent in (code[:-cut] + "0" * cut, code[:-cut]):
            if parent != code and parent.strip("0") and (code_table, parent) in known:
                return parent
    return None


def read_divisions() -> pa.Table:
    """Columns code, name, level, parent, valid_from, valid_to, source: one row a spell of a code (GB/T 2260)."""
    spells = pq.read_table(path_of("division.parquet"), memory_map=True).to_pylist()
    source = "GB/T 2260 as published year by year"
    return pa.Table.from_pylist(
        [
            {
                "code": row["code"], "name": row["name"], "level": _level(row["code"]), "parent": _above(row["code"]),
                "valid_from": date(row["from_year"], 1, 1),
                "valid_to": None if row["to_year"] == OPEN_END else date(row["to_year"], 12, 31), "source": source,
            }
            for row in spells
        ],
        pa.schema(
            [*((name, pa.string()) for name in ("code", "name", "level", "parent")),
             ("valid_from", pa.date32()), ("valid_to", pa.date32()), ("source", pa.string())]
        ),
    )  # fmt: skip


def _level(code: str) -> str:
    return "province" if code.endswith("0000") else "prefecture" if code.endswith("00") else "county"


def _above(code: str) -> str | None:
    return {"province": None, "prefecture": code[:2] + "0000", "county": code[:4] + "00"}[_level(code)]


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
