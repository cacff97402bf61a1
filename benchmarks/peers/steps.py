"""What every peer's script shares: its arguments, its clock, and how it tells what it found."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Task:
    """Clean columns in, a folder for `clusters.parquet` [n, cluster] and `pairs.parquet` [l, r, score] out."""

    subject: str
    clean: Path
    out: Path


def read_task(about: str | None) -> Task:
    """The task from the command line: SUBJECT CLEAN.parquet OUT_FOLDER."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("subject", choices=("person", "enterprise"))
    parser.add_argument("clean", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    return Task(given.subject, given.clean, given.out)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Prints ``step NAME SECONDS`` when the block ends."""
    begun = time.perf_counter()
    yield
    print(f"step {name} {time.perf_counter() - begun:.3f}", flush=True)
