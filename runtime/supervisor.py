"""One process that owns the servers: PostgreSQL and Airflow's three. It starts and stops them in order.

The supervisor is a child subreaper: whatever its children leave behind becomes its own child and is ended with them.
If the supervisor itself is killed, its children get SIGTERM from the kernel (parent-death signal), and the next
start ends whatever still carries this state folder's mark before it begins.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from runtime import airflow, postgres
from runtime.processes import adopt_orphans, die_with_parent, end_processes
from runtime.settings import ROOT, Settings

HEALTHY_SECONDS = 180
MARK = "YIDANG_SUPERVISED"


class SupervisorError(RuntimeError):
    """The servers cannot be started; the message says why and what to do."""


@dataclass(frozen=True)
class Servers:
    """What runs and where; written to the state folder when everything is healthy."""

    supervisor_pid: int
    ui_port: int
    warehouse_url: str
    metadata_url: str


def state_path(settings: Settings) -> Path:
    """The file that says what runs."""
    return settings.home / "servers.json"


def running_servers(settings: Settings) -> Servers | None:
    """What runs now for this state folder, or None."""
    try:
        found = Servers(**json.loads(state_path(settings).read_text()))
    except (FileNotFoundError, json.JSONDecodeError, TypeError):
        return None
    try:
        process = psutil.Process(found.supervisor_pid)
        alive = "runtime" in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return None
    return found if alive else None


def choose_ui_port(settings: Settings) -> int:
    """The port asked for, or 8080, or the next free one.

    Raises
    ------
    SupervisorError
        The port asked for is taken.
    """
    asked = settings.ui_port
    for port in [asked] if asked else range(8080, 8180):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    if asked:
        raise SupervisorError(
            f"port {asked} on 127.0.0.1 is taken by another program. Stop it, or set YIDANG_UI_PORT to a free port."
        )
    raise SupervisorError("no free port between 8080 and 8179 on 127.0.0.1. Set YIDANG_UI_PORT to a free one.")


def end_leftovers(settings: Settings) -> int:
    """End Airflow processes that an earlier, killed supervisor of this state folder left; returns how many."""
    mine = {os.getpid(), *(p.pid for p in psutil.Process().parents())}
    left = []
    for process in psutil.process_iter():
        try:
            if process.pid not in mine and process.environ().get(MARK) == str(settings.home):
                left.append(process)
        except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
    end_processes(left, 10)
    return len(left)


class Supervisor:
    """Starts the servers, watches them, stops them."""

    def __init__(self, settings: Settings, say: Callable[[str], None] = print) -> None:
        self.settings = settings
        self.say = say
        self.place = postgres.find_place(settings.home, settings.postgres_bin)
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._owns_postgres = False

    def _urls(self) -> tuple[str, str]:
        """(warehouse, Airflow metadata), both databases made if absent."""
        given = self.settings.database_url
        if given is None:
            self._owns_postgres = postgres.running_url(self.place) is None
            server = postgres.start_server(self.place)
            warehouse = postgres.ensure_database(self.place, server, "yidang")
            return warehouse, postgres.ensure_database(self.place, server, "yidang_airflow")
        if not given.startswith("postgresql://"):
            raise SupervisorError("YIDANG_DATABASE_URL must begin with postgresql://user:password@host:port/database")
        metadata = self.settings.airflow_database_url
        if metadata is None:
            name = given.rsplit("/", 1)[1].split("?")[0]
            metadata = postgres.ensure_database(self.place, given, f"{name}_airflow")
        return given, metadata

    def _start(self, name: str, environment: dict[str, str]) -> None:
        log = self.settings.logs / f"airflow-{name}.log"
        command = [sys.executable, "-m", *airflow.COMPONENTS[name]]
        with log.open("ab") as sink:
            self._children[name] = subprocess.Popen(
                command, env=environment, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink,
                start_new_session=True, preexec_fn=die_with_parent,
            )  # fmt: skip

    def start(self) -> Servers:
        """Start everything and wait until Airflow says that it is healthy."""
        settings = self.settings
        for folder in (settings.logs, settings.inbox, settings.snapshots):
            folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(settings.home).free
        if free < 2**30:
            raise SupervisorError(f"only {free / 2**30:.1f} GiB free at {settings.home}; a night needs at least 1 GiB.")
        adopt_orphans()
        end_leftovers(settings)
        port = choose_ui_port(settings)
        warehouse_url, metadata_url = self._urls()
        environment = airflow.environment(
            settings, metadata_url=metadata_url, warehouse_url=warehouse_url, port=port
        ) | {MARK: str(settings.home)}
        self._migrate(environment)
        for name in airflow.COMPONENTS:
            self._start(name, environment)
        client = airflow.Client(port, airflow.prepare_account(settings))
        deadline = time.monotonic() + HEALTHY_SECONDS
        while not client.is_healthy():
            self.check_children()
            if time.monotonic() > deadline:
                raise SupervisorError(f"Airflow was not healthy after {HEALTHY_SECONDS} s. Look into {settings.logs}.")
            time.sleep(0.3)
        servers = Servers(os.getpid(), port, warehouse_url, metadata_url)
        fresh = state_path(settings).with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(asdict(servers)))
        fresh.replace(state_path(settings))
        return servers

    def _migrate(self, environment: dict[str, str]) -> None:
        """Warehouse and Airflow metadata to their newest schema, side by side."""
        commands = {"warehouse": ["warehouse", "migrate"], "airflow": ["airflow", "db", "migrate"]}
        logs = {name: self.settings.logs / f"migrate-{name}.log" for name in commands}
        with contextlib.ExitStack() as open_logs:
            sinks = {name: open_logs.enter_context(log.open("ab")) for name, log in logs.items()}
            started = {
                name: subprocess.Popen(
                    [sys.executable, "-m", *command], env=environment, cwd=ROOT, stdout=sinks[name], stderr=sinks[name]
                )
                for name, command in commands.items()
            }
            failed = [name for name, process in started.items() if process.wait() != 0]
        if failed:
            tails = {name: "\n".join(logs[name].read_text(errors="replace").splitlines()[-12:]) for name in failed}
            raise SupervisorError(
                "\n".join(f"migrating {name} failed. {logs[name]} ends with:\n{tail}" for name, tail in tails.items())
            )

    def check_children(self) -> None:
        """Raise if one of Airflow's processes has ended by itself."""
        for name, process in self._children.items():
            if process.poll() is not None:
                log = self.settings.logs / f"airflow-{name}.log"
                tail = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
                raise SupervisorError(f"Airflow's {name} ended with {process.returncode}. {log} ends with:\n{tail}")

    def stop(self) -> None:
        """Stop Airflow, then PostgreSQL if this supervisor started it."""
        state_path(self.settings).unlink(missing_ok=True)
        server = postgres.read_state(self.place)
        keep = {server[0], *(c.pid for c in psutil.Process(server[0]).children(recursive=True))} if server else set()
        family = [p for p in psutil.Process().children(recursive=True) if p.pid not in keep]
        end_processes(family, 20)
        for process in self._children.values():
            process.wait(5)
        if self._owns_postgres:
            postgres.stop_server(self.place)


def supervise(settings: Settings) -> int:
    """Run the servers until SIGTERM or SIGINT; the whole life of `python -m runtime supervise`."""
    supervisor = Supervisor(settings)
    asked_to_stop: list[int] = []
    for request in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(request, lambda number, _frame: asked_to_stop.append(number))
    try:
        supervisor.start()
        while not asked_to_stop:
            supervisor.check_children()
            time.sleep(0.5)
    except (SupervisorError, postgres.PostgresError, airflow.AirflowError) as fault:
        print(f"yidang: {fault}", file=sys.stderr, flush=True)
        return 1
    finally:
        supervisor.stop()
    return 0
