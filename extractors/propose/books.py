"""The head of a workbook: how many title and header rows there are, and what its columns are called."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from extractors.held import HeldFault
from extractors.readers.excel97 import Workbook as OldWorkbook
from extractors.readers.workbook import Merge, Page, Workbook
from extractors.readers.xlsx import ANY_BROKEN, open_workbook

HEAD_ROWS = 20


@dataclass(frozen=True)
class Head:
    """The names of the columns as 'group/header' where a group is merged above, and the rows above and in the header."""

    names: list[str]
    title_rows: int
    header_rows: int
    sheets: int


def read_head(path: Path) -> Head | None:
    """Look at the first sheet that holds a row; None if none does. Raises HeldFault for a damaged workbook."""
    book = open_workbook(path)
    sheets, head = 0, None
    try:
        for page in book.pages:
            sheets += 1
            rows = _first_rows(book, page)
            if head is None and any(any(row) for row in rows):
                head = rows, book.merges(page, HEAD_ROWS)
    except ANY_BROKEN as fault:
        message = f"{path.name}: cannot be read as a workbook ({type(fault).__name__}). Ask for it again."
        raise HeldFault("FILE_BROKEN", message) from None
    finally:
        book.close()
    return None if head is None else _understood(*head, sheets)


def _first_rows(book: Workbook | OldWorkbook, page: Page) -> list[list[str]]:
    found: dict[int, list[str]] = {}
    for rows in book.rows(page, HEAD_ROWS):
        found |= {line: [(text or "").strip() for text in texts] for line, texts in rows if line <= HEAD_ROWS}
        if isinstance(book, Workbook):  # an old one is read to its end before the next sheet comes
            break
    return [found.get(line, []) for line in range(1, max(found, default=0) + 1)]


def _understood(rows: list[list[str]], merges: list[Merge], sheets: int) -> Head:
    titles = next((place for place, row in enumerate(rows) if sum(map(bool, row)) > 1), 0)
    grouped = {
        place: rows[titles][left] for top, left, right in merges if top == titles for place in range(left, right + 1)
    }
    header = rows[titles]
    if grouped and len(rows) > titles + 1:
        below = rows[titles + 1]
        width = max(len(header), len(below))
        padded = [row + [""] * (width - len(row)) for row in (header, below)]
        header = [
            f"{grouped[place]}/{low}" if place in grouped and low else high or low
            for place, (high, low) in enumerate(zip(*padded, strict=True))
        ]
    return Head([name for name in header if name], titles, 2 if grouped else 1, sheets)
