"""Tonight, and rejects and findings: pages without any value of a person."""

from __future__ import annotations

from functools import cache

from fastapi import APIRouter, HTTPException, Request, Response

from extractors.contract import load_contracts
from plugins.console.access import Who
from plugins.console.pages import Warehouse, page
from warehouse import cases, nights

router = APIRouter()


@cache
def _feeds() -> list[str]:
    return sorted(load_contracts())


@router.get("/")
def tonight(request: Request, person: Who, conn: Warehouse, run: str | None = None) -> Response:
    """Feeds by steps of the latest night, or of the one asked for."""
    night = nights.read_night(conn, _feeds(), run)
    if night is None and run is not None:
        raise HTTPException(404, "There is no such night.")
    return page(request, "tonight.html", person, night=night, queue=cases.count_queue(conn))


@router.get("/troubles")
def troubles(request: Request, person: Who, conn: Warehouse) -> Response:
    """Open findings and rejects by feed and kind."""
    return page(request, "troubles.html", person, **nights.read_troubles(conn))


@router.get("/troubles/lines")
def trouble_lines(request: Request, person: Who, conn: Warehouse, sort: str, feed: str, code: str) -> Response:
    """Where the rows of one kind stand in their files."""
    if not person.may_see_runs:
        raise HTTPException(403, "Single rows are for stewards and engineers.")
    lines = nights.read_trouble_lines(conn, sort, feed, code)
    return page(request, "trouble_lines.html", person, sort=sort, feed=feed, code=code, lines=lines)
