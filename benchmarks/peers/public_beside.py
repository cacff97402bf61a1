"""Runs the peers on a public set's clean columns, and measures them at their default and at the best threshold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.peers.beside import STEP
from benchmarks.peers.place import peers_python
from benchmarks.public_sets import PublicSet, quality_of
from benchmarks.watch import watch
from matching.evaluate import Quality
from matching.groups import components
from matching.model import Setting
from matching.resolve import prepare
from runtime.settings import ROOT

AS_OF = date(2026, 11, 1)
LIMIT_SECONDS = 600.0
MODULES = {"splink": "benchmarks.peers.public_splink", "goldenmatch": "benchmarks.peers.public_goldenmatch"}


@dataclass(frozen=True)
class Peer:
    """What a tool reached on one set; or why there is nothing (`reason`). `best`: threshold chosen with the truth."""

    name: str
    seconds: float = float("nan")
    usual: Quality | None = None
    best: Quality | None = None
    reason: str = ""

    def rows(self) -> list[tuple[object, ...]]:
        """Table rows: tool, precision, recall, F1, seconds."""
        if self.reason:
            return [(self.name, self.reason, "", "", "")]
        told = (("default", self.usual, self.seconds), ("best", self.best, ""))
        return [
            (f"{self.name}, {label}", quality.precision, quality.recall, quality.f1, seconds)
            for label, quality, seconds in told
            if quality is not None
        ]


def measure(tool: str, one: PublicSet, records: pd.DataFrame, true: pd.DataFrame, folder: Path) -> Peer:
    """A tool of MODULES in the peers' interpreter: learn, match, cluster."""
    python = peers_python()
    if python is None:
        return Peer(tool, reason="not installed")
    told = watch([python, "-c", f"import importlib.metadata as m; print(m.version({tool!r}))"])
    if told.status:
        return Peer(tool, reason="not installed")
    name = f"{tool} {told.output.strip().split()[-1]}"
    clean = folder / "clean.parquet"
    if not clean.exists():
        write_clean(one, records, clean)
    command = [python, "-m", MODULES[tool], one.model, str(clean), str(folder)]
    seen = watch(command, folder=ROOT, limit=LIMIT_SECONDS)
    if seen.seconds >= LIMIT_SECONDS:
        return Peer(name, reason=f"not done after {LIMIT_SECONDS:.0f} s")
    if seen.status:
        return Peer(name, reason=f"failed: {seen.output.strip().splitlines()[-1][-120:]}")
    seconds = sum(float(took) for _, took in STEP.findall(seen.output))
    keys = pa.array(records["record_key"], pa.string())
    clusters = pq.read_table(folder / "clusters.parquet")
    usual = quality_of(_named(keys.take(clusters.column("n").combine_chunks()), clusters.column("cluster")), true)
    pairs = pq.read_table(folder / "pairs.parquet")
    return Peer(name, seconds, usual, _best(pairs, keys, true, is_two_sided=one.declared().two_sided))


def write_clean(one: PublicSet, records: pd.DataFrame, out: Path) -> None:
    """Parquet: `n` int32 (the record's row) and the standard values of the set's model as text."""
    profiles = prepare(pa.Table.from_pandas(records, preserve_index=False), one.declared(), Setting(AS_OF)).profiles
    columns: dict[str, pa.Array] = {"n": pa.array(np.arange(len(profiles.of_record), dtype=np.int32))}
    for name, column in profiles.columns.items():
        codes = column.codes[profiles.of_record]
        columns[name] = column.values.take(pa.array(codes, mask=codes < 0))
    pq.write_table(pa.table(columns), out)


def _named(keys: pa.Array, cluster: pa.ChunkedArray) -> pa.Table:
    return pa.table({"record_key": keys, "cluster_id": cluster.cast(pa.string())})


def _best(pairs: pa.Table, keys: pa.Array, true: pd.DataFrame, *, is_two_sided: bool) -> Quality | None:
    """The highest F1 over thresholds; where two tables are linked, of the pairs that are each other's best."""
    left, right = (pairs.column(side).to_numpy().astype(np.int64) for side in ("l", "r"))
    score = pairs.column("score").to_numpy().astype(float)
    if is_two_sided:
        top = np.full(len(keys), -np.inf)
        np.maximum.at(top, left, score)
        np.maximum.at(top, right, score)
        mutual = (score == top[left]) & (score == top[right])
        left, right, score = left[mutual], right[mutual], score[mutual]
    best: Quality | None = None
    for threshold in np.unique(np.quantile(score, np.linspace(0, 0.98, 40))) if len(score) else []:
        kept = score >= threshold
        label = components(len(keys), left[kept], right[kept])
        quality = quality_of(_named(keys, pa.chunked_array([pa.array(label)])), true)
        if best is None or quality.f1 > best.f1:
            best = quality
    return best
