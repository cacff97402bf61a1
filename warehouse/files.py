"""A master file as the console shows it: values, records, events, links, judgements; masked for who may not see it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from psycopg import sql

from warehouse.database import Connection, WarehouseError, compose, one
from warehouse.masters import SUBJECTS
from warehouse.records import CANONICAL

MASK = "•••"


@dataclass(frozen=True)
class Value:
    """One value of a field: who says so, and since which day the file holds it."""

    field: str
    value: str
    feed: str
    since: str
    is_winner: bool
    batch_no: str | None = None
    rule: str | None = None
    valid_from: str | None = None


@dataclass(frozen=True)
class FileView:
    """A master file in full. Keys of records are empty and values are `MASK` where the viewer may not see them."""

    master_id: str
    subject: str
    survivor: str | None
    values: list[Value]
    records: list[dict[str, Any]]
    records_seen: str
    events: list[dict[str, Any]]
    links: list[dict[str, Any]]
    judgements: list[dict[str, Any]]
    reviews: list[dict[str, Any]]

    def golden(self, field: str) -> str | None:
        """The golden value of a field."""
        return next((v.value for v in self.values if v.field == field and v.is_winner), None)


def rows(conn: Connection, statement: str | sql.Composed, parameters: Any = None) -> list[dict[str, Any]]:
    """The rows of a statement as dictionaries, dates and moments as ISO text."""
    cursor = conn.execute(sql.SQL(statement) if isinstance(statement, str) else statement, parameters)
    names = [c.name for c in cursor.description or ()]
    return [{n: _text(v) for n, v in zip(names, row, strict=True)} for row in cursor.fetchall()]


def _text(value: Any) -> Any:
    return value.isoformat(sep=" ", timespec="seconds") if hasattr(value, "hour") else (
        value.isoformat() if hasattr(value, "isoformat") else value
    )  # fmt: skip


def digest_records(keys: list[str]) -> str:
    """MD5 of the keys of a file's records in the order of their numbers: what numbers in a form were chosen from."""
    return hashlib.md5("\n".join(keys).encode(), usedforsecurity=False).hexdigest()


def subject_of(conn: Connection, master_id: str) -> str | None:
    """person or enterprise, also for a file that was retired; None if there never was such a file."""
    for subject in SUBJECTS:
        query = compose(
            "select 1 from {live} where master_id = %(m)s union all select 1 from {past} where master_id = %(m)s limit 1",
            live=f"core.{subject}", past=f"core.{subject}_history",
        )  # fmt: skip
        if conn.execute(query, {"m": master_id}).fetchone():
            return subject
    return None


def find_file(conn: Connection, text: str) -> list[str]:
    """Live files a steward means by a master id, an identity number or a unified code; at most ten."""
    asked = text.strip().upper()
    found = conn.execute(
        "select core.survivor(%(a)s) where core.survivor(%(a)s) is not null union "
        "select master_id from core.person where id_number = %(a)s union "
        "select master_id from core.enterprise where uscc = %(a)s union "
        "select master_id from core.person_value where field in ('id_number', 'former_id_number') and value = %(a)s "
        "union select master_id from core.registration where former_id_number = %(a)s "
        "union select master_id from core.enterprise_value where field = 'uscc' and value = %(a)s limit 10",
        {"a": asked},
    ).fetchall()
    return sorted(str(r[0]) for r in found)


def is_mistyped(conn: Connection, text: str) -> bool:
    """Whether a text has the shape of a file id, but a check character that does not fit."""
    query = "select upper(btrim(%(t)s)) ~ '^[PE][0-9A-Z]{9}$' and not core.is_master_id(%(t)s)"
    return bool(one(conn, query, {"t": text})[0])


def read_values(conn: Connection, subject: str, master_id: str, *, may_see: bool) -> list[Value]:
    """Values of a file in the order of the subject's fields, the golden one first."""
    order = {field: n for n, field in enumerate(CANONICAL[subject])}
    query = compose(
        "select field, value, feed, since_date::text, is_winner, batch_no, rule, valid_from::text from {t} where master_id = %s "
        "order by field, is_winner desc, feed, value",
        t=f"core.{subject}_value",
    )
    found = [Value(*row) for row in conn.execute(query, (master_id,)).fetchall()]
    found.sort(key=lambda v: order.get(v.field, 99))
    return found if may_see else [replace(v, value=MASK) for v in found]


def read_file(conn: Connection, master_id: str, *, may_see: bool) -> FileView:
    """Everything about a file.

    Raises
    ------
    WarehouseError
        There never was a file with this id.
    """
    subject = subject_of(conn, master_id)
    if subject is None:
        raise WarehouseError("There is no file with this id, and never was.")
    key = {"m": master_id}
    records = rows(
        conn,
        "select row_number() over (order by split_part(record_key, ':', 1), record_key)::int as number, "
        "split_part(record_key, ':', 1) as feed, record_key, since_date from core.crosswalk "
        "where master_id = %(m)s order by 1",
        key,
    )
    number = {r["record_key"]: r["number"] for r in records}
    links = rows(
        conn,
        "select left_key, right_key, rule, round(score::numeric, 1)::float8 as score, reasons, since_date, "
        "core.link_words(rule, null, null) as words "
        "from core.link where master_id = %(m)s order by score desc nulls first, left_key, right_key",
        key,
    )
    keys = list(number)
    judgements = rows(
        conn,
        "select j.judgement_id, j.act_id, j.left_key, j.right_key, j.verdict, j.source, j.judged_by, j.second_by, "
        "j.reason, j.judged_at, exists (select from core.judgement w where w.withdraws_id = j.judgement_id) as is_withdrawn "
        "from core.judgement j where j.verdict <> 'withdrawn' and (j.left_key = any(%(k)s) or j.right_key = any(%(k)s)) "
        "order by j.judgement_id desc limit 200",
        {"k": keys},
    )
    for line in (*links, *judgements):
        line["left"], line["right"] = number.get(line["left_key"]), number.get(line["right_key"])
    view = FileView(
        master_id=master_id,
        subject=subject,
        survivor=conn.execute("select core.survivor(%s)", (master_id,)).fetchone()[0],  # type: ignore[index]
        values=read_values(conn, subject, master_id, may_see=may_see),
        records=records,
        records_seen=digest_records(keys) if may_see else "",
        events=rows(
            conn,
            "select day, what, words, other_id, run_id from core.history(%(m)s)",
            key,
        ),
        links=links,
        judgements=judgements,
        reviews=rows(
            conn,
            "select review_id, review_kind, state, opened_date, taken_by from core.review "
            "where %(m)s in (left_id, right_id) order by review_id",
            key,
        ),
    )
    if not may_see:
        for line in (*records, *links, *judgements):
            line.update({k: "" for k in ("record_key", "left_key", "right_key") if k in line})
        for judged in judgements:
            judged["reason"] = MASK  # free words may hold anything
        for event in view.events:
            if event["what"] == "judgement":
                event["words"] = MASK
    return view
