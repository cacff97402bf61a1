"""`others`: recordlinkage and dedupe on labelled records, each at the largest size at which it is done in ten minutes."""

from __future__ import annotations

import os
import tempfile
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.goal import Goal, Outcome
from benchmarks.labelled import PEERS
from benchmarks.parts import AS_OF, SEED, command
from benchmarks.peers import beside
from matching.evaluate import measure

FULL_SCALE = 1_000_000
SHARES = {beside.RECORDLINKAGE: (1.0, 0.3, 0.1), beside.DEDUPE: (0.1, 0.03, 0.01)}
"""Sizes as shares of the scale, the largest first: a tool that was not done in time is given the next one."""
COLUMNS = (
    "subject", "records", "tool", "seconds with training", "trained before", "peak GiB", "precision", "recall", "F1",
    "seconds by step",
)  # fmt: skip
REMARK = """One run each, on the columns that every peer is given; 'best' is a tool's threshold chosen with the truth, which no
user could do. dedupe, which wants labelled pairs, learns from pairs of equal valid numbers; it may use half of the machine's
memory, and begins at a tenth of the records: its training keeps the pairs of every block of 5,000 records as Python objects.
Tried by hand beside other work, dedupe had not ended its training on 10,000 persons after 75 seconds of processor time, nor on
30,000 (all columns as its String) after ten minutes, 85 of processor time, with 8.6 GiB."""


def run(scale: int = FULL_SCALE) -> Outcome:
    """Both tools on persons and on enterprises, ours on the same records beside them."""
    rows: list[tuple[object, ...]] = []
    goals: list[Goal] = []
    named = os.environ.get(PEERS)
    chosen = {peer: shares for peer, shares in SHARES.items() if named is None or peer.name in named.split(",")}
    left = ", ".join(peer.name for peer in SHARES if peer not in chosen)
    for subject in ("persons", "enterprises"):
        for peer, shares in chosen.items():
            for share in shares:
                if _is_done(subject, int(scale * share), peer, rows, goals):
                    break
    return Outcome(
        f"others: recordlinkage and dedupe on up to {scale:,} records, {beside.LIMIT_SECONDS:.0f} s at most",
        COLUMNS,
        tuple(rows),
        tuple(goals),
        REMARK + (f"\nNot run here: {left}." if left else "")
        if rows
        else "Not measured: there is no environment of the peers (`make peers` makes it).",
    )


def _is_done(subject: str, records: int, peer: beside.Peer, rows: list[tuple[object, ...]], goals: list[Goal]) -> bool:
    """Run the peer on so many records, and ours where it was done; whether it was."""
    with tempfile.TemporaryDirectory() as made:
        command("demo", "labelled", subject, "--records", str(records), "--seed", str(SEED), "--out", made)
        folder, found = Path(made), Path(made) / "found.parquet"
        truth = pq.read_table(folder / "truth.parquet")
        kind = subject.removesuffix("s")
        others = beside.Beside(kind, [folder / "records.parquet"], truth, folder, date.fromisoformat(AS_OF))
        others.run(peer)
        measured = others.measured()
        rows += [(subject, records, *row) for row in beside.as_rows(measured)]
        for one in measured:
            if one.usual is None:
                return False
            words = ("matching", "resolve", subject, str(folder / "records.parquet"), "--as-of", AS_OF)
            ours = command(*words, "--out", str(found))
            quality = measure(pq.read_table(found), truth)
            figures = quality.precision, quality.recall, quality.f1
            rows.append(
                (subject, records, "Yidang, stored model", "", ours.seconds, ours.peak_bytes / 2**30, *figures, "")
            )
            best = max(one.usual.f1, one.best.f1 if one.best else 0.0)
            goals.append(Goal(f"others.{subject}.f1_beside_{peer.name}", quality.f1, "share", best, at_most=False))
    return True
