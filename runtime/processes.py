"""Processes that end when they should: children that die with their parent, orphans that are adopted and ended."""

from __future__ import annotations

import ctypes
import signal
from collections.abc import Sequence

import psutil

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def die_with_parent() -> None:
    """For `preexec_fn`: the kernel sends SIGINT when the parent dies (PostgreSQL: fast shutdown)."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def adopt_orphans() -> None:
    """Make this process the new parent of whatever its children leave behind."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def end_processes(processes: Sequence[psutil.Process], seconds: float) -> None:
    """SIGTERM to all, SIGKILL to those that are still there after `seconds`."""
    for process in processes:
        try:
            process.terminate()
        except psutil.NoSuchProcess:
            continue
    _, left = psutil.wait_procs(list(processes), timeout=seconds)
    for process in left:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(left, timeout=5)
