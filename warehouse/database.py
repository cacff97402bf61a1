"""Connections, and errors that carry no value of a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

Connection = psycopg.Connection[TupleRow]

LOWEST_VERSION = 150000
MANY = 10_000


class WarehouseError(RuntimeError):
    """The warehouse refuses or cannot go on; the message says what, where, expected, found and what to do."""


class CountError(WarehouseError):
    """Law 1 is broken: what was counted in the tables is not what should be there. Nothing was committed."""


def connect(url: str) -> Connection:
    """Open a connection in autocommit mode; every public function opens the transaction it needs.

    Parameters
    ----------
    url
        ``postgresql://user:password@host:port/database``.

    Raises
    ------
    WarehouseError
        The server does not answer, or is older than PostgreSQL 15. The message never holds the password.
    """
    try:
        conn = psycopg.connect(url, autocommit=True, application_name="yidang", connect_timeout=15)
    except psycopg.OperationalError as fault:
        parts = psycopg.conninfo.conninfo_to_dict(url)
        place = f"{parts.get('host')}:{parts.get('port')}/{parts.get('dbname')}"
        raise WarehouseError(
            f"No connection to PostgreSQL at {place} ({type(fault).__name__}). Check that the server runs and that "
            "YIDANG_DATABASE_URL names it with a valid user and password."
        ) from None
    if conn.info.server_version < LOWEST_VERSION:
        found = conn.info.server_version
        conn.close()
        raise WarehouseError(f"PostgreSQL {found // 10000} is too old. Expected 15 or newer.")
    return conn


@contextmanager
def private_errors(what: str) -> Iterator[None]:
    """Turn an error of the server into one without values (law 8): its class and the names of what it hit.

    PostgreSQL quotes keys and cells in the message, the detail and the context of an error; none of them is passed on.
    """
    try:
        yield
    except psycopg.Error as fault:
        diag = fault.diag
        names = ".".join(n for n in (diag.schema_name, diag.table_name, diag.column_name) if n)
        where = " ".join(n for n in (names, diag.constraint_name and f"constraint {diag.constraint_name}") if n)
        kind = f"{type(fault).__name__} {fault.sqlstate or ''}".strip()
        raise WarehouseError(
            f"PostgreSQL refused while {what}: {kind}{' at ' + where if where else ''}. Nothing of it was kept."
        ) from None


@contextmanager
def transaction(conn: Connection, what: str) -> Iterator[None]:
    """One transaction tuned for large set-based work; its errors carry no values."""
    with private_errors(what), conn.transaction():
        conn.execute("set local work_mem = '128MB'")
        yield


def name(*parts: str) -> sql.Identifier:
    """A quoted identifier: ``name("landing", "hrss_card")``."""
    return sql.Identifier(*parts)


def columns(names: list[str] | tuple[str, ...], prefix: str | None = None) -> sql.Composed:
    """Quoted column names separated by commas, each with the prefix of a table alias if one is given."""
    return sql.SQL(", ").join(sql.Identifier(*((prefix, n) if prefix else (n,))) for n in names)


def compose(text: str, **parts: sql.Composable | str) -> sql.Composed:
    """Fill ``{name}`` places of a statement with identifiers and fragments; a plain string is an identifier.

    The text is always a constant of this package, never a value from outside.
    """
    filled = {k: sql.Identifier(*v.split(".")) if isinstance(v, str) else v for k, v in parts.items()}
    return sql.SQL(text).format(**filled)


def one(conn: Connection, statement: str | sql.Composed, parameters: Any = None) -> tuple[Any, ...]:
    """The single row a statement returns."""
    query = sql.SQL(statement) if isinstance(statement, str) else statement
    row = conn.execute(query, parameters).fetchone()
    if row is None:
        raise WarehouseError("A statement that always answers one row answered none. This is a fault in the warehouse.")
    return row


def settle(conn: Connection, schema: str, written: Mapping[str, int]) -> None:
    """Tidy the tables of which more than a tenth was written at once, outside a transaction.

    What they hold is known then, and their pages are marked: until that is done every reader of a page writes it again,
    with a whole image of it in the log. Where less was written the server does it in its own time.
    """
    for table, rows in written.items():
        known = one(
            conn, "select greatest(reltuples, 0) from pg_class where oid = %s::regclass", (f"{schema}.{table}",)
        )
        if rows > max(MANY, known[0] / 10):
            conn.execute(compose("vacuum (analyze) {t}", t=name(schema, table)))


def lock(conn: Connection, subject: str) -> None:
    """Wait for, then hold until the end of the transaction, the advisory lock of one thing (a feed, publishing)."""
    conn.execute("select pg_advisory_xact_lock(hashtextextended(%s, 7))", (f"yidang.{subject}",))
