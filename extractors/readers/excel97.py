"""Excel-97 workbooks (.xls): by calamine, a sheet at a time; such a sheet holds 65,536 rows at most."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from extractors.readers.workbook import Merge, Page, Row, number_text

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BROKEN = (CalamineError, OSError, ValueError)


class Workbook:
    """The sheets of an Excel-97 file. Every method raises one of BROKEN where the file is damaged."""

    def __init__(self, path: Path) -> None:
        self.stream = path.open("rb")  # by content: opened by its path, calamine goes by the ending
        self.book = CalamineWorkbook.from_filelike(self.stream)
        self.pages = [Page(name, str(place)) for place, name in enumerate(self.book.sheet_names)]

    def close(self) -> None:
        """Close the file."""
        self.book.close()
        self.stream.close()

    def merges(self, page: Page, below: int) -> list[Merge]:
        """Areas merged over several columns that begin above row `below`."""
        ranges = self.book.get_sheet_by_index(int(page.part)).merged_cell_ranges or []
        return [(top, left, right) for (top, left), (_, right) in ranges if top < below and right > left]

    def rows(self, page: Page, batch: int) -> Iterator[list[Row]]:
        """Rows as (number from 1, texts), in batches."""
        found = self.book.get_sheet_by_index(int(page.part)).to_python(skip_empty_area=False)
        for start in range(0, len(found), batch):
            part = found[start : start + batch]
            yield [(number, [cell_text(cell) for cell in row]) for number, row in enumerate(part, start + 1)]


def cell_text(cell: object) -> str | None:
    """A cell as text: numbers with at most 15 significant digits, dates as ISO; None for an empty cell."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, (int, float)):
        return number_text(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ", timespec="seconds")
    return str(cell)
