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
from extractors.standardise.character_classes import folded_class, unfolded_class
from extractors.standardise.lookup import (
    create_character_lookup,
    create_character_map,
    create_lookup,
    create_spoken,
    quoted,
)
from extractors.standardise.places import cities, place_codes, place_spells
from extractors.standardise.spells import division_ends, division_spells
from extractors.standardise.tables import code_variants

TOPICS = ("text", "identifiers", "organisations", "dates", "phones", "places", "codes", "names", "addresses")
KEY_TOPICS = ("name_keys", "address_keys")
OLDEST_AGE = 120
YEARS_AHEAD = 50  # a two-digit year of a day to come (valid until) is at most so far away
# Province, prefecture and county at the beginning of an address, each with its kind word (domain section 5). What follows
# 小, 社, 园 ... is a housing estate or a community, no district; 贸, 菜 ... 市 is a market.
_PLAIN = "[^省市县区镇乡村路街0-9]"
LEVELS = (
    "^(四川省?|重庆市|[^省市县区州]{2,6}省|[^省市县区州]{2,8}自治区)?"
    "([^省市县区州]{2,8}自治州|[^省市县区州]{2,4}州|[^省市县区0-9]{2,4}市|[^省市县区州]{2,6}地区)?"
    f"(市中区|乡城县|[万达]县[市区]|{_PLAIN}{{1,10}}自治县|{_PLAIN}{{1,6}}县"
    f"|{_PLAIN}{{0,5}}[^省市县区镇乡村路街0-9社小园景厂库校院片]区|{_PLAIN}{{1,5}}[^省市县区镇乡村路街0-9贸超夜菜门]市)?"
)
# A time of day behind a date, of which only the day is wanted.
CLOCK = r"(?:(?:上午|下午|[AP]M)? ?[0-9]{1,2}[:时点][0-9:.时点分秒]*(?: ?[AP]M)?(?:Z|\+0[08]:?00)?)"
# A rare character that was written as its two parts in brackets (domain section 3).
COMPOSED = {"龙天": "䶮", "吉吉": "喆", "火华": "烨", "王韦": "玮"}
# Words in a name field that are no part of the name (domain section 3, typing errors).
NOTE_WORDS = "已故|死亡|已死亡|已注销|注销|离世|去世|代领|代办|重复|作废|曾用名|原名|户主"


def create_macros(con: duckdb.DuckDBPyConnection, as_of: date, *, keys: bool = True) -> None:
    """Create the macros on a connection that has the reference tables, those of match keys only with `keys`."""
    con.execute(f"CREATE TABLE ref_as_of AS SELECT DATE '{as_of.isoformat()}' AS day")
    ends = division_ends(con, as_of.year)
    _create_lookups(con, ends)
    if keys:
        _create_key_lookups(con)
    usual = usual_characters()
    constants = {
        "$AS_OF": as_of.isoformat(),
        "$TODAY": as_of.strftime("%Y%m%d"),
        "$OLDEST": f"{as_of.year - OLDEST_AGE - 1:04d}{as_of:%m%d}",
        "$YY": f"{as_of:%y}",
        "$YY_AHEAD": f"{min(as_of.year % 100 + YEARS_AHEAD, 99):02d}",
        "$NOTE_WORDS": f"'{NOTE_WORDS}'",
        "$ODD": quoted("".join(usual)),
        "$USUAL": quoted("".join(usual.values())),
        "$WIDE": quoted("".join(map(chr, (*range(0xFF01, 0xFF5F), 0x3000)))),
        "$NARROW": quoted("".join(map(chr, (*range(0x21, 0x7F), 0x20)))),
        "$LEVELS": quoted(LEVELS),
        "$CLOCK": quoted(CLOCK),
        "$SPELLS": quoted(division_spells(ends)),
        "$CITIES": "|".join(cities(con)),
    }
    if keys:
        constants["$SURNAMES"] = quoted("|".join(_otherwise_read_surnames(con)))
        folded = folded_class(con)
        constants["$FOLDED"] = f"'[{folded}]'"
        constants["$UNFOLDED"] = unfolded_class(folded)
    for topic in (*TOPICS, *(KEY_TOPICS if keys else ())):
        sql = Path(__file__).with_name(f"{topic}.sql").read_text(encoding="utf-8")
        con.execute(re.sub(r"\$[A-Z_]+", lambda found: constants[found[0]], sql))
    companies.register(con, keys=keys)


def _create_lookups(con: duckdb.DuckDBPyConnection, ends: dict[str, int]) -> None:
    create_lookup(con, "division_end", [(code, f"{end:04d}") for code, end in ends.items()])
    create_lookup(con, "division_successor", con.execute("FROM ref_division_successor").fetchall())
    create_lookup(con, "code_of", [(f"{table}:{variant}", code) for table, variant, code, _ in code_variants()])
    create_lookup(con, "place_code", place_codes(con).items())


def _create_key_lookups(con: duckdb.DuckDBPyConnection) -> None:
    create_lookup(con, "surname_reading", [(ch, reading) for ch, reading in _surname_readings() if len(ch) == 1])
    create_lookup(con, "composed_character", COMPOSED.items())
    create_lookup(con, "place_spells", place_spells(con).items())
    characters = con.execute("SELECT ch, simplified, readings[1] FROM ref_char").fetchall()
    create_character_map(con, "simplified_character", {ch: simple for ch, simple, _ in characters if simple != ch})
    readings = {ch: reading for ch, _, reading in characters if reading}
    create_character_lookup(con, "reading", readings)
    create_spoken(con, "spoken", readings)


def _surname_readings() -> list[tuple[str, str]]:
    with path_of("surname_reading.csv").open(encoding="utf-8", newline="") as file:
        return [(row["ch"], row["reading"]) for row in csv.DictReader(file)]


def _otherwise_read_surnames(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Characters that begin a surname in which they have another reading than the usual one."""
    rows = con.execute("SELECT ch FROM ref_char WHERE surname_reading <> readings[1] ORDER BY ch").fetchall()
    return [*(ch for (ch,) in rows), "万俟", "萬俟"]


@cache
def usual_characters() -> dict[str, str]:
    """Each radical sign and repairable private-use character -> the usual ideograph (domain section 3)."""
    usual = {chr(private): chr(assigned) for private, assigned in private_use_repairs().items()}
    for point in range(0x2E80, 0x2FE0):
        folded = unicodedata.normalize("NFKC", chr(point))
        if len(folded) == 1 and folded != chr(point):
            usual[chr(point)] = folded
    return usual
