"""The outcome of each benchmark as last kept: one JSON file a benchmark, so that the page never needs them all in one run."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

from benchmarks.goal import Goal, Outcome
from runtime.settings import ROOT

FOLDER = ROOT / "benchmarks" / "results"
TOLD = ("duckdb", "pyarrow", "numpy", "pandas", "rapidfuzz", "apache-airflow", "great-expectations")


@dataclass(frozen=True)
class Kept:
    """An outcome, and when and where it was measured. `commit` ends in '+' where files differed from it."""

    name: str
    outcome: Outcome
    measured_date: date
    commit: str
    machine: str
    versions: str


def keep(name: str, outcome: Outcome, day: date, folder: Path = FOLDER) -> Path:
    """Write `outcome` as the last one of benchmark `name`, with this machine, these versions and this commit."""
    told = {
        "name": name,
        "measured_date": str(day),
        "commit": _commit(),
        "machine": _machine(),
        "versions": ", ".join(f"{package} {version(package)}" for package in TOLD),
        **asdict(outcome),
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1, default=_plain) + "\n", encoding="utf-8")
    return path


def read_kept(name: str, folder: Path = FOLDER) -> Kept | None:
    """The last kept outcome of benchmark `name`, or None where none was kept."""
    path = folder / f"{name}.json"
    if not path.exists():
        return None
    told = json.loads(path.read_text(encoding="utf-8"))
    outcome = Outcome(
        told["title"],
        tuple(told["columns"]),
        tuple(tuple(row) for row in told["rows"]),
        tuple(Goal(**goal) for goal in told["goals"]),
        told["remarks"],
    )
    day = date.fromisoformat(told["measured_date"])
    return Kept(told["name"], outcome, day, told["commit"], told["machine"], told["versions"])


def _plain(value: object) -> object:
    """What JSON does not know: numbers of numpy become Python's, all else its text."""
    return value.item() if hasattr(value, "item") else str(value)


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} processors, {memory:.0f} GiB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}"
    )


def _commit() -> str:
    """Short hash of the checked-out commit; 'unknown' outside a repository."""

    def git(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)

    head = git("rev-parse", "--short=9", "HEAD")
    if head.returncode:
        return "unknown"
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs", ":!benchmarks/results")
    return head.stdout.strip() + ("+" if changed.stdout.strip() else "")
