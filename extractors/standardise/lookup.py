"""Constant-time lookups inside SQL expressions, as macros over constant lists.

DuckDB's MAP and TRANSLATE go through all their keys for each row, and a failing cast to an ENUM writes out all its labels.
A list indexed by a number is fast. So a text key is hashed to a bucket, and a character leads by its code point to a page.
"""

from collections.abc import Iterable, Mapping

import duckdb

_KEY, _VALUE = "\x1e", "\x1f"
_PER_BUCKET = 6
_PAGE = 64
_PLANES = (0, 0x1_0000, 0x2_0000, 0x3_0000)


def create_lookup(con: duckdb.DuckDBPyConnection, name: str, pairs: Iterable[tuple[str, str]]) -> None:
    """Create macro `name(key)`: the text value of a text key, null if there is none.

    ValueError if one key comes with two values. Values are never ''.
    """
    values: dict[str, str] = {}
    for key, value in pairs:
        if values.setdefault(key, value) != value:
            raise ValueError(f"lookup {name}: {key!r} leads to {values[key]!r} and {value!r}; a key has one value")
    count = max(1, len(values) // _PER_BUCKET)
    keys = list(values)
    places = con.execute(
        f"SELECT list_transform(?::VARCHAR[], lambda k: (hash(k) % {count})::INTEGER)", [keys]
    ).fetchone()
    buckets = [_KEY] * count
    for key, place in zip(keys, places[0] if places else [], strict=True):
        buckets[place] += f"{key}{_VALUE}{values[key]}{_KEY}"
    con.execute(
        f"CREATE MACRO {name}(k) AS nullif(split_part(split_part(list_extract({_listed(buckets)}, "
        f"(hash(k) % {count})::INTEGER + 1), '{_KEY}' || k || '{_VALUE}', 2), '{_KEY}', 1), '')"
    )


def create_character_map(con: duckdb.DuckDBPyConnection, name: str, mapped: Mapping[str, str]) -> None:
    """Create macro `name(ch)`: the character that `ch` is mapped to, else itself. `ch` is one character."""
    found = (
        f"substr(list_extract({_listed(pages)}, greatest(ord(ch) // {_PAGE} - {first - 1}, 0)), ord(ch) % {_PAGE} + 1, 1)"
        for first, pages in _pages(mapped, keep=True)
    )
    sought = ", ".join(f"nullif({part}, '')" for part in found)
    con.execute(f"CREATE MACRO {name}(ch) AS coalesce({sought}, ch)")


def create_character_lookup(con: duckdb.DuckDBPyConnection, name: str, values: Mapping[str, str]) -> None:
    """Create macro `name(ch)`: the text of a character, null if it has none. For few distinct texts, as readings are."""
    texts = sorted(set(values.values()))
    place = {text: chr(0x100 + number) for number, text in enumerate(texts)}
    found = (
        f"substr(list_extract({_listed(pages)}, greatest(ord(ch) // {_PAGE} - {first - 1}, 0)), ord(ch) % {_PAGE} + 1, 1)"
        for first, pages in _pages({key: place[value] for key, value in values.items()}, keep=False)
    )
    sought = ", ".join(f"nullif(nullif({part}, ''), ' ')" for part in found)
    con.execute(f"CREATE MACRO {name}(ch) AS list_extract({_listed(texts)}, ord(coalesce({sought})) - 255)")


def _pages(mapped: Mapping[str, str], *, keep: bool) -> Iterable[tuple[int, list[str]]]:
    """Per Unicode plane the first page's number and the pages; a place without a value keeps its character or is a blank."""
    for plane in _PLANES:
        points = [ord(ch) for ch in mapped if plane <= ord(ch) < plane + 0x1_0000]
        if points:
            first, last = min(points) // _PAGE, max(points) // _PAGE
            numbers = (range(page * _PAGE, (page + 1) * _PAGE) for page in range(first, last + 1))
            pages = []
            for page in numbers:
                here = [mapped.get(_character(point)) for point in page]
                if any(here):
                    blanks = (_character(point) if keep else " " for point in page)
                    pages.append("".join(value or blank for value, blank in zip(here, blanks, strict=True)))
                else:
                    pages.append("")
            yield first, pages


def _character(point: int) -> str:
    return " " if point == 0 or 0xD800 <= point < 0xE000 else chr(point)


def _listed(texts: Iterable[str]) -> str:
    return "[" + ", ".join(map(quoted, texts)) + "]"


def quoted(text: str) -> str:
    """The text as an SQL constant."""
    return "'" + text.replace("'", "''") + "'"
