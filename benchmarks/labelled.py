"""`persons`, `dense`, `enterprises`: the matcher on labelled records with every planted defect, raw file to clusters."""

from __future__ import annotations

import re
import statistics
import sys
import tempfile
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.goal import Goal, Outcome
from benchmarks.watch import Watched, watch
from matching.evaluate import measure, measure_by

FULL_SCALE = 1_000_000
RUNS = 3
AS_OF = "2026-11-01"
SEED = 2611
LOWEST_PRECISION = 0.9995
WIDEST_GAP = 0.03
"""How far the recall of a group may lie below that of all records (issue of the matcher: three points)."""
STEP = re.compile(r"([a-z][a-z ]+) ([\d.]+) s")


def run_persons(scale: int = FULL_SCALE) -> Outcome:
    """Persons spread over the whole province."""
    return _run("persons", "persons", (), scale, 0.9965)


def run_dense(scale: int = FULL_SCALE) -> Outcome:
    """Persons crowded into counties at true density, where namesakes with one birth date abound."""
    return _run("dense", "persons", ("--dense",), scale, 0.992)


def run_enterprises(scale: int = FULL_SCALE) -> Outcome:
    """Enterprises, individual businesses, branches and public bodies."""
    return _run("enterprises", "enterprises", (), scale, 0.985)


def _run(name: str, subject: str, options: tuple[str, ...], scale: int, lowest_recall: float) -> Outcome:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        _command("demo", "labelled", subject, *options, "--records", str(scale), "--seed", str(SEED), "--out", made)
        found = folder / "found.parquet"
        runs = [
            _command(
                "matching", "resolve", subject, str(folder / "records.parquet"), "--as-of", AS_OF, "--out", str(found)
            )
            for _ in range(RUNS)
        ]
        clusters, truth = pq.read_table(found), pq.read_table(folder / "truth.parquet")
        quality, groups = measure(clusters, truth), measure_by(clusters, truth, "groups")
    usual = sorted(runs, key=lambda seen: seen.seconds)[RUNS // 2]
    seconds = statistics.median(seen.seconds for seen in runs)
    peak = max(seen.peak_bytes for seen in runs) / 2**30
    rows: list[tuple[object, ...]] = [("all", clusters.num_rows, quality.precision, quality.recall, quality.f1)]
    rows += [(label, count, precision, recall, "") for label, count, precision, recall in groups]
    worst = min((recall for _, _, _, recall in groups), default=1.0)
    steps = ", ".join(f"{step.strip()} {float(took):.1f} s" for step, took in STEP.findall(usual.output))
    return Outcome(
        f"{name}: {clusters.num_rows:,} records from raw file to clusters in {seconds:.1f} s (median of {RUNS}), "
        f"peak {peak:.2f} GiB",
        ("records of", "records", "precision", "recall", "F1"),
        tuple(rows),
        (
            Goal(f"{name}.precision", quality.precision, "share", LOWEST_PRECISION, at_most=False),
            Goal(f"{name}.recall", quality.recall, "share", lowest_recall, at_most=False),
            Goal(f"{name}.group_gap", max(0.0, quality.recall - worst), "share", WIDEST_GAP, at_most=True),
        ),
        f"Steps of the median run: {steps}. A group's pair counts when one of its records is in the group.",
    )


def _command(*words: str) -> Watched:
    seen = watch([sys.executable, "-m", *words])
    if seen.status:
        raise RuntimeError(f"{' '.join(words[:3])} ended with {seen.status}: {seen.output[-800:]}")
    return seen
