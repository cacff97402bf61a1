"""What people do with findings: send them to a department, take its answers, decide disputes; and what time does."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from warehouse.copy import copy_in
from warehouse.database import Connection, WarehouseError, lock, one, transaction
from warehouse.finding_merge import EVERYTHING, make_found, merge_found

SEVERITIES = ("stop", "warn", "inform")
ANSWERS = {"corrected": "answered", "accepted": "accepted", "disputed": "disputed"}
"""What a department may answer, and the state a finding takes by it."""


@dataclass(frozen=True)
class Sent:
    """A correction file: its number, how many findings it carries, the last day to answer of the most urgent."""

    export_id: int
    findings: int
    due_date: date | None


@dataclass(frozen=True)
class Taken:
    """What an answer file did: findings by new state, and those a delivery had shown corrected before it came."""

    answered: int
    accepted: int
    disputed: int
    closed_before: int


def send(
    conn: Connection,
    department: str,
    *,
    made_by: str,
    reason: str,
    as_of: date,
    severities: Collection[str] = SEVERITIES,
    most: int = 1_000_000,
) -> Sent | None:
    """Put everything a department still has to act on into one numbered correction file; None if there is nothing.

    Open and expired findings become `sent`, with the last day to answer in working days of ref.finding_due; those sent
    before and not yet answered are in the file again, with the day they have. Written to audit.correction_file before
    anyone sees a value. Call inside a transaction together with reading the rows, so that a file that could not be
    made leaves nothing behind.

    Raises
    ------
    WarehouseError
        No reason is given.
    """
    if not reason.strip():
        raise WarehouseError("A correction file needs a reason in words: who asked for it and what for.")
    lock(conn, f"findings.{department}")
    chosen = (
        "select finding_id from ops.finding where department = %s and state in ('open', 'sent', 'expired') and "
        "severity = any(%s) order by array_position(array['stop', 'warn', 'inform'], severity), finding_id limit %s"
    )
    conn.execute("create temp table chosen (finding_id bigint primary key) on commit drop")
    count = conn.execute(f"insert into chosen {chosen}", (department, list(severities), most)).rowcount
    conn.execute("analyze chosen")
    if count == 0:
        conn.execute("drop table chosen")
        return None
    export_id = one(
        conn,
        "insert into audit.correction_file (kind, department, made_by, reason, on_date, finding_count) "
        "values ('export', %s, %s, %s, %s, %s) returning export_id",
        (department, made_by, reason, as_of, count),
    )[0]
    conn.execute(
        "insert into audit.correction_line (export_id, finding_id) select %s, finding_id from chosen", (export_id,)
    )
    conn.execute(
        "with due as materialized (select severity, ref.add_working_days(%(on)s, working_days) as day from ref.finding_due) "
        "update ops.finding f set export_id = %(file)s, state = 'sent', "
        "state_since = case when f.state = 'sent' then f.state_since else greatest(f.state_since, %(on)s) end, "
        "state_by = case when f.state = 'sent' then f.state_by else %(by)s end, "
        "due_date = case when f.state = 'sent' then f.due_date else due.day end "
        "from chosen c, due where c.finding_id = f.finding_id and due.severity = f.severity",
        {"on": as_of, "file": export_id, "by": made_by},
    )
    due = one(conn, "select min(due_date) from ops.finding f join chosen using (finding_id)")[0]
    conn.execute("drop table chosen")
    return Sent(int(export_id), count, due)


def take_answers(
    conn: Connection,
    department: str,
    export_id: int,
    answers: pa.Table,
    *,
    taken_by: str,
    as_of: date,
    file_sm3: str,
    reason: str = "answer file of the department",
) -> Taken:
    """Take the answers of a department to one correction file; all of them or none.

    Parameters
    ----------
    answers
        finding_id (int64), answer (a key of `ANSWERS`), note (text or null), place (where it stands in the file).

    Raises
    ------
    WarehouseError
        The file is not of this department, or an answer is to a finding the file did not carry or in a state that
        cannot be answered; each is named by its place in the file, and nothing was changed.
    """
    with transaction(conn, f"taking the answers of {department}"):
        lock(conn, f"findings.{department}")
        row = conn.execute(
            "select department from audit.correction_file where export_id = %s and kind = 'export'", (export_id,)
        ).fetchone()
        if row is None or row[0] != department:
            found = "is not known" if row is None else f"was made for {row[0]}"
            raise WarehouseError(
                f"Correction file {export_id} {found}; expected one of {department}. Nothing was changed. Answer in the "
                "file as it was sent."
            )
        conn.execute("create temp table answer (finding_id bigint, answer text, note text, place text) on commit drop")
        copy_in(conn, "answer", answers.select(["finding_id", "answer", "note", "place"]))
        conn.execute("analyze answer")
        _check_answers(conn, export_id)
        before = one(
            conn, "select count(*) from answer join ops.finding f using (finding_id) where f.state = 'corrected'"
        )[0]
        changed = conn.execute(
            "with due as materialized (select severity, ref.add_working_days(%(on)s, working_days) as day from ref.finding_due), "
            "meant as (select finding_id, note, case answer when 'corrected' then 'answered' else answer end as state "
            "from answer) update ops.finding f set state = m.state, state_since = greatest(f.state_since, %(on)s), "
            "state_by = %(by)s, state_note = m.note, "
            "due_date = case when m.state = 'answered' then due.day end "
            "from meant m, due where m.finding_id = f.finding_id and due.severity = f.severity "
            "and f.state not in ('corrected', m.state) returning f.state",
            {"on": as_of, "by": taken_by},
        ).fetchall()
        conn.execute(
            "insert into audit.correction_file (kind, department, made_by, reason, on_date, finding_count, file_sm3, "
            "answers_id) values ('answer', %s, %s, %s, %s, %s, %s, %s)",
            (department, taken_by, reason, as_of, answers.num_rows, file_sm3, export_id),
        )
    states = [state for (state,) in changed]
    return Taken(states.count("answered"), states.count("accepted"), states.count("disputed"), int(before))


def _check_answers(conn: Connection, export_id: int) -> None:
    wrong = conn.execute(
        "select a.place, case when a.answer not in ('corrected', 'accepted', 'disputed') then 'no such answer' "
        "when count(*) over (partition by a.finding_id) > 1 then 'answered twice' "
        "when l.finding_id is null then 'this correction file did not carry that finding' "
        "when a.answer <> 'corrected' and coalesce(btrim(a.note), '') = '' then 'needs a note that says why' "
        "when f.export_id is distinct from %(file)s then 'a later correction file carries it: answer in that one' "
        "when f.state <> 'corrected' and f.state <> m.state and t.to_state is null "
        "then 'is ' || f.state || ', which this answer cannot change' end as fault "
        "from answer a join lateral (select case a.answer when 'corrected' then 'answered' else a.answer end as state) m "
        "on true left join audit.correction_line l on l.export_id = %(file)s and l.finding_id = a.finding_id "
        "left join ops.finding f on f.finding_id = a.finding_id "
        "left join ref.finding_transition t on t.from_state = f.state and t.to_state = m.state",
        {"file": export_id},
    ).fetchall()
    faults = [f"{place}: {fault}" for place, fault in wrong if fault is not None]
    if faults:
        more = f" and {len(faults) - 20} more" if len(faults) > 20 else ""
        raise WarehouseError(
            f"{len(faults)} answers cannot be taken: {'; '.join(faults[:20])}{more}. Nothing was changed; correct the "
            "file and hand it in again."
        )


def decide_dispute(
    conn: Connection, finding_id: int, *, uphold: bool, decided_by: str, reason: str, as_of: date
) -> None:
    """A steward's word on a disputed finding: held up it is open again, else accepted as it is.

    Raises
    ------
    WarehouseError
        It is not disputed (any more), or there is no reason.
    """
    if not reason.strip():
        raise WarehouseError("Deciding a dispute needs a reason in words.")
    with transaction(conn, "deciding a dispute"):
        done = conn.execute(
            "update ops.finding set state = %s, state_since = greatest(state_since, %s), state_by = %s, state_note = %s, "
            "due_date = null where finding_id = %s and state = 'disputed'",
            ("open" if uphold else "accepted", as_of, decided_by, reason, finding_id),
        )
        if done.rowcount != 1:
            raise WarehouseError(
                f"Finding {finding_id} is not disputed. Load the page again: it may be decided already."
            )


def pass_time(conn: Connection, *, as_of: date, run_id: str) -> int:
    """What the day does by itself: sent and answered findings past their last day expire; returns how many.

    Due dates that were unknown are set as soon as the notice of holidays is; where none is known for the longest time
    to answer from today, the finding HOLIDAYS_UNKNOWN of `platform` says so until it is.
    """
    with transaction(conn, "letting findings expire"):
        conn.execute(
            "with due as materialized (select d.severity, s.since, ref.add_working_days(s.since, d.working_days) as day "
            "from ref.finding_due d, (select distinct state_since as since from ops.finding "
            "where state in ('sent', 'answered') and due_date is null) s) "
            "update ops.finding f set due_date = due.day from due where f.state in ('sent', 'answered') "
            "and f.due_date is null and due.day is not null and due.severity = f.severity and due.since = f.state_since"
        )
        expired = conn.execute(
            "update ops.finding set state = 'expired', state_since = greatest(state_since, %s), state_by = %s, "
            "state_note = null where state in ('sent', 'answered') and due_date < %s",
            (as_of, run_id, as_of),
        ).rowcount
        _look_at_calendar(conn, as_of=as_of, run_id=run_id)
    return int(expired)


def _look_at_calendar(conn: Connection, *, as_of: date, run_id: str) -> None:
    """One finding a year whose notice is missing and which a due date of today would reach."""
    make_found(conn)
    conn.execute(
        "insert into found (feed, department, code, field, value_class, severity, row_count) "
        "select 'calendar', 'platform', 'HOLIDAYS_UNKNOWN', y::text, y::text, 'warn', 1 "
        "from (select max(working_days) as days from ref.finding_due) longest, generate_series("
        "extract(year from %(on)s::date)::int, extract(year from %(on)s::date + days * 2 + 10)::int) y "
        "where ref.add_working_days(%(on)s, days) is null "
        "and not exists (select from ref.holiday_year k where k.year = y)",
        {"on": as_of},
    )
    merge_found(
        conn,
        origin="calendar",
        seen_on=as_of,
        run_id=run_id,
        batch_no=None,
        looked_at=EVERYTHING,
    )
