"""The reports of a night as pages in a folder of their own: made once the night's state is known, served by the console."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pyarrow.parquet as pq

from extractors.contract import Contract, load_contracts
from extractors.reference import path_of
from quality.history import FeedHistory
from quality.pages.checks import render_night
from quality.pages.coverage import render_coverage
from quality.pages.frame import PAGES, write_page
from quality.pages.morning import Morning, render_morning
from quality.pages.reconciliation import render_reconciliation
from quality.pages.scorecard import render_scorecard
from quality.verdict import Verdict
from quality.wording import LISTS
from runtime.settings import Settings, read_settings
from runtime.steps import closing
from runtime.steps.night import Night, open_warehouse, recorded
from warehouse import report_rows, runs
from warehouse.database import Connection

log = logging.getLogger("yidang.night")
HISTORY = 30


def close(night: Night) -> None:
    """Close the run, then write its reports; raises what closing says of a night that is not whole."""
    try:
        closing.report(night)
    finally:
        settings = read_settings()
        with open_warehouse(settings) as conn, recorded(conn, night, "report") as outcome:
            outcome.rows = len(PAGES)
            write_reports(conn, night, settings)


def write_reports(conn: Connection, night: Night, settings: Settings) -> Path:
    """Write every page of a night; returns the folder. No page carries a value of a person."""
    contracts = load_contracts()
    titles = {feed: contract.title for feed, contract in contracts.items()}
    folder = settings.reports / night.run_id
    pages = {
        "morning": render_morning(_morning(conn, night, contracts), contracts),
        "data-docs": _data_docs(conn, night, titles),
        "scorecard": render_scorecard(
            night=night.date, scores=report_rows.read_scores(conn, night.date), titles=titles,
            findings=report_rows.read_finding_states(conn), days=report_rows.read_finding_days(conn, night.date),
        ),
        "coverage": render_coverage(night=night.date, rows=report_rows.read_coverage(conn), lists=LISTS),
        "reconciliation": render_reconciliation(
            night=night.date, rows=report_rows.read_presence(conn), areas=_area_names()
        ),
    }  # fmt: skip
    for name, text in pages.items():
        write_page(text, folder / f"{name}.html")
    log.info("%s reports: %d pages", night.run_id, len(pages))
    return folder


def _morning(conn: Connection, night: Night, contracts: Mapping[str, Contract]) -> Morning:
    run = runs.read_run(conn, night.run_id)
    return Morning(
        night=night.date,
        run_id=night.run_id,
        state=run.state,
        seconds=run.seconds,
        last_seen={feed: day for feed, day in report_rows.read_last_seen(conn).items() if feed in contracts},
        troubles=report_rows.read_troubles(conn, night.run_id),
        deliveries=report_rows.read_deliveries(conn, night.run_id),
        changes=report_rows.read_changes(conn, night.run_id),
        findings=report_rows.read_finding_moves(conn, night.date),
        waiting=run.review_open,
    )


def _data_docs(conn: Connection, night: Night, titles: Mapping[str, str]) -> str:
    verdicts = [Verdict.from_dict(plain) for plain in runs.read_run_verdicts(conn, night.run_id)]
    histories = {
        verdict.subject: [
            FeedHistory.from_dict(plain["statistics"]) for plain in runs.read_verdicts(conn, verdict.subject, HISTORY)
        ]
        for verdict in verdicts
        if verdict.gate == "feed"
    }
    return render_night(verdicts, night=night.date, titles=titles, histories=histories)


@cache
def _area_names() -> dict[str, str]:
    rows = pq.read_table(path_of("division.parquet"), columns=["code", "name", "to_year"]).sort_by("to_year")
    return dict(zip(rows["code"].to_pylist(), rows["name"].to_pylist(), strict=True))
