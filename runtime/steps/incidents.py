"""What the gates stopped: an incident each, a question to an engineer, and what follows from the answer."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from quality.verdict import Severity, Verdict
from runtime.settings import read_settings
from runtime.steps.night import Night, open_warehouse
from warehouse import incidents, runs
from warehouse.database import Connection, one

log = logging.getLogger("yidang.night")
RELEASE, KEEP = "Release", "Keep held"
SUBJECTS = {"person": "person files", "enterprise": "enterprise files"}


def stop_of(verdict: Verdict, file_sm3: str | None) -> incidents.Stop:
    """A verdict that stopped something in the words of an incident: rules and numbers, never a value of a row."""
    stops = [result for result in verdict.broken if result.severity is Severity.STOP]
    what = (
        f"Delivery {verdict.batch_no} of {verdict.subject} is held; the records of before stay."
        if verdict.gate == "feed"
        else f"The {SUBJECTS.get(verdict.subject, verdict.subject)} are not published; what was live stays live."
    )
    limits = [f"{r.rule_id}{f' {r.field}' if r.field else ''} {'≥' if r.bound == 'at_least' else '≤'} {r.limit:g}"
              f" ({r.unit}; {r.set_by})" for r in stops]  # fmt: skip
    return incidents.Stop(
        feed=verdict.subject,
        batch_no=verdict.batch_no or None,
        file_sm3=file_sm3,
        rules=tuple(sorted({r.rule_id for r in stops})),
        what=what,
        expected="; ".join(limits),
        found="; ".join(r.message for r in stops),
        advice=" ".join(dict.fromkeys(r.advice for r in stops)),
    )


def settle_stop(conn: Connection, night: Night, verdict: Verdict, file_sm3: str | None) -> tuple[Verdict, str]:
    """What to do about a verdict, and words for the step's note.

    A stop that an engineer released for this very file and these rules goes on as a warning; any other opens an
    incident, except in a dry run.
    """
    words = "; ".join(result.message for result in verdict.broken)
    if verdict.may_go_on:
        return verdict, words
    stop = stop_of(verdict, file_sm3)
    release = incidents.release_of(conn, stop.feed, stop.batch_no, stop.file_sm3, stop.rules)
    if release is not None:
        return verdict.released(), f"released by {release.decided_by}: {release.reason}. {words}"
    if not night.dry_run:
        incidents.open_incident(conn, stop, run_id=night.run_id, on=night.date)
    return verdict, words


def questions(night: Night, inbox: str | None) -> list[dict[str, Any]]:
    """What the release DAG is asked to ask: one for each incident of this night that nobody has decided on."""
    with open_warehouse(read_settings()) as conn:
        found = incidents.read_open(conn, night.run_id)
    return [
        {
            "trigger_run_id": f"incident-{incident.incident_id}-{night.run_id}",
            "conf": {
                "incident_id": incident.incident_id,
                "title": f"{_place(incident.stop)}: stopped",
                "body": _body(incident),
                "inbox": inbox,
            },
        }
        for incident in found
    ]  # fmt: skip


def questions_after(asked: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The questions of the nights that `answer` asked for; none where it asked for none."""
    found = []
    for told in asked:
        night = Night.named(
            date=told["date"], feeds=told["feeds"], full_rematch=False, dry_run=False, inbox=told.get("inbox")
        )
        found += questions(night, told.get("inbox"))
    return found


def _place(stop: incidents.Stop) -> str:
    return f"{stop.feed} {stop.batch_no}" if stop.batch_no else SUBJECTS.get(stop.feed, stop.feed)


def _body(incident: incidents.Incident) -> str:
    stop = incident.stop
    return (
        f"**{stop.what}**\n\n| | |\n|---|---|\n| where | {_place(stop)}, {incident.run_id} |\n"
        f"| expected | {_cell(stop.expected)} |\n| found | {_cell(stop.found)} |\n| do this | {_cell(stop.advice)} |\n\n"
        f"*{RELEASE}* lets this very file land (or this publish go live) although the rules above are broken. "
        f"*{KEEP}* leaves it as it is. A reason is required; it is logged with your name and never changed. "
        "Nobody answers: it stays held, and the next night asks again."
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def answer(incident_id: int, told: Mapping[str, Any], inbox: str | None) -> list[dict[str, Any]]:
    """Log an answer; returns the parameters of the night to run at once, if the engineer asked for one.

    `told` is what Airflow keeps of the answer: chosen_options, params_input (reason, run_now), responded_at and
    responded_by_user (None: nobody answered in time).

    Raises
    ------
    WarehouseError
        No reason was given, or there is no such incident.
    """
    user, given = told.get("responded_by_user"), told.get("params_input") or {}
    moment = told["responded_at"]
    at = moment if isinstance(moment, datetime) else datetime.fromisoformat(str(moment))
    is_released = told["chosen_options"] == [RELEASE]
    reason, who = str(given.get("reason") or ""), _name(user)
    if user is None:
        reason, is_released = "nobody answered in time", False
    decision: incidents.Decision = "released" if is_released else "timed_out" if user is None else "kept"
    with open_warehouse(read_settings()) as conn:
        is_open = incidents.decide(conn, incident_id, decision, reason=reason, decided_by=who, decided_at=at)
        log.info("incident %d: %s by %s%s", incident_id, decision, who, "" if is_open else ", but it was over before")
        if not (is_open and is_released and given.get("run_now")):
            return []
        opened_on, feed, batch_no = one(
            conn, "select opened_on, feed, batch_no from ops.incident where incident_id = %s", (incident_id,)
        )
        last = runs.last_finished_date(conn)
    day = max(opened_on, last) if last else opened_on
    return [{"date": day.isoformat(), "feeds": [feed] if batch_no else [], "inbox": inbox}]


def _name(user: Any) -> str:
    if user is None:
        return incidents.PLATFORM
    if isinstance(user, Mapping):
        return str(user.get("name") or user.get("id"))
    return str(getattr(user, "name", None) or user)
