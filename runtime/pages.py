"""The pages of docs/ that are generated: written anew by `make docs`, compared with the sources by a test."""

from __future__ import annotations

from pathlib import Path

from runtime import postgres
from runtime.settings import ROOT, Settings, describe_settings

DOCS = ROOT / "docs"


def settings_page() -> str:
    """docs/settings.md: every variable and what it does."""
    lines = [
        "# Settings",
        "",
        "Written by `make docs` from `runtime/settings.py`. All are environment variables; none is needed.",
        "",
        "| variable | what it says |",
        "|---|---|",
        *(f"| `{name}` | {text} |" for name, text in describe_settings()),
        "",
        "`make run` also takes `DATE=YYYY-MM-DD` and `INBOX=folder`, and every target `PYTHON=python3.12`.",
        "",
    ]
    return "\n".join(lines)


def _write(name: str, text: str) -> Path:
    path = DOCS / name
    path.write_text(text, encoding="utf-8")
    return path.relative_to(ROOT)


def write_pages(settings: Settings) -> list[Path]:
    """Write every generated page; returns their paths.

    The dictionary is read from the comments of a migrated database, made in the embedded server for the purpose.
    """
    from extractors.contract import load_contracts
    from extractors.feeds_page import describe_feeds
    from quality.catalogue import render_catalogue
    from warehouse.database import connect
    from warehouse.dictionary import describe_warehouse
    from warehouse.migrate import migrate

    place = postgres.find_place(settings.home, settings.postgres_bin)
    with postgres.serving(place) as server:
        url = postgres.ensure_database(place, server, "yidang_docs")
        migrate(url)
        with connect(url) as conn:
            dictionary = describe_warehouse(conn)
    return [
        _write("settings.md", settings_page()),
        _write("dictionary.md", dictionary),
        _write("rules.md", render_catalogue()),
        _write("feeds.md", describe_feeds(load_contracts())),
    ]
