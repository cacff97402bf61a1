"""The golden records: which columns they have, and how staged ones become live, their former versions history."""

from __future__ import annotations

from psycopg import sql

from warehouse.database import Connection, columns, compose, name
from warehouse.versions import Version

_BOOKKEEPING = ("fingerprint", "created_run_id", "created_date", "since_run_id", "since_date")


def golden_columns(conn: Connection, subject: str) -> list[str]:
    """Columns of the golden record, as the live table has them."""
    rows = conn.execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped "
        "order by attnum",
        (f"core.{subject}",),
    ).fetchall()
    return [str(r[0]) for r in rows if r[0] not in _BOOKKEEPING]


def publish_masters(conn: Connection, subject: str, version: Version) -> tuple[int, int, int]:
    """(new, changed, retired) files; changed means that the golden record is another one.

    Leaves the temp table changed_file [master_id, record_count], of which `publish_events` tells.
    """
    golden = golden_columns(conn, subject)
    compared = [c for c in golden if c != "master_id"]
    parts: dict[str, sql.Composable | str] = {
        "core": name("core", subject),
        "stage": name("stage", subject),
        "gone": name("stage", f"{subject}_gone"),
        "history": name("core", f"{subject}_history"),
        "golden": columns(golden),
        "golden_t": columns(golden, "t"),
        "golden_s": columns(golden, "s"),
        "compared": columns(compared),
        "compared_t": columns(compared, "t"),
        "compared_s": columns(compared, "s"),
        "run": sql.Literal(version.run_id),
        "day": sql.Literal(version.as_of),
    }

    def run(text: str) -> int:
        return conn.execute(compose(text, **parts)).rowcount

    end = (
        "insert into {history} ({golden}, since_run_id, since_date, until_run_id, until_date) "
        "select {golden_t}, t.since_run_id, t.since_date, {run}, {day} from {core} t "
    )
    is_other = "row ({compared_t}) is distinct from row ({compared_s})"
    run(end + "join {stage} s on s.master_id = t.master_id where " + is_other)
    run(end + "join {gone} g on g.master_id = t.master_id")
    run(
        "create temp table changed_file on commit drop as select t.master_id, s.record_count from {core} t "
        "join {stage} s on s.master_id = t.master_id where " + is_other
    )
    changed = run(
        "update {core} t set ({compared}, fingerprint, since_run_id, since_date) = "
        "row ({compared_s}, s.fingerprint, {run}, {day}) from {stage} s where s.master_id = t.master_id and " + is_other
    )
    # The golden record stayed, what stands behind it did not.
    run(
        "update {core} t set fingerprint = s.fingerprint from {stage} s "
        "where s.master_id = t.master_id and s.fingerprint <> t.fingerprint"
    )
    new = run(
        "insert into {core} ({golden}, fingerprint, created_run_id, created_date, since_run_id, since_date) "
        "select {golden_s}, s.fingerprint, {run}, {day}, {run}, {day} from {stage} s "
        "where not exists (select from {core} t where t.master_id = s.master_id)"
    )
    # A file that lives again, its merge undone, is as old as it was; its redirect ends after this.
    run(
        "update {core} t set (created_run_id, created_date) = (select h.since_run_id, h.since_date from {history} h "
        "where h.master_id = t.master_id order by h.since_date, h.until_date limit 1) "
        "from core.redirect r where r.retired_id = t.master_id and t.created_run_id = {run}"
    )
    retired = run("delete from {core} t using {gone} g where g.master_id = t.master_id")
    return new, changed, retired
