"""What many tests need: one embedded PostgreSQL for the session, a fresh database for each module that asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime import postgres


@pytest.fixture(scope="session")
def postgres_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.Place]:
    """A running embedded server of this test session."""
    home = tmp_path_factory.mktemp("server")
    for folder in (home, *home.parents):
        if str(folder).startswith("/tmp/") and folder.stat().st_mode & 0o005 != 0o005:
            folder.chmod(folder.stat().st_mode | 0o055)  # under root the server runs as nobody
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
