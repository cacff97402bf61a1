"""Conflicts inside master files become findings for stewards, and are corrected when the file no longer shows them."""

from __future__ import annotations

from psycopg import sql

from warehouse.database import Connection, compose
from warehouse.finding_merge import make_found, merge_found
from warehouse.masters import SUBJECTS
from warehouse.versions import Version


def publish_conflicts(conn: Connection, version: Version, whole: set[str]) -> int:
    """Bring the findings about files to core.conflict; returns how many are new, came back or are gone.

    Looks at the files in the temp table ``fact_file`` (subject, master_id), and at all files of the subjects in `whole`.
    A finding about a file names the subject as its feed and the file as its source key.
    """
    written = 0
    for subject in SUBJECTS:
        parts: dict[str, sql.Composable | str] = {"subject": sql.Literal(subject)}
        mine = those = "true"
        if subject not in whole:
            rows = conn.execute("select master_id from fact_file where subject = %s", (subject,)).fetchall()
            if not rows:
                continue
            # The ids stand in an array: every branch of the view is then asked by its index.
            parts["ids"] = sql.Literal([r[0] for r in rows])
            mine, those = "c.master_id = any({ids})", "coalesce(f.source_key, '') = any({ids})"
        make_found(conn)
        conn.execute(
            compose(
                "insert into found (feed, department, code, field, source_key, severity, row_count) "
                "select c.subject, 'steward', c.code, c.field, c.master_id, k.severity, 1 "
                f"from core.conflict c join ref.conflict k on k.code = c.code where c.subject = {{subject}} and {mine}",
                **parts,
            )
        )
        merged = merge_found(
            conn, origin="master", seen_on=version.as_of, run_id=version.run_id, batch_no=None,
            looked_at=compose(f"select f.finding_id from ops.finding f where f.feed = {{subject}} and {those}", **parts),
        )  # fmt: skip
        written += merged.new + merged.returned + merged.gone
    return written
