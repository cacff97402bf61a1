"""Where retired files answer now, and the events that tell what happened to a file."""

from __future__ import annotations

from psycopg import sql

from warehouse.database import Connection, compose, name, one
from warehouse.versions import Version


def publish_redirects(conn: Connection, subject: str, version: Version) -> int:
    """Write the staged redirects, end those of files that live again; returns how many were added.

    Needs the temp table ``touched`` (master_id).
    """
    parts = {
        "stage": name("stage", f"{subject}_redirect"), "core": name("core", subject), "s": sql.Literal(subject),
        "run": sql.Literal(version.run_id), "day": sql.Literal(version.as_of),
    }  # fmt: skip
    # A retired file that lives again (a merge undone), or goes elsewhere now, no longer redirects.
    conn.execute(
        compose(
            "with ended as (delete from core.redirect t using (select c.master_id as retired_id, null as master_id "
            "from touched m join {core} c on c.master_id = m.master_id union all select retired_id, master_id from {stage}) n "
            "where t.subject = {s} and t.retired_id = n.retired_id and t.master_id is distinct from n.master_id returning t.*) "
            "insert into core.redirect_history (subject, retired_id, master_id, since_run_id, since_date, "
            "until_run_id, until_date) "
            "select subject, retired_id, master_id, since_run_id, since_date, {run}, {day} from ended",
            **parts,
        )
    )
    return conn.execute(
        compose(
            "insert into core.redirect (subject, retired_id, master_id, since_run_id, since_date) "
            "select {s}, n.retired_id, n.master_id, {run}, {day} from {stage} n on conflict (retired_id) do nothing",
            **parts,
        )
    ).rowcount


def publish_events(conn: Connection, subject: str, version: Version) -> int:
    """Write the staged events and the changes of golden records (changed_file) with their causes (event_cause).

    Returns how many of the events are splits.
    """
    conn.execute(
        compose(
            "insert into ops.change_event (run_id, subject, event_kind, master_id, other_id, record_count, event_date, cause) "
            "select {run}, {s}, n.event_kind, n.master_id, n.other_id, n.record_count, {day}, c.cause from ("
            "select event_kind, master_id, other_id, record_count from {stage} "
            "union all select 'changed', master_id, null, record_count from changed_file) n "
            "join event_cause c using (event_kind, master_id) where c.other_id is not distinct from n.other_id "
            "order by n.event_kind, n.master_id, n.other_id",
            stage=name("stage", f"{subject}_event"), run=sql.Literal(version.run_id), s=sql.Literal(subject),
            day=sql.Literal(version.as_of),
        )
    )  # fmt: skip
    split = compose("select count(*) from {e} where event_kind = 'split'", e=name("stage", f"{subject}_event"))
    return int(one(conn, split)[0])
