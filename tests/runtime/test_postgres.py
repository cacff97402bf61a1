"""The embedded server: starts, survives a kill, needs a password, listens on loopback only."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from runtime import postgres


def test_a_statement_runs(postgres_place: postgres.Place, database_url: str) -> None:
    assert postgres.run_sql(postgres_place, database_url, "select length('王小明')") == "3"


def test_starting_again_gives_the_same_server(postgres_place: postgres.Place) -> None:
    assert postgres.start_server(postgres_place) == postgres.start_server(postgres_place)


def test_a_password_is_required(postgres_place: postgres.Place, database_url: str) -> None:
    head, tail = database_url.split("@")
    wrong = f"{head.rsplit(':', 1)[0]}:wrong@{tail}"
    with pytest.raises(postgres.PostgresError, match="password"):
        postgres.run_sql(postgres_place, wrong, "select 1")


def test_it_listens_on_loopback_only(postgres_place: postgres.Place, database_url: str) -> None:
    found = postgres.run_sql(postgres_place, database_url, "show listen_addresses")
    assert found == "127.0.0.1"


def test_a_killed_server_comes_back_with_its_rows(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("killed")
    for folder in (home, home.parent):
        folder.chmod(0o755)
    place = postgres.find_place(home)
    url = postgres.start_server(place)
    postgres.run_sql(place, url, "create table kept (n int); insert into kept values (7)")
    pid, _ = postgres.read_state(place) or (0, 0)
    psutil.Process(pid).send_signal(signal.SIGKILL)
    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=10)
    url = postgres.start_server(place)
    try:
        assert postgres.run_sql(place, url, "select n from kept") == "7"
    finally:
        postgres.stop_server(place)
    assert postgres.running_url(place) is None


def test_a_killed_server_that_nobody_reaps_comes_back(tmp_path_factory: pytest.TempPathFactory) -> None:
    """In a container whose first process reaps nothing, a zombie keeps the process id that the lock file names."""
    home = tmp_path_factory.mktemp("unreaped")
    for folder in (home, home.parent):
        folder.chmod(0o755)
    place = postgres.find_place(home)
    postgres.start_server(place)
    lock = place.data / "postmaster.pid"
    held = lock.read_text().split("\n")
    postgres.stop_server(place)
    dead = subprocess.Popen(["true"])
    while psutil.Process(dead.pid).status() != psutil.STATUS_ZOMBIE:
        pass
    lock.write_text("\n".join([str(dead.pid), *held[1:]]))
    place.state_file.write_text(json.dumps({"pid": dead.pid, "port": 1}))
    try:
        assert postgres.run_sql(place, postgres.start_server(place), "select 7") == "7"
        assert lock.read_text().split("\n")[0] != str(dead.pid)
    finally:
        dead.wait()
        postgres.stop_server(place)


def test_no_room_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("usage", (), {"free": 10})
    monkeypatch.setattr(postgres.shutil, "disk_usage", lambda _: usage)
    place = postgres.Place(postgres.wheel_bin(), tmp_path / "postgres" / "data", None)
    with pytest.raises(postgres.PostgresError, match="YIDANG_HOME"):
        postgres.start_server(place)


def test_binaries_copied_to_another_folder_still_run(tmp_path: Path) -> None:
    copied = postgres._copy_binaries(postgres.wheel_bin(), tmp_path / "binaries")
    done = subprocess.run([copied / "psql", "--version"], capture_output=True, text=True, check=True)
    assert "PostgreSQL" in done.stdout
