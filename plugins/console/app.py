"""The console's FastAPI app: every page and form asks Airflow who is signed in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.staticfiles import StaticFiles

from plugins.console import file_page, findings_page, night_page, reports_page, review_page
from plugins.console.pages import problem
from warehouse.database import WarehouseError

app = FastAPI(title="Yidang console", docs_url=None, redoc_url=None, openapi_url=None)
app.include_router(night_page.router)
app.include_router(review_page.router)
app.include_router(file_page.router)
app.include_router(findings_page.router)
app.include_router(reports_page.router)
app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")


@app.middleware("http")
async def guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Nothing of a page is kept by the browser, framed by another site, or loaded from elsewhere."""
    response = await call_next(request)
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; "
        "frame-ancestors 'self'; base-uri 'none'",
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    if not request.url.path.rpartition("/static/")[1]:
        response.headers["Cache-Control"] = "no-store"
    return response


@app.exception_handler(WarehouseError)
def refused(request: Request, fault: WarehouseError) -> Response:
    """What the warehouse refuses is said in its own words; they hold no value of a person."""
    return problem(request, 409, str(fault))


@app.exception_handler(HTTPException)
def not_allowed(request: Request, fault: HTTPException) -> Response:
    """Not signed in, not allowed, not there."""
    words = "Please sign in to Airflow first." if fault.status_code == 401 else str(fault.detail)
    return problem(request, fault.status_code, words)
