"""`public`: labelled public sets, weights learnt on each set itself, one fixed threshold, no label used; beside Splink."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
import pyarrow as pa

from benchmarks.goal import Goal, Outcome
from benchmarks.peers import public_beside
from benchmarks.peers.place import peers_python
from benchmarks.peers.public_beside import AS_OF
from benchmarks.public_sets import FOLDER, PublicSet, quality_of, sets_here
from matching.evaluate import Quality
from matching.model import Setting
from matching.profiles import InputError
from matching.resolve import run as resolve
from matching.weights import start

MEASURED = Path(__file__).parent / "public_splink.json"
"""F1 of Splink 5 at its default threshold as last measured beside us: the goal where no peer is at hand."""
COLUMNS = ("set", "records", "true pairs", "tool", "precision", "recall", "F1", "seconds")


def run(scale: int = 0) -> Outcome:
    """Every set of the folder (`scale`: only sets of at most so many records)."""
    try:
        found = sets_here()
    except InputError as error:
        print(f"benchmarks public: {error}", file=sys.stderr)
        raise SystemExit(2) from error
    rows: list[tuple[object, ...]] = []
    goals: list[Goal] = []
    for one, folder in found:
        records, true = one.read(folder)
        if scale and len(records) > scale:
            continue
        quality, seconds = match(one, records, true)
        head: tuple[object, ...] = (one.name, len(records), len(true))
        rows.append((*head, "Yidang", quality.precision, quality.recall, quality.f1, seconds))
        target = _known().get(one.name)
        if peers_python() is not None:
            with tempfile.TemporaryDirectory() as made:
                peers = [public_beside.measure(tool, one, records, true, Path(made)) for tool in public_beside.MODULES]
            rows += [("", "", "", *row) for peer in peers for row in peer.rows()]
            target = max((peer.usual.f1 for peer in peers if peer.usual is not None), default=target)
        if target is not None:
            goals.append(Goal(f"public.{one.name}.f1", quality.f1, "share", target, at_most=False))
    return Outcome(f"public: {len(found)} labelled public sets", COLUMNS, tuple(rows), tuple(goals), _remark())


def match(one: PublicSet, records: pd.DataFrame, true: pd.DataFrame) -> tuple[Quality, float]:
    """Quality and seconds of one set: weights learnt without labels, the model's fixed threshold."""
    model = one.declared()
    table = pa.Table.from_pandas(records, preserve_index=False)
    begun = time.perf_counter()
    found = resolve(table, model, Setting(AS_OF), start(model), learns=True)
    return quality_of(found.clusters, true), time.perf_counter() - begun


def _known() -> dict[str, float]:
    known: dict[str, float] = json.loads(MEASURED.read_text(encoding="utf-8"))
    return known


def _remark() -> str:
    beside = (
        "Peers were run beside us on the same clean columns; the goal is the best of them at its own default, 'best' is a "
        "threshold chosen with the truth."
        if peers_python() is not None
        else "No peer was run: the goals are what Splink 5 reached at its default threshold when last measured."
    )
    return (
        f"Sets of the folder {FOLDER}. Weights are learnt by EM on each set itself, linked from probability 0.5; "
        f"no label is used but to measure. {beside}"
    )
