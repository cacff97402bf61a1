"""Some mutations of every golden file; the benchmark does 100,000. Golden files themselves are read, and accounted."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from benchmarks.mutated import Golden, golden_files, judge
from benchmarks.mutations import mutated
from extractors.readers import fixed_width


@pytest.fixture(scope="module")
def golden() -> list[Golden]:
    return golden_files()


def test_no_mutation_is_lost_or_ends_a_reader(golden: list[Golden], tmp_path: Path) -> None:
    for one in golden:
        assert judge(one, one.packed(one.content), tmp_path) == ("read", None), one.name
        _, faults = mutated(one, 5 if one.name == "xls" else 40)
        assert not faults, (one.name, faults)


def test_a_lost_row_is_seen(golden: list[Golden], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fixed = next(one for one in golden if one.name == "fixed")
    monkeypatch.setattr(fixed_width, "fault_batch", lambda schema, *_: pa.RecordBatch.from_pylist([], schema=schema))
    _, fault = judge(fixed, fixed.content + b"short\r\n", tmp_path)
    assert fault is not None
    assert "unaccounted: 1" in fault
