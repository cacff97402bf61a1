"""The servers for the time of one command: those that are up already, or our own that end with the command."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from runtime.processes import die_with_parent
from runtime.settings import ROOT, Settings
from runtime.supervisor import HEALTHY_SECONDS, Servers, SupervisorError, running_servers


def _spawn(settings: Settings, *, stays: bool) -> subprocess.Popen[bytes]:
    settings.logs.mkdir(parents=True, exist_ok=True)
    with (settings.logs / "supervisor.log").open("wb") as sink:
        return subprocess.Popen(
            [sys.executable, "-m", "runtime", "supervise"], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=sink,
            stderr=sink, start_new_session=True, preexec_fn=None if stays else die_with_parent,
        )  # fmt: skip


def start_servers(settings: Settings, *, stays: bool) -> Servers:
    """Start a supervisor and wait until everything is healthy.

    stays: outlive this command (`make ui`); otherwise the servers end when this process does.

    Raises
    ------
    SupervisorError
        With the supervisor's own words on why it could not.
    """
    process = _spawn(settings, stays=stays)
    deadline = time.monotonic() + HEALTHY_SECONDS + 120
    while (found := running_servers(settings)) is None:
        if process.poll() is not None:
            said = (settings.logs / "supervisor.log").read_text(errors="replace").strip()
            raise SupervisorError(said.removeprefix("yidang: ")[-2000:] or "the supervisor ended without a word.")
        if time.monotonic() > deadline:
            raise SupervisorError(f"the servers were not up in time. Look into {settings.logs}.")
        time.sleep(0.2)
    return found


def stop_servers(settings: Settings) -> bool:
    """Stop the servers of this state folder; True if there were any."""
    found = running_servers(settings)
    if found is None:
        return False
    process = psutil.Process(found.supervisor_pid)
    process.terminate()
    process.wait(90)
    return True


@contextmanager
def servers_up(settings: Settings) -> Iterator[Servers]:
    """The running servers, or servers of our own for the time of the block."""
    found = running_servers(settings)
    if found is not None:
        yield found
        return
    servers = start_servers(settings, stays=False)
    try:
        yield servers
    finally:
        stop_servers(settings)
