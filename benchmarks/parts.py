"""Large labelled sets in parts: one province's people, household after household, so that the first parts are a smaller set."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.watch import Watched, watch

AS_OF = "2026-11-01"
SEED = 2611
PARTS = "YIDANG_BENCH_PARTS"
"""Environment variable: a folder that keeps the parts from run to run (60 MB a million records). Default: thrown away."""


def make_parts(folder: Path, parts: int, part: int) -> list[Path]:
    """Files of `part` labelled persons each, with their truth beside them; what is there already is taken as it is."""
    home = folder / f"persons-{parts}-of-{part}"
    if not home.exists():
        making = home.with_suffix(".tmp")
        size = ("--records", str(parts * part), "--parts", str(parts))
        command("demo", "labelled", "persons", *size, "--seed", str(SEED), "--out", str(making))
        making.rename(home)
    return [home / f"records-{number}.parquet" for number in range(parts)]


def truth_of(path: Path) -> Path:
    """Where the truth of a part stands."""
    return path.with_name(path.name.replace("records", "truth"))


def command(*words: str) -> Watched:
    """Run a module of ours to its end; RuntimeError with the end of what it said if it fails."""
    seen = watch([sys.executable, "-m", *words])
    if seen.status:
        raise RuntimeError(f"{' '.join(words[:3])} ended with {seen.status}: {seen.output[-800:]}")
    return seen
