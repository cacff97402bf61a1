"""The tables of the feeds follow the contracts: a new YAML and its tables are there after the next migration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from psycopg import sql

from extractors.contract import Contract
from warehouse.database import Connection, WarehouseError, compose, name

FIRST = {
    "source_key": ("text not null", "Key of the row in its feed; personal"),
}
LAST = {
    "updated_at": ("timestamp", "When the department last changed the row, local time"),
    "line_no": ("bigint", "Line or row in the delivery that brought this version"),
    "received": ("json", "Received text of those fields that differ from the standard form; personal"),
    "record_hash": ("text not null", "MD5 over standard fields and received text; equal means unchanged"),
    "batch_no": ("text not null", "Delivery that brought this version"),
    "since_run_id": ("text not null", "Run that landed this version"),
    "since_date": ("date not null", "Business date of that delivery"),
}
ENDED = {
    "until_batch_no": ("text not null", "Delivery that ended this version"),
    "until_run_id": ("text not null", "Run that landed that delivery"),
    "until_date": ("date not null", "Business date of that delivery"),
    "end_kind": ("text not null", "updated: a newer version followed; deleted: the row ended"),
}
FIELD_TYPES = {"text": "text", "date": "date", "timestamp": "timestamp", "decimal": "numeric(18,2)"}
_SAME_TYPE = {
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz",
    "character varying": "text",
    "double precision": "float8",
}


def comment_on(conn: Connection, kind: str, target: tuple[str, ...], text: str) -> None:
    """Set the comment of a schema, table or column."""
    conn.execute(sql.SQL("comment on {} {} is {}").format(sql.SQL(kind), sql.Identifier(*target), sql.Literal(text)))


def landing_columns(contract: Contract) -> dict[str, tuple[str, str]]:
    """Column → (type of PostgreSQL, comment) of a feed's landing table, in order."""
    fields: dict[str, tuple[str, str]] = {}
    for field in contract.fields:
        if field.name in LAST:
            continue
        text = f"{field.chinese}: {field.description} ({field.protection})"
        fields[field.name] = (FIELD_TYPES[field.type], text)
        if field.has_reasons:
            fields[f"{field.name}_reasons"] = ("text[]", f"{field.chinese}: everything that is wrong with the number")
    return {**FIRST, **fields, **LAST}


def sync_landing(conn: Connection, contracts: Iterable[Contract]) -> None:
    """Make or extend the landing tables of all feeds; columns a contract no longer has stay, with their history.

    Raises
    ------
    WarehouseError
        A column is there with another type.
    """
    present = _present_columns(conn)
    for contract in sorted(contracts, key=lambda c: c.feed):
        current = landing_columns(contract)
        title = f"{contract.title} {contract.title_english} ({contract.owner})"
        _sync_table(conn, contract.feed, current, f"Current records of the feed {title}", "source_key", present)
        _sync_table(
            conn, f"{contract.feed}_history", {**current, **ENDED}, f"Ended record versions of {title}", None, present
        )


def _present_columns(conn: Connection) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    rows = conn.execute(
        "select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), col_description(c.oid, a.attnum) "
        "from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid "
        "where n.nspname = 'landing' and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped"
    )
    for relation, column, kind, comment in rows:
        found.setdefault(relation, {})[column] = kind
        found.setdefault(f"{relation}#comments", {})[column] = comment or ""
    return found


def _plain(kind: str) -> str:
    base = kind.lower().replace(" not null", "").strip().replace(", ", ",")
    return _SAME_TYPE.get(base, base)


def _sync_table(
    conn: Connection,
    table: str,
    wanted: Mapping[str, tuple[str, str]],
    title: str,
    key: str | None,
    present: Mapping[str, Mapping[str, str]],
) -> None:
    if table not in present:
        lines = [sql.SQL("{} {}").format(name(c), sql.SQL(kind)) for c, (kind, _) in wanted.items()]
        if key:
            lines.append(sql.SQL("primary key ({})").format(name(key)))
        conn.execute(
            compose("create table {table} ({lines})", table=name("landing", table), lines=sql.SQL(", ").join(lines))
        )
        if not key:
            conn.execute(compose("create index on {table} (source_key)", table=name("landing", table)))
    # A delta run asks which records a delivery brought or ended.
    batch = "batch_no" if key else "until_batch_no"
    conn.execute(
        compose(
            "create index if not exists {index} on {table} ({batch})",
            index=name(f"{table}_{batch}_idx"), table=name("landing", table), batch=name(batch),
        )
    )  # fmt: skip
    comment_on(conn, "table", ("landing", table), title)
    there = present.get(table, {})
    comments = present.get(f"{table}#comments", {})
    for column, (kind, text) in wanted.items():
        if table in present and column not in there:
            add = "alter table {table} add column {column} {kind}"
            conn.execute(
                compose(
                    add, table=name("landing", table), column=name(column), kind=sql.SQL(kind.replace("not null", ""))
                )
            )
        elif table in present and _plain(there[column]) != _plain(kind):
            raise WarehouseError(
                f"landing.{table}.{column} is {there[column]}, the contract says {_plain(kind)}. A column never "
                "changes its type by itself: give the field another name, or write a migration that converts it."
            )
        if comments.get(column) != text:
            comment_on(conn, "column", ("landing", table, column), text)
    for column in set(there) - set(wanted):
        gone = f"No longer in the contract. {comments.get(column, '')}"
        if not comments.get(column, "").startswith("No longer"):
            comment_on(conn, "column", ("landing", table, column), gone)
