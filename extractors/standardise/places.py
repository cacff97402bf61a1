"""Names of the divisions of Sichuan and Chongqing, as senders write them, and the codes they stand for."""

from __future__ import annotations

import re

import duckdb

KIND = re.compile("(?:市|地区|(?:藏族羌族|藏族|彝族)?自治州)$")  # places.sql cuts the same from prefectures
OPEN_END = 9999


def cities(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Sichuan's prefecture-level cities of today without 市; reads ref_division."""
    rows = con.execute(
        "SELECT name FROM ref_division WHERE regexp_full_match(code, '51[0-2][0-9]00') AND code <> '510000' "
        f"AND to_year = {OPEN_END} ORDER BY code"
    ).fetchall()
    return [KIND.sub("", name) for (name,) in rows]


def place_codes(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Name -> code: prefectures with and without their kind word, counties alone and behind their prefecture's bare name.

    Reads ref_division and ref_division_successor. A name of several places is left out, unless all but one of the codes
    are former codes of the one that is in force, or of a county of it (宜宾市 was a city in the prefecture it names now).
    """
    newest = con.execute(
        "SELECT code, arg_max(name, to_year), max(to_year) FROM ref_division WHERE code[:2] IN ('50', '51') GROUP BY code"
    ).fetchall()
    living = {code for code, _, to_year in newest if to_year == OPEN_END}
    successor = dict(con.execute("FROM ref_division_successor").fetchall())
    name_of = {code: name for code, name, _ in newest}
    found: dict[str, set[str]] = {}
    for code, name in name_of.items():
        for text in _names(code, name, KIND.sub("", name_of.get(code[:4] + "00", ""))):
            found.setdefault(text, set()).add(code)
    return {text: code for text, codes in found.items() if (code := _the_one(codes, living, successor)) is not None}


def place_spells(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Name -> every spell in which a place bore it: 'ffffttttcccccc' (from year, to year, code), joined by ';'.

    Reads ref_division; the same names as `place_codes`, of all times.
    """
    rows = con.execute(
        "SELECT code, name, from_year, to_year FROM ref_division WHERE code[:2] IN ('50', '51') ORDER BY ALL"
    ).fetchall()
    above = {code: KIND.sub("", name) for code, name, _, _ in rows if code.endswith("00")}
    found: dict[str, set[str]] = {}
    for code, name, from_year, to_year in rows:
        for text in _names(code, name, above.get(code[:4] + "00", "")):
            found.setdefault(text, set()).add(f"{from_year:04d}{to_year:04d}{code}")
    return {text: ";".join(sorted(spells)) for text, spells in found.items()}


def _names(code: str, name: str, above: str) -> set[str]:
    if code.endswith("0000"):
        return {name, KIND.sub("", name).removesuffix("省")}
    if not code.endswith("00"):
        return {name, above + name}
    bare = KIND.sub("", name)
    names = {name, bare} | ({bare + "州"} if name.endswith("自治州") else set())
    return names | ({province + text for province in ("四川省", "四川") for text in names} if code < "52" else set())


def _the_one(codes: set[str], living: set[str], successor: dict[str, str]) -> str | None:
    if len(codes) == 1:
        return next(iter(codes))
    now = codes & living
    after = [successor.get(code, "") for code in codes - now]
    if len(now) == 1 and all(code in now or f"{code[:4]}00" in now for code in after):
        return next(iter(now))
    return None
