"""Constant-time lookups inside SQL expressions, as macros over constant lists.

DuckDB's MAP and TRANSLATE go through all their keys for each row, and a failing cast to an ENUM writes out all its labels.
A list indexed by a number is fast. So a text key is hashed to a bucket, and a character leads by its code point to a page.
Every constant is copied into each query that calls the macro, so a list is written as one text that is split when the
query is planned: planning a list of many constants takes several times as long.
"""

from collections.abc import Callable, Iterable, Mapping

import duckdb

_NEXT, _KEY, _VALUE = "\x1d", "\x1e", "\x1f"
_PER_BUCKET = 16
_PAGE = 128
_FIRST, _LAST = 0x3400, 0x9FFF  # CJK extension A to the end of the unified ideographs


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
    """Create macro `name(ch)`: the character that the Han character `ch` is mapped to, any other character itself."""
    _create_paged(con, name, _pages(mapped), lambda found: f"coalesce(nullif({found}, ' '), ch)")


def create_character_lookup(con: duckdb.DuckDBPyConnection, name: str, values: Mapping[str, str]) -> None:
    """Create macro `name(ch)`: the text of a Han character, null if it has none. For few distinct texts, as readings are."""
    texts = sorted(set(values.values()))
    place = {text: chr(0x100 + number) for number, text in enumerate(texts)}
    pages = _pages({key: place[value] for key, value in values.items()})
    _create_paged(con, name, pages, lambda found: f"list_extract({_listed(texts)}, ord(nullif({found}, ' ')) - 255)")


def create_spoken(con: duckdb.DuckDBPyConnection, name: str, values: Mapping[str, str]) -> None:
    """The same for short ASCII texts, and several times as quick outside of lambdas, where the constant would be no constant.

    All texts stand in one constant of ASCII, of which DuckDB takes a part without counting characters.
    """
    width = max(map(len, values.values()))
    row = "".join(values.get(chr(point), "").ljust(width) for point in range(_FIRST, _LAST + 1))
    # The first place is blank: characters before the first lead there, those after the last behind the end.
    place = f"greatest(ord(ch) - {_FIRST - 1}, 0) * {width} + 1"
    constant = quoted(" " * width + row)
    con.execute(f"CREATE MACRO {name}(ch) AS nullif(rtrim(substr({constant}, {place}, {width})), '')")


def _create_paged(con: duckdb.DuckDBPyConnection, name: str, pages: list[str], wrapped: Callable[[str], str]) -> None:
    # An index of 0 gives null: characters before the first page must not wrap around to the last.
    found = (
        f"nullif(substr(list_extract({_listed(pages)}, greatest((ord(ch) - {_FIRST}) // {_PAGE} + 1, 0)), "
        f"ord(ch) % {_PAGE} + 1, 1), '')"
    )
    con.execute(f"CREATE MACRO {name}(ch) AS {wrapped(found)}")


def _pages(mapped: Mapping[str, str]) -> list[str]:
    """The values of the ideographs in order, a blank for none, cut to pages."""
    row = "".join([mapped.get(chr(point), " ") for point in range(_FIRST, _LAST + 1)])
    return [row[start : start + _PAGE].rstrip() for start in range(0, len(row), _PAGE)]


def _listed(texts: Iterable[str]) -> str:
    return f"string_split({quoted(_NEXT.join(texts))}, '{_NEXT}')"


def quoted(text: str) -> str:
    """The text as an SQL constant."""
    return "'" + text.replace("'", "''") + "'"
