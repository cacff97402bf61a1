"""`persons`, `dense`, `enterprises`: the matcher on labelled records with every planted defect, beside its peers."""

from __future__ import annotations

import os
import re
import statistics
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.goal import Goal, Outcome, as_markdown
from benchmarks.peers import beside
from benchmarks.reach import Reach, measure_reach
from benchmarks.watch import Watched, watch
from matching.evaluate import Quality, measure, measure_by

FULL_SCALE = 1_000_000
RUNS = "YIDANG_BENCH_RUNS"
"""Environment variable: how often we and Splink are run; the median counts. Default 3."""
AS_OF = "2026-11-01"
SEED = 2611
LOWEST_PRECISION = 0.9995
WIDEST_GAP = 0.03
"""How far the recall of a group may lie below that of all records (issue of the matcher: three points)."""
TIMES_WITH_TRAINING, TIMES_TRAINED, LARGEST_MEMORY = 5.0, 2.0, 0.5
"""Against Splink: how many times faster, with training and without, and what share of its memory."""
STEP = re.compile(r"([a-z][a-z ]+) ([\d.]+) s")
COLUMNS = (
    "tool",
    "seconds with training",
    "trained before",
    "peak GiB",
    "precision",
    "recall",
    "F1",
    "seconds by step",
)


def run_persons(scale: int = FULL_SCALE) -> Outcome:
    """Persons spread over the whole province."""
    return _run("persons", "persons", (), scale, 0.9965)


def run_dense(scale: int = FULL_SCALE) -> Outcome:
    """Persons crowded into counties at true density, where namesakes with one birth date abound."""
    return _run("dense", "persons", ("--dense",), scale, 0.992)


def run_enterprises(scale: int = FULL_SCALE) -> Outcome:
    """Enterprises, individual businesses, branches and public bodies."""
    return _run("enterprises", "enterprises", (), scale, 0.985)


@dataclass(frozen=True)
class Ours:
    """Our runs of one kind: median seconds of the whole command, peak memory, steps of the median run, quality."""

    seconds: float
    peak: int
    steps: str
    quality: Quality


def _run(name: str, subject: str, options: tuple[str, ...], scale: int, lowest_recall: float) -> Outcome:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        _command("demo", "labelled", subject, *options, "--records", str(scale), "--seed", str(SEED), "--out", made)
        records, truth = folder / "records.parquet", folder / "truth.parquet"
        runs = int(os.environ.get(RUNS, "3"))
        learnt = _ours(subject, folder, runs, "--train")
        stored = _ours(subject, folder, runs)
        groups = measure_by(pq.read_table(folder / "found.parquet"), pq.read_table(truth), "groups")
        reach = _reach(folder) if subject == "persons" else None
        wanted = {beside.SPLINK: runs, beside.GOLDENMATCH: 1}
        if name == "persons":
            wanted[beside.RECORDLINKAGE] = 1
        one = subject.removesuffix("s")
        peers = beside.measure_peers(one, records, truth, folder, date.fromisoformat(AS_OF), wanted)
    rows: list[tuple[object, ...]] = [
        ("Yidang, stored model", "", stored.seconds, stored.peak / 2**30, *_figures(stored.quality), stored.steps),
        ("Yidang, trained on these", learnt.seconds, "", learnt.peak / 2**30, *_figures(learnt.quality), learnt.steps),
        *beside.as_rows(peers),
    ]
    worst = min((recall for _, _, _, recall in groups), default=1.0)
    goals = [
        Goal(f"{name}.precision", stored.quality.precision, "share", LOWEST_PRECISION, at_most=False),
        Goal(f"{name}.recall", stored.quality.recall, "share", lowest_recall, at_most=False),
        Goal(f"{name}.group_gap", max(0.0, stored.quality.recall - worst), "share", WIDEST_GAP, at_most=True),
        *about_conflicts(name, reach),
        *beside_peers(name, learnt, stored, peers),
    ]
    by_group = as_markdown(("records of", "records", "precision", "recall"), groups)
    remark = (
        f"Seconds of ours are of the whole command, raw file to clusters on disk, interpreter's start included (median "
        f"of {runs}); a peer's are of its steps on columns already clean. {_about_peers(peers)}\n\n{by_group}\n\n"
        f"A group's pair counts when one of its records is in the group. {_about_reach(reach)}"
    )
    title = f"{name}: {scale:,} records from raw file to clusters in {stored.seconds:.1f} s, with training {learnt.seconds:.1f} s"
    return Outcome(title, COLUMNS, tuple(rows), tuple(goals), remark)


