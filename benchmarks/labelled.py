"""`persons`, `dense`, `enterprises`: the matcher on labelled records with every planted defect, beside its peers."""

from __future__ import annotations

import os
import re
import statistics
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.goal import Goal, Outcome, as_markdown
from benchmarks.parts import AS_OF, PARTS, SEED, command, make_parts, truth_of
from benchmarks.peers import beside
from benchmarks.reach import Reach, measure_reach
from benchmarks.watch import Watched
from matching.evaluate import Quality, measure, measure_by

FULL_SCALE = 1_000_000
LARGE_SCALE, LARGE_PARTS = 10_000_000, 10
LIMIT_OF_LARGE = 1800.0
RUNS = "YIDANG_BENCH_RUNS"
"""Environment variable: how often we and Splink are run; the median counts. Default 5."""
PEERS = "YIDANG_BENCH_PEERS"
"""Environment variable: peers to run beside Splink, separated by commas. Default: all."""
ALL_OTHERS = (beside.GOLDENMATCH, beside.RECORDLINKAGE, beside.DEDUPE)
LOWEST_PRECISION = 0.9995
WIDEST_GAP = 0.03
"""How far the recall of a group may lie below that of all records (issue of the matcher: three points)."""
TIMES_WITH_TRAINING, TIMES_TRAINED, LARGEST_MEMORY = 5.0, 2.0, 0.5
"""Against Splink: how many times faster, with training and without, and what share of its memory."""
STEP = re.compile(r"([a-z][a-z ]+) ([\d.]+) s(?:;|$)", re.MULTILINE)
WHOLE = re.compile(r"from file to clusters on disk: ([\d.]+) s")
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


def run_large(scale: int = LARGE_SCALE) -> Outcome:
    """Persons again, ten times as many, one run each: what the goals say of ten million records."""
    part = scale // LARGE_PARTS
    with tempfile.TemporaryDirectory() as made:
        parts = make_parts(Path(os.environ.get(PARTS, made)), LARGE_PARTS, part)
        truth = pa.concat_tables([pq.read_table(truth_of(path)) for path in parts])
        return _measure("large", "persons", parts, truth, Path(made), 0.9965, 1, ())


@dataclass(frozen=True)
class Ours:
    """Our runs of one kind: median seconds from file to clusters, of the whole command, peak memory, steps, quality."""

    seconds: float
    command: float
    peak: int
    steps: str
    quality: Quality


def _run(name: str, subject: str, options: tuple[str, ...], scale: int, lowest_recall: float) -> Outcome:
    with tempfile.TemporaryDirectory() as made:
        command("demo", "labelled", subject, *options, "--records", str(scale), "--seed", str(SEED), "--out", made)
        records, truth = Path(made) / "records.parquet", pq.read_table(Path(made) / "truth.parquet")
        others: tuple[beside.Peer, ...] = ALL_OTHERS if name != "dense" else (beside.GOLDENMATCH,)
        chosen = os.environ.get(PEERS)
        others = tuple(peer for peer in others if chosen is None or peer.name in chosen.split(","))
        runs = int(os.environ.get(RUNS, "5"))
        return _measure(name, subject, [records], truth, Path(made), lowest_recall, runs, others)


def _measure(
    name: str,
    subject: str,
    records: list[Path],
    truth: pa.Table,
    folder: Path,
    lowest_recall: float,
    runs: int,
    others: tuple[beside.Peer, ...],
) -> Outcome:
    """Rounds of ours trained on the records, ours with the stored model, and Splink; then one run of each other peer."""
    peers = beside.Beside(subject.removesuffix("s"), records, truth, folder, date.fromisoformat(AS_OF))
    seen: dict[str, list[Watched]] = {"learnt": [], "stored": []}
    found = folder / "found.parquet"
    quality: dict[str, Quality] = {}
    for _ in range(runs):
        for kind, options in (("learnt", ("--train",)), ("stored", ())):
            words = ["matching", "resolve", subject, *map(str, records), "--as-of", AS_OF, "--out", str(found)]
            seen[kind].append(command(*words, *options))
            quality[kind] = measure(pq.read_table(found), truth)
        peers.run(beside.SPLINK, LIMIT_OF_LARGE if runs == 1 else beside.LIMIT_SECONDS)
    groups = measure_by(pq.read_table(found), truth, "groups")
    reach = _reach(folder) if subject == "persons" and len(records) == 1 else None
    for peer in others:
        peers.run(peer)
    learnt, stored = (_ours(seen[kind], quality[kind]) for kind in ("learnt", "stored"))
    return _told(name, len(truth), learnt, stored, groups, reach, peers.measured(), lowest_recall, runs)


