"""Workbooks: merged headers, several sheets, numbers that a spreadsheet has damaged, days as serial numbers."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from extractors.readers.xlsx import cell_text
from tests.extractors.readers.contracts import contract, held, read

PLAIN = contract({"kind": "xlsx"}, ("姓名", "卡号", "地址"))
GROUPED = contract({"kind": "xlsx", "title_rows": 1, "header_rows": 2}, ("@sheet", "户主/姓名", "户主/卡号", "备注"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hrss_small_20261101_20261101-001.xlsx"


def book(*sheets: tuple[str, list[list[Any]]], merged: list[tuple[int, int, int, int, str]] | None = None) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as made:
        day = made.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in sheets:
            sheet = made.add_worksheet(name)
            for area in (merged or []) if rows else []:
                sheet.merge_range(*area)
            for line, row in enumerate(rows):
                for place, cell in enumerate(row):
                    if isinstance(cell, dt.date):
                        sheet.write_datetime(line, place, cell, day)
                    elif cell is not None:
                        sheet.write(line, place, cell)
    return stream.getvalue()


def test_cells_become_texts_without_invented_digits(file: Path) -> None:
    rows = [
        ["姓名", "卡号", "地址"],
        ["张某", 510104198501029010, 12.5],
        ["李某", "510104198501029010", 3],
        ["王某", 45322, 1e17],
    ]
    found, _ = read(PLAIN, file, book(("表", rows)))
    assert found == [
        (10000002, None, "张某", "510104198501029000", "12.5"),  # the last three digits are lost, and it shows
        (10000003, None, "李某", "510104198501029010", "3"),
        (10000004, None, "王某", "45322", "100000000000000000"),
    ]


def test_days_truth_values_and_empty_cells(file: Path) -> None:
    rows = [["姓名", "卡号", "地址"], [dt.date(2024, 1, 31), True, None], [None, None, None], ["x", "", "y"]]
    found, _ = read(PLAIN, file, book(("表", rows)))
    assert found == [(10000002, None, "2024-01-31", "TRUE", None), (10000004, None, "x", None, "y")]


def test_merged_headers_and_a_sheet_for_each_prefecture(file: Path) -> None:
    merged = [(0, 0, 0, 2, "名册"), (1, 0, 1, 1, "户主"), (1, 2, 2, 2, "备注")]
    head: list[list[Any]] = [[None], [None], ["姓名", "卡号"]]
    content = book(
        ("成都市", [*head, ["张某", "A1", "x"]]),
        ("阿坝州", [*head, ["李某", "A2", None], ["王某", "A3", "z"]]),
        ("空", []),
        merged=merged,
    )
    found, reading = read(GROUPED, file, content)
    assert found == [
        (10000004, None, "成都市", "张某", "A1", "x"),
        (20000004, None, "阿坝州", "李某", "A2", None),
        (20000005, None, "阿坝州", "王某", "A3", "z"),
    ]
    assert reading.matched == ["户主/姓名", "户主/卡号", "备注"]


def test_every_sheet_must_have_the_layout(file: Path) -> None:
    good, bad = [["姓名", "卡号", "地址"], ["张某", "A1", "x"]], [["姓名", "卡号", "住址"], ["李某", "A2", "y"]]
    fault = held(PLAIN, file, book(("一", good), ("二", bad)))
    assert fault.code == "COLUMN_RENAMED"
    assert "sheet 2" in fault.message


def test_a_new_column_is_told(file: Path) -> None:
    _, reading = read(PLAIN, file, book(("表", [["姓名", "卡号", "地址", "新"], ["张某", "A1", "x", "n"]])))
    assert reading.new_columns == ["新"]


@pytest.mark.parametrize("content", [b"no workbook at all", b"PK\x03\x04 cut off", b""])
def test_what_is_no_workbook_is_refused(file: Path, content: bytes) -> None:
    fault = held(PLAIN, file, content)
    assert fault.code == ("FILE_BROKEN" if content else "EMPTY_FILE")
    assert "no workbook at all" not in fault.message


def test_a_workbook_that_was_cut_off_is_refused(file: Path) -> None:
    whole = book(("表", [["姓名", "卡号", "地址"], *([f"张{n}", f"A{n}", "x"] for n in range(50))]))
    assert held(PLAIN, file, whole[: len(whole) // 2]).code == "FILE_BROKEN"


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