def _figures(quality: Quality) -> tuple[float, float, float]:
    return quality.precision, quality.recall, quality.f1


def _reach(folder: Path) -> Reach:
    """What could be found, and which conflicts were shown; the cases are written by a run that is not timed."""
    files = [str(folder / f"{name}.parquet") for name in ("records", "found", "reviews")]
    _command("matching", "resolve", "persons", files[0], "--as-of", AS_OF, "--out", files[1], "--reviews", files[2])
    return measure_reach(folder, date.fromisoformat(AS_OF))


def about_conflicts(name: str, reach: Reach | None) -> list[Goal]:
    """Of the planted conflicts that no authority's list settles, the share shown to a steward."""
    shares = {kind: shown / planted for kind, (planted, shown) in reach.conflicts.items() if planted} if reach else {}
    return [
        Goal(f"{name}.shown {kind}".replace(",", "").replace(" ", "_"), share, "share", 1.0, at_most=False)
        for kind, share in shares.items()
    ]


def _about_reach(reach: Reach | None) -> str:
    if reach is None:
        return ""
    counted = ", ".join(f"{kind}: {shown:,} of {planted:,}" for kind, (planted, shown) in reach.conflicts.items())
    return (
        f"What can be known: {reach.mute:,} records without a number agree with no other record of their person in "
        "anything but name, sex, ethnic group and area, and a name alone links nobody (domain rule). Whoever keeps it and "
        f"finds every other pair has recall {reach.recall:.4f}, without number {reach.recall_without_number:.4f}. "
        f"Planted conflicts shown to a steward: {counted}; of a second registration with another birth date and nothing of "
        "one home nothing tells."
    )


def beside_peers(name: str, learnt: Ours, stored: Ours, peers: list[beside.Measured]) -> list[Goal]:
    """How we stand beside Splink in time and memory, and beside all in F1 at their best; nothing where none was measured."""
    goals = []
    peak, f1 = max(learnt.peak, stored.peak), stored.quality.f1
    for one in peers:
        if one.peer is beside.SPLINK and not one.reason:
            times = (
                ("times_faster_with_training", one.total / learnt.seconds, TIMES_WITH_TRAINING),
                ("times_faster_trained", one.trained / stored.seconds, TIMES_TRAINED),
            )
            goals += [Goal(f"{name}.{what}", value, "times", target, at_most=False) for what, value, target in times]
            goals.append(Goal(f"{name}.memory_share", peak / one.peak, "share", LARGEST_MEMORY, at_most=True))
    best = max((one.best.f1 for one in peers if one.best is not None), default=None)
    if best is not None:
        goals.append(Goal(f"{name}.f1_beside_best_peer", f1, "share", best, at_most=False))
    return goals


def _about_peers(peers: list[beside.Measured]) -> str:
    if not peers:
        return "Peers were not measured: there is no environment of theirs (`make peers` makes it)."
    return (
        "'best' is a peer's threshold chosen with the truth, which no user could do. GoldenMatch learns on a sample of "
        "20,000 records. dedupe could not be installed (a dependency has no wheel for this Python)."
    )


def _ours(subject: str, folder: Path, runs: int, *options: str) -> Ours:
    found = folder / "found.parquet"
    seen = [
        _command(
            "matching", "resolve", subject, str(folder / "records.parquet"), "--as-of", AS_OF, "--out", str(found), *options
        )
        for _ in range(runs)
    ]  # fmt: skip
    usual = sorted(seen, key=lambda one: one.seconds)[runs // 2]
    steps = ", ".join(f"{step.strip()} {float(took):.1f}" for step, took in STEP.findall(usual.output))
    quality = measure(pq.read_table(found), pq.read_table(folder / "truth.parquet"))
    return Ours(statistics.median(one.seconds for one in seen), max(one.peak_bytes for one in seen), steps, quality)


def _command(*words: str) -> Watched:
    seen = watch([sys.executable, "-m", *words])
    if seen.status:
        raise RuntimeError(f"{' '.join(words[:3])} ended with {seen.status}: {seen.output[-800:]}")
    return seen
