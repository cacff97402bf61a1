"""The summary's judge of match quality, on a crosswalk and a truth small enough to count by hand."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from runtime import summary


def test_pairs_are_counted_as_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files {a1 a2 b1} {b2} against subjects {a1 a2} {b1 b2}: 3 pairs together, 1 of them right, 2 wanted."""
    crosswalk = pa.table({"record_key": ["f:a1", "f:a2", "f:b1", "f:b2"], "master_id": ["P1", "P1", "P1", "P2"]})
    truth = pa.table(
        {
            "feed": ["f"] * 5,
            "source_key": ["a1", "a2", "b1", "b2", "gone"],
            "subject": ["person"] * 5,
            "subject_id": ["a", "a", "b", "b", "b"],
        }
    )
    pq.write_table(truth, tmp_path / "record.parquet")
    monkeypatch.setattr(summary.masters, "read_crosswalk", lambda _conn, _subject: crosswalk)
    person, enterprise = summary.judge_quality(None, tmp_path)  # type: ignore[arg-type]
    assert (person.records, person.precision, person.recall) == (4, pytest.approx(1 / 3), pytest.approx(1 / 2))
    assert not person.is_good
    assert enterprise.records == 0
