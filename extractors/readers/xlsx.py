"""Workbooks: one layout on every sheet, headers over merged cells, numbers as text without invented digits.

A spreadsheet keeps 15 significant digits of a number: an 18-digit id in a number cell has lost its last three, and is
given here as the spreadsheet shows it (...000), so that it is found as damaged. line_no is sheet number x 10,000,000 +
row, both as a person sees them: 30000017 is row 17 of the third sheet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from extractors.contract import SHEET, Contract, Mode
from extractors.forms import XlsxForm
from extractors.held import HeldFault
from extractors.readers.reading import Layout, Reading, batch_schema, compare_layout, row_batch

SHEET_STEP = 10_000_000
BATCH_ROWS = 20_000
SIGNIFICANT_DIGITS = 15


def read(contract: Contract, path: Path, mode: Mode) -> Reading:
    """Read a workbook delivery, sheet after sheet; empty sheets are passed over."""
    try:
        book = CalamineWorkbook.from_path(path)
    except (CalamineError, OSError) as fault:
        message = f"{path.name}: cannot be opened as a workbook ({type(fault).__name__}). Send the file again."
        raise HeldFault("FILE_BROKEN", message) from fault
    reading = Reading(iter(()), [], [])
    reading.batches = _read_sheets(contract, book, path, mode, reading)
    return reading


def _read_sheets(
    contract: Contract, book: CalamineWorkbook, path: Path, mode: Mode, reading: Reading
) -> Iterator[pa.RecordBatch]:
    form = contract.form
    assert isinstance(form, XlsxForm)
    schema = batch_schema(contract)
    above = form.title_rows + form.header_rows
    for sheet_no, name in enumerate(book.sheet_names, 1):
        sheet = book.get_sheet_by_index(sheet_no - 1)
        try:
            rows = sheet.to_python(skip_empty_area=False)
        except CalamineError as fault:
            message = f"{path.name}, sheet {sheet_no}: cannot be read ({type(fault).__name__}). Send the file again."
            raise HeldFault("FILE_BROKEN", message) from fault
        if not any(_is_filled(row) for row in rows):
            continue
        headers = _headers(sheet, rows[form.title_rows : above], form.title_rows)
        layout = compare_layout(contract, headers, mode, where=f"{path.name}, sheet {sheet_no}")
        reading.matched = list(layout.matched)
        reading.new_columns += [new for new in layout.new if new not in reading.new_columns]
        filled = [position for position in range(above, len(rows)) if _is_filled(rows[position])]
        for start in range(0, len(filled), BATCH_ROWS):
            taken = filled[start : start + BATCH_ROWS]
            lines = pa.array([sheet_no * SHEET_STEP + position + 1 for position in taken], pa.int64())
            yield _batch(contract, schema, layout, name, lines, [rows[position] for position in taken])


def _batch(
    contract: Contract,
    schema: pa.Schema,
    layout: Layout,
    sheet_name: str,
    lines: pa.Array,
    rows: Sequence[Sequence[object]],
) -> pa.RecordBatch:
    cells = list(zip(*rows, strict=True))

    def texts(position: int | None) -> pa.Array | None:
        if position is None:
            return None
        return pa.array([cell if type(cell) is str else cell_text(cell) for cell in cells[position]], pa.string())

    columns = [
        pa.array([sheet_name] * len(rows), pa.string()) if column.source == SHEET else texts(position)
        for column, position in zip(contract.columns, layout.positions, strict=True)
    ]
    return row_batch(schema, lines, texts(layout.op_position), columns, suspect=True)


def _is_filled(row: Sequence[object]) -> bool:
    return any(cell is not None and cell != "" for cell in row)


def _headers(sheet: CalamineSheet, rows: Sequence[Sequence[object]], first_row: int) -> list[str]:
    """The name of each column: 'group/header' below a group merged over columns, else the only text there is."""
    texts = [[str(cell).strip() if cell is not None else "" for cell in row] for row in rows]
    if len(texts) < 2:
        return texts[0] if texts else []
    groups, headers = texts
    grouped = dict.fromkeys(range(len(groups)), "")
    for (top, left), (_, right) in sheet.merged_cell_ranges or []:
        if top == first_row and right > left:
            grouped |= dict.fromkeys(range(left, right + 1), groups[left])
    return [
        f"{grouped[column]}/{header}" if grouped[column] and header else group or header
        for column, (group, header) in enumerate(zip(groups, headers, strict=True))
    ]


def cell_text(cell: object) -> str | None:
    """A cell as text: numbers with at most 15 significant digits, dates as ISO; None for an empty cell."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, (int, float)):
        return format(Decimal(f"{cell:.{SIGNIFICANT_DIGITS}g}"), "f")
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ", timespec="seconds")
    return str(cell)
