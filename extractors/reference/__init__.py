"""Vocabularies and code lists the standard form rests on, as small files with their sources in README.md."""

import csv
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


def path_of(name: str) -> Path:
    """The path of a reference file. FileNotFoundError names the missing file."""
    path = FOLDER / name
    if not path.exists():
        raise FileNotFoundError(f"extractors/reference has no file {name}; README.md there lists them all")
    return path


@cache
def code_tables() -> frozenset[str]:
    """The names of the national code tables in code.csv."""
    with path_of("code.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(row["code_table"] for row in csv.DictReader(file))
