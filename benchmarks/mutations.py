"""`mutations`: mutated golden files of every reader; never a crash, a hang or a row that is not accounted."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from math import ceil
from pathlib import Path

from benchmarks.goal import Goal, Outcome
from benchmarks.mutated import Golden, golden_files, judge, mutate

MUTATIONS = 100_000
SLOW = {"xls": 20, "json": 4}  # readers that take long to start get so many times fewer


def run(scale: int = MUTATIONS) -> Outcome:
    """At least `scale` mutated files, shared out over the readers."""
    golden = golden_files()
    shares = [1 / SLOW.get(one.name, 1) for one in golden]
    rows: list[tuple[object, ...]] = []
    faults = total = 0
    for one, share in zip(golden, shares, strict=True):
        count = ceil(scale * share / sum(shares))
        seen, found = mutated(one, count)
        wrong = sum(found.values())
        rows.append(
            (one.name, count, seen["read"], count - seen["read"] - seen["fault"], wrong, "; ".join(found)[:200])
        )
        faults, total = faults + wrong, total + count
    return Outcome(
        f"mutations: {total:,} mutated files, rows accounted by counts that do not use the readers",
        ("reader", "files", "read", "held", "faults", "which"),
        tuple(rows),
        (Goal("mutations.faults", faults, "files", 0, at_most=True),),
    )


def mutated(golden: Golden, count: int, seed: int = 7) -> tuple[Counter[str], Counter[str]]:
    """What became of `count` mutations of a golden file: outcomes, and faults."""
    seen: Counter[str] = Counter()
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            content = golden.packed(mutate(golden.content, random.Random(f"{golden.name} {seed} {number}")))
            outcome, fault = judge(golden, content, Path(folder))
            seen[outcome] += 1
            if fault is not None:
                found[fault] += 1
    return seen, found
