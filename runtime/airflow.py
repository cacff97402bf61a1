"""Airflow as this project runs it: which environment its three processes get, and a small client of its REST API."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from runtime.settings import ROOT, Settings

DAG_ID = "yidang_nightly"
# Modules and arguments of Airflow's processes; the scheduler reads what tasks need before it forks them.
COMPONENTS: Mapping[str, tuple[str, ...]] = {
    "api-server": ("airflow", "api-server", "--workers", "1"),
    "scheduler": ("runtime.scheduler", "scheduler", "--skip-serve-logs"),
    "dag-processor": ("airflow", "dag-processor"),
}
# Who may sign in, with Airflow's role; two stewards, because large merges need four eyes (docs/review-and-history.md).
USERS: Mapping[str, str] = {
    "admin": "admin",
    "engineer": "op",
    "steward": "user",
    "steward2": "user",
    "viewer": "viewer",
}


class AirflowError(RuntimeError):
    """Airflow answered something that was not expected, or not at all."""


@dataclass(frozen=True)
class Account:
    """Who may sign in to the UI."""

    user: str
    password: str


def home_of(settings: Settings) -> Path:
    """Folder of Airflow's own state."""
    return settings.home / "airflow"


def _read_or_make(path: Path, length: int) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(length))
    return path.read_text().strip()


def prepare_account(settings: Settings) -> Account:
    """The administrator of the UI; all passwords are made once and kept in a file only its owner reads."""
    folder = home_of(settings)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "passwords.json"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text("{}")
    known = json.loads(path.read_text())
    if missing := USERS.keys() - known.keys():
        known |= {user: secrets.token_urlsafe(12) for user in sorted(missing)}
        path.write_text(json.dumps(known))
    return Account("admin", known["admin"])


def account_of(settings: Settings, user: str) -> Account:
    """One of `USERS` with its password; `KeyError` for another name."""
    prepare_account(settings)
    known = json.loads((home_of(settings) / "passwords.json").read_text())
    return Account(user, known[user])


def environment(settings: Settings, *, metadata_url: str, warehouse_url: str, port: int) -> dict[str, str]:
    """The environment of every Airflow process.

    metadata_url and warehouse_url are plain ``postgresql://`` addresses.
    """
    folder = home_of(settings)
    prepare_account(settings)
    driver = metadata_url.replace("postgresql://", "postgresql+psycopg://", 1)
    site = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "PYTHON"))}
    venv_bin = str(ROOT / ".venv" / "bin")
    return {
        **site,
        "PATH": f"{venv_bin}:{site.get('PATH', '')}",
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": site.get("PYTHONDONTWRITEBYTECODE", ""),
        "YIDANG_HOME": str(settings.home),
        "YIDANG_INBOX": str(settings.inbox),
        "YIDANG_DATABASE_URL": warehouse_url,
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "plugins.night_executor.NightExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__DEFAULT_TIMEZONE": "Asia/Shanghai",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{user}:{role}" for user, role in USERS.items()),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(folder / "passwords.json"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__CORE__FERNET_KEY": "",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": driver,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": driver,
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__SECRET_KEY": _read_or_make(folder / "secret_key", 48),
        "AIRFLOW__API_AUTH__JWT_SECRET": _read_or_make(folder / "jwt_secret", 48),
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "10",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.3",
        "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
        # A task whose process was killed is tried again after minutes, not at the next night; a living one reports every few seconds.
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "180",
        "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "120",
        "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "20",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO",
        "GX_ANALYTICS_ENABLED": "False",
        "OMP_NUM_THREADS": str(settings.threads),
    }


