"""Fill the reference tables from the files of extractors/reference and from the contracts; nothing is ever deleted."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable

import pyarrow as pa
from psycopg import sql

from extractors.contract import Contract
from extractors.reference import path_of
from extractors.reference.codes import read_code_tables, read_codes, read_divisions
from extractors.standardise.tables import code_variants
from warehouse.copy import copy_in
from warehouse.database import Connection, columns, compose

FILES = ("code_table.csv", "code.csv", "division.parquet", "division_successor.csv")


def sync_reference(conn: Connection, contracts: Iterable[Contract]) -> None:
    """Bring the tables of ref up to date; a row the lists no longer hold stays, with ``is_listed`` false."""
    digest = hashlib.md5(usedforsecurity=False)
    for name in FILES:
        digest.update(path_of(name).read_bytes())
    if _is_news(conn, "ref/national", digest.hexdigest()):
        tables = [vars(table) for table in read_code_tables()]
        _bring(conn, "ref.code_table", pa.Table.from_pylist(tables), ("code_table",), is_listed=False)
        _bring(conn, "ref.code", _dated(read_codes()), ("code_table", "code", "valid_from"))
        variants = [{"code_table": t, "variant": v, "code": c} for t, v, c, _ in code_variants()]
        _bring(conn, "ref.code_variant", pa.Table.from_pylist(variants), ("code_table", "variant"))
        _bring(conn, "ref.division", read_divisions(), ("code", "name", "valid_from"))
        with path_of("division_successor.csv").open(encoding="utf-8", newline="") as file:
            _bring(conn, "ref.division_successor", pa.Table.from_pylist(list(csv.DictReader(file))), ("old_code",))
    sent = _feed_codes(contracts)
    if _is_news(conn, "ref/feeds", hashlib.md5(repr(sent).encode(), usedforsecurity=False).hexdigest()) and sent:
        _bring(conn, "ref.feed_code", pa.Table.from_pylist(sent), ("feed", "field", "received", "version"))


def _feed_codes(contracts: Iterable[Contract]) -> list[dict[str, str]]:
    return [
        {"feed": contract.feed, "field": column.field, "received": text, "standard": value, "version": version}
        for contract in sorted(contracts, key=lambda contract: contract.feed)
        for version in contract.schema_versions
        for column in contract.layout_of(version).columns
        if column.field
        for value, texts in column.codes.items()
        for text in texts
    ]


def _dated(codes: pa.Table) -> pa.Table:
    """Codes whose beginning is not known begin at -infinity, so that it can be part of the key."""
    begins = ["-infinity" if day is None else day.isoformat() for day in codes["valid_from"].to_pylist()]
    return codes.set_column(codes.column_names.index("valid_from"), "valid_from", pa.array(begins, pa.string()))


def _is_news(conn: Connection, path: str, digest: str) -> bool:
    """Whether what is there was filled from something else; remembers what it is filled from now."""
    return bool(
        conn.execute(
            "insert into ops.applied_file as a (path, content_md5) values (%s, %s) on conflict (path) do update "
            "set content_md5 = excluded.content_md5 where a.content_md5 <> excluded.content_md5",
            (path, digest),
        ).rowcount
    )


def _bring(conn: Connection, table: str, rows: pa.Table, key: tuple[str, ...], *, is_listed: bool = True) -> None:
    if is_listed:
        rows = rows.append_column("is_listed", pa.repeat(pa.scalar(True), rows.num_rows))
        conn.execute(compose("update {t} set is_listed = false", t=table))
    conn.execute(compose("create temp table fresh (like {t}) on commit drop", t=table))
    copy_in(conn, "fresh", rows)
    rest = [name for name in rows.column_names if name not in key]
    conn.execute(
        compose(
            "insert into {t} ({all}) select {all} from fresh on conflict ({key}) do update set ({rest}) = row ({new})",
            t=table, all=columns(rows.column_names), key=columns(key), rest=columns(rest), new=columns(rest, "excluded"),
        )
    )  # fmt: skip
    conn.execute(sql.SQL("drop table fresh"))
