"""Where addresses lie: read when a delivery lands, once for each address and year, and kept beside the addresses."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from functools import cache

import duckdb
import pyarrow.compute as pc
from psycopg import sql

from extractors import standardise
from extractors.contract import Contract
from extractors.standardise import address_places
from warehouse.copy import copy_in, copy_out
from warehouse.database import Connection, columns, compose, lock, name

APPLIED = "core/address_place"
"""Path in ops.applied_file under which stands what the places were read by."""
READ_AT_ONCE = 500_000
"""Addresses read in one go; of more, those whose MD5 begins alike."""


def locate_landed(conn: Connection, contract: Contract, batch_no: str, rows: int) -> int:
    """Read the addresses that a landed delivery began or changed and that were not read for their year; how many there were.

    Part of the landing transaction. `rows`: how many records the delivery began or changed.
    """
    found = 0
    if rows and _fields(contract):
        digits = 0 if rows <= READ_AT_ONCE else 1 if rows <= 16 * READ_AT_ONCE else 2
        for n in range(16**digits):
            found += _locate(conn, contract, batch_no, f"{n:0{digits}x}" if digits else "")
    return found


def sync_address_places(conn: Connection, contracts: Iterable[Contract]) -> None:
    """Read all addresses anew where the divisions or anything else of the standard form are not those they were read by."""
    digest = _digest()
    known = conn.execute("select content_md5 from ops.applied_file where path = %s", (APPLIED,)).fetchone()
    if known is not None and known[0] == digest:
        return
    conn.execute("truncate core.address_place")
    for contract in contracts:
        if _fields(contract):
            for n in range(256):
                _locate(conn, contract, None, f"{n:02x}")
    conn.execute(
        "insert into ops.applied_file (path, content_md5) values (%s, %s) on conflict (path) do update "
        "set content_md5 = excluded.content_md5",
        (APPLIED, digest),
    )


def _digest() -> str:
    return hashlib.md5(standardise.digest_macros().encode(), usedforsecurity=False).hexdigest()


@cache
def _reader(year: int) -> duckdb.DuckDBPyConnection:
    """The standardising connection of a year, made once in a process: several deliveries land in one."""
    return standardise.connect(as_of=date(year, 12, 31), used_by=address_places.QUERIES)


def _fields(contract: Contract) -> list[str]:
    return [field.name for field in contract.fields if field.kind == "address"]


def _locate(conn: Connection, contract: Contract, batch_no: str | None, md5_begins: str) -> int:
    parts = [
        compose(
            "select {field} as address, extract(year from coalesce(updated_at, since_date))::int as year from {table} "
            "where {field} is not null and {batch} and {piece}",
            field=name(field), table=name("landing", contract.feed),
            batch=sql.SQL("true") if batch_no is None else compose("batch_no = {b}", b=sql.Literal(batch_no)),
            piece=compose("md5({f}) like {p}", f=name(field), p=sql.Literal(f"{md5_begins}%")) if md5_begins else sql.SQL("true"),
        )
        for field in _fields(contract)
    ]  # fmt: skip
    unread = compose(
        "select distinct md5(a.address) as address_md5, a.address, a.year from ({parts}) a where not exists "
        "(select from core.address_place p where p.address_md5 = md5(a.address) and p.year = a.year)",
        parts=sql.SQL(" union all ").join(parts),
    )
    rows = copy_out(conn, unread)
    if not rows.num_rows:
        return 0
    latest = pc.max(rows["year"]).as_py()
    with _reader(int(latest)).cursor() as connection:
        read = address_places.locate(connection, rows.select(["address", "year"]))
    placed = read.join(rows, keys=["address", "year"]).drop_columns(["address"])
    lock(conn, "core.address_place")  # another feed may bring the same address at the same time
    conn.execute("create temp table address_read (like core.address_place) on commit drop")
    copy_in(conn, "address_read", placed)
    named = columns(placed.column_names)
    added = conn.execute(
        compose(
            "insert into core.address_place ({named}) select {named} from address_read on conflict do nothing",
            named=named,
        )
    ).rowcount
    conn.execute("drop table address_read")
    return int(added)