def _ours(seen: list[Watched], quality: Quality) -> Ours:
    took = [float(WHOLE.findall(one.output)[0]) for one in seen]
    usual = seen[sorted(range(len(seen)), key=took.__getitem__)[len(seen) // 2]]
    steps = ", ".join(f"{step.strip()} {float(spent):.1f}" for step, spent in STEP.findall(usual.output))
    command_seconds = statistics.median(one.seconds for one in seen)
    return Ours(statistics.median(took), command_seconds, max(one.peak_bytes for one in seen), steps, quality)


def _told(
    name: str,
    records: int,
    learnt: Ours,
    stored: Ours,
    groups: list[tuple[str, int, float, float]],
    reach: Reach | None,
    peers: list[beside.Measured],
    lowest_recall: float,
    runs: int,
) -> Outcome:
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
        *about_possible(name, stored.quality.recall, groups, reach),
        *about_conflicts(name, reach),
        *beside_peers(name, learnt, stored, peers),
    ]
    by_group = _by_group(groups, reach)
    remark = (
        f"Seconds of ours are from opening the raw file to clusters on disk, those of a peer of its steps on columns already "
        f"clean; starting the interpreter and importing libraries counts for neither (our whole command: {stored.command:.1f} "
        f"s, with training {learnt.command:.1f} s). Medians of {runs} round(s), in which ours and Splink take turns. "
        f"{_about_peers(peers)}\n\n{by_group}\n\nA group's pair counts when one of its records is in the group. "
        f"{_about_reach(reach)}"
    )
    title = f"{name}: {records:,} records from raw file to clusters in {stored.seconds:.1f} s, with training {learnt.seconds:.1f} s"
    return Outcome(title, COLUMNS, tuple(rows), tuple(goals), remark)


def _figures(quality: Quality) -> tuple[float, float, float]:
    return quality.precision, quality.recall, quality.f1


def _reach(folder: Path) -> Reach:
    """What could be found, and which conflicts were shown; the cases are written by a run that is not timed."""
    files = [str(folder / f"{name}.parquet") for name in ("records", "found", "reviews")]
    command("matching", "resolve", "persons", files[0], "--as-of", AS_OF, "--out", files[1], "--reviews", files[2])
    return measure_reach(folder, date.fromisoformat(AS_OF))


def about_possible(
    name: str, recall: float, groups: list[tuple[str, int, float, float]], reach: Reach | None
) -> list[Goal]:
    """The gap again, of recall as a share of what the records of each group can tell: beside the raw gap, not for it."""
    if reach is None:
        return []
    shares = [found / reach.by_group[group] for group, _, _, found in groups if reach.by_group.get(group)]
    gap = max(0.0, recall / reach.recall - min(shares, default=1.0))
    return [Goal(f"{name}.group_gap_of_possible", gap, "share", WIDEST_GAP, at_most=True)]


def _by_group(groups: list[tuple[str, int, float, float]], reach: Reach | None) -> str:
    if reach is None:
        return as_markdown(("records of", "records", "precision", "recall"), groups)
    told = [(*row, reach.by_group.get(row[0], 1.0)) for row in groups]
    return as_markdown(("records of", "records", "precision", "recall", "recall possible"), told)


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
        f"finds every other pair has recall {reach.recall:.4f}, and in each group what the table calls possible. "
        f"Whoever also joins no two valid numbers of one person without a judgement (domain rule) has at most {reach.lawful:.4f}. "
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
    left = [peer.name for peer in ALL_OTHERS if peer not in {one.peer for one in peers}]
    return (
        "'best' is a peer's threshold chosen with the truth, which no user could do. GoldenMatch learns on a sample of "
        "20,000 records; dedupe, which wants labelled pairs, on pairs of equal valid numbers. Peers but Splink run once, and "
        f"are stopped after {beside.LIMIT_SECONDS:.0f} s.{' Not run here: ' + ', '.join(left) + ' (see `others`).' if left else ''}"
    )
