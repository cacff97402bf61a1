"""A released delivery (or publish) taken in at once: the steps of its night again, for what was held alone."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from extractors.contract import load_contracts
from runtime.settings import read_settings
from runtime.steps import closing, feeds, findings, reports, subjects
from runtime.steps.night import Night, StepError, open_warehouse
from warehouse.database import lock as lock_for
from warehouse.database import transaction
from warehouse.runs import read_steps, running_run

log = logging.getLogger("yidang.night")


def run_night(asked: Mapping[str, Any]) -> str:
    """Run the steps of a night for the feeds asked for (none: only match, master and publish); returns its name.

    `asked` is what `runtime.steps.incidents.answer` gives: date, feeds and inbox.

    Raises
    ------
    StepError
        A night is running: what was released lands with the next one. Or what was released was held or stopped again;
        that other feeds of the night still are is only logged.
    """
    night = Night.named(
        date=asked["date"], feeds=asked["feeds"], full_rematch=False, dry_run=False, inbox=asked.get("inbox")
    )
    with open_warehouse(read_settings()) as conn, transaction(conn, "beginning a released night"):
        lock_for(conn, "at_once")
        if (running := running_run(conn)) is not None:
            raise StepError(
                f"Run {running} is not finished. What was released lands with the next night; nothing is lost."
            )
    closing.open_run(night)
    try:
        for feed in night.feeds:
            extracted = feeds.extract(night, feed, feeds.receive(night, feed))
            feeds.land(night, feed, feeds.gate(night, feed, extracted))
        for subject in subjects.SUBJECTS:
            subjects.match(night, subject)
            subjects.master(night, subject)
        closing.gate_masters(night)
        closing.publish(night)
        findings.follow(night)
    except BaseException:
        reports.close(night)
        raise
    try:
        reports.close(night)
    except StepError as rest:
        if _is_held_again(night):
            raise
        log.warning("%s: what was released is in; as before: %s", night.run_id, rest)
    else:
        log.info("%s: what was released is in", night.run_id)
    return night.run_id


def _is_held_again(night: Night) -> bool:
    """Whether anything but the feeds that were not asked for is in trouble."""
    others = set(load_contracts()) - set(night.feeds)
    with open_warehouse(read_settings()) as conn:
        return any(step.state in closing.TROUBLE and step.feed not in others for step in read_steps(conn, night.run_id))
