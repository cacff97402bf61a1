"""Classes of Han characters for regular expressions: those that a match key folds, and all others."""

from __future__ import annotations

import duckdb

FIRST, LAST = 0x4E00, 0x9FFF


def folded_class(con: duckdb.DuckDBPyConnection) -> str:
    """The Han characters that a match key folds, as the inside of a character class; reads ref_char."""
    found = con.execute(
        "SELECT string_agg(ch, '' ORDER BY ch) FROM ref_char WHERE simplified <> ch AND ch BETWEEN '一' AND '鿿'"
    )
    return str((found.fetchall() or [("",)])[0][0] or "")


def unfolded_class(folded: str) -> str:
    """All other Han characters, as ranges: one look tells a text of them from one with variants."""
    left_out = {ord(sign) for sign in folded}
    ranges: list[list[int]] = []
    for point in range(FIRST, LAST + 1):
        if point in left_out:
            continue
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return "".join(chr(first) if first == last else f"{chr(first)}-{chr(last)}" for first, last in ranges)
