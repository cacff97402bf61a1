"""What the console shows of the work on findings: by department and state, files, disputes."""

from __future__ import annotations

from typing import Any

from warehouse.database import Connection
from warehouse.report_rows import rows

Row = dict[str, Any]


def read_work(conn: Connection) -> list[Row]:
    """By department: findings in each state (a dictionary), the first last day to answer, how many come back."""
    found = rows(
        conn,
        "select department, state, sum(finding_count) as number, min(next_due_date) as due, sum(return_count) as returned "
        "from mart.finding_state group by 1, 2 order by 1, 2",
    )
    work: dict[str, Row] = {}
    for row in found:
        own = work.setdefault(
            row["department"], {"department": row["department"], "states": {}, "due": None, "returned": 0}
        )
        own["states"][row["state"]] = row["number"]
        own["returned"] += row["returned"]
        own["due"] = min((day for day in (own["due"], row["due"]) if day is not None), default=None)
    return list(work.values())


def read_files(conn: Connection) -> list[Row]:
    """The latest correction and answer files: who, when, why, how many findings; no value."""
    return rows(
        conn,
        "select export_id, kind, department, made_by, to_char(made_at, 'YYYY-MM-DD HH24:MI') as made_at, reason, on_date, "
        "finding_count, answers_id from audit.correction_file order by export_id desc limit 60",
    )


def read_disputes(conn: Connection) -> list[Row]:
    """Disputed findings, oldest first, with what the department wrote and the file the record is in. Personal."""
    return rows(
        conn,
        "select f.finding_id, f.department, f.feed, f.code, f.field, f.severity, f.state_since, f.state_by, f.state_note, "
        "c.master_id from ops.finding f left join core.crosswalk c on c.record_key = f.feed || ':' || f.source_key "
        "where f.state = 'disputed' order by f.state_since, f.finding_id limit 200",
    )
