"""`night`: the first night (every feed full) and the second (a day's changes): seconds by step, peak memory."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.goal import Goal, Outcome
from benchmarks.watch import Watched, watch
from runtime.settings import ROOT

DEFAULT_PERSONS = 90_000
STEP = re.compile(r"^\s+[\d.]+ s\s+(\S*)\s+(\S+)\s+([\d,]+ rows)?\s+([\d.]+) s", re.MULTILINE)


def _night(home: Path, scale: int) -> Watched:
    environment = {"YIDANG_HOME": str(home), "YIDANG_PERSONS": str(scale)}
    seen = watch([sys.executable, "-m", "runtime", "run"], environment=environment, folder=ROOT)
    if seen.status:
        raise RuntimeError(f"the night ended with {seen.status}:\n{seen.output[-3000:]}")
    return seen


def run(scale: int = DEFAULT_PERSONS) -> Outcome:
    """Two nights of a province of `scale` persons in a state folder that is thrown away."""
    home = Path(tempfile.mkdtemp(prefix="yidang-night-"))
    home.chmod(0o755)  # under root the database runs as nobody
    try:
        nights = [_night(home, scale), _night(home, scale)]
    finally:
        watch([sys.executable, "-m", "runtime", "reset"], environment={"YIDANG_HOME": str(home)}, folder=ROOT)
        shutil.rmtree(home, ignore_errors=True)
    rows: list[tuple[object, ...]] = []
    for number, seen in enumerate(nights, 1):
        rows += [
            (number, f"{feed} {step}".strip(), count.removesuffix(" rows") if count else "", float(seconds))
            for feed, step, count, seconds in STEP.findall(seen.output)
        ]
        rows.append((number, "whole command", "", seen.seconds))
        rows.append((number, "peak memory of all processes, GiB", "", seen.peak_bytes / 2**30))
    first, second = nights
    return Outcome(
        f"night: {scale:,} persons, first night {first.seconds:.1f} s, second night {second.seconds:.1f} s",
        ("night", "step", "rows", "seconds"),
        tuple(rows),
        (
            Goal("night.first", first.seconds, "s", 180, at_most=True),
            Goal("night.second", second.seconds, "s", 180, at_most=True),
            Goal("night.memory", max(n.peak_bytes for n in nights) / 2**30, "GiB", 6, at_most=True),
        ),
    )
