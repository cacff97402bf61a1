"""Which personal values of a set stand in a heap of texts: told by place, line and kind, never by value.

Numbers (documents, phones, bank and social security cards) are looked for as whole runs of digits and letters, and
documents and bank cards also inside longer runs of digits: by chance a phone's eleven digits stand in every other
timestamp, fifteen digits of a set of some ten thousand values practically never do.

Names of three Han characters or more are looked for everywhere. Names of two are looked for as a whole run of Han
characters, between anything else: inside a sentence two characters meet by chance (高龄, 成立), while a name that leaked
into a log stands alone, in quotes or between separators. Of both, what the project's own texts say anyway (a word of a
page or of a contract) is no leak.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

import duckdb
import pyarrow as pa

TEXTS = pa.schema([("place", pa.string()), ("spot", pa.string()), ("text", pa.string())])
VALUES = pa.schema([("kind", pa.string()), ("value", pa.string())])
LONG_NUMBERS = (15, 16, 17, 18, 19)  # lengths of document numbers and bank cards
MOST_HAN = 12
LONGEST_LINE = 1 << 20
ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\x((?:[0-9a-fA-F]{2}))")


def lines_of(place: str, at: str, content: str) -> Iterator[dict[str, str]]:
    """The lines of a text, and beside a line with escapes (JSON, bytes, percent, HTML) what it says without them."""
    for number, line in enumerate(content.splitlines() or [content], 1):
        for start in range(0, len(line), LONGEST_LINE):
            piece = line[max(0, start - 64) : start + LONGEST_LINE]
            where = f"{at}:{number}" if at else str(number)
            yield {"place": place, "spot": where, "text": piece}
            for plain in _unescaped(piece):
                if plain != piece:
                    yield {"place": place, "spot": where, "text": plain}


def _unescaped(line: str) -> Iterator[str]:
    if "\\u" in line or "\\x" in line:
        yield ESCAPE.sub(lambda hit: chr(int(hit[1], 16)) if hit[1] else chr(int(hit[2], 16)), line)
        raw = ESCAPE.sub(lambda hit: hit[0] if hit[1] else chr(int(hit[2], 16)), line)
        yield raw.encode("latin-1", "ignore").decode("utf-8", "ignore")
    if "%" in line:
        yield unquote(line, errors="ignore")
    if "&" in line:
        yield html.unescape(line)


def scan(values: pa.Table, texts: Iterable[dict[str, str]], own_words: Iterable[str] = ()) -> pa.Table:
    """Hits as a table: place, spot (file or table, and line), kind, values (how many different ones of that kind there).

    Parameters
    ----------
    values
        kind, value. Kind `name` is looked for as Han text, every other as a number.
    texts
        place, spot, text: see `lines_of`.
    own_words
        Texts of the project itself: runs of Han characters in them are no names.
    """
    with duckdb.connect() as con:
        con.execute("SET threads = 2")
        con.register("given", values.cast(VALUES))
        con.execute(
            "CREATE TABLE number AS SELECT DISTINCT kind, upper(value) AS value FROM given WHERE kind <> 'name' "
            "AND regexp_full_match(value, '[0-9A-Za-z]{9,}') AND regexp_matches(value, '[0-9]{6}')"
        )
        con.execute(
            r"CREATE TABLE name AS SELECT DISTINCT value FROM given WHERE kind = 'name' "
            r"AND regexp_full_match(value, '[\p{Han}·]{2,}')"
        )
        own = pa.table({"text": pa.array(list(own_words), pa.string())})
        con.register("own", own)
        con.execute(
            r"CREATE TABLE own_run AS SELECT DISTINCT unnest(regexp_extract_all(text, '[\p{Han}·]{2,}')) AS run FROM own"
        )
        con.execute("CREATE TABLE hit (place VARCHAR, spot VARCHAR, kind VARCHAR, value VARCHAR)")
        for batch in _batches(texts):
            con.register("line", batch)
            _find_numbers(con)
            _find_names(con)
            con.unregister("line")
        return con.sql(
            "SELECT place, spot, kind, count(DISTINCT value) AS values FROM hit GROUP BY ALL ORDER BY ALL"
        ).to_arrow_table()


def _batches(texts: Iterable[dict[str, str]], rows: int = 50_000) -> Iterator[pa.Table]:
    held: list[dict[str, str]] = []
    for text in texts:
        held.append(text)
        if len(held) == rows:
            yield pa.Table.from_pylist(held, TEXTS)
            held = []
    if held:
        yield pa.Table.from_pylist(held, TEXTS)


def _find_numbers(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("""
        INSERT INTO hit
        SELECT place, spot, kind, value FROM (
            SELECT DISTINCT place, spot, upper(unnest(regexp_extract_all(text, '[0-9A-Za-z]{9,}'))) AS value FROM line
        ) JOIN number USING (value)""")
    con.execute("""
        CREATE OR REPLACE TEMP TABLE run AS
        SELECT DISTINCT place, spot, upper(unnest(regexp_extract_all(text, '[0-9]{15,}[Xx]?'))) AS digits FROM line""")
    for length in LONG_NUMBERS:
        con.execute(f"""
            INSERT INTO hit
            SELECT place, spot, kind, value FROM (
                SELECT DISTINCT place, spot, substr(digits, unnest(range(1, length(digits) - {length} + 2)), {length}) AS value
                FROM run WHERE length(digits) >= {length}
            ) JOIN number USING (value)""")


def _find_names(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(r"""
        CREATE OR REPLACE TEMP TABLE han AS
        SELECT run, place, spot FROM (
            SELECT DISTINCT place, spot, unnest(regexp_extract_all(text, '[\p{Han}·]{2,}')) AS run FROM line
        ) ANTI JOIN own_run USING (run)""")
    con.execute("INSERT INTO hit SELECT place, spot, 'name', run FROM han JOIN name ON name.value = han.run")
    con.execute("CREATE OR REPLACE TEMP TABLE phrase AS SELECT DISTINCT run FROM han WHERE length(run) > 3")
    for length in range(3, MOST_HAN + 1):
        con.execute(f"""
            INSERT INTO hit
            SELECT DISTINCT place, spot, 'name', found.value FROM han JOIN (
                SELECT run, value FROM (
                    SELECT run, substr(run, unnest(range(1, length(run) - {length} + 2)), {length}) AS value
                    FROM phrase WHERE length(run) > {length}
                ) JOIN name USING (value)
                WHERE value NOT IN (SELECT substr(run, unnest(range(1, length(run) - {length} + 2)), {length}) FROM own_run)
            ) AS found USING (run)""")
