"""Correction files out to departments and their answers back in: the warehouse's findings, the workbook, the audit."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from extractors.contract import load_contracts
from quality.answers import AnswerFault, read_answers
from quality.corrections import FeedRows, make_file
from warehouse import finding_rows, finding_work, runs
from warehouse.database import Connection, WarehouseError, transaction


@dataclass(frozen=True)
class Made:
    """A correction file that was written."""

    path: Path
    export_id: int
    findings: int
    due_date: date | None

    def words(self) -> str:
        """One line for a person."""
        due = f"to be answered by {self.due_date}" if self.due_date else "no last day: the holidays are not known"
        return f"{self.path}: file {self.export_id}, {self.findings:,} findings, {due}. It holds personal values."


def departments() -> list[str]:
    """Every department that delivers, sorted."""
    return sorted({contract.department for contract in load_contracts().values()})


def write_correction_file(
    conn: Connection,
    department: str,
    path: Path,
    *,
    made_by: str,
    reason: str,
    as_of: date,
    severities: Collection[str] = finding_work.SEVERITIES,
) -> Made | None:
    """Put everything a department has to act on into a workbook only its owner can read (0600); None if there is nothing.

    The findings are `sent` and the file is in the audit exactly if the file is there: both or neither.

    Raises
    ------
    WarehouseError
        No such department, no reason, or the file is there already.
    """
    if department not in departments():
        raise WarehouseError(f"There is no department {department}. Expected one of {', '.join(departments())}.")
    if path.exists():
        raise WarehouseError(f"{path} is there already. Name another file: what was sent is not written over.")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(path.name + ".new")
    try:
        with transaction(conn, f"making the correction file of {department}"):
            sent = finding_work.send(
                conn, department, made_by=made_by, reason=reason, as_of=as_of, severities=severities
            )
            if sent is None:
                return None
            content = _render(conn, department, sent.export_id, as_of)
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                out.write(content)
            conn.execute(
                "update audit.correction_file set file_sm3 = %s where export_id = %s", (_sm3(content), sent.export_id)
            )
            fresh.rename(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        raise
    return Made(path, sent.export_id, sent.findings, sent.due_date)


def take_answer_file(conn: Connection, path: Path, *, taken_by: str, as_of: date) -> finding_work.Taken:
    """Read a department's answers and bring its findings into the states they say; all of them or none.

    Raises
    ------
    WarehouseError
        The file, or one answer in it, cannot be taken; every fault is named by its place, nothing was changed.
    """
    try:
        said = read_answers(path, load_contracts())
    except AnswerFault as fault:
        raise WarehouseError(f"Nothing was changed. {fault}") from fault
    return finding_work.take_answers(
        conn, said.department, said.export_id, said.answers,
        taken_by=taken_by, as_of=as_of, file_sm3=_sm3(path.read_bytes()),
    )  # fmt: skip


def last_date(conn: Connection) -> date:
    """The logical date of what is live: the day on which a file is made and answers count.

    Raises
    ------
    WarehouseError
        No night was finished yet.
    """
    found = runs.last_finished_date(conn)
    if found is None:
        raise WarehouseError("No night was finished yet: there is nothing to correct. Run a night first (make run).")
    return found


def _render(conn: Connection, department: str, export_id: int, as_of: date) -> bytes:
    contracts = load_contracts()
    feeds = [
        FeedRows(contracts[feed], finding_rows.read_file_rows(conn, contracts[feed], export_id))
        for feed in finding_rows.feeds_of_file(conn, export_id)
        if feed in contracts
    ]
    return make_file(department, export_id, as_of, feeds, _sentences(conn, export_id))


def _sentences(conn: Connection, export_id: int) -> dict[tuple[str, str, str | None], str]:
    """What the gates said last of whole deliveries, with the numbers they saw."""
    rows = conn.execute(
        "select distinct on (f.finding_id, r ->> 'rule_id') f.feed, r ->> 'rule_id', r ->> 'field', r ->> 'sentence' "
        "from audit.correction_line c join ops.finding f using (finding_id) join ops.verdict v on v.feed = f.feed "
        "and v.run_id = f.last_run_id, json_array_elements(v.detail -> 'results') r "
        "where c.export_id = %s and f.origin = 'gate' and r ->> 'rule_id' = f.code "
        "and r ->> 'field' is not distinct from f.field and not (r ->> 'passed')::bool "
        "order by f.finding_id, r ->> 'rule_id', v.verdict_id desc",
        (export_id,),
    )
    return {(feed, rule, field): sentence for feed, rule, field, sentence in rows.fetchall()}


def _sm3(content: bytes) -> str:
    return hashlib.new("sm3", content).hexdigest()
