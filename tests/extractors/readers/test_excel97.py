"""Excel-97: the golden file holds three sheets with merged headers, ids as text and as number, days and truth values."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from extractors.readers.excel97 import cell_text
from tests.extractors.readers.contracts import contract, held, read

GOLDEN = Path(__file__).with_name("golden") / "three_sheets.xls"
GROUPED = contract({"kind": "xls", "title_rows": 1, "header_rows": 2}, ("@sheet", "户主/姓名", "户主/卡号", "备注"))
ROWS = [
    (10000004, None, "成都市", "张某", "510104198501029010", "春熙路1号"),
    (10000005, None, "成都市", "李某", "510104198501029000", "12.5"),  # the last three digits are lost, and it shows
    (10000006, None, "成都市", "王某", "45322", "2024-01-31"),
    (20000004, None, "阿坝州", "赵某", "A4", "TRUE"),
    (20000006, None, "阿坝州", "钱某", "A5", "2024-01-31 08:30:00"),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hrss_small_20261101_20261101-001.xls"


def test_the_golden_file(file: Path) -> None:
    found, reading = read(GROUPED, file, GOLDEN.read_bytes())
    assert found == ROWS
    assert reading.matched == ["户主/姓名", "户主/卡号", "备注"]


def test_the_form_is_told_by_the_content(file: Path) -> None:
    book = contract({"kind": "xlsx", "title_rows": 1, "header_rows": 2}, ("@sheet", "户主/姓名", "户主/卡号", "备注"))
    assert read(book, file.with_suffix(".xlsx"), GOLDEN.read_bytes())[0] == ROWS


def test_what_was_cut_off_is_refused(file: Path) -> None:
    whole = GOLDEN.read_bytes()
    for content in (whole[:600], whole[: len(whole) // 2], whole[:8] + b"no workbook" * 100):
        assert held(GROUPED, file, content).code == "FILE_BROKEN"
    assert held(GROUPED, file, b"").code == "EMPTY_FILE"


def test_a_password_is_told(file: Path) -> None:
    fault = held(GROUPED, file, GOLDEN.read_bytes()[:8] + "EncryptedPackage".encode("utf-16-le") * 50)
    assert "password" in fault.message


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, None), ("", None), (" x", " x"), (True, "TRUE"), (False, "FALSE"), (1, "1"), (1.0, "1"), (0.1, "0.1"), (1e-5, "0.00001"),
        (1e20, "100000000000000000000"), (123456789012345.0, "123456789012345"), (5.10104198501029e17, "510104198501029000"),
        (dt.datetime.fromisoformat("2024-01-31T00:00"), "2024-01-31"), (dt.datetime.fromisoformat("2024-01-31T08:30"), "2024-01-31 08:30:00"),
        (dt.date(2024, 1, 31), "2024-01-31"), (dt.time(8, 30), "08:30:00"),
    ],
)  # fmt: skip
def test_cell_text(cell: object, text: str | None) -> None:
    assert cell_text(cell) == text
