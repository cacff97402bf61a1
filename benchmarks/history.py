"""`history`: a year of nights of a small province of files: what is stored grows with what changed, nights stay as fast."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa

from benchmarks.goal import Goal, Outcome
from benchmarks.nights import open_province
from warehouse.database import Connection, connect, one
from warehouse.masters import stage
from warehouse.publish import publish

FIRST = date(2026, 1, 1)
NIGHTS = 365
FILES = 1_000
CHANGED = 4
"""Files a night whose address changes: 0.4 %, some twenty times the province's true rate."""
HISTORY = ("person_history", "person_value_history", "crosswalk_history", "link_history", "card_history")


@dataclass(frozen=True)
class _Assigned:
    crosswalk: pa.Table
    events: pa.Table
    redirects: pa.Table
    next_number: int


@dataclass(frozen=True)
class _Chosen:
    masters: pa.Table
    field_values: pa.Table


@dataclass(frozen=True)
class _Resolved:
    links: pa.Table
    reviews: pa.Table


def run(scale: int = NIGHTS) -> Outcome:
    """`scale` nights of 1,000 persons, of whom four move each night; every tenth night nothing changes."""
    keys = [f"ps_person:{n}" for n in range(FILES)]
    masters = [f"P{n:09}" for n in range(FILES)]
    address = [f"address {n}" for n in range(FILES)]
    rows: list[tuple[object, ...]] = []
    seconds: list[float] = []
    changes = 0
    with open_province(FILES) as province, connect(province.url) as conn:
        conn.execute(
            "insert into landing.ps_person (source_key, record_hash, batch_no, since_run_id, since_date) "
            "select n::text, 'x', 'b', 'r', %s from generate_series(0, %s) n",
            (FIRST, FILES - 1),
        )
        for number in range(scale):
            quiet = number % 10 == 9
            if number and not quiet:
                for n in range(CHANGED):
                    address[(number * CHANGED + n) % FILES] = f"address {number} {n}"
                changes += CHANGED
            day = FIRST + timedelta(days=number)
            begun = time.monotonic()
            _night(conn, day, keys, masters, address)
            seconds.append(time.monotonic() - begun)
            if number in (0, scale // 2, scale - 1):
                rows.append((number + 1, changes, _history_rows(conn), _row_bytes(conn) / 2**20, seconds[-1]))
    month = max(len(seconds) // 12, 1)
    slower = sorted(seconds[-month:])[month // 2] / sorted(seconds[1 : month + 1])[month // 2]
    first, half, last = (row for row in rows)
    grown = [(float(b[3]) - float(a[3])) / max(int(b[1]) - int(a[1]), 1) for a, b in ((first, half), (half, last))]  # type: ignore[arg-type, call-overload]
    return Outcome(
        f"history: {scale} nights of {FILES:,} persons, {changes:,} changes, {sum(seconds):.0f} s",
        ("night", "changes so far", "rows of history", "MiB of rows", "seconds"),
        tuple(rows),
        (
            # A change ends one golden record and one value: two rows, and none where nothing changed.
            Goal("history.rows", int(last[2]) / max(changes, 1), "rows a change", 2, at_most=True),  # type: ignore[call-overload]
            Goal("history.storage", grown[1] / grown[0], "second half to first half, a change", 1.2, at_most=True),
            Goal("history.night", slower, "last month to first month", 1.5, at_most=True),
        ),
        "Nights from staged masters to published history; storage counts live and ended rows of core, not free space.",
    )


def _night(conn: Connection, day: date, keys: list[str], masters: list[str], address: list[str]) -> None:
    """Stage all files and publish them; only those that differ are written."""
    text = pa.string()
    crosswalk = pa.table({"record_key": keys, "master_id": masters})
    values = pa.table(
        {
            "master_id": masters, "field": ["address"] * len(keys), "value": address, "record_key": keys,
            "is_winner": [True] * len(keys), "rule": ["only_value"] * len(keys),
        }
    )  # fmt: skip
    none = {n: pa.array([], text) for n in ("event_kind", "master_id", "other_id")}
    events = pa.table({**none, "record_count": pa.array([], pa.int64())})
    redirects = pa.table({"retired_id": pa.array([], text), "master_id": pa.array([], text)})
    links = pa.table({n: pa.array([], text) for n in ("left_key", "right_key", "rule", "score", "reasons")})
    reviews = pa.table({n: pa.array([], text) for n in ("review_kind", "left_key", "right_key", "score", "reason")})
    stage(
        conn, "person", f"night-{day}",
        assignment=_Assigned(crosswalk, events, redirects, len(masters)),
        golden=_Chosen(pa.table({"master_id": masters, "address": address}), values),
        resolution=_Resolved(links, reviews),
    )  # fmt: skip
    publish(conn, f"night-{day}", day)


def _history_rows(conn: Connection) -> int:
    return sum(int(one(conn, f"select count(*) from core.{table}")[0]) for table in HISTORY)


def _row_bytes(conn: Connection) -> int:
    """Bytes of the rows of persons, values and crosswalk with their history."""
    tables = ("person", "person_value", "crosswalk", *HISTORY[:3])
    return sum(int(one(conn, f"select coalesce(sum(pg_column_size(t)), 0) from core.{t} t")[0]) for t in tables)
