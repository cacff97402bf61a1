"""`make run`: one night from the deliveries to the published warehouse, with progress a person can read."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from extractors.contract import ContractError, load_contracts
from runtime import airflow
from runtime.session import servers_up
from runtime.settings import ROOT, Settings
from runtime.summary import judge_quality, print_summary
from runtime.supervisor import MARK, Servers, running_servers
from warehouse import runs
from warehouse.database import Connection, connect

POLL_SECONDS = 0.5
PARSE_SECONDS = 90
SILENT_SECONDS = 120
ENDED = ("success", "failed")


class NightError(RuntimeError):
    """The night cannot be run as asked; the message says why and what to do."""


@dataclass(frozen=True)
class Asked:
    """What the person asked for: a date or the next one, own deliveries or the pretend province's."""

    date: date | None
    own_inbox: Path | None


def read_asked(environment: dict[str, str]) -> Asked:
    """DATE and INBOX of the command line.

    Raises
    ------
    NightError
        DATE is no date, or INBOX no folder.
    """
    found, inbox = environment.get("DATE"), environment.get("INBOX")
    try:
        day = date.fromisoformat(found) if found else None
    except ValueError as fault:
        raise NightError(f"DATE={found} is not a date. Expected YYYY-MM-DD.") from fault
    if inbox and not Path(inbox).is_dir():
        raise NightError(f"INBOX={inbox} is not a folder. Expected the folder of your deliveries and their manifests.")
    return Asked(day, Path(inbox).absolute() if inbox else None)


def choose_date(conn: Connection, asked: date | None, first: date) -> tuple[date, bool]:
    """(date of the night to run, whether it is already done).

    The night after the last finished one; the same night again if it was interrupted or failed before publishing.

    Raises
    ------
    NightError
        The date asked for lies before the last finished night.
    """
    last = runs.last_finished_date(conn)
    if asked is None:
        return (last + timedelta(days=1) if last else first), False
    if runs.is_done(conn, asked):
        return asked, True
    if last is not None and asked < last:
        raise NightError(
            f"DATE={asked} lies before the last finished night, {last}. Nights run in order: the next is "
            f"{last + timedelta(days=1)}. To begin anew: make reset."
        )
    return asked, False


def deliver_province(settings: Settings, day: date, last: date | None) -> float:
    """Let the pretend province deliver every day up to `day` that it has not delivered; returns seconds."""
    begun = time.monotonic()
    one = last + timedelta(days=1) if last else settings.first_date
    while one <= day:
        command = [
            sys.executable, "-m", "demo", "deliver", "--date", str(one), "--first", str(settings.first_date),
            "--persons", str(settings.persons), "--seed", str(settings.seed), "--inbox", str(settings.inbox),
            "--truth", str(settings.truth),
        ]  # fmt: skip
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, MARK: ""}, check=False)
        if done.returncode:
            raise NightError(f"the pretend province could not deliver {one} (above: its own words).")
        one += timedelta(days=1)
    return time.monotonic() - begun


def start_dag_run(client: airflow.Client, run_id: str, day: date, inbox: Path, *, ours: bool) -> None:
    """Start the night's DAG run, or start it again after an interruption or a failure.

    ours: the servers were started by this command, so a run that Airflow still calls running belongs to a killed one.
    """
    deadline = time.monotonic() + PARSE_SECONDS
    while not client.is_parsed(airflow.DAG_ID):
        if errors := client.import_errors():
            raise NightError(f"the DAG does not import: {errors[0][-1500:]}")
        if time.monotonic() > deadline:
            raise NightError(f"Airflow has not read dags/ after {PARSE_SECONDS} s. Look into the dag-processor's log.")
        time.sleep(0.3)
    state = client.run_state(airflow.DAG_ID, run_id)
    if state is not None and (state in ENDED or ours):
        client.delete_run(airflow.DAG_ID, run_id)
        state = None
    client.pause(airflow.DAG_ID, False)
    if state is None:
        client.trigger(airflow.DAG_ID, run_id, f"{day}T02:00:00+08:00", {"date": str(day), "inbox": str(inbox)})


