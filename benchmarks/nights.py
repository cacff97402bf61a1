"""Nights of a small pretend province in this process: the steps of the DAG one after the other, without Airflow.

The gates over deliveries are left out: they write no record, and a year of them would take hours.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from runtime import postgres
from runtime.steps import closing, feeds, night, subjects
from warehouse.contents import load_facts
from warehouse.database import connect
from warehouse.migrate import migrate

SERVED = (
    "select * from core.person", "select * from core.enterprise", "select * from core.crosswalk",
    "select * from core.person_value", "select * from core.enterprise_value", "select * from core.link",
    "select * from core.redirect", *(f"select * from {fact.table}" for fact in load_facts()),
    "select subject, review_kind, left_key, right_key, score, reason, state, left_id, right_id from core.review",
    "select * from core.person_history", "select * from core.crosswalk_history",
    *(f"select * from {fact.table}_history" for fact in load_facts()),
    "select * from core.person_value_history", "select * from core.enterprise_history",
    "select subject, event_kind, master_id, other_id, record_count, event_date from ops.change_event",
    "select * from core.id_counter",
)  # fmt: skip
"""Everything services, stewards and questions about the past are served from."""


@dataclass(frozen=True)
class Province:
    """A server, its database and the folders of one small province; all thrown away in the end."""

    home: Path
    place: postgres.Place
    server: str
    url: str


@contextmanager
def open_province(persons: int) -> Iterator[Province]:
    """A migrated, empty warehouse on a server of its own, and the settings of this process pointing at it."""
    home = Path(tempfile.mkdtemp(prefix="yidang-nights-"))
    home.chmod(0o755)  # under root the database runs as nobody
    place = postgres.find_place(home)
    before = dict(os.environ)
    try:
        server = postgres.start_server(place)
        url = postgres.ensure_database(place, server, "yidang")
        migrate(url)
        os.environ |= {"YIDANG_HOME": str(home), "YIDANG_DATABASE_URL": url, "YIDANG_PERSONS": str(persons)}
        yield Province(home, place, server, url)
    finally:
        os.environ.clear()
        os.environ.update(before)
        postgres.stop_server(place)
        shutil.rmtree(place.data.parent, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


def night_of(day: date, names: Sequence[str], inbox: Path) -> night.Night:
    """The night of a day over these feeds."""
    return night.Night(day, tuple(names), full_rematch=False, dry_run=False, inbox=inbox)


def take_in(one: night.Night) -> None:
    """Open the run, then receive, extract and land every feed of the night."""
    closing.open_run(one)
    for feed in one.feeds:
        feeds.land(one, feed, feeds.extract(one, feed, feeds.receive(one, feed)))


def resolve_and_publish(one: night.Night) -> None:
    """Match and master both subjects, publish what differs, close the run."""
    for subject in subjects.SUBJECTS:
        subjects.match(one, subject)
    for subject in subjects.SUBJECTS:
        subjects.master(one, subject)
    closing.publish(one)
    closing.report(one)


def served_hash(url: str) -> str:
    """SHA-256 over all that is served, whatever the order of its rows."""
    digest = sha256()
    with connect(url) as conn:
        for query in SERVED:
            rows = conn.execute(f"select t::text from ({query}) t order by 1").fetchall()
            digest.update(repr(rows).encode())
    return digest.hexdigest()
