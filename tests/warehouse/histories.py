"""Nights of a few persons and enterprises made by hand: rows as departments land them, and whose records they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from matching.survivorship import choose, read_authority
from tests.warehouse.deliveries import CONTRACTS, Files, make_delivery
from warehouse.database import Connection
from warehouse.landing import land
from warehouse.masters import Subject, TakenIn, stage
from warehouse.publish import publish
from warehouse.publish_counts import PublishCounts
from warehouse.records import read_further, read_records

FIRST = date(2026, 11, 1)
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass
class Chronicle:
    """Lands, stages and publishes one night after another, looking only at what a night touches."""

    conn: Connection
    folder: Path
    files: dict[str, str] = field(default_factory=dict)
    """Record → file."""
    nights: int = 0

    def night(
        self, rows: Rows, files: Mapping[str, str | None], *, day: date | None = None, whole: bool = False
    ) -> PublishCounts:
        """Land these rows (op I, U or D in each), give these records to these files (None: gone), publish."""
        self.nights += 1
        day = day or FIRST + timedelta(days=self.nights - 1)
        run, batches = f"night-{day}", []
        for feed, lines in rows.items():
            batch = f"{day:%Y%m%d}-{self.nights:03}"
            made = make_delivery(self.folder, feed, batch, lines, mode="delta", business_date=day)
            land(self.conn, CONTRACTS[feed], made, run_id=run)
            if not CONTRACTS[feed].details_of:
                batches.append((feed, batch))
        before = dict(self.files)
        changed = {f"{feed}:{line['source_key']}" for feed, lines in rows.items() for line in lines} | set(files)
        for key, file in files.items():
            if file is None:
                self.files.pop(key, None)
            else:
                self.files[key] = file
        for subject, letter in (("person", "P"), ("enterprise", "E")):
            self._stage(subject, letter, run, batches, before, changed, whole=whole)  # type: ignore[arg-type]
        return publish(self.conn, run, day)

    def _stage(
        self, subject: Subject, letter: str, run: str, batches: list[tuple[str, str]], before: dict[str, str],
        changed: set[str], *, whole: bool,
    ) -> None:  # fmt: skip
        own = [b for b in batches if CONTRACTS[b[0]].subject == subject]
        known = {k for k in changed if CONTRACTS[k.partition(":")[0]].subject == subject and k in before | self.files}
        if not known and not whole:
            return
        touched = {m for k in known for m in (before.get(k), self.files.get(k)) if m}
        mine = {m for m in (*before.values(), *self.files.values()) if m.startswith(letter)}
        touched = mine if whole else touched
        scope = sorted(
            {k for side in (before, self.files) for k, m in side.items() if m in touched} | (known - set(self.files))
        )
        held: dict[str, list[str]] = {}
        for key, master in sorted(self.files.items()):
            if master in touched:
                held.setdefault(master, []).append(key)
        staged = Files(held).staged()
        keys = None if whole else pa.array(scope, pa.string())
        records = read_records(self.conn, subject, keys)
        crosswalk = staged["assignment"].crosswalk
        staged["golden"] = choose(records, crosswalk, read_authority(subject), read_further(self.conn, subject, keys))
        taken_in = TakenIn(own, None if whole else pa.array(scope, pa.string()))
        stage(self.conn, subject, run, **staged, taken_in=taken_in)
