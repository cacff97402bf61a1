"""`province`: how long the pretend province takes to make its first day, and how many rows that is."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from benchmarks.goal import Goal, Outcome
from benchmarks.watch import watch

FULL_SCALE = 1_000_000
FULL_SECONDS = 180


def run(scale: int = FULL_SCALE) -> Outcome:
    """Deliver day 0 of a province of `scale` persons into a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [
            sys.executable, "-m", "demo", "deliver", "--date", "2026-11-01", "--first", "2026-11-01",
            "--persons", str(scale), "--seed", "7", "--inbox", str(folder / "inbox"), "--truth", str(folder / "truth"),
        ]  # fmt: skip
        seen = watch(command)
        if seen.status:
            raise RuntimeError(f"the province ended with {seen.status}: {seen.output[-800:]}")
        manifests = [json.loads(p.read_text()) for p in sorted((folder / "inbox").glob("*.manifest.json"))]
        sizes = {m["feed"]: (folder / "inbox" / m["file_name"]).stat().st_size for m in manifests}
    rows = sum(m["row_count"] for m in manifests)
    table = tuple((m["feed"], m["row_count"], sizes[m["feed"]] / 2**20) for m in manifests)
    return Outcome(
        f"province: {scale:,} persons, day 0 in {seen.seconds:.1f} s, {rows / seen.seconds:,.0f} rows a second, "
        f"peak {seen.peak_bytes / 2**30:.2f} GiB",
        ("feed", "rows", "MiB"),
        (*table, ("all", rows, sum(sizes.values()) / 2**20)),
        (Goal("province.seconds", seen.seconds, "s", FULL_SECONDS * max(scale / FULL_SCALE, 0.05), at_most=True),),
    )
