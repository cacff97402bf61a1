"""Which night this is, and how each of its steps is written down: begin, end, rows, seconds, state."""

from __future__ import annotations

import datetime
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from runtime.settings import Settings, read_settings
from warehouse import runs
from warehouse.database import Connection, connect

log = logging.getLogger("yidang.night")


class StepError(RuntimeError):
    """A step cannot go on; the message says what, where, expected, found and what to do."""


@dataclass(frozen=True)
class Night:
    """Which night this is and how it was asked for."""

    date: datetime.date
    feeds: tuple[str, ...]
    full_rematch: bool
    dry_run: bool
    inbox: Path
    own_name: str | None = None

    @classmethod
    def named(
        cls, *, date: str, feeds: Sequence[str], full_rematch: bool, dry_run: bool, inbox: str | None = None
    ) -> Night:
        """From the parameters of a DAG run; without an inbox of its own the night takes that of the settings."""
        folder = Path(inbox) if inbox else read_settings().inbox
        return cls(datetime.date.fromisoformat(date), tuple(feeds), full_rematch, dry_run, folder)

    @property
    def run_id(self) -> str:
        """Name of the run: one a date, dry runs apart, unless it has a name of its own."""
        return self.own_name or runs.run_id_of(self.date) + ("-dry" if self.dry_run else "")


@dataclass
class Outcome:
    """What a step says of itself when it ends."""

    state: str = "success"
    rows: int | None = None
    note: str | None = None


def open_warehouse(settings: Settings) -> Connection:
    """A connection to the warehouse of these settings.

    Raises
    ------
    StepError
        No warehouse is named.
    """
    if settings.database_url is None:
        raise StepError("YIDANG_DATABASE_URL is not set in this process. Start the night with make run or make ui.")
    return connect(settings.database_url)


@contextmanager
def recorded(conn: Connection, night: Night, step: str, subject: str = "") -> Iterator[Outcome]:
    """Write down begin, end, rows and seconds of a step; a fault is written down and goes on up."""
    begun, outcome = time.monotonic(), Outcome()
    runs.begin_step(conn, night.run_id, step, subject)
    try:
        yield outcome
    except BaseException as fault:
        outcome.state, outcome.note = "failed", type(fault).__name__
        raise
    finally:
        seconds = time.monotonic() - begun
        runs.end_step(
            conn,
            night.run_id,
            step,
            subject,
            state=outcome.state,
            rows=outcome.rows,
            seconds=seconds,
            note=outcome.note,
        )
        log.info("%s %s %s: %s, %s rows, %.1f s", night.run_id, step, subject, outcome.state, outcome.rows, seconds)


def feed_folder(settings: Settings, feed: str, batch_no: str) -> Path:
    """Where the snapshot of a delivery lives, with what was extracted from it."""
    return settings.snapshots / feed / batch_no
