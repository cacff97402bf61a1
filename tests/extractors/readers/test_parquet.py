"""Parquet: every flat type as text, row groups one after the other; broken, nested and other columns refused."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from extractors.readers.parquet import as_text
from tests.extractors.readers.contracts import contract, held, read

PLAIN = contract({"kind": "parquet"}, ("姓名", "卡号", "地址"), optional=("地址",))
DAY = dt.datetime(2024, 1, 31, 8, 30, tzinfo=dt.UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hrss_small_20261101_20261101-001.parquet"


def written(columns: dict[str, Any], rows: int = 2) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream, row_group_size=rows)
    return stream.getvalue()


def test_row_groups_new_and_absent_columns(file: Path) -> None:
    content = written({"卡号": ["A1", "A2", "A3"], "新": [1, 2, 3], "姓名": ["张某", "", None]})
    found, reading = read(PLAIN, file, content)
    assert found == [(1, None, "张某", "A1", None), (2, None, None, "A2", None), (3, None, None, "A3", None)]
    assert (reading.new_columns, reading.matched) == (["新"], ["姓名", "卡号"])


def test_a_delta_has_its_operation(file: Path) -> None:
    content = written({"姓名": ["张某"], "卡号": ["A1"], "地址": ["x"], "操作标志": ["U"]})
    assert read(PLAIN, file, content, "delta")[0] == [(1, None, "U", "张某", "A1", "x")]
    assert held(PLAIN, file, content, "full").code == "DELTA_SENT_AS_FULL"


def test_what_cannot_be_used_is_refused(file: Path) -> None:
    whole = written({"姓名": ["张某"] * 9, "卡号": [f"A{n}" for n in range(9)]})
    for content in (b"PAR1", whole[:-20], whole[:40] + b"\xff" * 60 + whole[100:]):
        assert held(PLAIN, file, content).code == "FILE_BROKEN"
    assert held(PLAIN, file, b"").code == "EMPTY_FILE"
    assert held(PLAIN, file, written({"姓名": [["张某"]], "卡号": ["A1"]})).code == "FILE_BROKEN"
    assert held(PLAIN, file, written({"姓名": ["张某"], "号码": ["A1"], "地址": ["x"]})).code == "COLUMN_RENAMED"


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pa.array(["x", None, "a\x00b"]), ["x", None, "a\ufffdb"]),
        (pa.array(["x", "x"]).dictionary_encode(), ["x", "x"]),
        (pa.array([510104198501029010, -1], pa.int64()), ["510104198501029010", "-1"]),
        (pa.array([1.0, 0.1, 1e20, float("nan"), None]), ["1", "0.1", "100000000000000000000", None, None]),
        (pa.array([Decimal("12.50")], pa.decimal128(18, 2)), ["12.50"]),
        (pa.array([dt.date(2024, 1, 31)]), ["2024-01-31"]),
        (pa.array([DAY.replace(tzinfo=None)]), ["2024-01-31 08:30:00"]),
        (pa.array([dt.datetime(2024, 1, 31)], pa.timestamp("ns")), ["2024-01-31"]),  # noqa: DTZ001
        (pa.array([DAY], pa.timestamp("ms", "Asia/Shanghai")), ["2024-01-31 16:30:00"]),
        (pa.array([True, False, None]), ["TRUE", "FALSE", None]),
        (pa.array(["张".encode(), b"\xff"]), ["张", "\ufffd"]),
        (pa.nulls(1), [None]),
    ],
    ids=lambda one: str(one.type) if isinstance(one, pa.Array) else "",
)
def test_types(values: pa.Array, texts: list[str | None]) -> None:
    assert as_text(values).to_pylist() == texts
