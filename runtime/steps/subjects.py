"""The steps of one subject, persons or enterprises: match its records, make its master files, stage what differs."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from matching.identity import assign
from matching.resolve import Resolution, load_model, resolve
from matching.survivorship import choose, read_authority
from runtime.settings import Settings, read_settings
from runtime.steps.night import Night, open_warehouse, recorded
from warehouse import judgements, masters, records, runs
from warehouse.masters import Subject

log = logging.getLogger("yidang.night")
SUBJECTS: tuple[Subject, ...] = ("person", "enterprise")
PREFIX: dict[Subject, Literal["P", "E"]] = {"person": "P", "enterprise": "E"}
TABLES = ("clusters", "links", "reviews", "findings")


def work_folder(settings: Settings, night: Night, subject: Subject) -> Path:
    """Where the steps of a subject leave tables for each other; rebuildable, gone after the report."""
    return settings.home / "work" / night.run_id / subject


def write_table(folder: Path, name: str, table: pa.Table) -> None:
    """Write a table so that a reader sees all of it or none."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{name}.new"
    pq.write_table(table, fresh)
    fresh.replace(folder / f"{name}.parquet")


def _write_resolution(folder: Path, resolution: Resolution) -> None:
    for name in TABLES:
        write_table(folder, name, getattr(resolution, name))
    (folder / "resolution.json").write_text(json.dumps({"counts": resolution.counts, "seconds": resolution.seconds}))


def _read_resolution(folder: Path) -> Resolution:
    tables = {name: pq.read_table(folder / f"{name}.parquet") for name in TABLES}
    return Resolution(**tables, **json.loads((folder / "resolution.json").read_text()))


def match(night: Night, subject: Subject) -> None:
    """Resolve all landed records of a subject into clusters; kept as Parquet for the next step.

    Nothing is matched if nothing has landed since the last publish, unless a full rematch is asked for.
    """
    settings = read_settings()
    with open_warehouse(settings) as conn, recorded(conn, night, "match", subject) as outcome:
        runs.require_open(conn, night.run_id)
        folder = work_folder(settings, night, subject)
        (folder / "resolution.json").unlink(missing_ok=True)
        if night.dry_run or not (night.full_rematch or runs.has_unpublished_changes(conn, subject)):
            outcome.state, outcome.note = "skipped", "dry run" if night.dry_run else "nothing new"
            return
        table = records.read_records(conn, subject)
        write_table(folder, "records", table)
        resolution = resolve(
            table,
            load_model(subject),
            as_of=night.date,
            judgements=judgements.read_judgements(conn, subject),
            threads=settings.threads,
            memory_limit=f"{settings.memory_limit}B",
        )
        outcome.rows = table.num_rows
        _write_resolution(folder, resolution)
        log.info("%s match %s: %s", night.run_id, subject, resolution.counts)


def master(night: Night, subject: Subject) -> None:
    """Give clusters their lasting ids, choose golden values, and stage what differs from what is live."""
    settings = read_settings()
    with open_warehouse(settings) as conn, recorded(conn, night, "master", subject) as outcome:
        folder = work_folder(settings, night, subject)
        if not (folder / "resolution.json").exists():
            outcome.state, outcome.note = "skipped", "nothing new"
            return
        resolution, table = _read_resolution(folder), pq.read_table(folder / "records.parquet")
        assignment = assign(
            resolution.clusters,
            masters.read_crosswalk(conn, subject),
            next_number=masters.read_next_number(conn, subject),
            prefix=PREFIX[subject],
        )
        golden = choose(table, assignment.crosswalk, read_authority(subject))
        masters.stage(conn, subject, night.run_id, assignment=assignment, golden=golden, resolution=resolution)
        write_table(folder, "masters", golden.masters)
        write_table(folder, "crosswalk", assignment.crosswalk)
        write_table(folder, "events", assignment.events)
        outcome.rows = golden.masters.num_rows
