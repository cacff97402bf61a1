"""Where the memory limit binds: large dictionaries stand in files, columns are let go, and the answer stays the same."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from demo import labelled_persons
from demo.chance import Chance
from matching import spill
from matching.inputs import open_records
from matching.model import Setting
from matching.received import Received
from matching.resolve import load_model, run
from matching.spill import Spill

AS_OF = date(2026, 11, 1)


def test_what_is_moved_out_reads_as_before() -> None:
    out = Spill(8)
    texts = pa.array(["张三", None, "李四", ""])
    numbers = np.arange(5, dtype=np.uint64)
    assert out.texts(texts).equals(texts)
    assert out.numbers(numbers).tolist() == numbers.tolist()
    assert out.moved_bytes == texts.nbytes + numbers.nbytes
    assert out.texts(texts).take(pa.array([2])).to_pylist() == ["李四"]


def test_without_a_limit_nothing_is_moved() -> None:
    out = Spill.within(None)
    texts = pa.array(["张三"] * 1000)
    assert out.texts(texts) is texts
    assert out.moved_bytes == 0


def test_a_run_that_moves_everything_out_gives_the_same_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    day = (AS_OF - date(1970, 1, 1)).days
    records = labelled_persons.make(Chance(5), 3_000, day, "spread")[0]
    model = load_model("person")
    whole = run(records, model, Setting(AS_OF))
    monkeypatch.setattr(spill, "SHARE", 10**15)
    moved = run(records, model, Setting(AS_OF, memory_limit="2GiB"))
    assert moved.prepared.profiles.tables["spill"].moved_bytes > 1000
    assert moved.clusters.equals(whole.clusters)
    assert moved.links().equals(whole.links())


def test_columns_are_read_when_wanted_and_let_go() -> None:
    asked: list[str] = []

    def read(name: str) -> pa.ChunkedArray:
        asked.append(name)
        return pa.chunked_array([[name]])

    records = Received(("a", "b"), 1, read)
    assert asked == []
    assert records.column("a") is records.column("a")
    records.take("a")
    records.column("a")
    records.put("b", pa.chunked_array([["other"]]))
    assert records.take("b").to_pylist() == ["other"]
    assert asked == ["a", "a"]


def test_files_are_opened_as_one(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"record_key": ["1", "2"], "name": ["张三", None], "age": [1.0, 2.5]}), tmp_path / "one.parquet"
    )
    pq.write_table(
        pa.table({"record_key": ["3"], "name": pa.array(["李四"]).dictionary_encode()}), tmp_path / "two.parquet"
    )
    found = open_records([tmp_path / "one.parquet", tmp_path / "two.parquet"])
    assert (found.names, len(found)) == (("record_key", "name", "age"), 3)
    assert found.column("name").to_pylist() == ["张三", None, "李四"]
    assert found.column("age").to_pylist() == ["1", "2.5", None]
