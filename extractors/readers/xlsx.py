"""Workbooks, xlsx and Excel-97: one layout on every sheet, headers over merged cells, numbers as text as stored.

A spreadsheet keeps 15 significant digits of a number: an 18-digit id in a number cell has lost its last three, and is
given here as the spreadsheet shows it (...000), so that it is found as damaged. line_no is sheet number x 10,000,000 +
row, both as a person sees them: 30000017 is row 17 of the third sheet. Which of the two a file is, its first bytes say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from extractors.contract import SHEET, Contract, Mode
from extractors.forms import BookForm
from extractors.held import HeldFault
from extractors.readers import excel97
from extractors.readers.reading import Layout, Reading, batch_schema, compare_layout, row_batch
from extractors.readers.workbook import BROKEN, Merge, Page, Row, Workbook

SHEET_STEP = 10_000_000
BATCH_ROWS = 5_000
ANY_BROKEN = (*BROKEN, *excel97.BROKEN)
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def read(contract: Contract, path: Path, mode: Mode) -> Reading:
    """Read a workbook delivery, sheet after sheet; empty sheets are passed over."""
    book = open_workbook(path)
    reading = Reading(iter(()), [], [])
    reading.batches = _read_sheets(contract, book, path, mode, reading)
    return reading


def open_workbook(path: Path) -> Workbook | excel97.Workbook:
    """The sheets of a workbook, whichever of the two it is. Raises HeldFault where it is damaged or protected."""
    with path.open("rb") as stream:
        start = stream.read(8)
    try:
        return excel97.Workbook(path) if start.startswith(excel97.MAGIC) else Workbook(path)
    except ANY_BROKEN as fault:
        what = "is protected by a password" if _is_encrypted(path) else "cannot be opened as a workbook"
        message = f"{path.name}: {what} ({type(fault).__name__}). Send the file again, without a password."
        raise HeldFault("FILE_BROKEN", message) from None


def _is_encrypted(path: Path) -> bool:
    """Whether a workbook lies encrypted in a compound file, whose folder is near its beginning or its end."""
    with path.open("rb") as stream:
        head = stream.read(1 << 20)
        stream.seek(max(0, path.stat().st_size - (1 << 20)))
        return head.startswith(excel97.MAGIC) and (ENCRYPTED in head or ENCRYPTED in stream.read())


def _read_sheets(
    contract: Contract,
    book: Workbook | excel97.Workbook,
    path: Path,
    mode: Mode,
    reading: Reading,
) -> Iterator[pa.RecordBatch]:
    try:
        for sheet_no, page in enumerate(book.pages, 1):
            try:
                yield from _read_sheet(contract, book, page, sheet_no, path, mode, reading)
            except ANY_BROKEN as fault:
                message = (
                    f"{path.name}, sheet {sheet_no}: cannot be read ({type(fault).__name__}). Send the file again."
                )
                raise HeldFault("FILE_BROKEN", message) from None
    finally:
        book.close()


def _read_sheet(
    contract: Contract,
    book: Workbook | excel97.Workbook,
    page: Page,
    sheet_no: int,
    path: Path,
    mode: Mode,
    reading: Reading,
) -> Iterator[pa.RecordBatch]:
    form = contract.form
    assert isinstance(form, BookForm)
    schema = batch_schema(contract)
    above = form.title_rows + form.header_rows
    layout: Layout | None = None
    head: list[Row] = []
    for rows in book.rows(page, BATCH_ROWS):
        head += [row for row in rows if row[0] <= above]
        filled = [row for row in rows if row[0] > above and any(row[1])]
        if layout is None and (filled or any(any(texts) for _, texts in head)):
            merges = book.merges(page, above) if form.header_rows > 1 else []
            headers = _headers(head, merges, form)
            layout = compare_layout(contract, headers, mode, where=f"{path.name}, sheet {sheet_no}")
            reading.matched = list(layout.matched)
            reading.new_columns += [new for new in layout.new if new not in reading.new_columns]
        if layout is not None and filled:
            yield _batch(contract, schema, layout, page.name, sheet_no, filled)


def _batch(
    contract: Contract, schema: pa.Schema, layout: Layout, sheet_name: str, sheet_no: int, rows: Sequence[Row]
) -> pa.RecordBatch:
    lines = pa.array([sheet_no * SHEET_STEP + number for number, _ in rows], pa.int64())
    width = max(len(texts) for _, texts in rows)
    cells = list(zip(*(texts + [None] * (width - len(texts)) for _, texts in rows), strict=True))

    def texts(position: int | None) -> pa.Array | None:
        if position is None:
            return None
        return pa.array(cells[position], pa.string()) if position < width else pa.nulls(len(rows), pa.string())

    columns = [
        pa.array([sheet_name] * len(rows), pa.string()) if column.source == SHEET else texts(position)
        for column, position in zip(contract.columns, layout.positions, strict=True)
    ]
    return row_batch(schema, lines, texts(layout.op_position), columns, suspect=True)


def _headers(head: Sequence[Row], merges: Sequence[Merge], form: BookForm) -> list[str]:
    """The name of each column: 'group/header' below a group merged over columns, else the only text there is."""
    by_number = dict(head)
    wanted = range(form.title_rows + 1, form.title_rows + form.header_rows + 1)
    texts = [[(text or "").strip() for text in by_number.get(number, [])] for number in wanted]
    width = max(map(len, texts), default=0)
    texts = [line + [""] * (width - len(line)) for line in texts]
    if len(texts) < 2:
        return texts[0]
    groups, headers = texts
    grouped = dict.fromkeys(range(width), "")
    for top, left, right in merges:
        if top == form.title_rows and left < width:
            grouped |= dict.fromkeys(range(left, min(right + 1, width)), groups[left])
    return [
        f"{grouped[column]}/{header}" if grouped[column] and header else group or header
        for column, (group, header) in enumerate(zip(groups, headers, strict=True))
    ]
