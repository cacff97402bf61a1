"""Airflow's API server over a warehouse of made-up persons: the console as people meet it, without a scheduler."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx

from runtime import airflow
from runtime.settings import ROOT, read_settings
from runtime.steps.night import Night
from runtime.steps.reports import write_reports
from tests.warehouse.deliveries import CONTRACTS, Files, make_delivery
from warehouse.database import Connection, connect
from warehouse.landing import land
from warehouse.masters import stage
from warehouse.migrate import migrate
from warehouse.publish import publish
from warehouse.runs import begin_run, finish_run

DAY = date(2026, 11, 1)
PAIRS = 60
HEALTHY_SECONDS = 90
NAMES = ("欧阳静芳", "欧阳静方")
STREET = "成都市锦江区春熙路十七号"


@dataclass
class Site:
    """Where the console is, who may sign in, and the warehouse behind it."""

    url: str
    passwords: dict[str, str]
    warehouse_url: str

    @property
    def console(self) -> str:
        """Address of the console's first page, outside Airflow's frame."""
        return f"{self.url}/yidang"

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of a statement in the warehouse."""
        with connect(self.warehouse_url) as conn:
            return conn.execute(statement).fetchall()  # type: ignore[call-overload, no-any-return]


def number_of(pair: int, side: int) -> str:
    """A made-up identity number that stands nowhere else."""
    return f"51010419850{pair:03}{side}77{side}X"


def fill(conn: Connection, folder: Path) -> None:
    """One published night: pairs of files that wait for a decision; A0 holds two records that are linked."""
    keys = [f"{side}{n}" for n in range(PAIRS) for side in "AB"] + ["A0b"]
    lines = [
        {"source_key": f"K-{k}", "name": NAMES[0], "card_number": f"CARD{k}", "card_status": "normal"} for k in keys
    ]
    begin_run(conn, "night-2026-11-01", DAY)
    finding = {"line_no": 2, "source_key": "K-A0", "code": "DATE_01_01", "value_class": "D8", "severity": "inform"}
    made = make_delivery(folder, "hrss_card", "20261101-001", lines, rejects=2, findings=[finding])
    land(conn, CONTRACTS["hrss_card"], made, run_id="night-2026-11-01")
    records = {f"P{k}": [f"hrss_card:K-{k}"] for k in keys if k != "A0b"}
    records["PA0"].append("hrss_card:K-A0b")
    golden = {
        f"P{side}{n}": {
            "name": NAMES[place], "birth_date": "1985-01-02", "id_number": number_of(n, place), "address": STREET,
        }
        for n in range(PAIRS)
        for place, side in enumerate("AB")
    }  # fmt: skip
    files = Files(
        records,
        golden,
        losing=[("PA0", "name", "欧阳婧芳", "hrss_card:K-A0b")],
        links=[("hrss_card:K-A0", "hrss_card:K-A0b")],
        reviews=[("doubtful", f"hrss_card:K-A{n}", f"hrss_card:K-B{n}") for n in range(PAIRS)],
        events=[("created", m, None) for m in records],
        next_number=500,
    )
    stage(conn, "person", "night-2026-11-01", **files.staged())
    publish(conn, "night-2026-11-01", DAY)
    finish_run(conn, "night-2026-11-01", "success", {})


@contextmanager
def open_site(home: Path, warehouse_url: str, metadata_url: str) -> Iterator[Site]:
    """Migrate both databases, fill the warehouse, serve until the block ends."""
    migrate(warehouse_url)
    with connect(warehouse_url) as conn:
        fill(conn, home / "deliveries")
        night = Night(DAY, (), full_rematch=False, dry_run=False, inbox=home)
        write_reports(conn, night, read_settings({"YIDANG_HOME": str(home)}))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = read_settings({"YIDANG_HOME": str(home)})
    environment = airflow.environment(
        settings, metadata_url=metadata_url, warehouse_url=warehouse_url, port=port
    ) | {"PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip
    log = home / "api-server.log"
    with log.open("wb") as out:
        python = [sys.executable, "-m", "airflow"]
        subprocess.run([*python, "db", "migrate"], env=environment, cwd=ROOT, stdout=out, stderr=out, check=True)
        subprocess.run([*python, "dags", "reserialize"], env=environment, cwd=ROOT, stdout=out, stderr=out, check=True)
        server = subprocess.Popen(
            [*python, "api-server", "--workers", "1"],
            env=environment, cwd=ROOT, stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
    try:
        _wait_until_up(f"http://127.0.0.1:{port}", server, log)
        passwords = json.loads((airflow.home_of(settings) / "passwords.json").read_text())
        yield Site(f"http://127.0.0.1:{port}", passwords, warehouse_url)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _wait_until_up(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + HEALTHY_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if httpx.get(f"{url}/yidang/", trust_env=False, timeout=20).status_code == 401:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise AssertionError(log.read_text()[-3000:])
