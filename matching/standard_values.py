"""The standard values of distinct texts, by the SQL that the model declares, or by its shortcut where a text is plain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from matching.model import ByBytes, Mask, Model, Shortcut, Value

BATCH = 16_384
"""Texts a thread standardises at a time: a table of one batch would keep one thread busy."""
WORTH_A_TABLE = 40_000
"""Texts up to which planning a query costs more than keeping its answer in a table."""
Standard = dict[str, pa.Array]
"""Standard texts of a source's distinct texts, by value name."""


def standardise(connection: Any, texts: Mapping[str, pa.Array], model: Model) -> Standard:
    """Every kept value of these sources over the distinct texts of each.

    Values like those of another source are worked out together with it: to plan such a statement takes as long as
    thousands of texts.
    """
    home = {value.name: value.source for value in model.values}
    asked: dict[str, list[tuple[Value, pa.Array]]] = {}
    found: Standard = {}
    for source in sorted(texts, key=lambda source: any(v.like and home[v.like] == source for v in model.values)):
        guests = asked.pop(source, [])
        told = _of_source(connection, [texts[source], *(raw.drop_null() for _, raw in guests)], model, source)
        begin = len(texts[source])
        for value, raw in guests:
            end = begin + len(raw) - raw.null_count
            found[value.name] = _spread(told[value.like].slice(begin, end - begin), raw)
            begin = end
        for value in (value for value in model.values if value.source == source and value.is_kept):
            own = told[value.name].slice(0, len(texts[source]))
            if value.like and home[value.like] != source:
                asked.setdefault(home[value.like], []).append((value, own))
            else:
                found[value.name] = own
    return found


def _of_source(connection: Any, texts: list[pa.Array], model: Model, source: str) -> Standard:
    """The kept values of one source over texts; of values like those of other sources the texts to standardise there."""
    whole = pa.concat_arrays(texts)
    values = [value for value in model.values if value.source == source]
    kept = [value.name for value in values if value.is_kept]
    shortcut = next((one for one in model.shortcuts if one.source == source), None)
    if shortcut is None or not len(whole):
        return _the_long_way(connection, whole, values)
    if isinstance(shortcut, ByBytes):
        is_plain, told = shortcut.function(connection, whole)
        rest = whole.filter(pa.array(~is_plain))
        nothing = pa.nulls(int(is_plain.sum()), pa.string())
        short = {name: told.get(name, nothing) for name in kept}
    else:
        is_plain, plain, rest = sort_out(connection, whole, shortcut)
        short = compute(connection, plain, shortcut.values, kept)
    parts = [short, _the_long_way(connection, rest, values)]
    rows = np.concatenate([np.flatnonzero(is_plain), np.flatnonzero(~is_plain)])
    place = np.empty(len(rows), np.int64)
    place[rows] = np.arange(len(rows))
    taken = pa.array(place)
    return {name: pa.concat_arrays([part[name] for part in parts]).take(taken) for name in kept}


def _the_long_way(connection: Any, texts: pa.Array, values: Sequence[Value]) -> Standard:
    """All kept values by the model's SQL; a value like another of these gets that one's answer for its text."""
    usual = [value for value in values if not value.like]
    likes = [value for value in values if value.like]
    plainly = [value for value in likes if value.sql == "v"]
    asking = [value for value in likes if value.sql != "v"]
    found = {value.name: texts for value in plainly}
    found |= compute(connection, texts, asking, [value.name for value in asking]) if asking else {}
    names = [value.name for value in usual if value.is_kept]
    guests = [value for value in likes if value.like in names]
    longer = pa.concat_arrays([texts, *(found[value.name].drop_null() for value in guests)])
    told = compute(connection, longer, usual, names) if names else {}
    begin = len(texts)
    for value in guests:
        raw = found[value.name]
        end = begin + len(raw) - raw.null_count
        found[value.name] = _spread(told[value.like].slice(begin, end - begin), raw)
        begin = end
    return found | {name: column.slice(0, len(texts)) for name, column in told.items()}


def _spread(answers: pa.Array, asked: pa.Array) -> pa.Array:
    """The answers in the places where something was asked, null elsewhere."""
    is_asked = np.asarray(asked.is_valid().to_numpy(zero_copy_only=False), bool)
    return answers.take(pa.array(np.cumsum(is_asked) - 1, mask=~is_asked))


def sort_out(connection: Any, texts: pa.Array, shortcut: Shortcut) -> tuple[Mask, pa.Array, pa.Array]:
    """Which texts go the short way, those texts in tidy form, and the rest."""

    def plain(query: str, texts: pa.Array) -> tuple[Mask, pa.Table]:
        told = ask(connection, texts, f"SELECT i, v, coalesce({shortcut.when}, false) AS p FROM ({query})")
        return np.asarray(told.column("p").to_numpy(zero_copy_only=False), bool), told

    is_plain, _ = plain("FROM received", texts)
    odd = np.flatnonzero(~is_plain)
    rest = texts.take(pa.array(odd))
    if not shortcut.tidied or not len(rest):
        return is_plain, texts.filter(pa.array(is_plain)), rest
    is_tidy, told = plain(f"SELECT i, {shortcut.tidied} AS v FROM received", rest)
    tidy = pa.concat_arrays(told.column("v").chunks)
    is_plain[odd[is_tidy]] = True
    place = np.arange(len(texts), dtype=np.int64)
    place[odd] = len(texts) + np.arange(len(odd))
    chosen = pa.concat_arrays([texts, tidy.cast(texts.type)]).take(pa.array(place[is_plain]))
    return is_plain, chosen, rest.filter(pa.array(~is_tidy))


def compute(connection: Any, texts: pa.Array, values: Sequence[Value], kept: Sequence[str]) -> Standard:
    """The kept values of texts by the SQL of `values`, null where none of them makes it."""
    if not len(texts):
        return {name: pa.array([], pa.string()) for name in kept}
    query = "SELECT i, v FROM received"
    for layer in sorted({value.layer for value in values}):
        here = [f"({value.sql}) AS {value.name}" for value in values if value.layer == layer]
        query = f"SELECT *, {', '.join(here)} FROM ({query})"
    made = {value.name for value in values}
    texts_of = ", ".join(f"CAST({name if name in made else 'NULL'} AS VARCHAR) AS c{n}" for n, name in enumerate(kept))
    answer = ask(connection, texts, f"SELECT i, {texts_of} FROM ({query})", is_costly=True)
    return {name: pa.concat_arrays(answer.column(f"c{n}").chunks) for n, name in enumerate(kept)}


def ask(connection: Any, texts: pa.Array, query: str, *, is_costly: bool = False) -> pa.Table:
    """What a query over `received` (i: the text's place, v: the text) gives, in the order of the texts.

    A relation is planned twice, to know its columns and to run it: one that is costly to plan is made a table first.
    """
    received = pa.table({"i": pa.array(np.arange(len(texts)), pa.int32()), "v": texts})
    connection.register("received", pa.Table.from_batches(received.to_batches(max_chunksize=BATCH)))
    try:
        if is_costly and len(texts) <= WORTH_A_TABLE:
            connection.execute(f"CREATE OR REPLACE TEMP TABLE made AS {query}")
            answer: pa.Table = connection.sql("FROM made").to_arrow_table()
            connection.execute("DROP TABLE made")
        else:
            answer = connection.sql(query).to_arrow_table()
    finally:
        connection.unregister("received")
    order = np.asarray(answer.column("i").to_numpy())
    return answer if np.array_equal(order, np.arange(len(order))) else answer.take(np.argsort(order))
