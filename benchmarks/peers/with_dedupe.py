"""dedupe: the same columns, blocks learnt by itself; it needs labelled pairs, which are taken from equal clean numbers.

No label of the truth is used: pairs of one valid number are shown as matches, neighbours in the file as strangers.
"""

from __future__ import annotations

import os
import random
import resource
from typing import Any

import dedupe
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.peers.steps import Task, read_task, step

FIELDS = {
    "person": ("id", "name", "birth", "phone", "address"),
    "enterprise": ("whole_code", "name", "legal_rep", "phone", "address"),
}
WHOLE = ("birth", "address")
"""Compared as a whole: whatever begins as most others do is a block of all to dedupe, and its training wants pairs of all."""
NUMBER = {"person": "id", "enterprise": "whole_code"}
SAMPLE = 1_500
SHOWN = 400
THRESHOLD = 0.5


def run(task: Task) -> None:
    """Train on a sample, then partition all records, within half of the memory (MemoryError beyond it)."""
    half = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    resource.setrlimit(resource.RLIMIT_AS, (half, half))
    names = FIELDS[task.subject]
    table = pq.read_table(task.clean)
    rows: dict[int, dict[str, Any]] = dict(enumerate(table.select(list(names)).to_pylist()))
    with step("train"):
        kinds = {name: dedupe.variables.Exact if name in WHOLE else dedupe.variables.ShortString for name in names}
        fields = [kind(name, has_missing=True) for name, kind in kinds.items()]
        matcher = dedupe.Dedupe(fields, num_cores=2)
        matcher.prepare_training(rows, sample_size=SAMPLE)
        matcher.mark_pairs(_shown(rows, NUMBER[task.subject]))
        matcher.train(index_predicates=False)  # they want the text of all records in memory
    with step("match"):
        found = matcher.partition(rows, THRESHOLD)
    of_record = [0] * len(rows)
    for number, (members, _) in enumerate(found):
        for member in members:
            of_record[member] = number
    pq.write_table(
        pa.table({"n": pa.array(range(len(rows)), pa.int32()), "cluster": of_record}), task.out / "clusters.parquet"
    )
    none: list[int] = []
    pq.write_table(pa.table({"l": none, "r": none, "score": none}), task.out / "pairs.parquet")


def _shown(rows: dict[int, dict[str, Any]], number: str) -> dict[str, list[Any]]:
    chance = random.Random(7)
    seen: dict[str, int] = {}
    match: list[Any] = []
    for place, row in rows.items():
        if len(match) == SHOWN:
            break
        if row[number] and len(row[number]) == 18 and row[number] in seen:
            match.append((rows[seen[row[number]]], row))
        elif row[number]:
            seen[row[number]] = place
    drawn = [chance.sample(range(len(rows)), 2) for _ in range(SHOWN)]
    return {"match": match, "distinct": [(rows[one], rows[two]) for one, two in drawn]}


if __name__ == "__main__":
    run(read_task(__doc__))
