"""File: one master with its values, records, events and judgements; looked at for a reason, split and undone."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response

from plugins.console.access import Person, Sender, Steward, Who
from plugins.console.pages import Warehouse, go, page
from warehouse import file_lists, files, looks, partings, reasons
from warehouse.database import Connection

router = APIRouter(prefix="/file")


@router.get("")
def search(request: Request, person: Who) -> Response:
    """A form that asks which file and why."""
    return page(request, "search.html", person, found=None, sought="")


@router.post("")
def find(
    request: Request,
    person: Sender,
    conn: Warehouse,
    sought: Annotated[str, Form(max_length=40)],
    reason: Annotated[str, Form(max_length=300)] = "",
) -> Response:
    """Open the file a number or an id stands for. The number is in the form, never in an address or a log."""
    if not person.may_see and files.subject_of(conn, sought.strip().upper()) is None:
        raise HTTPException(403, "Looking for a number is for stewards; a file id may be looked up by everybody.")
    found = files.find_file(conn, sought)
    if len(found) == 1:
        if person.may_see:
            subject = files.subject_of(conn, found[0]) or ""
            looks.log_looks(conn, person.name, subject, found, page="file", reason=reason)
        return go(request, f"/file/{found[0]}")
    is_mistyped = not found and files.is_mistyped(conn, sought)
    return page(request, "search.html", person, found=found, sought="", is_mistyped=is_mistyped)


def _ask_first(request: Request, person: Person, conn: Connection, master_id: str, shown: str) -> Response | None:
    """The form that asks a steward for a reason, or None: it was given and this view is written down."""
    subject = files.subject_of(conn, master_id)
    if subject is None:
        raise HTTPException(404, "There is no file with this id, and never was.")
    if person.may_see:
        reason = looks.reason_in_force(conn, person.name, master_id)
        if reason is None:
            return page(request, "look.html", person, master_id=master_id)
        looks.log_looks(conn, person.name, subject, [master_id], page=shown, reason=reason)
    return None


@router.get("/{master_id}/record/{number}")
def why(request: Request, person: Who, conn: Warehouse, master_id: str, number: int) -> Response:
    """Why a record is in this file, in the words of core.why."""
    master_id = master_id.upper()
    if (asked := _ask_first(request, person, conn, master_id, "why")) is not None:
        return asked
    lines = reasons.why_here(conn, master_id, number, may_see=person.may_see)
    return page(
        request, "why.html", person, master_id=master_id, lines=lines, together=False,
        question=f"Why is record {number} here?", sql="select * from core.why(record_key)",
    )  # fmt: skip


@router.get("/{master_id}/together")
def together(request: Request, person: Who, conn: Warehouse, master_id: str, left: int, right: int) -> Response:
    """Why two records are in this file together, in the words of core.why_together."""
    master_id = master_id.upper()
    if (asked := _ask_first(request, person, conn, master_id, "why together")) is not None:
        return asked
    lines = reasons.why_two_together(conn, master_id, left, right, may_see=person.may_see)
    return page(
        request, "why.html", person, master_id=master_id, lines=lines, together=True,
        question=f"Why are records {left} and {right} together?",
        sql="select * from core.why_together(left_key, right_key)",
    )  # fmt: skip


@router.get("/{master_id}")
def show(request: Request, person: Who, conn: Warehouse, master_id: str) -> Response:
    """A file; a steward is asked for a reason first, everybody else sees no value."""
    master_id = master_id.upper()
    if (asked := _ask_first(request, person, conn, master_id, "file shown")) is not None:
        return asked
    file = files.read_file(conn, master_id, may_see=person.may_see)
    return page(
        request, "file.html", person, file=file,
        lists=file_lists.read_lists(conn, file.subject, master_id, may_see=person.may_see),
        categories=file_lists.read_categories(conn, file.subject, master_id, may_see=person.may_see),
    )  # fmt: skip


@router.post("/{master_id}/look")
def look(
    request: Request, person: Steward, conn: Warehouse, master_id: str, reason: Annotated[str, Form(max_length=300)]
) -> Response:
    """Write down why, then show the file."""
    subject = files.subject_of(conn, master_id)
    if subject is None:
        raise HTTPException(404, "There is no file with this id, and never was.")
    looks.log_looks(conn, person.name, subject, [master_id], page="file", reason=reason)
    return go(request, f"/file/{master_id}")


@router.post("/{master_id}/split")
def split(
    request: Request,
    person: Steward,
    conn: Warehouse,
    master_id: str,
    reason: Annotated[str, Form(max_length=500)] = "",
    parted: Annotated[list[int] | None, Form()] = None,
    seen: Annotated[str, Form()] = "",
) -> Response:
    """Part the chosen records from the others, in the next run; refused if the file holds other records by now."""
    partings.split_file(conn, master_id, parted or [], judged_by=person.name, reason=reason, seen=seen)
    return go(request, f"/file/{master_id}")


@router.post("/{master_id}/undo")
def undo(
    request: Request,
    person: Steward,
    conn: Warehouse,
    master_id: str,
    judgement_id: Annotated[int, Form()],
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Take back a judgement and what was judged with it, in the next run."""
    partings.undo(conn, judgement_id, judged_by=person.name, reason=reason)
    return go(request, f"/file/{master_id}")
