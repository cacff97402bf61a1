"""`extract`: rows a second and peak memory by form, from file to standardised Parquet and rejects, beside pandas.

The files are the first day of a pretend province, once at a tenth of the size for the growth of memory. pandas reads the
same files with the same parsing of dates and ids, and nothing else of what the project does.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.goal import Goal, Outcome
from benchmarks.watch import watch

PERSONS = 600_000
GOALS = {"hrss_card": 150_000, "ps_person": 150_000, "nhsa_insured": 60_000, "tax_payer": 60_000, "ca_assist": 15_000}
FORMS = {"hrss_card": "csv", "ps_person": "fixed", "nhsa_insured": "json", "tax_payer": "xml", "ca_assist": "xlsx"}
TIMES_PANDAS = 3.0
MOST_MEMORY = 1.0
MOST_GROWTH = 2.0
DAY = "2026-11-01"


@dataclass(frozen=True)
class Took:
    """One run over one file."""

    rows: int
    seconds: float
    processor: float
    peak_gib: float

    @property
    def rate(self) -> float:
        """Rows a second of the clock on the wall."""
        return self.rows / self.seconds


def run(scale: int = PERSONS) -> Outcome:
    """Every form from a province of `scale` persons, and of a tenth of them."""
    rows: list[tuple[object, ...]] = []
    goals = []
    with tempfile.TemporaryDirectory() as made:
        small, large = Path(made) / "small", Path(made) / "large"
        _deliver(scale // 10, small)
        _deliver(scale, large)
        for feed, wanted in GOALS.items():
            size = next(path for path in large.glob(f"{feed}_*") if path.suffix != ".json").stat().st_size
            tenth = _timed("benchmarks.extract_file", feed, small)
            ours = _timed("benchmarks.extract_file", feed, large)
            peer = _timed("benchmarks.peers.with_pandas", feed, large)
            form = FORMS[feed]
            rows.append(
                (form, feed, ours.rows, size / 2**20, ours.rate, ours.rows / ours.processor, ours.peak_gib, tenth.peak_gib,
                 peer.rate, peer.rows / peer.processor, peer.peak_gib)
            )  # fmt: skip
            goals += [
                Goal(f"extract.{form}.rows", ours.rate, "rows/s", wanted, at_most=False),
                Goal(f"extract.{form}.beside_pandas", ours.rate / peer.rate, "times", TIMES_PANDAS, at_most=False),
                Goal(f"extract.{form}.memory", ours.peak_gib, "GiB", MOST_MEMORY, at_most=True),
                Goal(
                    f"extract.{form}.memory_growth", ours.peak_gib / tenth.peak_gib, "times", MOST_GROWTH, at_most=True
                ),
            ]
    return Outcome(
        f"extract: first day of {scale:,} persons, file to standardised Parquet and rejects",
        ("form", "feed", "rows", "MiB", "rows/s", "rows/CPU s", "peak GiB", "peak GiB of a tenth", "pandas rows/s",
         "pandas rows/CPU s", "pandas peak GiB"),
        tuple(rows),
        tuple(goals),
        "pandas parses dates and ids only; the project besides names, addresses, codes, phones and cards, with every reason, "
        "the received texts, keys, duplicates, findings and rejects.",
    )  # fmt: skip


def _deliver(persons: int, inbox: Path) -> None:
    with tempfile.TemporaryDirectory() as truth:
        command = [sys.executable, "-m", "demo", "deliver", "--date", DAY, "--first", DAY, "--persons", str(persons)]
        seen = watch([*command, "--seed", "7", "--inbox", str(inbox), "--truth", truth])
    if seen.status:
        raise RuntimeError(f"the province ended with {seen.status}: {seen.output[-800:]}")


def _timed(module: str, feed: str, inbox: Path) -> Took:
    with tempfile.TemporaryDirectory() as out:
        seen = watch([sys.executable, "-m", module, feed, str(inbox), out])
    if seen.status:
        raise RuntimeError(f"{module} {feed} ended with {seen.status}: {seen.output[-800:]}")
    told = json.loads(seen.output.splitlines()[-1])
    return Took(told["rows"], told["seconds"], told["processor"], seen.peak_bytes / 2**30)
