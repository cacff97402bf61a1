"""How many files there are, of which sizes, and how many have each golden field: kept by difference, counted anew in rebuilds.

A night counts the files it wrote, as they were and as the tables hold them now, and moves the totals by the difference, so
that its cost follows what changed. `recount_totals` counts whole tables: in rebuilds, and by ``python -m runtime recount``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from psycopg import sql

from warehouse.copy import keyed
from warehouse.database import Connection, compose, name, one
from warehouse.golden import golden_columns
from warehouse.masters import SUBJECTS, Subject
from warehouse.reviews import WAITING

KEYS = {"core.file_size": "record_count", "core.file_fill": "field"}
"""Table of totals → what it counts files by."""


@dataclass(frozen=True, slots=True)
class LiveTotals:
    """Files, their records, the most records one has, waiting cases, and how many files have each golden field."""

    masters: int
    records: int
    largest: int
    reviews: int
    filled: dict[str, int]


def _fields(conn: Connection, subject: Subject) -> list[str]:
    return [c for c in golden_columns(conn, subject) if c not in ("master_id", "record_count")]


def _counts(conn: Connection, subject: Subject, files: sql.Composable) -> dict[str, sql.Composed]:
    """Table of totals → SELECT [key, file_count] over the files, alias m, of a FROM clause; each golden field is one row."""
    fields = _fields(conn, subject)
    counted = sql.SQL(", ").join([compose("count(m.{c}) as {c}", c=c) for c in fields])
    named = sql.SQL(", ").join([compose("({said}, c.{c})", said=sql.Literal(c), c=c) for c in fields])
    return {
        "core.file_size": compose("select m.record_count, count(*) as file_count from {files} group by 1", files=files),
        "core.file_fill": compose(
            "select f.field, f.file_count from (select {counted} from {files}) c "
            "cross join lateral (values {named}) f (field, file_count)",
            counted=counted, named=named, files=files,
        ),
    }  # fmt: skip


def recount_totals(conn: Connection, subject: Subject) -> None:
    """Count the files of a subject from the whole table."""
    of = sql.Literal(subject)
    for table, counted in _counts(conn, subject, compose("{core} m", core=name("core", subject))).items():
        conn.execute(compose("delete from {t} where subject = {s}", t=table, s=of))
        conn.execute(compose("insert into {t} select {s}, q.* from ({q}) q", t=table, q=counted, s=of))


def move_totals(conn: Connection, subject: Subject, before: str) -> None:
    """Move the totals by what became of the files in the temp table ``touched``.

    `before` is a temp table of their golden records as they were; what they are is read from the live table.
    """
    conn.execute(
        compose(
            "create temp table now_file on commit drop as select m.* from touched w join {core} m on m.master_id = w.master_id",
            core=name("core", subject),
        )
    )
    now = _counts(conn, subject, compose("{now} m", now="now_file"))
    for table, counted in _counts(conn, subject, compose("{before} m", before=before)).items():
        conn.execute(
            compose(
                "merge into {t} t using (select {key}, sum(n) as moved from (select {key}, -file_count as n from ({was}) w "
                "union all select {key}, file_count from ({now}) i) q group by 1 having sum(n) <> 0) m "
                "on t.subject = {s} and t.{key} = m.{key} "
                "when matched then update set file_count = t.file_count + m.moved "
                "when not matched then insert (subject, {key}, file_count) values ({s}, m.{key}, m.moved)",
                t=table, s=sql.Literal(subject), key=KEYS[table], was=counted, now=now[table],
            )
        )  # fmt: skip
    conn.execute("drop table now_file")
    conn.execute("delete from core.file_size where subject = %s and file_count = 0", (subject,))


def count_files(conn: Connection, subject: Subject) -> tuple[int, int]:
    """(files, their records) there are, from the totals."""
    row = one(
        conn,
        "select coalesce(sum(file_count), 0), coalesce(sum(file_count * record_count), 0) from core.file_size "
        "where subject = %s",
        (subject,),
    )
    return int(row[0]), int(row[1])


def read_totals(conn: Connection, subject: Subject, without: pa.Array) -> LiveTotals:
    """Totals over the live files except these, and over the cases outside the staged scope."""
    of, core = sql.Literal(subject), name("core", subject)
    rest: dict[str, list[tuple[Any, ...]]] = {}
    with keyed(conn, without, "master_id") as wanted:
        conn.execute(
            compose(
                "create temp table of_files as select m.* from {w} w join {core} m on m.master_id = w.master_id",
                w=wanted, core=core,
            )
        )  # fmt: skip
        files = compose("{of} m", of="of_files")
        for table, counted in _counts(conn, subject, files).items():
            rest[table] = conn.execute(
                compose(
                    "select t.{key}, t.file_count - coalesce(w.file_count, 0) from {t} t left join ({q}) w using ({key}) "
                    "where t.subject = {s}",
                    key=KEYS[table], t=table, q=counted, s=of,
                )
            ).fetchall()  # fmt: skip
        conn.execute("drop table of_files")
    sizes = [(int(size), int(files)) for size, files in rest["core.file_size"]]
    waiting = compose(
        f"select count(*) from core.review t where t.subject = {{s}} and t.state in {WAITING} "
        "and t.left_key not in (select record_key from {scope})",
        s=of, scope=name("stage", f"{subject}_scope"),
    )  # fmt: skip
    return LiveTotals(
        masters=sum(files for _, files in sizes),
        records=sum(size * files for size, files in sizes),
        largest=max((size for size, files in sizes if files), default=0),
        reviews=int(one(conn, waiting)[0]),
        filled={**dict.fromkeys(_fields(conn, subject), 0), **{str(f): int(n) for f, n in rest["core.file_fill"]}},
    )


def compare_totals(conn: Connection) -> list[str]:
    """What the totals say otherwise than the whole tables do, and files that say another number of records than they have."""
    wrong = []
    for subject in SUBJECTS:
        parts = {"s": sql.Literal(subject), "core": name("core", subject)}
        for table, counted in _counts(conn, subject, compose("{core} m", core=parts["core"])).items():
            rows = conn.execute(
                compose(
                    "select {key}, coalesce(t.file_count, 0), coalesce(q.file_count, 0) "
                    "from (select * from {t} where subject = {s}) t full join ({q}) q using ({key}) "
                    "where coalesce(t.file_count, 0) <> coalesce(q.file_count, 0) order by 1",
                    key=KEYS[table], t=table, q=counted, s=parts["s"],
                )
            ).fetchall()  # fmt: skip
            wrong += [
                f"{table}: {subject} {KEYS[table]} {of}: {said} files written down, {found} found"
                for of, said, found in rows
            ]
        said, found = one(
            conn,
            compose(
                "select (select coalesce(sum(record_count), 0) from {core}), "
                "(select count(*) from core.crosswalk where subject = {s})",
                **parts,
            ),
        )
        if said != found:
            wrong.append(f"core.{subject}: records of all files: {said} written down, {found} in core.crosswalk")
    return wrong
