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
MOST_FOR_BEST = 2_000_000
"""Records up to which a peer's best threshold is sought: each is clustered and measured anew."""


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
DEDUPE = Peer("dedupe", "benchmarks.peers.with_dedupe")


class Beside:
    """Peers on the clean columns of one set. Runs are asked for one by one, so that they can alternate with ours."""

    def __init__(self, subject: str, records: list[Path], truth: pa.Table, folder: Path, as_of: date) -> None:
        """`truth` [record_key, subject_id]; nothing is prepared where there are no peers."""
        self.python = peers_python()
        self.subject, self.truth, self.folder = subject, truth, folder
        self.clean = folder / "clean.parquet"
        self.keys = pa.chunked_array([], pa.string())
        self._runs: dict[Peer, list[dict[str, float]]] = {}
        self._peak: dict[Peer, int] = {}
        self._reason: dict[Peer, str] = {}
        if self.python is not None:
            write_clean(subject, records, self.clean, as_of)
            parts = [pq.read_table(path, columns=["record_key"]) for path in records]
            self.keys = pa.concat_tables(parts).column("record_key")

    def run(self, peer: Peer, limit: float = LIMIT_SECONDS) -> None:
        """One run of a peer; once it has failed or taken too long it is left alone."""
        if self.python is None or peer in self._reason:
            return
        out = self.folder / peer.name
        out.mkdir(exist_ok=True)
        for stale in sorted(out.glob("*")):
            stale.unlink()
        seen = watch(
            [self.python, "-m", peer.module, self.subject, str(self.clean), str(out)], folder=ROOT, limit=limit
        )
        self._peak[peer] = max(self._peak.get(peer, 0), seen.peak_bytes)
        if seen.seconds >= limit:
            self._reason[peer] = f"not done after {limit:.0f} s"
        elif seen.status:
            self._reason[peer] = f"failed: {seen.output.strip()[-200:]}"
        else:
            steps = {name: float(took) for name, took in STEP.findall(seen.output)}
            self._runs.setdefault(peer, []).append(steps)

    def measured(self) -> list[Measured]:
        """What every peer that was asked for did: medians of its runs, quality of the last."""
        return [self._measured(peer) for peer in self._peak]

    def _measured(self, peer: Peer) -> Measured:
        version = _version(str(self.python), peer)
        if peer in self._reason:
            return Measured(peer, version, peak=self._peak[peer], reason=self._reason[peer])
        runs = self._runs[peer]
        steps = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
        out = self.folder / peer.name
        clusters = pq.read_table(out / "clusters.parquet")
        usual = measure(_named(clusters.column("n").to_numpy(), clusters.column("cluster"), self.keys), self.truth)
        seeks = len(self.keys) <= MOST_FOR_BEST
        found = _best(pq.read_table(out / "pairs.parquet"), self.keys, self.truth) if seeks else (None, float("nan"))
        return Measured(peer, version, steps, self._peak[peer], usual, *found)


def _version(python: str, peer: Peer) -> str:
    told = f"import importlib.metadata as m; print('v', m.version({peer.name!r}))"
    found = watch([python, "-c", told])
    return "" if found.status else found.output.strip().split()[-1]


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
