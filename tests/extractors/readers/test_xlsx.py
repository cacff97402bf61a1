"""Workbooks: merged headers, several sheets, numbers that a spreadsheet has damaged, days as serial numbers."""

from __future__ import annotations

import datetime as dt
import io
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from extractors.readers import workbook
from extractors.readers.excel97 import cell_text
from extractors.readers.workbook import Workbook, column_of, day_text
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


CELLS = st.one_of(
    st.none(),
    st.text(st.characters(min_codepoint=32, max_codepoint=0x9FFF), min_size=1, max_size=8),
    st.integers(-(10**15), 10**15),
    st.floats(-1e12, 1e12, allow_nan=False).map(lambda number: float(f"{number:.10g}")),
    st.booleans(),
    st.dates(dt.date(1900, 3, 1), dt.date(9999, 12, 31)),
)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=8), st.booleans())
@settings(deadline=None, max_examples=60)
def test_cells_are_as_another_reader_sees_them(rows: list[list[Any]], shared: bool) -> None:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(
        stream, {"in_memory": shared, "constant_memory": not shared, "strings_to_formulas": False}
    ) as made:
        day, sheet = made.add_format({"num_format": "yyyy-mm-dd"}), made.add_worksheet()
        for line, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, dt.date):
                    sheet.write_datetime(line, place, cell, day)
                elif isinstance(cell, str):
                    sheet.write_string(line, place, cell)
                elif cell is not None:
                    sheet.write(line, place, cell)
    peer = CalamineWorkbook.from_filelike(io.BytesIO(stream.getvalue())).get_sheet_by_index(0)
    wanted = [[cell_text(cell) for cell in row] for row in peer.to_python(skip_empty_area=False)]
    with tempfile.NamedTemporaryFile() as kept:
        kept.write(stream.getvalue())
        kept.flush()
        ours = Workbook(Path(kept.name))
        found = {number: texts for batch in ours.rows(ours.pages[0], 3) for number, texts in batch}
        ours.close()
    for number, texts in enumerate(wanted, 1):
        mine = found.get(number, [])
        assert mine + [None] * (len(texts) - len(mine)) == texts


def packed(sheet: str, **parts: str) -> bytes:
    """A package of one sheet written by hand."""
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    link = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr(
            "xl/workbook.xml",
            f'<workbook {main} xmlns:r="{link}">{parts.get("properties", "")}<sheets><sheet name="表" sheetId="1" r:id="a"/></sheets></workbook>',
        )
        made.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships><Relationship Id="a" Target="worksheets/s.xml"/></Relationships>',
        )
        made.writestr(
            "xl/worksheets/s.xml",
            f"{parts.get('before', '')}<worksheet {main}><sheetData>{sheet}</sheetData></worksheet>",
        )
        for name in ("styles", "sharedStrings"):
            if name in parts:
                made.writestr(f"xl/{name}.xml", parts[name].replace("MAIN", main))
    return stream.getvalue()


HEAD = "<row>" + "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in ("姓名", "卡号", "地址")) + "</row>"


def test_runs_guides_escapes_formulas_and_cells_without_a_place(file: Path) -> None:
    shared = "<sst MAIN><si><r><t>张</t></r><r><t>某</t></r><rPh><t>zhang</t></rPh></si><si><t>a_x000A_b</t></si></sst>"
    rows = '<row r="5"><c t="s"><v>0</v></c><c r="C5" t="str"><f>A1</f><v>x</v></c></row><row><c t="s"><v>1</v></c><c t="e"><v>#N/A</v></c></row>'
    found, _ = read(PLAIN, file, packed(HEAD + rows, sharedStrings=shared))
    assert found == [(10000005, None, "张某", None, "x"), (10000006, None, "a\nb", "#N/A", None)]


def test_own_formats_of_days_and_the_count_from_1904(file: Path) -> None:
    formats = '<numFmt numFmtId="170" formatCode="yyyy&quot;年&quot;m&quot;月&quot;"/><numFmt numFmtId="171" formatCode="&quot;day&quot;0"/>'
    styles = f'<styleSheet MAIN><numFmts>{formats}</numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="171"/></cellXfs></styleSheet>'
    rows = '<row><c s="1"><v>45322</v></c><c s="2"><v>45322</v></c><c s="0"><v>45322</v></c></row>'
    assert read(PLAIN, file, packed(HEAD + rows, styles=styles))[0] == [
        (10000002, None, "2024-01-31", "45322", "45322")
    ]
    later = packed(HEAD + rows, styles=styles, properties='<workbookPr date1904="1"/>')
    assert read(PLAIN, file, later)[0] == [(10000002, None, "2028-02-01", "45322", "45322")]


@pytest.mark.parametrize(
    "content",
    [
        packed(HEAD + '<row r="9"/><row r="3"/>'),
        packed(HEAD + '<row><c r="B2"><v>1</v></c><c r="A2"><v>1</v></c></row>'),
        packed(HEAD + '<row r="2000000"/>'),
        packed(HEAD + '<row><c r="XFE2"><v>1</v></c></row>'),
        packed(HEAD + '<row><c t="s"><v>7</v></c></row>'),
        packed(HEAD + "<row><c><v>x</v></c></row>"),
        packed(HEAD + "<row><c><v>nan</v></c></row>"),
        packed(HEAD + "<row>&bomb;</row>", before='<!DOCTYPE x [<!ENTITY bomb "xxxxxxxxx">]>'),
    ],
    ids=["rows", "cells", "row number", "column", "shared text", "number", "no number", "bomb"],
)
def test_a_sheet_that_breaks_the_standard_is_refused(file: Path, content: bytes) -> None:
    assert held(PLAIN, file, content).code == "FILE_BROKEN"


def test_shared_texts_lie_in_batches(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "SHARED_BATCH", 7)
    rows = [["姓名", "卡号", "地址"], *([f"张{n}", f"A{n}", f"路{n}"] for n in range(50))]
    found, _ = read(PLAIN, file, book(("表", rows)))
    assert [row[2:] for row in found] == [tuple(row) for row in rows[1:]]


def test_parts() -> None:
    assert [column_of(letters) for letters in ("A", "Z", "AA", "XFD")] == [0, 25, 26, 16_383]
    epoch = workbook.EPOCHS[False]
    assert [day_text(serial, epoch) for serial in (0.5, 1, 59, 61, 45322.25, -1, 3e6)] == [
        "12:00:00", "1900-01-01", "1900-02-28", "1900-03-01", "2024-01-31 06:00:00", "-1", "3000000",
    ]  # fmt: skip
