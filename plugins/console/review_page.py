"""Review: the queue, a case side by side, and the forms that take, release, defer and decide."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Form, HTTPException, Request, Response

from plugins.console.access import Steward, Who
from plugins.console.at_once import start_at_once
from plugins.console.pages import Warehouse, go, page
from warehouse import cases, desk
from warehouse.database import Connection
from warehouse.judgements import count_waiting
from warehouse.looks import log_looks
from warehouse.runs import why_not_at_once

router = APIRouter(prefix="/review")
REASONS = {
    "same": "The values and their sources speak for one subject",
    "not_same": "The values and their sources speak for different subjects",
    "unsure": "What is shown is not enough to decide",
}


@router.get("")
def queue(request: Request, person: Who, conn: Warehouse) -> Response:
    """Waiting cases, most at stake first."""
    return page(
        request, "queue.html", person, queue=cases.read_queue(conn), counts=cases.count_queue(conn),
        not_in_effect=count_waiting(conn), why_not=why_not_at_once(conn),
    )  # fmt: skip


@router.post("/apply")
def apply_now(request: Request, person: Steward, conn: Warehouse) -> Response:
    """Ask Airflow to bring all decisions into effect now; refused while a night runs."""
    if (reason := why_not_at_once(conn)) is not None:
        raise HTTPException(409, reason)
    start_at_once(person.name)
    return page(request, "applied.html", person, not_in_effect=count_waiting(conn))


@router.get("/done")
def done(request: Request, person: Who, conn: Warehouse) -> Response:
    """Nothing waits for this steward any more."""
    return page(request, "done.html", person, counts=cases.count_queue(conn))


@router.get("/{review_id}")
def case(request: Request, person: Who, conn: Warehouse, review_id: int) -> Response:
    """A case side by side; whose values are shown is written down first."""
    view = cases.read_case(conn, review_id, may_see=person.may_see)
    if person.may_see:
        files = [s.master_id for s in view.sides]
        log_looks(conn, person.name, view.subject, files, page="review", reason=f"review case {review_id}")
    is_mine = view.state == "taken" and view.taken_by == person.name
    is_own_proposal = view.proposal is not None and view.proposal["proposed_by"] == person.name
    return page(
        request, "case.html", person, case=view, is_mine=is_mine, is_own_proposal=is_own_proposal,
        counts=cases.count_queue(conn),
    )  # fmt: skip


def _next(request: Request, conn: Connection, steward: str, after: int | None = None) -> Response:
    number = desk.take_next(conn, steward, after=after)
    return go(request, "/review/done" if number is None else f"/review/{number}")


@router.post("/next")
def take_next(
    request: Request, person: Steward, conn: Warehouse, after: Annotated[int | None, Form()] = None
) -> Response:
    """Take the next case; the one shown is put to the end of the queue if the steward has it."""
    if after is not None:
        with suppress(desk.DeskError):  # not this steward's: nothing to put aside
            desk.defer(conn, after, person.name)
    return _next(request, conn, person.name, after)


@router.post("/{review_id}/take")
def take(request: Request, person: Steward, conn: Warehouse, review_id: int) -> Response:
    """Take this case."""
    desk.take(conn, review_id, person.name)
    return go(request, f"/review/{review_id}")


@router.post("/{review_id}/release")
def release(request: Request, person: Steward, conn: Warehouse, review_id: int) -> Response:
    """Give this case back."""
    desk.release(conn, review_id, person.name)
    return go(request, "/review")


@router.post("/{review_id}/defer")
def defer(
    request: Request, person: Steward, conn: Warehouse, review_id: int, until: Annotated[str, Form()] = ""
) -> Response:
    """Put this case aside until a day."""
    try:
        day = date.fromisoformat(until) if until else None
    except ValueError as fault:
        raise HTTPException(422, "The day must be written YYYY-MM-DD.") from fault
    desk.defer(conn, review_id, person.name, until=day)
    return _next(request, conn, person.name, review_id)


@router.post("/{review_id}/decide")
def decide(
    request: Request,
    person: Steward,
    conn: Warehouse,
    review_id: int,
    verdict: Annotated[Literal["same", "not_same", "unsure"], Form()],
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Decide this case and take the next one. What was seen is kept with the judgement."""
    view = cases.read_case(conn, review_id, may_see=True)
    evidence = {
        "files": [s.master_id for s in view.sides],
        "reasons": view.reasons,
        "fields": {line.field: line.state for line in view.lines},
        "effects": [effect.words for effect in view.effects[verdict]],
    }
    desk.decide(conn, review_id, person.name, verdict, reason=reason.strip() or REASONS[verdict], evidence=evidence)
    return _next(request, conn, person.name, review_id)
