"""The step that follows findings after a publish: rules over departments, what the gates saw, days that pass, files out."""

from __future__ import annotations

import logging

from extractors.contract import load_contracts
from quality.arrivals import overdue
from quality.findings import query_of_all
from quality.verdict import Severity
from runtime.corrections import departments, write_correction_file
from runtime.settings import Settings, read_settings
from runtime.steps.night import Night, Outcome, open_warehouse, recorded
from warehouse import finding_looks, finding_work, report_rows
from warehouse.database import Connection

log = logging.getLogger("yidang.night")


def follow(night: Night) -> None:
    """Bring the findings up to date with what is published, and hand out correction files on the day for it."""
    settings = read_settings()
    with open_warehouse(settings) as conn, recorded(conn, night, "findings") as outcome:
        if night.dry_run:
            outcome.state, outcome.note = "skipped", "dry run"
            return
        contracts = load_contracts()
        owners = {feed: contract.department for feed, contract in contracts.items()}
        query = query_of_all(contracts)
        told = []
        if query is not None:
            across = finding_looks.record_across(conn, query, owners, run_id=night.run_id, as_of=night.date)
            told.append(f"across departments {across.new} new, {across.still} still, {across.gone} gone")
            outcome.rows = across.new + across.still
        finding_looks.record_broken(conn, owners, run_id=night.run_id, as_of=night.date)
        told += _look_for_overdue(conn, night, outcome)
        expired = finding_work.pass_time(conn, as_of=night.date, run_id=night.run_id)
        told.append(f"{expired} expired")
        if night.date.isoweekday() in settings.corrections_on:
            told.append(f"correction files for {', '.join(_hand_out(conn, night, settings)) or 'nobody'}")
        outcome.note = "; ".join(told)


def _look_for_overdue(conn: Connection, night: Night, outcome: Outcome) -> list[str]:
    """Findings about the feeds of this night that owe a delivery; words for the step's note, a warning where it lasts."""
    expected = {feed: contract for feed, contract in load_contracts().items() if feed in night.feeds}
    late = overdue(expected, report_rows.read_last_seen(conn), night.date)
    owners = {feed: contract.department for feed, contract in expected.items()}
    finding_looks.record_overdue(
        conn, owners, {f: str(s) for f, s in late.items()}, run_id=night.run_id, as_of=night.date
    )
    if Severity.WARN in late.values():
        outcome.state = "warn"
    return [f"overdue: {', '.join(late)}"] if late else []


def _hand_out(conn: Connection, night: Night, settings: Settings) -> list[str]:
    """A file for each department that has something to correct; a night run again writes none twice."""
    made = []
    for department in departments():
        path = settings.corrections / department / f"{night.date}.xlsx"
        if path.exists():
            continue
        written = write_correction_file(
            conn, department, path, made_by=night.run_id, reason="correction files of the week", as_of=night.date
        )
        if written is not None:
            made.append(department)
            log.info("%s correction file %d for %s: %d findings", night.run_id, written.export_id, department,
                     written.findings)  # fmt: skip
    return made
