"""Large labelled sets in parts: several seeds of the generator side by side, whose subjects are different people."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.watch import Watched, watch

AS_OF = "2026-11-01"
SEED = 2611
PARTS = "YIDANG_BENCH_PARTS"
"""Environment variable: a folder that keeps the parts from run to run (60 MB a million records). Default: thrown away."""


def make_parts(folder: Path, parts: int, part: int, first: int = 0) -> list[Path]:
    """Files of `part` labelled persons each, with their truth beside them; what is there already is taken as it is."""
    made = []
    for number in range(first, first + parts):
        path = folder / f"persons-{part}-{number}.parquet"
        if not path.exists():
            _make(path, part, number)
        made.append(path)
    return made


def truth_of(path: Path) -> Path:
    """Where the truth of a part stands."""
    return path.with_name(f"{path.stem}.truth.parquet")


def _make(path: Path, part: int, number: int) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        command("demo", "labelled", "persons", "--records", str(part), "--seed", str(SEED + number), "--out", made)
        records, truth = (pq.read_table(folder / f"{name}.parquet") for name in ("records", "truth"))
    truth = _prefixed(_prefixed(truth, "record_key", number), "subject_id", number)
    pq.write_table(truth, truth_of(path))
    whole = path.with_suffix(".tmp")
    pq.write_table(_prefixed(records, "record_key", number), whole)
    whole.rename(path)


def _prefixed(table: pa.Table, column: str, number: int) -> pa.Table:
    """The column's texts made the part's own."""
    own = pc.binary_join_element_wise(pa.scalar(str(number)), table.column(column).cast(pa.string()), "-")
    return table.set_column(table.column_names.index(column), column, own)


def command(*words: str) -> Watched:
    """Run a module of ours to its end; RuntimeError with the end of what it said if it fails."""
    seen = watch([sys.executable, "-m", *words])
    if seen.status:
        raise RuntimeError(f"{' '.join(words[:3])} ended with {seen.status}: {seen.output[-800:]}")
    return seen
