"""Bring a database to the shape of this version: Alembic's head, the tables of the feeds, card services and views."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from extractors.contract import Contract, load_contracts
from warehouse.address_places import APPLIED, sync_address_places
from warehouse.coverage import sync_coverage
from warehouse.database import Connection, compose, connect, name, private_errors
from warehouse.fact_tables import sync_facts
from warehouse.landing_tables import comment_on, sync_landing
from warehouse.lists import index_lists
from warehouse.reference import sync_reference

PACKAGE = Path(__file__).resolve().parent
SCHEMAS = {
    "ref": "Code tables and what the rules refer to",
    "landing": "Current records of every feed with their history, in standard form beside what was received",
    "stage": "Masters of a run before they are published",
    "core": "Published masters with history: persons, enterprises, crosswalk, values, links, review, cards",
    "ops": "Runs, deliveries, rejects, findings, verdicts, events",
    "card": "Questions of card services, one function each",
    "mart": "De-identified counts for analysts; cells below 10 are suppressed",
    "audit": "Who looked at which file and why",
}
MIGRATION_LOCK = 70_201_101


def migrate(url: str, contracts: Iterable[Contract] | None = None) -> None:
    """Bring the database to the newest shape; does nothing where it already is, and waits for another one that runs.

    Parameters
    ----------
    url
        ``postgresql://...``
    contracts
        Feeds to have landing tables for; default: all of ``extractors/feeds``.

    Raises
    ------
    WarehouseError
        No connection, an older server, or a landing table whose column has another type than the contract says.
    """
    contracts = list(load_contracts().values() if contracts is None else contracts)
    with connect(url) as conn, private_errors("migrating"):
        conn.execute("select pg_advisory_lock(%s)", (MIGRATION_LOCK,))
        try:
            _make_schemas(conn)
            _run_alembic(conn, url)
            with conn.transaction():
                comment_on(conn, "table", ("ops", "migration"), "Migration the database is at; kept by Alembic")
                comment_on(conn, "column", ("ops", "migration", "version_num"), "Revision in warehouse/migrations")
                sync_landing(conn, contracts)
                sync_facts(conn, contracts)
                sync_reference(conn, contracts)
                sync_address_places(conn, contracts)
                index_lists(conn)
                for folder in ("ref", "core", "card", "mart"):
                    _apply_files(conn, folder)
                sync_coverage(conn)
        finally:
            conn.execute("select pg_advisory_unlock(%s)", (MIGRATION_LOCK,))


def _make_schemas(conn: Connection) -> None:
    found = {r[0] for r in conn.execute("select nspname from pg_namespace")}
    with conn.transaction():
        for schema, text in SCHEMAS.items():
            if schema not in found:
                conn.execute(compose("create schema {schema}", schema=name(schema)))
                comment_on(conn, "schema", (schema,), text)


def _run_alembic(conn: Connection, url: str) -> None:
    import sqlalchemy
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(PACKAGE / "migrations"))
    if _revision(conn) != ScriptDirectory.from_config(config).get_current_head():
        _drop_views(conn)
    engine = sqlalchemy.create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=sqlalchemy.NullPool, hide_parameters=True
    )
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    finally:
        engine.dispose()


def _drop_views(conn: Connection) -> None:
    """Take all views away, so that a migration may change the columns they read; they are made anew after it."""
    with conn.transaction():
        views = conn.execute(
            "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
            "where c.relkind = 'v' and n.nspname = any(%s)",
            (list(SCHEMAS),),
        ).fetchall()
        for schema, view in views:
            conn.execute(compose("drop view if exists {view} cascade", view=name(schema, view)))
        if conn.execute("select to_regclass('ops.applied_file')").fetchone() != (None,):
            conn.execute("delete from ops.applied_file where path <> %s", (APPLIED,))


def _revision(conn: Connection) -> str | None:
    if conn.execute("select to_regclass('ops.migration')").fetchone() == (None,):
        return None
    row = conn.execute("select version_num from ops.migration").fetchone()
    return str(row[0]) if row else None


def _apply_files(conn: Connection, folder: str) -> None:
    """Run the SQL files of a folder that changed since they were applied last, in order of name."""
    for path in sorted((PACKAGE / folder).glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
        key = f"{folder}/{path.name}"
        known = conn.execute("select content_md5 from ops.applied_file where path = %s", (key,)).fetchone()
        if known is not None and known[0] == digest:
            continue
        conn.execute(text.encode())
        conn.execute(
            "insert into ops.applied_file (path, content_md5) values (%s, %s) "
            "on conflict (path) do update set content_md5 = excluded.content_md5",
            (key, digest),
        )
