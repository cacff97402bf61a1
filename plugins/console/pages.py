"""What all pages share: templates, the connection of a request, the page for what went wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.templating import Jinja2Templates

from plugins.console import words
from plugins.console.access import Person, form_token
from runtime.settings import read_settings
from warehouse.database import Connection, connect

templates = Jinja2Templates(directory=Path(__file__).parent / "templates")
templates.env.globals.update(
    field_name=words.field_name,
    code_word=words.code_word,
    kind_name=words.kind_name,
    state_name=words.state_name,
    marked=words.marked,
    tone=words.tone,
    against_before=words.against_before,
)
templates.env.trim_blocks = templates.env.lstrip_blocks = True


def warehouse() -> Iterator[Connection]:
    """The warehouse for one request."""
    url = read_settings().database_url
    if not url:
        raise HTTPException(503, "YIDANG_DATABASE_URL is not set for Airflow's API server.")
    with connect(url) as conn:
        yield conn


Warehouse = Annotated[Connection, Depends(warehouse)]


def page(request: Request, template: str, person: Person, **shown: Any) -> Response:
    """A page of the console for who is signed in."""
    context = {"person": person, "form_token": form_token(person), "root": request.scope.get("root_path", ""), **shown}
    return templates.TemplateResponse(request, template, context)


def go(request: Request, path: str) -> Response:
    """Send the browser on after a form."""
    return RedirectResponse(f"{request.scope.get('root_path', '')}{path}", status_code=303)


def problem(request: Request, status: int, sentence: str) -> Response:
    """A page that says what went wrong."""
    context = {"sentence": sentence, "status": status, "root": request.scope.get("root_path", ""), "person": None}
    return templates.TemplateResponse(request, "problem.html", context, status_code=status)
