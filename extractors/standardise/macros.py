"""Create the macros: the vocabularies as lookups, then the SQL files in the order in which they build on each other."""

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
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
CONSTANT = re.compile(r"\$[A-Z_]+")
CALL = re.compile(r"\b[a-z_][a-z0-9_]*(?=\()")
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


def create_macros(
    con: duckdb.DuckDBPyConnection, as_of: date, *, keys: bool = True, used_by: Sequence[str] | None = None
) -> None:
    """Create the macros on a connection that has the reference tables, those of match keys only with `keys`.

    `used_by`: SQL texts; only the macros that these use are made, which takes a part of the time. Default: all.
    """
    con.execute(f"CREATE TABLE ref_as_of AS SELECT DATE '{as_of.isoformat()}' AS day")
    statements = _statements(keys=keys)
    is_told = used_by is None or any(companies.NAMED.search(text) for text in used_by)
    named = companies.macros(con, keys=keys) if is_told else {}
    wanted = None if used_by is None else _closure(used_by, statements | named)
    chosen = [text for name, text in statements.items() if wanted is None or name in wanted]
    ends = division_ends(con, as_of.year)
    for name, create in _lookups(con, ends, keys=keys).items():
        if wanted is None or name in wanted:
            create(name)
    constants = _constants(con, as_of, ends)
    sql = "".join(chosen)
    told = {name: constants[name]() for name in set(CONSTANT.findall(sql))}
    con.execute(CONSTANT.sub(lambda found: told[found[0]], sql))
    for name, text in named.items():
        if wanted is None or name in wanted:
            con.execute(f"CREATE MACRO {name}(s) AS {text}")


@cache
def _statements(*, keys: bool) -> dict[str, str]:
    """The statement that makes each macro of the SQL files, in their order, by its name."""
    found: dict[str, str] = {}
    for topic in (*TOPICS, *(KEY_TOPICS if keys else ())):
        sql = re.sub(r"(?m)^ *--.*\n", "", Path(__file__).with_name(f"{topic}.sql").read_text(encoding="utf-8"))
        found |= {
            name: text for text, name in re.findall(r"(?ms)^(CREATE MACRO (\w+)\(.*?;\n)(?=\s*(?:CREATE|\Z))", sql)
        }
    return found


def _closure(texts: Sequence[str], bodies: Mapping[str, str]) -> set[str]:
    """The names of all macros that SQL texts call, by themselves or through others."""
    wanted: set[str] = set()
    fresh = set(CALL.findall(" ".join(texts)))
    while fresh:
        wanted |= fresh
        fresh = set(CALL.findall(" ".join(bodies[name] for name in fresh if name in bodies))) - wanted
    return wanted


def _constants(con: duckdb.DuckDBPyConnection, as_of: date, ends: dict[str, int]) -> dict[str, Callable[[], str]]:
    """What stands for the names with $ in the SQL files; worked out only if it is used."""
    usual = usual_characters()
    return {
        "$AS_OF": as_of.isoformat,
        "$TODAY": lambda: as_of.strftime("%Y%m%d"),
        "$OLDEST": lambda: f"{as_of.year - OLDEST_AGE - 1:04d}{as_of:%m%d}",
        "$YY": lambda: f"{as_of:%y}",
        "$YY_AHEAD": lambda: f"{min(as_of.year % 100 + YEARS_AHEAD, 99):02d}",
        "$NOTE_WORDS": lambda: f"'{NOTE_WORDS}'",
        "$ODD": lambda: quoted("".join(usual)),
        "$USUAL": lambda: quoted("".join(usual.values())),
        "$WIDE": lambda: quoted("".join(map(chr, (*range(0xFF01, 0xFF5F), 0x3000)))),
        "$NARROW": lambda: quoted("".join(map(chr, (*range(0x21, 0x7F), 0x20)))),
        "$LEVELS": lambda: quoted(LEVELS),
        "$CLOCK": lambda: quoted(CLOCK),
        "$SPELLS": lambda: quoted(division_spells(ends)),
        "$CITIES": lambda: "|".join(cities(con)),
        "$SURNAMES": lambda: quoted("|".join(_otherwise_read_surnames(con))),
        "$FOLDED": lambda: f"'[{folded_class(con)}]'",
        "$UNFOLDED": lambda: unfolded_class(folded_class(con)),
    }


def _lookups(con: duckdb.DuckDBPyConnection, ends: dict[str, int], *, keys: bool) -> dict[str, Callable[[str], None]]:
    """How to make each look-up, by its name."""

    def plain(pairs: Callable[[], Iterable[tuple[str, str]]]) -> Callable[[str], None]:
        return lambda name: create_lookup(con, name, pairs())

    @cache
    def characters() -> list[tuple[str, str, str]]:
        return con.execute("SELECT ch, simplified, readings[1] FROM ref_char").fetchall()

    def readings() -> dict[str, str]:
        return {ch: reading for ch, _, reading in characters() if reading}

    def simplified(name: str) -> None:
        create_character_map(con, name, {ch: simple for ch, simple, _ in characters() if simple != ch})

    found: dict[str, Callable[[str], None]] = {
        "division_end": plain(lambda: [(code, f"{end:04d}") for code, end in ends.items()]),
        "division_successor": plain(lambda: con.execute("FROM ref_division_successor").fetchall()),
        "code_of": plain(lambda: [(f"{table}:{variant}", code) for table, variant, code, _ in code_variants()]),
        "place_code": plain(lambda: place_codes(con).items()),
    }
    if keys:
        found |= {
            "surname_reading": plain(lambda: [(ch, reading) for ch, reading in _surname_readings() if len(ch) == 1]),
            "composed_character": plain(COMPOSED.items),
            "place_spells": plain(lambda: place_spells(con).items()),
            "simplified_character": simplified,
            "reading": lambda name: create_character_lookup(con, name, readings()),
            "spoken": lambda name: create_spoken(con, name, readings()),
        }
    return found


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
