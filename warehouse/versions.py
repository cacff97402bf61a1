"""Versioned tables: a live table holds what is so now, its history what was so before, one row a change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from psycopg import sql

from warehouse.database import Connection, columns, compose, one


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
    ended = conn.execute(
        compose(
            "with ended as (delete from {live} t using touched m where m.master_id = t.master_id and {where} "
            "and not exists (select from {staged} s where {same}) returning t.*) "
            "insert into {history} ({own}, since_run_id, since_date, until_run_id, until_date) "
            "select {own}, since_run_id, since_date, {run}, {day} from ended",
            **parts,
        )
    ).rowcount
    insert = (
        "insert into {live} ({own}, since_run_id, since_date) select {own_s}, {run}, {day} from {staged} s {joined}"
    )
    still = "select exists (select from {live} t join touched m on m.master_id = t.master_id where {where})"
    if not one(conn, compose(still, **parts))[0]:
        return ended, conn.execute(compose(insert, **parts)).rowcount
    held = "create temp table held on commit drop as select t.* from {live} t join touched m on m.master_id = t.master_id where {where}"
    conn.execute(compose(held, **parts))
    conn.execute("analyze held")
    insert += " where not exists (select from held t where {same})"
    added = conn.execute(compose(insert, **parts)).rowcount
    if renewed:
        stayed = "select s.* from {staged} s join held t on {same} where s.{renewed} is distinct from t.{renewed}"
        conn.execute(compose(f"create temp table renewed on commit drop as {stayed}", renewed=renewed, **parts))
        conn.execute("analyze renewed")
        update = "update {live} t set {renewed} = s.{renewed} from renewed s where {same}"
        conn.execute(compose(update, renewed=renewed, **parts))
        conn.execute("drop table renewed")
    conn.execute("drop table held")
    return ended, added
