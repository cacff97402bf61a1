"""A night asks big tables for some of their rows by the index: what it reads does not grow with what it does not ask for."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pytest

from warehouse.database import Connection, transaction
from warehouse.lists import take_lists
from warehouse.masters import TakenIn, _live, read_crosswalk
from warehouse.records import read_further, read_records

ROWS = 5_000
KEYS = pa.array([f"ps_person:{n}" for n in range(1, ROWS, 4)])
FILES = pa.array([f"P{n}" for n in range(1, ROWS, 4)])
FILL = f"""
insert into core.crosswalk (subject, record_key, master_id, since_run_id, since_date)
    select 'person', 'ps_person:' || n, 'P' || n, 'night-1', '2026-11-01' from generate_series(1, {ROWS}) n;
insert into core.crosswalk (subject, record_key, master_id, since_run_id, since_date)
    select 'person', 'hrss_card:' || n, 'P' || n, 'night-1', '2026-11-01' from generate_series(1, {ROWS}, 10) n;
insert into core.person (master_id, record_count, fingerprint, created_run_id, created_date, since_run_id, since_date)
    select 'P' || n, 1, gen_random_uuid(), 'night-1', '2026-11-01', 'night-1', '2026-11-01' from generate_series(1, {ROWS}) n;
insert into core.person_value (master_id, field, value, record_key, feed, is_winner, since_run_id, since_date)
    select 'P' || n, 'id_number', 'N' || n, 'ps_person:' || n, 'ps_person', true, 'night-1', '2026-11-01'
    from generate_series(1, {ROWS}) n;
insert into landing.ps_person (source_key, name, id_number, former_id_number, marital_status, record_hash, batch_no, since_run_id, since_date)
    select n, 'X', 'N' || n, case when n % 500 = 0 then 'N' || n - 1 end, '1', md5(n::text), case when n % 50 = 0 then 'new' else 'old' end,
    'night-1', '2026-11-01' from generate_series(1, {ROWS}) n;
analyze core.crosswalk; analyze core.person; analyze core.person_value; analyze landing.ps_person;
"""


@pytest.mark.parametrize(
    ("table", "ask", "found"),
    [
        ("crosswalk", lambda conn: read_crosswalk(conn, "person", KEYS).num_rows, len(KEYS)),
        ("person", lambda conn: _live(conn, "person", TakenIn(scope=KEYS, files=FILES)).num_rows, len(FILES)),
        ("ps_person", lambda conn: read_records(conn, "person", KEYS).num_rows, len(KEYS)),
        ("ps_person", lambda conn: read_further(conn, "person", KEYS).num_rows, len(KEYS)),
        ("crosswalk", lambda conn: take_lists(conn, "person", [("ps_person", "new")])[0], ROWS // 500),
    ],
    ids=["crosswalk", "live files", "records", "further values", "lists"],
)
def test_what_is_asked_is_sought(conn: Connection, table: str, ask: Callable[[Connection], int], found: int) -> None:
    conn.execute(FILL)
    with transaction(conn, "asking"):
        before = rows_read(conn, table)
        assert ask(conn) == found
        scanned, sought = (now - then for now, then in zip(rows_read(conn, table), before, strict=True))
    assert scanned == 0
    assert sought < 5 * found


def rows_read(conn: Connection, table: str) -> tuple[int, int]:
    """Rows of a table that were read by scans, and by the index."""
    row = conn.execute(
        "select coalesce(sum(seq_tup_read), 0), coalesce(sum(idx_tup_fetch), 0) from pg_stat_xact_user_tables "
        "where relname = %s",
        (table,),
    ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])
