"""Reports: the pages the night wrote, by night; no value of a person is in them, and still only who is signed in reads."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import FileResponse

from plugins.console.access import Who
from plugins.console.pages import go, page
from quality.pages.frame import PAGES
from runtime.settings import read_settings

router = APIRouter(prefix="/reports")
RUN = re.compile(r"[a-z0-9-]{1,60}")
# The pages hold their style in themselves and no script at all.
STYLE_INSIDE = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; base-uri 'none'; "
    "form-action 'none'"
)


def _folder(run_id: str) -> Path:
    folder = read_settings().reports / run_id
    if not RUN.fullmatch(run_id) or not folder.is_dir():
        raise HTTPException(404, "There are no reports of such a night.")
    return folder


@router.get("")
def all_reports(request: Request, person: Who) -> Response:
    """Every night that has reports, the latest first."""
    folder = read_settings().reports
    nights = sorted((p.name for p in folder.iterdir() if p.is_dir()), reverse=True) if folder.is_dir() else []
    return page(request, "reports.html", person, nights=nights[:120], pages=PAGES)


@router.get("/of/{run_id:path}")
def of_dag_run(request: Request, run_id: str, person: Who) -> Response:  # noqa: ARG001 - who asks must be signed in
    """From a run in the Airflow UI to the morning report of its night."""
    moment = re.search(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)", run_id)
    if moment is not None:
        day = datetime.fromisoformat(moment[0]).astimezone(ZoneInfo("Asia/Shanghai")).date()
        run_id = f"night-{day}"
    _folder(run_id)
    return go(request, f"/reports/{run_id}/morning.html")


@router.get("/{run_id}/{name}.html")
def report(run_id: str, name: str, person: Who) -> Response:  # noqa: ARG001 - who asks must be signed in
    """One page of a night as it was written."""
    path = _folder(run_id) / f"{name}.html"
    if name not in PAGES or not path.is_file():
        raise HTTPException(404, "There is no such report of this night.")
    return FileResponse(path, media_type="text/html; charset=utf-8", headers={"Content-Security-Policy": STYLE_INSIDE})
