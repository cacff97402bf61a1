"""All current records of one subject in the canonical columns of the matcher, from the landing tables of its feeds."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql

from extractors.contract import Contract, load_contracts
from warehouse.contents import load_values
from warehouse.copy import copy_out, keyed
from warehouse.database import Connection, compose, name
from warehouse.judgements import UNPUBLISHED, read_judgements
from warehouse.landing_tables import landing_columns

__all__ = [
    "CANONICAL",
    "changed_keys",
    "detail_feeds",
    "read_contracts",
    "read_further",
    "read_judgements",
    "read_records",
    "reading_of",
    "subject_feeds",
]
EMPTY = pa.array([], pa.string())
_BOTH = ("phone", "address", "area_code")
CANONICAL: dict[str, tuple[str, ...]] = {
    "person": (
        "name", "former_name", "sex", "ethnicity", "birth_date", "id_number", "former_id_number", *_BOTH,
        "household_no", "card_number", "updated_at",
    ),
    "enterprise": (
        "name", "former_name", "uscc", "registration_no", "organisation_code", "legal_rep_name", "legal_rep_id", *_BOTH,
        "enterprise_type", "status", "parent_uscc", "updated_at",
    ),
}  # fmt: skip
NUMBERS: dict[str, tuple[str, ...]] = {
    "person": ("id_number",),
    "enterprise": ("uscc", "registration_no", "organisation_code", "legal_rep_id"),
}


@cache
def read_contracts() -> Mapping[str, Contract]:
    """All contracts, read once in a process."""
    return load_contracts()


def subject_feeds(subject: str) -> list[str]:
    """Feeds whose records identify this subject, sorted; those with details of another feed's subjects are not matched."""
    return sorted(
        f for f, contract in read_contracts().items() if contract.subject == subject and not contract.details_of
    )


def detail_feeds() -> list[str]:
    """Feeds with details of another feed's subjects, sorted: landed, never matched."""
    return sorted(f for f, contract in read_contracts().items() if contract.details_of)


def _select(contract: Contract, subject: str) -> sql.Composed:
    present = landing_columns(contract)
    columns: list[sql.Composable] = []
    for canonical in CANONICAL[subject]:
        source = contract.canonical.get(canonical, canonical)
        if source not in present:
            columns.append(compose("null::text as {c}", c=name(canonical)))
        elif present[source][0].startswith("text"):
            columns.append(compose("{s} as {c}", s=name(source), c=name(canonical)))
        else:
            columns.append(compose("{s}::text as {c}", s=name(source), c=name(canonical)))
    for number in NUMBERS[subject]:
        reasons = f"{contract.canonical.get(number, number)}_reasons"
        given: sql.Composable = name(reasons) if reasons in present else sql.SQL("null::text[]")
        columns.append(compose("{s} as {c}", s=given, c=name(f"{number}_reasons")))
    return compose(
        "select {key} || source_key as record_key, {feed} as feed, {department} as department, {columns} from {table}",
        key=sql.Literal(f"{contract.feed}:"),
        feed=sql.Literal(contract.feed),
        department=sql.Literal(contract.department),
        columns=sql.SQL(", ").join(columns),
        table=name("landing", contract.feed),
    )


def reading_of(subject: str) -> str:
    """SHA-256 of how landed rows are read as records: another one where a contract maps its columns otherwise."""
    selects = [_select(read_contracts()[feed], subject).as_string() for feed in subject_feeds(subject)]
    return hashlib.sha256("\n".join(selects).encode()).hexdigest()


def read_records(conn: Connection, subject: str, record_keys: pa.Array | None = None) -> pa.Table:
    """Current records of a subject, one row each, in order of record_key within a feed; of these keys only, if given.

    Returns
    -------
    Text columns record_key (``<feed>:<source key>``), feed, department and the canonical columns of the subject in
    standard form, null where a feed does not carry them; dates as YYYY-MM-DD, updated_at as YYYY-MM-DD HH:MM:SS;
    then for each number ``<number>_reasons``, a list of everything that is wrong with it.
    """
    selects = {feed: _select(read_contracts()[feed], subject) for feed in subject_feeds(subject)}
    if record_keys is None:
        every = [copy_out(conn, compose("{s} order by source_key", s=select)) for select in selects.values()]
        return pa.concat_tables(every).combine_chunks()
    with keyed(conn, _parted(record_keys), "source_key") as wanted:
        parts = [
            compose(
                "select r.* from {w} w cross join lateral ({s} l where l.source_key = w.source_key offset 0) r "
                "where w.feed = {feed}",
                s=select, w=wanted, feed=sql.Literal(feed),
            )
            for feed, select in selects.items()
        ]  # fmt: skip
        asked = compose("select * from ({all}) r order by feed, record_key", all=sql.SQL(" union all ").join(parts))
        return copy_out(conn, asked).combine_chunks()


