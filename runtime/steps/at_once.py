"""Judgements that take effect at once: a run between two nights that looks at what they bear on and nothing else.

It is made of the night's own steps and has no feeds: the components that the judged records touch are matched anew,
mastered, gated and published in one transaction. Its logical date is that of what is live, so that the next night
still is the next one, and a day's last state is what its history tells.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from runtime.settings import read_settings
from runtime.steps import closing, subjects
from runtime.steps.night import Night, StepError, open_warehouse
from warehouse import runs
from warehouse.database import lock as lock_for
from warehouse.database import one, transaction

log = logging.getLogger("yidang.night")


def apply_judgements() -> str | None:
    """Bring every judgement made or withdrawn since the last publication into effect; returns the run's name.

    None: there is nothing to bring into effect.

    Raises
    ------
    StepError
        A night is running, or one that failed left deliveries that wait; or the gate stopped what was staged. The
        judgements stay, and count from the next night on.
    """
    settings = read_settings()
    with open_warehouse(settings) as conn, transaction(conn, "beginning a run at once"):
        lock_for(conn, "at_once")
        if not any(runs.has_unpublished_changes(conn, subject) for subject in subjects.SUBJECTS):
            return None
        if (reason := runs.why_not_at_once(conn)) is not None:
            raise StepError(reason)
        day = runs.last_finished_date(conn)
        number = one(conn, "select max(judgement_id) from core.judgement")[0]
        name = f"{runs.AT_ONCE}{day}-{number}"
        conn.execute(  # one that was killed is replaced by this one; Airflow lets only one run at a time
            "update ops.run set state = 'failed', finished_at = clock_timestamp() "
            "where state = 'running' and starts_with(run_id, %s) and run_id <> %s",
            (runs.AT_ONCE, name),
        )
        runs.begin_run(conn, name, day)  # type: ignore[arg-type]
    night = replace(Night.named(date=str(day), feeds=(), full_rematch=False, dry_run=False), own_name=name)
    try:
        for subject in subjects.SUBJECTS:
            subjects.match(night, subject)
            subjects.master(night, subject)
        closing.gate_masters(night)
        closing.publish(night)
    finally:
        closing.report(night)
    log.info("%s: judgements are in effect", name)
    return name
