"""Runs the peers on a set's clean columns, and measures what they found: at their default, and at the best threshold."""

from __future__ import annotations

import re
import statistics
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.peers.clean import write_clean
from benchmarks.peers.place import peers_python
from benchmarks.watch import watch
from matching.evaluate import Quality, measure
from matching.groups import components
from runtime.settings import ROOT

LIMIT_SECONDS = 600.0
STEP = re.compile(r"^step (.+) ([\d.]+)$", re.MULTILINE)
THRESHOLDS = 24


@dataclass(frozen=True)
class Peer:
    """A tool: its distribution's name, the module that runs it, which of its steps are training."""

    name: str
    module: str
    training: tuple[str, ...] = ("train",)


@dataclass(frozen=True)
class Measured:
    """What a peer did: seconds by step (median of the runs), peak memory; or why there is nothing (`reason`)."""

    peer: Peer
    version: str
    steps: dict[str, float] = field(default_factory=dict)
    peak: int = 0
    usual: Quality | None = None
    best: Quality | None = None
    best_threshold: float = float("nan")
    reason: str = ""

    @property
    def total(self) -> float:
        """Seconds with training."""
        return sum(self.steps.values())

    @property
    def trained(self) -> float:
        """Seconds with a model made beforehand."""
        return sum(took for name, took in self.steps.items() if name not in self.peer.training)


SPLINK = Peer("splink", "benchmarks.peers.with_splink")
GOLDENMATCH = Peer("goldenmatch", "benchmarks.peers.with_goldenmatch")
RECORDLINKAGE = Peer("recordlinkage", "benchmarks.peers.with_recordlinkage")


def measure_peers(
    subject: str, records: Path, truth: Path, folder: Path, as_of: date, peers: dict[Peer, int]
) -> list[Measured]:
    """Each peer of `peers` (peer -> how many runs) on the same clean columns. Empty where there are no peers."""
    python = peers_python()
    if python is None:
        return []
    clean = folder / "clean.parquet"
    write_clean(subject, records, clean, as_of)
    keys = pq.read_table(records, columns=["record_key"]).column("record_key")
    return [
        _measure(python, peer, runs, subject, clean, keys, pq.read_table(truth), folder) for peer, runs in peers.items()
    ]


def _measure(
    python: str, peer: Peer, runs: int, subject: str, clean: Path, keys: pa.ChunkedArray, truth: pa.Table, folder: Path
) -> Measured:
    out = folder / peer.name
    told = f"import importlib.metadata as m; print('v', m.version({peer.name!r}))"
    found = watch([python, "-c", told])
    if found.status:
        return Measured(peer, "", reason="not installed")
    version = found.output.strip().split()[-1]
    seconds: dict[str, list[float]] = {}
    peak = 0
    for _ in range(runs):
        for stale in sorted(out.glob("*")):
            stale.unlink()
        out.mkdir(exist_ok=True)
        seen = watch([python, "-m", peer.module, subject, str(clean), str(out)], folder=ROOT, limit=LIMIT_SECONDS)
        if seen.seconds >= LIMIT_SECONDS:
            return Measured(peer, version, peak=seen.peak_bytes, reason=f"not done after {LIMIT_SECONDS:.0f} s")
        if seen.status:
            return Measured(peer, version, peak=seen.peak_bytes, reason=f"failed: {seen.output.strip()[-200:]}")
        peak = max(peak, seen.peak_bytes)
        for name, took in STEP.findall(seen.output):
            seconds.setdefault(name, []).append(float(took))
    steps = {name: statistics.median(took) for name, took in seconds.items()}
    clusters = pq.read_table(out / "clusters.parquet")
    usual = measure(_named(clusters.column("n").to_numpy(), clusters.column("cluster"), keys), truth)
    best, threshold = _best(pq.read_table(out / "pairs.parquet"), keys, truth)
    return Measured(peer, version, steps, peak, usual, best, threshold)


def _named(rows: npt.NDArray[np.integer], cluster: pa.ChunkedArray, keys: pa.ChunkedArray) -> pa.Table:
    return pa.table({"record_key": keys.take(pa.array(rows)), "cluster_id": cluster.cast(pa.string())})


def _best(pairs: pa.Table, keys: pa.ChunkedArray, truth: pa.Table) -> tuple[Quality | None, float]:
    """The threshold whose connected components have the highest F1: chosen with the truth, as no user could."""
    if not pairs.num_rows:
        return None, float("nan")
    left, right = (pairs.column(side).to_numpy().astype(np.int64) for side in ("l", "r"))
    score = pairs.column("score").to_numpy().astype(float)
    rows = np.arange(len(keys))
    chosen: tuple[Quality | None, float] = (None, float("nan"))
    spread = np.linspace(score.min(), score.max(), THRESHOLDS, endpoint=False)
    for threshold in np.unique(np.r_[spread, np.quantile(score, [0.02, 0.05, 0.1, 0.2, 0.3])]):
        kept = score >= threshold
        label = components(len(keys), left[kept], right[kept])
        quality = measure(_named(rows, pa.chunked_array([pa.array(label)]), keys), truth)
        if chosen[0] is None or quality.f1 > chosen[0].f1:
            chosen = quality, float(threshold)
    return chosen


def as_rows(measured: list[Measured]) -> list[tuple[object, ...]]:
    """Table rows: tool, seconds with training, with a model made beforehand, peak GiB, P, R, F1, seconds by step."""
    rows: list[tuple[object, ...]] = []
    for one in measured:
        name = f"{one.peer.name} {one.version}".strip()
        if one.reason:
            rows.append((name, one.reason, "", "", "", "", "", ""))
            continue
        steps = ", ".join(f"{step} {took:.1f}" for step, took in one.steps.items())
        for label, quality in (("default", one.usual), (f"best ({one.best_threshold:.3g})", one.best)):
            if quality is not None:
                first = (one.total, one.trained, one.peak / 2**30) if label == "default" else ("", "", "")
                rows.append((f"{name}, {label}", *first, quality.precision, quality.recall, quality.f1, steps))
                steps = ""
    return rows
