"""mart.file_coverage: which golden fields and lists the master files have, and how old they are.

The view is made anew by every migration from what there is: every golden field of core.<subject>_value, and every list in
core, which is a table with master_id and since_date beside the files themselves. A new list is covered without a line here.
"""

from __future__ import annotations

import hashlib

from psycopg import sql

from warehouse.database import Connection, compose, name
from warehouse.landing_tables import comment_on

NO_LISTS = ("person", "enterprise", "crosswalk", "link", "review", "redirect", "person_value", "enterprise_value")
# The day since which a fact holds, in this order of preference; the run that brought it where a department names none.
DATES = ("valid_from", "holds_from", "since_date")
COLUMNS = {
    "subject": "person or enterprise",
    "kind": "golden: one value a file; list: any number",
    "fact": "Golden field, or list (table of core)",
    "files_total": "Files there are",
    "files_with": "Files that have it",
    "undated": "Files whose fact bears no date",
    "within_year": "Files whose newest fact holds for less than a year",
    "within_three_years": "Files whose newest fact holds for one to three years",
    "older": "Files whose newest fact holds for longer",
    "newest_date": "Newest date",
}
_AGES = (
    "count(*) filter (where day is null) as undated, count(*) filter (where day > core.as_of() - 365) as within_year, "
    "count(*) filter (where day between core.as_of() - 1095 and core.as_of() - 365) as within_three_years, "
    "count(*) filter (where day < core.as_of() - 1095) as older, max(day) as newest_date"
)


_KEY = "mart/file_coverage"


def sync_coverage(conn: Connection) -> None:
    """Make the view from the tables there are, if it is not so already."""
    parts = [
        compose(
            "select {s} as subject, 'golden' as kind, field as fact, (select count(*) from {files}) as files_total, "
            "count(*) as files_with, " + _AGES + " from (select field, coalesce(valid_from, since_date) as day "
            "from {values} where is_winner) v group by field",
            s=sql.Literal(subject), files=name("core", subject), values=name("core", f"{subject}_value"),
        )
        for subject in ("person", "enterprise")
    ]  # fmt: skip
    for table, columns in _lists(conn).items():
        day = next(column for column in DATES if column in columns)
        stated = compose("coalesce(t.{d}, t.since_date)", d=name(day))
        for subject in ("person", "enterprise"):
            parts.append(
                compose(
                    "select {s}, 'list', {fact}, (select count(*) from {files}), count(*), " + _AGES
                    + " from (select t.master_id, max({day}) as day from {table} t join {files} f using (master_id) "
                    "group by t.master_id) v having count(*) > 0",
                    s=sql.Literal(subject), fact=sql.Literal(table), files=name("core", subject),
                    table=name("core", table), day=stated,
                )
            )  # fmt: skip
    view = compose("create view mart.file_coverage as {parts}", parts=sql.SQL(" union all ").join(parts))
    digest = hashlib.md5(view.as_bytes(conn), usedforsecurity=False).hexdigest()
    if conn.execute("select content_md5 from ops.applied_file where path = %s", (_KEY,)).fetchone() == (digest,):
        return
    conn.execute("drop view if exists mart.file_coverage")
    conn.execute("delete from ops.applied_file where path = %s", (_KEY,))
    conn.execute(view)
    comment_on(
        conn,
        "view",
        ("mart", "file_coverage"),
        "Golden fields and lists of the master files: how many have them, how old",
    )
    for column, text in COLUMNS.items():
        comment_on(conn, "column", ("mart", "file_coverage", column), text)
    conn.execute("insert into ops.applied_file (path, content_md5) values (%s, %s)", (_KEY, digest))


def _lists(conn: Connection) -> dict[str, set[str]]:
    rows = conn.execute(
        "select c.relname, array_agg(a.attname::text) from pg_class c join pg_attribute a on a.attrelid = c.oid "
        "where c.relnamespace = 'core'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped "
        "and c.relname not like '%\\_history' group by 1 order by 1"
    )
    found = {str(table): set(columns) for table, columns in rows.fetchall()}
    return {t: c for t, c in found.items() if {"master_id", "since_date"} <= c and t not in NO_LISTS}
