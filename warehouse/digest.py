"""A second database to land snapshots in, and digests of landing tables that tell whether two are the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from cryptography.hazmat.primitives import hashes
from psycopg import sql

from extractors.contract import Contract
from warehouse.database import Connection, columns, compose, name, private_errors
from warehouse.landing_tables import ENDED, landing_columns

SCRATCH = "yidang_replay"


@contextmanager
def scratch_database(conn: Connection, *, keep: bool) -> Iterator[str]:
    """URL of an empty database on the same server, dropped at the end unless it is kept. Raises WarehouseError."""
    database = sql.Identifier(SCRATCH)
    with private_errors(f"making the database {SCRATCH} (the user needs CREATEDB)"):
        conn.execute(sql.SQL("drop database if exists {} with (force)").format(database))
        conn.execute(sql.SQL("create database {} template template0").format(database))
    info = conn.info
    secret = f":{quote(info.password, safe='')}" if info.password else ""
    url = f"postgresql://{quote(info.user, safe='')}{secret}@{info.host}:{info.port}/{SCRATCH}"
    try:
        yield url
    finally:
        if not keep:
            conn.execute(sql.SQL("drop database if exists {} with (force)").format(database))


def digest_of(conn: Connection, contract: Contract, table: str) -> tuple[int, str]:
    """Rows of a landing table and the SM3 of all their columns as text, in the order of keys and versions."""
    own = list(landing_columns(contract))
    order = ["source_key"]
    if table != contract.feed:
        own += list(ENDED)
        order += ["until_date", "until_batch_no", "batch_no", "line_no"]
    query = compose(
        'copy (select {own} from {t} order by {order}) to stdout',
        own=columns(own), t=name("landing", table),
        order=sql.SQL(", ").join(
            compose('{c}::text collate "C"', c=column) for column in order
        ),
    )  # fmt: skip
    digest, rows = hashes.Hash(hashes.SM3()), 0
    with conn.cursor() as cursor, cursor.copy(query) as copy:
        for piece in copy:
            digest.update(bytes(piece))
        rows = cursor.rowcount
    return rows, digest.finalize().hex()
