"""Authoritative lists: an authority's word on which numbers are one subject's enters as judgements with its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from warehouse.database import Connection, compose, name, one
from warehouse.landing_tables import landing_columns
from warehouse.records import read_contracts, subject_feeds


@dataclass(frozen=True)
class NumberList:
    """A column of an authority's feed that lists a further number of the row's subject.

    `source` stands in the judgements; `lists` is the column; `number` is the field in which other records bear it.
    """

    source: str
    subject: str
    feed: str
    lists: str
    number: str
    reason: str


LISTS = (
    NumberList(
        "ps_former_number", "person", "ps_person", "former_id_number", "id_number",
        "Public Security lists the number as a former one of this person",
    ),
    NumberList(
        "mr_number_table", "enterprise", "mr_entity", "registration_no", "uscc",
        "the register lists the old registration number as this enterprise's",
    ),
    NumberList(
        "mr_number_table", "enterprise", "mr_entity", "organisation_code", "uscc",
        "the register lists the organisation code as this enterprise's",
    ),
)  # fmt: skip


def index_lists(conn: Connection) -> None:
    """Indexes over the listed numbers, which are few."""
    for found in LISTS:
        if one(conn, "select to_regclass(%s)", (f"landing.{found.feed}",))[0] is None:
            continue
        conn.execute(
            compose(
                "create index if not exists {index} on {table} ({lists}) where {lists} is not null",
                index=name(f"{found.feed}_{found.lists}_idx"), table=name("landing", found.feed), lists=name(found.lists),
            )
        )  # fmt: skip


def take_lists(conn: Connection, subject: str, batches: Sequence[tuple[str, str]]) -> tuple[int, int]:
    """Judge the same what the lists say of the records of these deliveries; withdraw what they no longer say.

    One judgement a line of a list and record that bears the listed number under the very name or former name of the
    line. What a line says of itself, or of a number that nobody bears, is no judgement. Part of a transaction.

    Returns
    -------
    (judgements added, judgements withdrawn)
    """
    added = withdrawn = 0
    for found in LISTS:
        if found.subject != subject or found.feed not in subject_feeds(subject):
            continue
        conn.execute("create temp table listed_pair (line_key text, other_key text, batch_no text) on commit drop")
        for feed in subject_feeds(subject):
            if found.number in landing_columns(read_contracts()[feed]):
                _gather(conn, found, feed, [batch for of, batch in batches if of == feed])
        _gather_published(conn, found, [batch for of, batch in batches if of == found.feed])
        added += _judge(conn, found)
        withdrawn += _withdraw(conn, found)
        conn.execute("drop table listed_pair")
    return added, withdrawn


def _parts(found: NumberList, feed: str, batches: Sequence[str]) -> dict[str, sql.Composable | str]:
    return {
        "line": name("landing", found.feed), "lists": name(found.lists), "number": name(found.number),
        "other": name("landing", feed), "batches": sql.Literal(list(batches)),
        "line_prefix": sql.Literal(f"{found.feed}:"), "other_prefix": sql.Literal(f"{feed}:"),
    }  # fmt: skip


def _gather(conn: Connection, found: NumberList, feed: str, batches: Sequence[str]) -> None:
    """Records that these deliveries brought and that bear a listed number under the name of its line."""
    if not batches:
        return
    conn.execute(
        compose(
            "insert into listed_pair select {line_prefix} || l.source_key, {other_prefix} || r.source_key, l.batch_no "
            "from {other} r join {line} l on l.{lists} = r.{number} where r.batch_no = any({batches}) "
            "and r.name in (l.name, l.former_name) "
            "and {line_prefix} || l.source_key <> {other_prefix} || r.source_key",
            **_parts(found, feed, batches),
        )
    )


def _gather_published(conn: Connection, found: NumberList, batches: Sequence[str]) -> None:
    """Lines that these deliveries brought, with the published records that bear the listed number under their name."""
    if not batches:
        return
    conn.execute(
        compose(
            "create temp table listed_file on commit drop as select distinct l.source_key, v.master_id from {line} l "
            "join {value} v on v.field = {field} and v.value = l.{lists} where l.batch_no = any({batches})",
            **_parts(found, found.feed, batches), value=name("core", f"{found.subject}_value"),
            field=sql.Literal(found.number),
        )
    )  # fmt: skip
    # The records of those files first, by the index: asked feed by feed, a feed's whole part of the crosswalk would be read.
    conn.execute(
        "create temp table listed_record on commit drop as select f.source_key, c.record_key from listed_file f "
        "cross join lateral (select record_key from core.crosswalk where master_id = f.master_id offset 0) c"
    )
    conn.execute("analyze listed_record")
    for feed in subject_feeds(found.subject):
        if found.number in landing_columns(read_contracts()[feed]):
            conn.execute(
                compose(
                    "insert into listed_pair select {line_prefix} || l.source_key, c.record_key, l.batch_no "
                    "from listed_record c join {other} r on r.source_key = substr(c.record_key, {other_from}) "
                    "join {line} l on l.source_key = c.source_key and l.{lists} = r.{number} where c.record_key like {like} "
                    "and r.name in (l.name, l.former_name) and {line_prefix} || l.source_key <> c.record_key",
                    **_parts(found, feed, batches), other_from=sql.Literal(len(feed) + 2),
                    like=sql.Literal(feed.replace("_", r"\_") + ":%"),
                )
            )  # fmt: skip
    conn.execute("drop table listed_file, listed_record")


def _judge(conn: Connection, found: NumberList) -> int:
    """Append what is not in force yet; a pair that somebody has judged otherwise since stays as that person judged it."""
    return conn.execute(
        "insert into core.judgement (subject, left_key, right_key, verdict, source, judged_by, reason, judged_at) "
        "select distinct on (1, 2, 3) %(subject)s, least(p.line_key, p.other_key), greatest(p.line_key, p.other_key), "
        "'same', %(source)s, %(feed)s, %(reason)s || ', delivery ' || p.batch_no, clock_timestamp() from listed_pair p "
        "where not exists (select from core.judgement_in_force j where j.subject = %(subject)s "
        "and j.left_key = least(p.line_key, p.other_key) and j.right_key = greatest(p.line_key, p.other_key))",
        {"subject": found.subject, "source": found.source, "feed": found.feed, "reason": found.reason},
    ).rowcount


def _withdraw(conn: Connection, found: NumberList) -> int:
    """Take back what a line, or the record beside it, no longer says."""
    conn.execute(
        "create temp table listed_before on commit drop as select j.judgement_id, k.line_key, "
        "case when j.left_key = k.line_key then j.right_key else j.left_key end as other_key "
        "from core.judgement_in_force j cross join lateral (select case when starts_with(j.left_key, %(own)s) "
        "then j.left_key else j.right_key end as line_key) k where j.subject = %(subject)s and j.source = %(source)s "
        "and starts_with(j.reason, %(reason)s)",
        {"own": f"{found.feed}:", "subject": found.subject, "source": found.source, "reason": found.reason},
    )
    if not one(conn, "select exists (select from listed_before)")[0]:
        conn.execute("drop table listed_before")
        return 0
    for feed in subject_feeds(found.subject):
        if found.number in landing_columns(read_contracts()[feed]):
            conn.execute(
                compose(
                    "delete from listed_before b using {line} l, {other} r where b.line_key = {line_prefix} || l.source_key "
                    "and b.other_key = {other_prefix} || r.source_key and l.source_key = substr(b.line_key, {line_from}) "
                    "and r.source_key = substr(b.other_key, {other_from}) and l.{lists} = r.{number}",
                    **_parts(found, feed, ()), line_from=sql.Literal(len(found.feed) + 2),
                    other_from=sql.Literal(len(feed) + 2),
                )
            )  # fmt: skip
    done = conn.execute(
        "insert into core.judgement (subject, left_key, right_key, verdict, withdraws_id, source, judged_by, reason, "
        "judged_at) select j.subject, j.left_key, j.right_key, 'withdrawn', j.judgement_id, j.source, j.judged_by, "
        "'the list no longer says so', clock_timestamp() from listed_before b join core.judgement j using (judgement_id)"
    ).rowcount
    conn.execute("drop table listed_before")
    return done