class Client:
    """What this project asks of Airflow's REST API.

    Every method raises `AirflowError` with the request and Airflow's own words where the answer is not a success.
    """

    def __init__(self, port: int, account: Account) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._account = account
        self._http = httpx.Client(base_url=self.url, timeout=30, trust_env=False)
        self._token = ""

    def _ask(self, method: str, path: str, *, accept: tuple[int, ...] = (), **rest: Any) -> httpx.Response:
        try:
            if not self._token:
                self._sign_in()
            answer = self._http.request(method, path, headers={"Authorization": f"Bearer {self._token}"}, **rest)
            if answer.status_code == 401:
                self._sign_in()
                answer = self._http.request(method, path, headers={"Authorization": f"Bearer {self._token}"}, **rest)
        except httpx.HTTPError as fault:
            raise AirflowError(
                f"{method} {path}: no answer from {self.url} ({type(fault).__name__}): Airflow was stopped or killed. What was "
                "published stays. Look into its logs (logs/ of YIDANG_HOME) and give the same command again: it goes on."
            ) from fault
        if answer.is_success or answer.status_code in accept:
            return answer
        raise AirflowError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")

    def _sign_in(self) -> None:
        words = {"username": self._account.user, "password": self._account.password}
        answer = self._http.post("/auth/token", json=words)
        if answer.status_code != 201:
            raise AirflowError(f"signing in at {self.url} failed: {answer.status_code} {answer.text[:200]}")
        self._token = answer.json()["access_token"]

    def is_healthy(self) -> bool:
        """True when metadata database, scheduler and dag processor all report themselves healthy."""
        try:
            answer = self._http.get("/api/v2/monitor/health")
        except httpx.HTTPError:
            return False
        if answer.status_code != 200:
            return False
        health = answer.json()
        return all(
            (health.get(part) or {}).get("status") == "healthy"
            for part in ("metadatabase", "scheduler", "dag_processor")
        )

    def is_parsed(self, dag_id: str) -> bool:
        """True when the dag processor has read the DAG."""
        return self._ask("GET", f"/api/v2/dags/{dag_id}", accept=(404,)).status_code == 200

    def import_errors(self) -> list[str]:
        """The text of every DAG file that does not import."""
        found = self._ask("GET", "/api/v2/importErrors").json()["import_errors"]
        return [f"{e['filename']}: {e['stack_trace']}" for e in found]

    def pause(self, dag_id: str, paused: bool) -> None:
        """Pause or unpause a DAG."""
        self._ask("PATCH", f"/api/v2/dags/{dag_id}", json={"is_paused": paused})

    def run_state(self, dag_id: str, run_id: str) -> str | None:
        """State of a DAG run, None if there is no such run."""
        answer = self._ask("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}", accept=(404,))
        return None if answer.status_code == 404 else str(answer.json()["state"])

    def run_states(self, dag_id: str) -> list[str]:
        """States of the latest runs of a DAG, newest first."""
        found = self._ask("GET", f"/api/v2/dags/{dag_id}/dagRuns", params={"order_by": "-run_after", "limit": 20})
        return [str(run["state"]) for run in found.json()["dag_runs"]]

    def hitl_questions(self) -> list[dict[str, Any]]:
        """Questions to people that wait for an answer, of all DAGs: subject, body, options, task_instance."""
        found = self._ask("GET", "/api/v2/dags/~/dagRuns/~/hitlDetails", params={"state": "awaiting_input"})
        return [q for q in found.json()["hitl_details"] if not q["response_received"]]

    def answer_question(self, question: Mapping[str, Any], option: str, given: Mapping[str, Any]) -> None:
        """Answer one of `hitl_questions` as the signed-in user."""
        task = question["task_instance"]
        path = f"/api/v2/dags/{task['dag_id']}/dagRuns/{task['dag_run_id']}/taskInstances/{task['task_id']}"
        body = {"chosen_options": [option], "params_input": dict(given)}
        self._ask("PATCH", f"{path}/{task['map_index']}/hitlDetails", json=body)

    def trigger(self, dag_id: str, run_id: str, logical_date: str, conf: Mapping[str, Any]) -> None:
        """Start a DAG run for a logical date."""
        body = {"dag_run_id": run_id, "logical_date": logical_date, "conf": dict(conf)}
        self._ask("POST", f"/api/v2/dags/{dag_id}/dagRuns", json=body)

    def delete_run(self, dag_id: str, run_id: str) -> None:
        """Forget a DAG run; one that Airflow calls running is ended first, because it refuses to delete those."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}"
        if self.run_state(dag_id, run_id) in ("running", "queued"):
            self._ask("PATCH", path, json={"state": "failed"}, accept=(404,))
        self._ask("DELETE", path, accept=(404,))

    def task_instances(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """All task instances of a run."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        return list(self._ask("GET", path, params={"limit": 500}).json()["task_instances"])

    def task_log(self, dag_id: str, run_id: str, task_id: str, map_index: int, attempt: int) -> list[str]:
        """Lines of one attempt's log."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/logs/{attempt}"
        content = self._ask("GET", path, params={"map_index": map_index}, accept=(404,)).json().get("content", [])
        return [text for line in content for text in _words(line)]


def _words(line: object) -> list[str]:
    """A structured log line as text: the event, and under it the exceptions it carries."""
    if not isinstance(line, dict):
        return [str(line)]
    event = str(line.get("event", ""))
    faults = [f"{e.get('exc_type')}: {e.get('exc_value')}" for e in line.get("error_detail") or []]
    return [event, *faults] if not event.startswith("::") else faults
