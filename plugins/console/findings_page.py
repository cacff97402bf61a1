"""Corrections: what each department has to correct, its files out and in, and the disputes a steward decides."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, File, Form, HTTPException, Request, Response, UploadFile

from plugins.console.access import Person, Sender, Steward, Who
from plugins.console.pages import Warehouse, go, page
from quality.answers import LARGEST_FILE
from quality.wording import DEPARTMENTS, STATES, wording
from runtime import corrections
from warehouse import finding_desk, finding_work
from warehouse.database import Connection, WarehouseError

router = APIRouter(prefix="/corrections")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _must_correct(person: Person) -> None:
    if not person.may_see:
        raise HTTPException(403, "Correction files hold personal values: they are for stewards.")


def _show(request: Request, person: Person, conn: Connection, done: str | None = None) -> Response:
    disputes = [{**row, "sentence": wording(row["code"])[0]} for row in finding_desk.read_disputes(conn)]
    return page(
        request, "corrections.html", person, rows=finding_desk.read_work(conn), disputes=disputes, done=done,
        files=finding_desk.read_files(conn) if person.may_see_runs else [], states=STATES, names=DEPARTMENTS,
        departments=corrections.departments(),
    )  # fmt: skip


@router.get("")
def work(request: Request, person: Who, conn: Warehouse) -> Response:
    """Findings by department and state, files that went and came, disputes."""
    return _show(request, person, conn)


@router.post("/file")
def make_file(
    person: Sender,
    conn: Warehouse,
    department: Annotated[str, Form(max_length=20)],
    reason: Annotated[str, Form(max_length=300)] = "",
    severity: Annotated[str, Form(max_length=10)] = "inform",
) -> Response:
    """The correction file of a department, given to the browser and kept nowhere; who and why is in the audit."""
    _must_correct(person)
    if severity not in finding_work.SEVERITIES:
        raise HTTPException(422, "There is no such severity.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "corrections.xlsx"
        as_of = corrections.last_date(conn)
        grave = finding_work.SEVERITIES[: finding_work.SEVERITIES.index(severity) + 1]
        made = corrections.write_correction_file(
            conn, department, path, made_by=person.name, reason=reason, as_of=as_of, severities=grave
        )
        if made is None:
            raise WarehouseError(f"{department} has nothing to correct.")
        content = path.read_bytes()
    name = f"corrections-{department}-{as_of}-{made.export_id}.xlsx"
    return Response(content, media_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.post("/answers")
def take_answers(request: Request, person: Sender, conn: Warehouse, answers: Annotated[UploadFile, File()]) -> Response:
    """A department's answers; all of them are taken or none."""
    _must_correct(person)
    if answers.size is None or answers.size > LARGEST_FILE:
        raise HTTPException(413, "The file is too large for a correction file.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.xlsx"
        path.write_bytes(answers.file.read())
        taken = corrections.take_answer_file(conn, path, taken_by=person.name, as_of=corrections.last_date(conn))
    done = (
        f"{taken.answered} answered as corrected, {taken.accepted} accepted, {taken.disputed} disputed; "
        f"{taken.closed_before} had been closed by a delivery before."
    )
    return _show(request, person, conn, done)


@router.post("/dispute/{finding_id}")
def decide(
    request: Request,
    finding_id: int,
    person: Steward,
    conn: Warehouse,
    verdict: Annotated[str, Form(max_length=10)],
    reason: Annotated[str, Form(max_length=300)] = "",
) -> Response:
    """A steward's word on a disputed finding."""
    if verdict not in ("uphold", "accept"):
        raise HTTPException(422, "There is no such verdict.")
    finding_work.decide_dispute(
        conn, finding_id, uphold=verdict == "uphold", decided_by=person.name, reason=reason,
        as_of=corrections.last_date(conn),
    )  # fmt: skip
    return go(request, "/corrections")
