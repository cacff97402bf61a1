"""Excel-97 workbooks (.xls): parsed by calamine in a process of its own, a sheet at a time (65,536 rows at most).

A damaged file may end that process or be stopped after LONGEST_SECONDS; it never ends or stops this one.
"""

from __future__ import annotations

import datetime as dt
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from extractors.readers.workbook import Merge, Page, Row, number_text

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BROKEN = (OSError, ValueError, EOFError, pickle.UnpicklingError)
LONGEST_SECONDS = 600
PARSER = Path(__file__).with_name("excel97_rows.py")


class Workbook:
    """The sheets of an Excel-97 file, each read once and in their order. Raises one of BROKEN for a damaged file."""

    def __init__(self, path: Path) -> None:
        command = [sys.executable, "-I", str(PARSER), str(path)]
        self.parser = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.limit = threading.Timer(LONGEST_SECONDS, self.parser.kill)
        self.limit.daemon = True
        self.limit.start()
        self.ranges: list[tuple[tuple[int, int], tuple[int, int]]] = []
        try:
            self.first: Any = self._next()
        except BROKEN:
            self.close()
            raise

    @property
    def pages(self) -> Iterator[Page]:
        """The sheets, each while the reader is at it."""
        found = self.first
        while found is not None:
            name, self.ranges = found
            yield Page(str(name), "")
            found = self._next()

    def close(self) -> None:
        """End the parser if it has not ended."""
        self.limit.cancel()
        self.parser.kill()
        assert self.parser.stdout is not None
        self.parser.stdout.close()
        self.parser.wait()

    def merges(self, _page: Page, below: int) -> list[Merge]:
        """Areas of the present sheet merged over several columns that begin above row `below`."""
        return [(top, left, right) for (top, left), (_, right) in self.ranges if top < below and right > left]

    def rows(self, _page: Page, _batch: int) -> Iterator[list[Row]]:
        """Rows of the present sheet as (number from 1, texts), in the batches the parser gives."""
        number = 1
        while (part := self._next()) is not None:
            yield [(line, [cell_text(cell) for cell in row]) for line, row in enumerate(part, number)]
            number += len(part)

    def _next(self) -> Any:
        assert self.parser.stdout is not None
        return pickle.load(self.parser.stdout)


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
