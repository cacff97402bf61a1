"""A warehouse of its own for the steps of a night, and a state folder that is thrown away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from warehouse.database import Connection, connect
from warehouse.migrate import migrate


@pytest.fixture
def conn(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    """A connection to the module's warehouse, which the settings name, in an empty state folder."""
    monkeypatch.setenv("YIDANG_HOME", str(tmp_path))
    monkeypatch.setenv("YIDANG_DATABASE_URL", database_url)
    migrate(database_url)
    with connect(database_url) as open_connection:
        yield open_connection
