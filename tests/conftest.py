"""What many tests need: one embedded PostgreSQL for the session, a fresh database for each module that asks."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runtime import postgres


@contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder that others may enter: under root the database server runs as nobody.

    pytest closes its own temporary folders to others whenever a session begins.
    """
    home = Path(tempfile.mkdtemp(prefix="yidang-test-"))
    home.chmod(0o755)
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_place() -> Iterator[postgres.Place]:
    """A running embedded server of this test session."""
    with open_folder() as home:
        yield from _serve(home)


def _serve(home: Path) -> Iterator[postgres.Place]:
    place = postgres.find_place(home)
    postgres.start_server(place)
    yield place
    postgres.stop_server(place)


@pytest.fixture(scope="module")
def database_url(postgres_place: postgres.Place, request: pytest.FixtureRequest) -> str:
    """postgresql:// URL of a fresh, empty database of this module."""
    server = postgres.start_server(postgres_place)
    name = re.sub(r"\W", "_", Path(str(request.node.name)).stem).lower()[:50]
    postgres.run_sql(postgres_place, server, f'drop database if exists "{name}" with (force)')
    return postgres.ensure_database(postgres_place, server, name)
