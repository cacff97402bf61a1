"""Ports, leftovers and state of the supervisor, without starting Airflow (tests/dags does that)."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from runtime import supervisor
from runtime.settings import Settings, read_settings


def settings_at(home: Path, **more: str) -> Settings:
    return read_settings({"YIDANG_HOME": str(home), **more})


def test_a_taken_port_is_said_with_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(supervisor.SupervisorError, match="YIDANG_UI_PORT"):
            supervisor.choose_ui_port(settings_at(tmp_path, YIDANG_UI_PORT=str(port)))


def test_without_a_wish_a_free_port_is_found(tmp_path: Path) -> None:
    assert 8080 <= supervisor.choose_ui_port(settings_at(tmp_path)) < 8180


def test_leftovers_of_a_killed_supervisor_are_ended_and_others_are_not(tmp_path: Path) -> None:
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    ours = subprocess.Popen(sleep, env={**os.environ, supervisor.MARK: str(tmp_path)})
    other = subprocess.Popen(sleep, env={**os.environ, supervisor.MARK: str(tmp_path / "other")})
    try:
        while not psutil.Process(ours.pid).environ().get(supervisor.MARK):
            pass
        assert supervisor.end_leftovers(settings_at(tmp_path)) == 1
        ours.wait(5)
        assert not psutil.pid_exists(ours.pid)
        assert other.poll() is None
    finally:
        for process in (ours, other):
            process.kill()
            process.wait()


def test_a_state_file_of_a_dead_supervisor_counts_for_nothing(tmp_path: Path) -> None:
    settings = settings_at(tmp_path)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    state = {"supervisor_pid": ended.pid, "ui_port": 1, "warehouse_url": "", "metadata_url": ""}
    supervisor.state_path(settings).write_text(json.dumps(state))
    assert supervisor.running_servers(settings) is None


def test_half_a_state_file_counts_for_nothing(tmp_path: Path) -> None:
    settings = settings_at(tmp_path)
    supervisor.state_path(settings).write_text('{"supervisor_pid": 1')
    assert supervisor.running_servers(settings) is None
