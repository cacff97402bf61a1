"""Airflow finds the console here: a FastAPI app under /yidang and a page in the navigation.

Airflow loads this file in every one of its processes; the app itself is imported when its first request comes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from airflow.plugins_manager import AirflowPlugin

Scope = MutableMapping[str, Any]
PREFIX = "/yidang"


async def console(scope: Scope, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
    """The console as an ASGI application."""
    from plugins.console.app import app

    await app(scope, receive, send)


class YidangConsole(AirflowPlugin):
    """Tonight, Review, File, Rejects and findings, Corrections, Reports; the reports of a run beside the run."""

    name = "yidang_console"
    fastapi_apps = [{"app": console, "url_prefix": PREFIX, "name": "Yidang console"}]  # noqa: RUF012
    external_views = [  # noqa: RUF012
        {
            "name": "Yidang 一档",
            "href": f"{PREFIX}/",
            "destination": "nav",
            "url_route": "yidang",
            "category": "browse",
        },
        {
            "name": "Reports 晨报",
            "href": f"{PREFIX}/reports/of/{{RUN_ID}}",
            "destination": "dag_run",
            "url_route": "yidang-reports",
        },
    ]
