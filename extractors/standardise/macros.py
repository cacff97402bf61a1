"""Create the macros: the vocabularies as lookups, then the SQL files in the order in which they build on each other."""

import csv
import re
import unicodedata
from datetime import date
from functools import cache
from pathlib import Path

import duckdb

from extractors.reference import path_of
from extractors.reference.private_use import private_use_repairs
from extractors.standardise import companies
from extractors.standardise.lookup import create_character_lookup, create_character_map, create_lookup, quoted
from extractors.standardise.tables import code_variants

TOPICS = ("text", "identifiers", "organisations", "dates", "phones", "codes", "names", "addresses")
GRACE_YEARS = 2  # domain 1.1: code lists record year-end states
OLDEST_AGE = 120
# Words in a name field that are no part of the name (domain section 3, typing errors).
NOTE_WORDS = "已故|死亡|已死亡|已注销|注销|离世|去世|代领|代办|重复|作废|曾用名|原名|户主"


def create_macros(con: duckdb.DuckDBPyConnection, as_of: date) -> None:
    """Create all macros on a connection that has the reference tables."""
    _create_lookups(con, as_of)
    constants = {
        "$AS_OF": as_of.isoformat(),
        "$TODAY": as_of.strftime("%Y%m%d"),
        "$OLDEST": f"{as_of.year - OLDEST_AGE - 1:04d}{as_of:%m%d}",
        "$YY": f"{as_of:%y}",
        "$NOTE_WORDS": f"'{NOTE_WORDS}'",
        "$WIDE": quoted("".join(map(chr, (*range(0xFF01, 0xFF5F), 0x3000)))),
        "$NARROW": quoted("".join(map(chr, (*range(0x21, 0x7F), 0x20)))),
        "$FOLDED": f"'[{_folded_class(con)}]'",
    }
    for topic in TOPICS:
        sql = Path(__file__).with_name(f"{topic}.sql").read_text(encoding="utf-8")
        con.execute(re.sub(r"\$[A-Z_]+", lambda found: constants[found[0]], sql))
    companies.register(con)


def _create_lookups(con: duckdb.DuckDBPyConnection, as_of: date) -> None:
    ends = con.execute(
        f"SELECT code, least(max(to_year) + {GRACE_YEARS}, 9999)::VARCHAR FROM ref_division "
        f"WHERE from_year - {GRACE_YEARS} <= ? GROUP BY code",
        [as_of.year],
    ).fetchall()
    create_lookup(con, "division_end", ends)
    create_lookup(con, "division_successor", con.execute("FROM ref_division_successor").fetchall())
    create_lookup(con, "code_of", [(f"{table}:{variant}", code) for table, variant, code, _ in code_variants()])
    create_lookup(con, "surname_reading", _surname_readings())
    create_lookup(con, "composed_character", [])
    create_lookup(con, "place_code", [])
    create_character_map(con, "usual_character", usual_characters())
    characters = con.execute("SELECT ch, simplified, readings[1] FROM ref_char").fetchall()
    create_character_map(con, "simplified_character", {ch: simple for ch, simple, _ in characters if simple != ch})
    create_character_lookup(con, "reading", {ch: reading for ch, _, reading in characters if reading})


def _surname_readings() -> list[tuple[str, str]]:
    with path_of("surname_reading.csv").open(encoding="utf-8", newline="") as file:
        return [(row["ch"], row["reading"]) for row in csv.DictReader(file)]


@cache
def usual_characters() -> dict[str, str]:
    """Each character that only differs in width, age of encoding or kind of blank -> the usual one (NFKC, domain section 3)."""
    usual = {chr(private): chr(assigned) for private, assigned in private_use_repairs().items()}
    for first, last in ((0xFF01, 0xFFEE), (0x2E80, 0x2FD5), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F)):
        for point in range(first, last + 1):
            folded = unicodedata.normalize("NFKC", chr(point))
            if len(folded) == 1 and folded != chr(point):
                usual[chr(point)] = folded
    for point in (0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000):
        usual[chr(point)] = " "
    return usual


def _folded_class(con: duckdb.DuckDBPyConnection) -> str:
    """The Han characters that a match key folds, as the inside of a character class."""
    found = con.execute(
        "SELECT string_agg(ch, '' ORDER BY ch) FROM ref_char WHERE simplified <> ch AND ch BETWEEN '一' AND '鿿'"
    )
    return str((found.fetchone() or ("",))[0])
