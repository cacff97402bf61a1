"""Run a command and know its wall seconds and the peak memory of it and of everything it started."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

SAMPLE_SECONDS = 0.25


@dataclass(frozen=True)
class Watched:
    """How a command went. `peak_bytes` is the highest sum over all its processes, shared pages counted once.

    `own_bytes` is the same without pages of files that are mapped, which the system takes back when it needs memory.
    """

    seconds: float
    peak_bytes: int
    status: int
    output: str
    own_bytes: int = 0


def _memory(process: psutil.Process) -> tuple[int, int]:
    """Proportional set size, and how much of it is no file's; where the kernel denies it, resident minus shared."""
    try:
        lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
        told = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss")}
        return told.get("Pss", 0), told.get("Pss_Anon", 0)
    except PermissionError:
        found = process.memory_info()
        return (int(found.rss - found.shared),) * 2
    except (OSError, psutil.Error):
        return 0, 0  # it has just ended


def _family_memory(root: psutil.Process) -> tuple[int, int]:
    try:
        seen = [_memory(p) for p in [root, *root.children(recursive=True)]]
    except psutil.NoSuchProcess:
        return 0, 0
    return sum(whole for whole, _ in seen), sum(own for _, own in seen)


def watch(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    limit: float | None = None,
) -> Watched:
    """Run `command` to its end.

    Parameters
    ----------
    environment
        Added to this process's own.
    folder
        Working folder.
    limit
        Seconds after which the command and what it started are killed; `seconds` is then at least `limit`.
    """
    begun = time.monotonic()
    process = subprocess.Popen(
        command, env={**os.environ, **(environment or {})}, cwd=folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    root, peak, ended = psutil.Process(process.pid), (0, 0), threading.Event()

    def sample() -> None:
        nonlocal peak
        while not ended.wait(SAMPLE_SECONDS):
            whole, own = _family_memory(root)
            peak = max(peak[0], whole), max(peak[1], own)

    sampler = threading.Thread(target=sample, daemon=True)
    sampler.start()
    try:
        output, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        for one in [*root.children(recursive=True), root]:
            one.kill()
        output, _ = process.communicate()
    ended.set()
    sampler.join()
    return Watched(time.monotonic() - begun, peak[0], process.returncode, output, peak[1])