def follow(client: airflow.Client, conn: Connection, run_id: str, settings: Settings, earlier: set[runs.Step]) -> str:
    """Print each step as it ends, but for those of an `earlier` attempt; returns the DAG run's final state.

    Where nothing ends for `SILENT_SECONDS` a line says which tasks the night waits for.
    """
    begun, shown = time.monotonic(), set(earlier)
    last = begun
    while True:
        state = client.run_state(airflow.DAG_ID, run_id) or "lost"
        for step in runs.read_steps(conn, run_id):
            if step.state == "running" or step in shown:
                continue
            shown.add(step)
            rows = f"{step.rows:>11,} rows" if step.rows is not None else " " * 16
            note = "" if step.state == "success" else f"  {step.state.upper()}"
            head = f"  {time.monotonic() - begun:6.1f} s  {step.feed:<14}{step.step:<13}"
            print(f"{head}{rows}{step.seconds or 0:8.1f} s{note}", flush=True)
            last = time.monotonic()
        if time.monotonic() - last > SILENT_SECONDS:
            last = time.monotonic()
            print(
                f"  {last - begun:6.1f} s  waiting for {waited_for(client.task_instances(airflow.DAG_ID, run_id))}",
                flush=True,
            )
        if state in (*ENDED, "lost"):
            return state
        if running_servers(settings) is None:
            raise NightError(f"the servers ended in the middle of the night. Look into {settings.logs}, run it again.")
        time.sleep(POLL_SECONDS)


def waited_for(tasks: Sequence[Mapping[str, Any]]) -> str:
    """What Airflow has under way, as ``by_feed.land hrss_card (running), ...``; queued ones wait for a worker."""
    under_way = ("running", "queued", "up_for_retry", "scheduled", "restarting")
    named = [
        f"{t['task_id']} {t.get('rendered_map_index') or ''}".rstrip() + f" ({t['state']})"
        for t in tasks
        if t["state"] in under_way
    ]
    return ", ".join(named) or "Airflow's scheduler to hand out the next task"


def print_failures(client: airflow.Client, run_id: str) -> None:
    """The last words of every task that failed."""
    for found in client.task_instances(airflow.DAG_ID, run_id):
        if found["state"] != "failed":
            continue
        name = found.get("rendered_map_index") or ""
        print(f"\nFAILED {found['task_id']} {name}".rstrip() + ":")
        lines = client.task_log(
            airflow.DAG_ID, run_id, found["task_id"], found["map_index"], max(1, int(found["try_number"]))
        )
        for line in [x for x in lines if x.strip()][-6:]:
            print(f"  {line[:400]}")


def run_night(settings: Settings, asked: Asked) -> int:
    """The whole of `make run`; returns its exit status.

    Raises
    ------
    NightError
        A contract is wrong or unfinished, or the date is; or the night broke off.
    """
    begun = time.monotonic()
    try:
        load_contracts()
    except ContractError as fault:
        raise NightError(f"extractors/feeds/{fault}") from None
    ours = running_servers(settings) is None
    print("Starting PostgreSQL and Airflow ..." if ours else "PostgreSQL and Airflow are up.", flush=True)
    with servers_up(settings) as servers:
        client = airflow.Client(servers.ui_port, airflow.prepare_account(settings))
        say_where(settings, servers)
        with connect(servers.warehouse_url) as conn:
            day, is_done = choose_date(conn, asked.date, settings.first_date)
            if is_done:
                print(f"Night of {day}: done before. Nothing new; nothing was changed.")
                return 0
            if asked.own_inbox is None:
                seconds = deliver_province(settings, day, runs.last_finished_date(conn))
                print(f"The pretend province delivered {day} into {settings.inbox} in {seconds:.1f} s", flush=True)
            run_id = runs.run_id_of(day)
            print(f"\nNight of {day}", flush=True)
            earlier = set(runs.read_steps(conn, run_id))
            inbox = asked.own_inbox or settings.inbox
            start_dag_run(client, run_id, day, inbox, ours=ours)
            try:
                state = follow(client, conn, run_id, settings, earlier)
            finally:
                client.pause(airflow.DAG_ID, True)
            quality = judge_quality(conn, settings.truth) if asked.own_inbox is None else None
            good = print_summary(conn, run_id, quality)
            if not runs.read_run(conn, run_id).feeds:
                print(f"  nothing was landed: no new, complete delivery for {day} in {inbox}")
            if state != "success":
                print_failures(client, run_id)
            print(f"\nWhole command: {time.monotonic() - begun:.1f} s. Look around: make ui, make psql.")
            return 0 if good and state == "success" else 1


def say_where(settings: Settings, servers: Servers) -> None:
    """Print address, user and password of the Airflow UI."""
    account = airflow.prepare_account(settings)
    print(
        f"Airflow UI: http://127.0.0.1:{servers.ui_port}  user {account.user}  password {account.password}", flush=True
    )