def read_further(conn: Connection, subject: str, record_keys: pa.Array | None = None) -> pa.Table:
    """Golden fields that are no evidence for matching (file_contents.yml): record_key and the fields as text, null where
    a feed does not say. Only records that say any of them; of these keys only, if given.
    """
    values = load_values(subject)
    feeds = sorted({feed for told in values.values() for feed in told} & set(subject_feeds(subject)))
    if not feeds:
        return pa.table(dict.fromkeys(("record_key", *values), EMPTY))
    if record_keys is None:
        return pa.concat_tables([copy_out(conn, _further(values, feed)) for feed in feeds]).combine_chunks()
    asked = _parted(record_keys)
    with keyed(conn, asked.filter(pc.is_in(asked["feed"], value_set=pa.array(feeds))), "source_key") as wanted:
        every = sql.SQL(" union all ").join([_further(values, feed, wanted) for feed in feeds])
        return copy_out(conn, every).combine_chunks()


def _further(values: Mapping[str, Mapping[str, str]], feed: str, wanted: sql.Identifier | None = None) -> sql.Composed:
    """What a feed says of these fields, where it says any."""
    said = {field: sql.SQL(told[feed]) for field, told in values.items() if feed in told}
    columns = [sql.SQL("({})::text as {}").format(said.get(field, sql.SQL("null")), name(field)) for field in values]
    select = compose(
        "select {key} || source_key as record_key, {columns} from {table} l where coalesce({any_said}) is not null",
        key=sql.Literal(f"{feed}:"), columns=sql.SQL(", ").join(columns), table=name("landing", feed),
        any_said=sql.SQL(", ").join([sql.SQL("({})::text").format(text) for text in said.values()]),
    )  # fmt: skip
    if wanted is None:
        return select
    return compose(
        "select f.* from {w} w cross join lateral ({select} and l.source_key = w.source_key offset 0) f where w.feed = {feed}",
        w=wanted, select=select, feed=sql.Literal(feed),
    )  # fmt: skip


def parted(of: str) -> str:
    """SQL: feed and source key of a column of record keys."""
    return f"core.feed_of({of}) as feed, substr({of}, strpos({of}, ':') + 1) as source_key"


def _parted(record_keys: pa.Array) -> pa.Table:
    """[feed, source_key] of record keys."""
    parts = pc.split_pattern(record_keys, ":", max_splits=1)
    return pa.table({"feed": pc.list_element(parts, 0), "source_key": pc.list_element(parts, 1)})


def changed_keys(conn: Connection, subject: str, batches: Sequence[tuple[str, str]]) -> pa.Array:
    """Keys of the records that these deliveries brought, changed or ended, and of what was judged since; may repeat."""
    found, parts = [EMPTY], []
    for feed in subject_feeds(subject):
        numbers = [batch for name_of, batch in batches if name_of == feed]
        if numbers:
            query = (
                "select {key} || source_key as k from {t} where batch_no = any({b}) "
                "union all select {key} || source_key from {h} where until_batch_no = any({b})"
            )
            parts.append(
                compose(
                    query, key=sql.Literal(f"{feed}:"), t=name("landing", feed), h=name("landing", f"{feed}_history"),
                    b=sql.Literal(numbers),
                )
            )  # fmt: skip
    if parts:
        found.append(copy_out(conn, sql.SQL(" union all ").join(parts))["k"].combine_chunks())
    judged = conn.execute(UNPUBLISHED, (subject, subject)).fetchall()
    found.append(pa.array([key for row in judged for key in row], pa.string()))
    return pa.concat_arrays(found)
