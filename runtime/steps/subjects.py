"""The steps of one subject, persons or enterprises: match its records, make its master files, stage what differs."""

from __future__ import annotations

import json
import logging
import secrets
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from matching.delta import match_all, rematch
from matching.identity import assign
from matching.model import Setting
from matching.resolve import Resolution, load_model, told
from matching.revival import parting_records
from matching.state import Signature, State, open_state
from matching.survivorship import choose, read_authority
from runtime.settings import Settings, read_settings
from runtime.steps.night import Night, open_warehouse, recorded
from warehouse import judgements, lists, masters, records, runs
from warehouse.database import Connection, transaction
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


def _write_resolution(folder: Path, resolution: Resolution, taken_in: dict[str, Any]) -> None:
    for name in TABLES:
        write_table(folder, name, getattr(resolution, name))
    content = {"counts": resolution.counts, "seconds": resolution.seconds, "taken_in": taken_in}
    (folder / "resolution.json").write_text(json.dumps(content))


def _read_resolution(folder: Path) -> Resolution:
    tables = {name: pq.read_table(folder / f"{name}.parquet") for name in TABLES}
    content = json.loads((folder / "resolution.json").read_text())
    return Resolution(**tables, counts=content["counts"], seconds=content["seconds"])


def _read_taken_in(folder: Path) -> masters.TakenIn:
    content = json.loads((folder / "resolution.json").read_text())["taken_in"]
    scope = pq.read_table(folder / "scope.parquet")["record_key"].combine_chunks() if content["is_delta"] else None
    return masters.TakenIn(
        [(feed, batch) for feed, batch in content["batches"]], scope, content["state_name"], content["judged_until"]
    )


def _states(settings: Settings, subject: Subject) -> Path:
    """Folder of what the matcher remembers of a subject; rebuildable."""
    return settings.home / "state" / subject


def _remembered(
    settings: Settings, conn: Connection, night: Night, subject: Subject, signature: Signature
) -> State | None:
    """What the matcher remembers of the published records; None if all must be matched anew."""
    name = None if night.full_rematch else masters.read_state_name(conn, subject)
    return open_state(_states(settings, subject) / name, signature) if name else None


def _forget(settings: Settings, subject: Subject, kept: set[str]) -> None:
    """Remove states that no published or staged run needs."""
    for folder in _states(settings, subject).glob("*"):
        if folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)


def match(night: Night, subject: Subject) -> None:
    """Resolve what changed and all it bears on, or all landed records, into clusters; kept for the next step.

    Nothing is matched if nothing has landed since the last publish, unless a full rematch is asked for. All records are
    matched on the first night, with another model, at the turn of the year, or where the changes bear on too many.
    """
    settings = read_settings()
    with open_warehouse(settings) as conn, recorded(conn, night, "match", subject) as outcome:
        runs.require_open(conn, night.run_id)
        folder = work_folder(settings, night, subject)
        for left in ("resolution.json", "scope.parquet"):
            (folder / left).unlink(missing_ok=True)
        if night.dry_run or not (night.full_rematch or runs.has_unpublished_changes(conn, subject)):
            outcome.state, outcome.note = "skipped", "dry run" if night.dry_run else "nothing new"
            return
        model = load_model(subject)
        setting = Setting(night.date, settings.threads, f"{settings.memory_limit}B")
        signature = Signature.of(model, night.date, reading=records.reading_of(subject))
        batches = runs.unpublished_batches(conn, subject)
        with transaction(conn, "taking in authoritative lists"):
            listed, unlisted = lists.take_lists(conn, subject, batches)
        judged, judged_until = judgements.read_for_run(conn, subject)
        state = _remembered(settings, conn, night, subject, signature)
        matched = None
        if state is not None:
            changed = records.changed_keys(conn, subject, batches)
            matched = rematch(
                state, changed, partial(records.read_records, conn, subject), model, setting, judgements=judged
            )
        if matched is None:
            matched = match_all(records.read_records(conn, subject), model, setting, judgements=judged)
        state_name = f"{night.run_id}-{secrets.token_hex(4)}"
        kept = matched.keep(_states(settings, subject) / state_name, signature)
        published = masters.read_state_name(conn, subject)
        _forget(settings, subject, {state_name, *([published] if published else [])})
        resolution = told(matched.outcome)
        write_table(folder, "records", matched.records)
        if matched.scope is not None:
            write_table(folder, "scope", pa.table({"record_key": matched.scope}))
            outcome.note = f"{matched.records.num_rows} of {kept.records} records looked at"
        outcome.rows = matched.records.num_rows
        taken_in = {
            "batches": batches, "is_delta": matched.scope is not None, "state_name": state_name,
            "judged_until": judged_until,
        }  # fmt: skip
        _write_resolution(folder, resolution, taken_in)
        log.info(
            "%s match %s: %s, judgements of lists: %s new, %s withdrawn", night.run_id, subject, resolution.counts, listed,
            unlisted,
        )  # fmt: skip


def master(night: Night, subject: Subject) -> None:
    """Give clusters their lasting ids, choose golden values, and stage what differs from what is live."""
    settings = read_settings()
    with open_warehouse(settings) as conn, recorded(conn, night, "master", subject) as outcome:
        folder = work_folder(settings, night, subject)
        if not (folder / "resolution.json").exists():
            outcome.state, outcome.note = "skipped", "nothing new"
            return
        resolution, table = _read_resolution(folder), pq.read_table(folder / "records.parquet")
        taken_in = _read_taken_in(folder)
        before = masters.read_crosswalk(conn, subject, taken_in.scope)
        parting = parting_records(resolution.clusters, before)
        assignment = assign(
            resolution.clusters,
            before,
            former=masters.read_former_files(conn, subject, parting) if len(parting) else None,
            next_number=masters.read_next_number(conn, subject),
            prefix=PREFIX[subject],
        )
        further = records.read_further(conn, subject, taken_in.scope)
        golden = choose(table, assignment.crosswalk, read_authority(subject), further)
        masters.stage(
            conn, subject, night.run_id, assignment=assignment, golden=golden, resolution=resolution,
            taken_in=replace(taken_in, files=before["master_id"].combine_chunks()),
        )  # fmt: skip
        write_table(folder, "before", before)
        write_table(folder, "masters", golden.masters)
        write_table(folder, "crosswalk", assignment.crosswalk)
        write_table(folder, "events", assignment.events)
        outcome.rows = golden.masters.num_rows
