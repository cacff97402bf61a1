"""Labelled records for the matcher: as many as asked for, every one with its truth, the same for the same seed."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from demo import labelled_enterprises, labelled_persons
from demo.chance import Chance
from demo.kinds import KINDS
from runtime.settings import ROOT

TODAY = 20_758  # 2026-11-01
RECORDS = 6_000


@pytest.mark.parametrize("layout", ["spread", "dense"])
def test_persons(layout: str) -> None:
    records, truth = labelled_persons.make(Chance(7), RECORDS, TODAY, layout)
    again, _ = labelled_persons.make(Chance(7), RECORDS, TODAY, layout)
    assert records.equals(again)
    assert records.num_rows == truth.num_rows == RECORDS
    assert records["record_key"].equals(truth["record_key"])
    assert pc.count_distinct(records["record_key"]).as_py() == RECORDS
    assert 1_000 < pc.count_distinct(truth["subject_id"]).as_py() < RECORDS / 2
    assert set(pc.list_flatten(truth["defects"]).to_pylist()) <= set(KINDS)
    departments = set(records["department"].to_pylist())
    assert {"ps", "hrss", "nhsa", "ca", "fin", "dpf", "ct", "tr", "nhc"} == departments


def test_parts_are_the_whole_household_after_household() -> None:
    whole = labelled_persons.make(Chance(7), RECORDS, TODAY, "spread")
    parts = list(labelled_persons.make_parts(Chance(7), RECORDS, TODAY, "spread", 4))
    assert [records.num_rows for records, _ in parts] == [RECORDS // 4] * 4
    for number in (0, 1):
        joined = pa.concat_tables([part[number] for part in parts])
        assert joined.sort_by("record_key").equals(whole[number].sort_by("record_key"))
    subjects = [set(truth["subject_id"].to_pylist()) for _, truth in parts]
    assert all(len(one & two) <= 1 for one, two in pairwise(subjects)), "only one person may stand on a border"


def test_enterprises() -> None:
    records, truth = labelled_enterprises.make(Chance(7), RECORDS, TODAY)
    assert records.num_rows == truth.num_rows == RECORDS
    assert records["record_key"].equals(truth["record_key"])
    assert pc.count_distinct(records["record_key"]).as_py() == RECORDS
    groups = set(pc.list_flatten(truth["groups"]).to_pylist())
    assert {"company", "branch", "individual", "cooperative", "collective", "public"} <= groups
    other, _ = labelled_enterprises.make(Chance(8), RECORDS, TODAY)
    assert not records.equals(other)


def test_the_command_writes_both_files(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "demo", "labelled", "enterprises", "--records", "500", "--out", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True)
    assert pq.read_metadata(tmp_path / "records.parquet").num_rows == 500
    assert pq.read_metadata(tmp_path / "truth.parquet").num_rows == 500
