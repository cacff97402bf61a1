"""The steps that open and close a night: begin, the gate over the staged masters, publish, report."""

from __future__ import annotations

import logging
import shutil
from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from extractors.contract import load_contracts
from extractors.snapshot import find_unknown_files
from runtime.settings import Settings, read_settings
from runtime.steps.incidents import settle_stop
from runtime.steps.night import Night, StepError, open_warehouse, recorded
from runtime.steps.subjects import SUBJECTS, work_folder
from warehouse import incidents, runs, totals
from warehouse import publish as publishing
from warehouse.database import Connection
from warehouse.recount_landing import recount_new

log = logging.getLogger("yidang.night")
TROUBLE = ("held", "stopped", "failed", "running")


def open_run(night: Night) -> None:
    """Write down that this night has begun, and what lies in the inbox that no contract knows.

    Raises
    ------
    StepError
        A later night is finished already: nights run in order.
    """
    settings = read_settings()
    with open_warehouse(settings) as conn:
        last = runs.last_finished_date(conn)
        if last is not None and night.date < last:
            raise StepError(f"Night {night.date} lies before the last finished night {last}. Nights run in order.")
        runs.begin_run(conn, night.run_id, night.date)
        with recorded(conn, night, "inbox") as outcome:
            strange = find_unknown_files(load_contracts(), night.inbox)
            outcome.rows = len(strange)
            if strange:
                outcome.state = "warn"
                outcome.note = "; ".join(f"{held.code} {held.file_name}: {held.message}" for held in strange[:10])


def gate_masters(night: Night) -> None:
    """Judge what is staged; raises `StepError` on a stop, so that publish never begins."""
    from quality.gates import gate_masters as judge
    from quality.history import MasterStats
    from quality.masters import describe_masters, read_staged

    _recount(night)
    settings, stopped = read_settings(), []
    with open_warehouse(settings) as conn, recorded(conn, night, "gate_masters") as outcome:
        outcome.rows = 0
        for subject in SUBJECTS:
            folder = work_folder(settings, night, subject)
            if not (folder / "resolution.json").exists():
                continue
            tables = read_staged(folder, subject)
            events = _count_events(pq.read_table(folder / "events.parquet"))
            reviews = pq.read_metadata(folder / "reviews.parquet").num_rows
            described = describe_masters(subject, **tables, events=events, reviews=reviews, as_of=night.date)
            stats = described.stats
            if (folder / "scope.parquet").exists():
                before = pq.read_table(folder / "before.parquet")["master_id"].unique()
                stats = stats.beside(totals.read_totals(conn, subject, before))
            last = runs.last_published_verdict(conn, subject)
            verdict = judge(
                subject, described.masters, now=stats, as_of=night.date,
                last=MasterStats.from_dict(last["statistics"]) if last else None,
                records_without_master=described.records_without_master,
                masters_without_record=described.masters_without_record,
            )  # fmt: skip
            verdict, told = settle_stop(conn, night, verdict, None)
            runs.record_verdict(conn, night.run_id, subject, None, verdict.as_dict())
            outcome.rows += tables["masters"].num_rows
            words = f"{subject}: {told}"
            if not verdict.may_go_on:
                outcome.state, outcome.note = "stopped", words
                stopped.append(words)
            elif verdict.broken and not stopped:
                outcome.state, outcome.note = "warn", words
    if stopped:
        raise StepError("Nothing is published; what was published before stays live. " + " | ".join(stopped))


def _recount(night: Night) -> None:
    """Count again what landed since the last publication; raises `StepError` where the tables say otherwise (law 1)."""
    with open_warehouse(read_settings()) as conn, recorded(conn, night, "recount") as outcome:
        outcome.rows, wrong = recount_new(conn)
        if wrong:
            outcome.state, outcome.note = "stopped", "; ".join(str(one) for one in wrong[:10])
            raise StepError(
                "Nothing is published: rows were lost or added since they landed. "
                + outcome.note
                + ". Find out who changed "
                "the tables (python -m runtime recount counts all), then replay the snapshots: python -m runtime replay."
            )


def _count_events(events: pa.Table) -> dict[str, int]:
    """Events by kind, and as records_moved the records that mergers and splits took to another file."""
    found = dict(Counter(events["event_kind"].to_pylist()))
    moving = events.filter(pc.is_in(events["event_kind"], value_set=pa.array(["merged", "split"])))
    return found | {"records_moved": int(pc.sum(moving["record_count"]).as_py() or 0)}


def publish(night: Night) -> None:
    """All that is staged becomes live in one transaction."""
    with open_warehouse(read_settings()) as conn, recorded(conn, night, "publish") as outcome:
        if night.dry_run:
            outcome.state, outcome.note = "skipped", "dry run"
            return
        counts = publishing.publish(conn, night.run_id, night.date)
        for subject in SUBJECTS:
            incidents.settle(conn, subject, None, night.run_id)
        outcome.rows = counts.changed_rows
        log.info("%s publish: %s", night.run_id, counts)


def report(night: Night) -> None:
    """Close the run with its state; raises `StepError` naming every part that was held, stopped or failed."""
    settings = read_settings()
    with open_warehouse(settings) as conn:
        steps = runs.read_steps(conn, night.run_id)
        done = {step.step for step in steps if step.state in ("success", "warn", "skipped")}
        troubles = [s for s in steps if s.state in TROUBLE]
        state = "success" if not troubles else "incomplete"
        if "publish" not in done:
            state = "failed"
        runs.finish_run(conn, night.run_id, state, _count(conn, night))
        log.info("%s is %s", night.run_id, state)
    _tidy(settings, night)
    if state != "success":
        words = [f"{s.feed} {s.step} {s.state}{': ' + s.note if s.note else ''}".strip() for s in troubles]
        raise StepError(
            f"Night {night.date} is {state}: "
            + (" | ".join(words) or "a task ended before it could write down why; open the red task's log")
            + (". The other feeds are published." if state == "incomplete" else ". Yesterday's files stay live.")
        )


def _count(conn: Connection, night: Night) -> dict[str, int]:
    return dict(Counter(f"verdict_{v['state']}" for v in runs.read_run_verdicts(conn, night.run_id)))


def _tidy(settings: Settings, night: Night) -> None:
    """Remove the tables that steps left for each other; they hold personal values and can be made again."""
    shutil.rmtree(settings.home / "work" / night.run_id, ignore_errors=True)
