"""Where the memory limit binds: large dictionaries stand in files, columns are let go, and the answer stays the same."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from demo import labelled_enterprises, labelled_persons
from demo.chance import Chance
from matching import spill
from matching.inputs import open_records
from matching.model import Setting
from matching.received import Received
from matching.resolve import load_model, run
from matching.spill import Spill
from matching.weights import start

AS_OF = date(2026, 11, 1)


def test_what_is_moved_out_reads_as_before() -> None:
    out = Spill(spill.SHARE * 8)
    texts = pa.array(["张三", None, "李四", ""])
    numbers = np.arange(5, dtype=np.uint64)
    assert out.texts(texts).equals(texts)
    assert out.numbers(numbers).tolist() == numbers.tolist()
    assert out.moved_bytes == texts.nbytes + numbers.nbytes
    assert out.texts(texts).take(pa.array([2])).to_pylist() == ["李四"]


def test_without_a_limit_nothing_is_moved() -> None:
    out = Spill()
    texts = pa.array(["张三"] * 1000)
    assert out.texts(texts) is texts
    assert out.moved_bytes == 0


def test_what_was_let_go_is_read_again_and_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    out = Spill(1)
    numbers, texts = out.numbers(np.arange(100_000, dtype=np.int32)), out.texts(pa.array(["张三"] * 1000))
    assert not numbers.flags.writeable
    out.let_go()
    assert numbers.sum() == 100_000 * 99_999 // 2
    assert texts.unique().to_pylist() == ["张三"]
    del numbers
    out.let_go()
    assert list(tmp_path.iterdir()) == []


def test_no_room_to_move_to_says_where_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/dev/full")
    with pytest.raises(
        OSError, match=r"cannot move 0 MiB out of memory to /dev/full .*set TMPDIR to a folder with room"
    ):
        Spill(1).numbers(np.arange(5))


@pytest.mark.parametrize("subject", ["person", "enterprise"])
def test_a_small_limit_moves_everything_out_and_gives_the_same_answer(subject: str) -> None:
    day = (AS_OF - date(1970, 1, 1)).days
    made = labelled_persons.make(Chance(5), 3_000, day, "spread") if subject == "person" else None
    records = (made or labelled_enterprises.make(Chance(5), 3_000, day))[0]
    model = load_model(subject)
    whole, moved = (
        run(records, model, Setting(AS_OF, memory_limit=limit), start(model), learns=True) for limit in (None, "100KB")
    )
    assert moved.prepared.profiles.spill.moved_bytes > 3_000 * 4 * len(model.values) // 2
    assert moved.clusters.equals(whole.clusters)
    assert moved.links().equals(whole.links())
    assert moved.reviews().equals(whole.reviews())


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
