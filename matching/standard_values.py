"""The standard values of distinct texts, by the SQL that the model declares, or by its shortcut where a text is plain."""

from __future__ import annotations

from collections.abc import Sequence
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


def standardise(connection: Any, texts: pa.Array, model: Model, source: str) -> Standard:
    """Every kept value of one source over its distinct texts."""
    values = [value for value in model.values if value.source == source]
    kept = [value.name for value in values if value.is_kept]
    shortcut = next((one for one in model.shortcuts if one.source == source), None)
    if shortcut is None or not len(texts):
        return compute(connection, texts, values, kept)
    if isinstance(shortcut, ByBytes):
        is_plain, told = shortcut.function(connection, texts)
        rest = texts.filter(pa.array(~is_plain))
        nothing = pa.nulls(int(is_plain.sum()), pa.string())
        short = {name: told.get(name, nothing) for name in kept}
    else:
        is_plain, plain, rest = sort_out(connection, texts, shortcut)
        short = compute(connection, plain, shortcut.values, kept)
    parts = [short, compute(connection, rest, values, kept)]
    rows = np.concatenate([np.flatnonzero(is_plain), np.flatnonzero(~is_plain)])
    place = np.empty(len(rows), np.int64)
    place[rows] = np.arange(len(rows))
    taken = pa.array(place)
    return {name: pa.concat_arrays([part[name] for part in parts]).take(taken) for name in kept}


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
