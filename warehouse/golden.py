"""The golden records: which columns they have, and how staged ones become live, their former versions history."""

from __future__ import annotations

from psycopg import sql

from warehouse.database import Connection, columns, compose, name
from warehouse.versions import Version, stands_in

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

    Needs the temp table ``touched`` (master_id). Leaves the temp tables known_file, their golden records as they were,
    and changed_file [master_id, record_count], of which `publish_events` tells.
    """
    golden = golden_columns(conn, subject)
    compared = [c for c in golden if c != "master_id"]
    parts: dict[str, sql.Composable | str] = {
        "core": name("core", subject),
        "stage": name("stage", subject),
        "gone": name("stage", f"{subject}_gone"),
        "history": name("core", f"{subject}_history"),
        "golden": columns(golden),
        "golden_k": columns(golden, "k"),
        "golden_s": columns(golden, "s"),
        "compared": columns(compared),
        "compared_k": columns(compared, "k"),
        "compared_s": columns(compared, "s"),
        "run": sql.Literal(version.run_id),
        "day": sql.Literal(version.as_of),
    }

    def run(text: str) -> int:
        return conn.execute(compose(text, **parts)).rowcount

    # What the touched files were is sought once, with where each row stands; see `end_and_add`.
    known = run(
        "create temp table known_file on commit drop as select t.ctid as place, t.* from touched m "
        "join {core} t on t.master_id = m.master_id"
    )
    if known:
        conn.execute("analyze known_file (master_id)")
    other = "row ({compared_k}) is distinct from row ({compared_s})"
    both = "from known_file k join {stage} s on s.master_id = k.master_id where "
    differ = run(
        "create temp table changed_file on commit drop as select k.place, k.master_id, s.record_count " + both + other
    )
    mended = run(
        "create temp table mended_file on commit drop as select k.place "
        + both + "s.fingerprint <> k.fingerprint and not (" + other + ")"
    )  # fmt: skip
    gone = run(
        "create temp table gone_file on commit drop as select k.place, k.master_id from known_file k join {gone} g using (master_id)"
    )
    run(
        "insert into {history} ({golden}, since_run_id, since_date, until_run_id, until_date) "
        "select {golden_k}, k.since_run_id, k.since_date, {run}, {day} from known_file k "
        "where k.master_id in (select master_id from changed_file union all select master_id from gone_file)"
    )
    changed = run(
        "update {core} t set ({compared}, fingerprint, since_run_id, since_date) = "
        "row ({compared_s}, s.fingerprint, {run}, {day}) from {stage} s where s.master_id = t.master_id "
        "and " + stands_in("changed_file", differ)
    )
    # The golden record stayed, what stands behind it did not.
    run(
        "update {core} t set fingerprint = s.fingerprint from {stage} s where s.master_id = t.master_id "
        "and " + stands_in("mended_file", mended)
    )
    new = run(
        "insert into {core} ({golden}, fingerprint, created_run_id, created_date, since_run_id, since_date) "
        "select {golden_s}, s.fingerprint, {run}, {day}, {run}, {day} from {stage} s "
        "where not exists (select from known_file k where k.master_id = s.master_id)"
    )
    # A file that lives again, its merge undone, is as old as it was; its redirect ends after this.
    run(
        "update {core} t set (created_run_id, created_date) = (select h.since_run_id, h.since_date from {history} h "
        "where h.master_id = t.master_id order by h.since_date, h.until_date limit 1) "
        "from {stage} s join core.redirect r on r.retired_id = s.master_id "
        "where t.master_id = s.master_id and t.created_run_id = {run}"
    )
    retired = run("delete from {core} t where " + stands_in("gone_file", gone))
    conn.execute("drop table mended_file, gone_file")
    return new, changed, retired
