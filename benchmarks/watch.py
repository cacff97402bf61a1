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
    """How a command went. `peak_bytes` is the highest sum over all its processes, shared pages counted once."""

    seconds: float
    peak_bytes: int
    status: int
    output: str


def _memory(process: psutil.Process) -> int:
    """Proportional set size; where the kernel denies it, resident minus shared."""
    try:
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
        return 0
    except PermissionError:
        found = process.memory_info()
        return int(found.rss - found.shared)
    except (OSError, psutil.Error):
        return 0  # it has just ended


def _family_memory(root: psutil.Process) -> int:
    try:
        return sum(_memory(p) for p in [root, *root.children(recursive=True)])
    except psutil.NoSuchProcess:
        return 0


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
    root, peak, ended = psutil.Process(process.pid), [0], threading.Event()

    def sample() -> None:
        while not ended.wait(SAMPLE_SECONDS):
            peak[0] = max(peak[0], _family_memory(root))

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
    return Watched(time.monotonic() - begun, peak[0], process.returncode, output)
