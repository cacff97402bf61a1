"""Bad files for a declared model of one's own: a clear word naming column and row, or the right result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from extractors import standardise
from matching.__main__ import main
from tests.matching.subjects import shared
from tests.matching.test_bad_input import SURROGATE, always, put, raw_text
from tests.matching.test_own_model import model_of_the_docs


def shops(count: int = 3, **columns: Any) -> pa.Table:
    """Shops of which no two are one; `columns` replace some."""
    found = {
        "record_key": [f"k{n}" for n in range(count)],
        "name": [f"shop {n}" for n in range(count)],
        "street": [f"street {n % 50}" for n in range(count)],
        "phone": [f"0281{n:07d}" for n in range(count)],
        "opened": ["2020-01-01"] * count,
    }
    return pa.table({name: pa.array(values) for name, values in (found | columns).items()})


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(standardise, "connect", lambda **_: shared())
    (tmp_path / "shops.py").write_text(model_of_the_docs(), encoding="utf-8")
    return ["--model", str(tmp_path / "shops.py"), str(tmp_path / "in.parquet")]


def clusters(table: pa.Table, given: list[str], folder: Path) -> int:
    pq.write_table(table, folder / "in.parquet")
    assert main(["resolve", *given, "--out", str(folder / "out.parquet"), "--as-of", "2026-11-01"]) == 0
    found = pq.read_table(folder / "out.parquet")
    assert found.column("record_key").to_pylist() == table.column("record_key").to_pylist()
    return len(set(found.column("cluster_id").to_pylist()))


def test_what_is_no_table_of_records(given: list[str], tmp_path: Path, capsys: Any) -> None:
    cases = {
        "column 'phone' is missing": shops().drop_columns(["phone"]),
        "column 'record_key' is missing": shops().drop_columns(["record_key"]),
        "first repeated key in row 2": pa.concat_tables([shops(), shops().slice(1, 1)]),
        "'record_key' is empty in 1 row(s), first in row 2": shops(record_key=["a", None, "b"]),
        "'phone' is list<": shops(phone=[["a"]] * 3),
        "'phone' is double and row 2": shops(phone=[None, 5.1e17, 1.0]),
        "'name' is not UTF-8 in row 2": put(shops(), "name", pa.array([b"a", b"\xff", None])),
    }
    for command in ("resolve", "train"):
        for message, table in cases.items():
            pq.write_table(table, tmp_path / "in.parquet")
            assert main([command, *given, "--out", str(tmp_path / "out.parquet")]) == 2
            said = capsys.readouterr().err
            assert message in said
            assert "Traceback" not in said
            assert not (tmp_path / "out.parquet").exists()


def test_odd_files_give_the_right_result(given: list[str], tmp_path: Path, capsys: Any) -> None:
    assert clusters(shops(0), given, tmp_path) == 0
    assert clusters(shops(1), given, tmp_path) == 1
    for odd in (pa.nulls(30), pa.array(range(30)), pa.array([1.0, None] * 15), pa.array([True] * 30)):
        assert clusters(shops(30, phone=odd), given, tmp_path) == 30
    nothing = dict.fromkeys(("name", "street", "phone", "opened"), pa.nulls(30))
    assert clusters(shops(30, **nothing), given, tmp_path) == 30
    assert clusters(put(shops(), "name", raw_text([SURROGATE] * 3)), given, tmp_path) == 3
    assert clusters(shops(name=["\ue000", "\ue000", "\U000f0000"]), given, tmp_path) == 3
    long = {name: [f"{n} " + "z " * 5_000 for n in range(3)] for name in ("name", "street")}
    assert clusters(shops(**long), given, tmp_path) == 3
    assert "VALUE_CUT: column name" in capsys.readouterr().out
    pq.write_table(shops(30, **nothing), tmp_path / "in.parquet")
    assert main(["train", *given, "--out", str(tmp_path / "w.json")]) == 2
    assert "nothing to learn weights from" in capsys.readouterr().err


def test_keys_shared_by_very_many(given: list[str], tmp_path: Path, capsys: Any) -> None:
    count = 1_000_000
    same = {name: always(name, count) for name in ("name", "street", "phone", "opened")}
    assert clusters(shops(count, **same), given, tmp_path) == 1
    count = 100_000
    assert clusters(shops(count, phone=always("02812345678", count)), given, tmp_path) == count
    assert "BLOCK_CAPPED: block telephone: 1 over-full key(s) skipped (100,000)" in capsys.readouterr().out
