"""`leaks`: two nights through Airflow and a day's work in the console; then every place is searched for any personal value."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyarrow as pa

from benchmarks.goal import Goal, Outcome
from benchmarks.leak_places import BY_DESIGN, airflow_tables, files, own_words, read_values, warehouse_tables
from benchmarks.leak_scan import lines_of, scan
from runtime import airflow, postgres, supervisor
from runtime.settings import ROOT, read_settings
from warehouse.database import connect

PERSONS = 3_000
FIRST, SECOND = "2026-11-01", "2026-11-02"  # a Sunday, and the Monday on which correction files are handed out
DAMAGED = "hrss_card"


def run(scale: int = PERSONS) -> Outcome:
    """All feeds of a province of `scale` persons; the second night with a damaged delivery, so that it says what is wrong."""
    home = Path(tempfile.mkdtemp(prefix="yidang-leaks-"))
    home.chmod(0o755)  # under root the database runs as nobody
    try:
        said = _nights(home, scale)
        said += _work_in_the_console(home)
        return _outcome(scale, *search(home, said))
    finally:
        _command(home, scale, "reset")
        shutil.rmtree(home, ignore_errors=True)


def _command(home: Path, scale: int, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("YIDANG_") and k not in ("INBOX", "DATE")}
    environment = {**kept, "YIDANG_HOME": str(home), "YIDANG_PERSONS": str(scale), **more}
    module = ["-m", "demo"] if words[0] == "deliver" else ["-m", "runtime"]
    return subprocess.run(
        [sys.executable, *module, *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def _nights(home: Path, scale: int) -> str:
    first = _command(home, scale, "run", DATE=FIRST)
    if first.returncode:
        raise RuntimeError(
            f"the first night ended with {first.returncode}:\n{first.stdout[-2000:]}{first.stderr[-1000:]}"
        )
    inbox = home / "inbox"
    _command(
        home, scale, "deliver", "--date", SECOND, "--first", FIRST, "--persons", str(scale), "--seed", "7",
        "--inbox", str(inbox), "--truth", str(home / "truth"),
    )  # fmt: skip
    damaged = [path for path in inbox.glob(f"{DAMAGED}_{SECOND.replace('-', '')}*") if path.suffix != ".json"]
    for path in damaged:
        path.write_bytes(path.read_bytes() * 2)
    second = _command(home, scale, "run", DATE=SECOND, INBOX=str(inbox))
    if "held" not in second.stdout:
        raise RuntimeError(f"the second night should have held a delivery:\n{second.stdout[-2000:]}")
    return first.stdout + first.stderr + second.stdout + second.stderr


def _work_in_the_console(home: Path) -> str:
    """A steward looks for a person by number, opens a case, makes a correction file, asks for what is not there."""
    up = _command(home, PERSONS, "ui")
    servers = supervisor.running_servers(read_settings({"YIDANG_HOME": str(home)}))
    if servers is None:
        raise RuntimeError(f"the servers did not start:\n{up.stdout[-1000:]}{up.stderr[-1000:]}")
    try:
        with connect(servers.warehouse_url) as conn:
            row = conn.execute("select id_number from core.person where id_number is not null limit 1").fetchone()
        passwords = json.loads(
            (airflow.home_of(read_settings({"YIDANG_HOME": str(home)})) / "passwords.json").read_text()
        )
        with httpx.Client(base_url=f"http://127.0.0.1:{servers.ui_port}", timeout=60, trust_env=False) as http:
            token = http.post("/auth/token", json={"username": "steward", "password": passwords["steward"]})
            http.headers["Authorization"] = f"Bearer {token.json()['access_token']}"
            form = re.search(r'name="form_token" value="([^"]+)"', http.get("/yidang/file").text)
            sent = {"form_token": form[1] if form else "", "reason": "benchmark", "department": "hrss"}
            answers = [
                http.post("/yidang/file", data={**sent, "sought": str(row[0]) if row else ""}, follow_redirects=True),
                http.post("/yidang/review/next", data=sent, follow_redirects=True),
                http.post("/yidang/corrections/file", data=sent),
                http.get("/yidang/reports"), http.get("/yidang/troubles"), http.get("/yidang/file/P-UNKNOWN"),
            ]  # fmt: skip
            if [a.status_code for a in answers[:5]] != [200] * 5:
                raise RuntimeError(f"the console answered {[a.status_code for a in answers]}")
    finally:
        _command(home, PERSONS, "stop")
    return up.stdout + up.stderr


def search(home: Path, said: str) -> tuple[pa.Table, Counter[str], pa.Table]:
    """(values sought, lines searched by place, hits) of a state folder, its databases and what the commands `said`."""
    settings = read_settings({"YIDANG_HOME": str(home)})
    place = postgres.find_place(settings.home, settings.postgres_bin)
    seen: Counter[str] = Counter()

    def everything(warehouse_url: str, airflow_url: str) -> Iterator[dict[str, str]]:
        log = place.data.parent / "server.log"
        with connect(warehouse_url) as conn:
            for text in (
                *lines_of("output of the commands", "", said),
                *lines_of("PostgreSQL server log", "server.log", log.read_text(errors="replace")),
                *files(home), *airflow_tables(airflow_url), *warehouse_tables(conn),
            ):  # fmt: skip
                seen[text["place"]] += 1
                yield text

    with postgres.serving(place) as server:
        url, airflow_url = (postgres.database_url(server, name) for name in ("yidang", "yidang_airflow"))
        with connect(url) as conn:
            values = read_values(conn)
        hits = scan(values, everything(url, airflow_url), own_words())
    for hit in hits.to_pylist():
        print(f"LEAK {hit['place']}: {hit['spot']}: {hit['values']} of kind {hit['kind']}")
    return values, seen, hits


def _outcome(scale: int, values: pa.Table, seen: Counter[str], hits: pa.Table) -> Outcome:
    by_place: Counter[str] = Counter()
    for hit in hits.to_pylist():
        by_place[hit["place"]] += hit["values"]
    kinds = Counter(values["kind"].to_pylist())
    sought = ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items()))
    return Outcome(
        f"leaks: two nights of {scale:,} persons through Airflow, a held delivery and work in the console",
        ("place", "lines", "values found"),
        tuple((name, count, by_place[name]) for name, count in sorted(seen.items())),
        (
            Goal("leaks.values", hits.num_rows, "places in lines", 0, at_most=True),
            Goal("leaks.places", len(seen), "places", 20, at_most=False),
        ),
        f"Sought: {sought}. Not searched, because they are the data or one department's: {', '.join(sorted(BY_DESIGN))}; "
        "of the warehouse the columns described as personal.",
    )
