"""Who looked at whose file and why: written before anything of a person is shown."""

from __future__ import annotations

from collections.abc import Iterable

from warehouse.database import Connection, WarehouseError


def log_looks(
    conn: Connection, viewed_by: str, subject: str, master_ids: Iterable[str], *, page: str, reason: str
) -> None:
    """Append one line a file to audit.person_view.

    Raises
    ------
    WarehouseError
        The reason is empty.
    """
    if not reason.strip():
        raise WarehouseError("Looking at a file needs a reason in words.")
    conn.execute(
        "insert into audit.person_view (viewed_by, viewed_at, subject, master_id, page, reason) "
        "select %s, clock_timestamp(), %s, m, %s, %s from unnest(%s::text[]) m",
        (viewed_by, subject, page, reason, list(master_ids)),
    )


def reason_in_force(conn: Connection, viewed_by: str, master_id: str) -> str | None:
    """The reason this person gave for this file within the last minutes (ref.review_rule), None if there is none."""
    row = conn.execute(
        "select reason from audit.person_view where viewed_by = %s and master_id = %s and page = 'file' and viewed_at > "
        "clock_timestamp() - make_interval(mins => (select value from ref.review_rule where rule = 'look_minutes')) "
        "order by view_id desc limit 1",
        (viewed_by, master_id),
    ).fetchone()
    return str(row[0]) if row else None
