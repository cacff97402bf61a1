"""The lists and categories of a master file as the console shows them; masked for who may not see values."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import sql

from warehouse.contents import load_facts
from warehouse.database import Connection, columns, compose
from warehouse.files import MASK

SHOWN = ("holds_from", "holds_to", "valid_from", "batch_no", "since_date")


@dataclass(frozen=True)
class FileList:
    """One list of a file: what it is about, its columns, and its rows as text, the newest known first."""

    name: str
    about: str
    columns: tuple[str, ...]
    rows: list[tuple[str | None, ...]]


def read_lists(conn: Connection, subject: str, master_id: str, *, may_see: bool) -> list[FileList]:
    """Every list of a file that has rows, in the order of file_contents.yml.

    Each row ends with its feed, the days it holds, since when the department says so, its delivery and the logical date
    it is known since; columns that say nothing are left out. Without `may_see` the columns of the list itself are `MASK`.
    """
    found = []
    for fact in load_facts():
        if fact.subject != subject:
            continue
        own = list(fact.columns)
        query = compose(
            "select {own}, core.feed_of(t.record_key), {shown} from {t} t where t.master_id = %s "
            "order by t.since_date desc, t.record_key limit 200",
            own=sql.SQL(", ").join([sql.SQL("{}::text").format(sql.Identifier("t", c)) for c in own]),
            shown=sql.SQL(", ").join([sql.SQL("{}::text").format(sql.Identifier("t", c)) for c in SHOWN]),
            t=fact.table,
        )
        rows = [tuple(row) for row in conn.execute(query, (master_id,)).fetchall()]
        if not rows:
            continue
        if not may_see:
            rows = [(*(MASK if value else None for value in row[: len(own)]), *row[len(own) :]) for row in rows]
        named = (*own, "feed", *SHOWN)
        said = [n for n, column in enumerate(zip(*rows, strict=True)) if any(value is not None for value in column)]
        told = [tuple(row[n] for n in said) for row in rows]
        found.append(FileList(fact.name, fact.about, tuple(named[n] for n in said), told))
    return found


def read_categories(conn: Connection, subject: str, master_id: str, *, may_see: bool) -> FileList | None:
    """Categories of a person on the logical date, each with its rule and the fact it rests on; None if there are none."""
    named = ("category", "band", "rule_id", "evidence", "detail", "holds_from", "holds_to")
    if subject != "person" or not may_see:
        return None
    query = compose(
        "select {named} from core.person_category where master_id = %s order by category, rule_id",
        named=columns(named),
    )
    rows = [tuple(None if v is None else str(v) for v in row) for row in conn.execute(query, (master_id,)).fetchall()]
    return FileList("category", "Categories on the logical date", named, rows) if rows else None
