"""A migrated warehouse a module, emptied before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from warehouse.database import Connection, connect
from warehouse.migrate import migrate

EMPTY = """
do $$ declare t record; begin
    perform set_config('session_replication_role', 'replica', true);  -- what is only added to lets nothing go otherwise
    for t in select schemaname, tablename from pg_tables
        where schemaname in ('landing', 'stage', 'core', 'ops', 'audit')
        and tablename not in ('migration', 'applied_file')
    loop execute format('delete from %I.%I', t.schemaname, t.tablename); end loop;
end $$
"""


@pytest.fixture(scope="module")
def warehouse_url(database_url: str) -> str:
    """A migrated warehouse of this module."""
    migrate(database_url)
    return database_url


@pytest.fixture
def conn(warehouse_url: str) -> Iterator[Connection]:
    """A connection to the module's warehouse, with nothing in it."""
    with connect(warehouse_url) as connection:
        connection.execute(EMPTY)
        yield connection
