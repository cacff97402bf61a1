"""Versioned tables: a live table holds what is so now, its history what was so before, one row a change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from psycopg import sql

from warehouse.database import Connection, columns, compose

FEW = 1_000_000
"""Rows that are sought by the places where they stand; more are found by reading the table."""


def stands_in(chosen: str, count: int) -> str:
    """SQL: whether a row of a table t stands in a place of a temp table of `count` rows; joined, t would be read whole."""
    return (
        f"t.ctid = any(array(select place from {chosen}))"
        if count <= FEW
        else f"t.ctid in (select place from {chosen})"
    )


@dataclass(frozen=True)
class Version:
    """The run and logical date that stand in since_*, until_* of what is written."""

    run_id: str
    as_of: date


def end_and_add(
    conn: Connection,
    live: str,
    staged: str,
    key: tuple[str, ...],
    rest: tuple[str, ...],
    version: Version,
    *,
    where: sql.Composable | None = None,
    constants: Mapping[str, sql.Composable] | None = None,
    kept: Mapping[str, sql.Composable] | None = None,
    joined: str = "",
    gather: Callable[[str], None] | None = None,
    renewed: str = "",
) -> tuple[int, int]:
    """Bring the rows of the touched masters in a live table to what is staged; rows that are equal are not written.

    Needs the temp table ``touched`` (master_id). Rows not staged end and go to ``<live>_history``.

    Parameters
    ----------
    key, rest
        Columns compared; those of ``key`` are never null.
    where
        Restriction on the live table, alias t.
    constants
        Columns of the live table the stage lacks.
    kept, joined
        Further columns of new rows, as expressions over the stage (alias s) and what the join clause adds. They are
        not compared: a row that stays keeps what it was written with.
    gather
        Makes what the join clause names; it is told which table holds the new rows, before they are written.
    renewed
        A column of the stage, of `kept`, that a row that stays takes over all the same.

    Returns
    -------
    (rows ended, rows added)
    """
    fixed = dict(constants or {})
    own = [*key, *rest]
    told = dict(kept or {})
    parts: dict[str, sql.Composable | str] = {
        "live": live,
        "history": f"{live}_history",
        "staged": staged,
        "fresh": staged,
        "own": columns([*fixed, *own, *told]),
        "own_s": sql.SQL(", ").join([*fixed.values(), columns(own, "s"), *told.values()]),
        "joined": sql.SQL(joined),
        "where": where or sql.SQL("true"),
        "same": sql.SQL(" and ").join(
            [
                *(compose("s.{c} = t.{c}", c=c) for c in key),
                *(compose("s.{c} is not distinct from t.{c}", c=c) for c in rest),
            ]
        ),
        "run": sql.Literal(version.run_id),
        "day": sql.Literal(version.as_of),
    }

    def run(text: str) -> int:
        return conn.execute(compose(text, **parts)).rowcount

    # Where each row stands is kept: nobody else writes meanwhile, and what ends or is renewed need not be sought again.
    held = run(
        "create temp table held on commit drop as select t.ctid as place, t.* from {live} t "
        "join touched m on m.master_id = t.master_id where {where}"
    )
    ended = 0
    if held:
        conn.execute("analyze held")
        gone = run(
            "create temp table gone on commit drop as select place from held t "
            "where not exists (select from {staged} s where {same})"
        )
        ended = run(
            "with ended as (delete from {live} t where " + stands_in("gone", gone) + " returning t.*) "
            "insert into {history} ({own}, since_run_id, since_date, until_run_id, until_date) "
            "select {own}, since_run_id, since_date, {run}, {day} from ended"
        )
        run(
            "create temp table fresh on commit drop as select s.* from {staged} s "
            "where not exists (select from held t where {same})"
        )
        conn.execute("analyze fresh")
        parts["fresh"] = "fresh"
    if gather is not None:
        gather("fresh" if held else staged)
    added = run(
        "insert into {live} ({own}, since_run_id, since_date) select {own_s}, {run}, {day} from {fresh} s {joined}"
    )
    if held and renewed:
        parts["renewed"] = renewed
        stayed = run(
            "create temp table stayed on commit drop as select t.place, s.{renewed} as told from {staged} s "
            "join held t on {same} where s.{renewed} is distinct from t.{renewed}"
        )
        run(
            "update {live} t set {renewed} = n.told from stayed n where t.ctid = n.place and "
            + stands_in("stayed", stayed)
        )
    conn.execute("drop table if exists held, gone, fresh, stayed")
    return ended, added
