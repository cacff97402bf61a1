"""Correction files as departments open and save them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook


def sheets_of(path: Path) -> dict[str, list[list[Any]]]:
    """Every sheet's rows as a spreadsheet program reads them."""
    book = CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def save(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    """A workbook as a department saves it: other styles, the same texts."""
    with xlsxwriter.Workbook(path) as book:
        for name, lines in sheets.items():
            sheet = book.add_worksheet(name)
            for n, line in enumerate(lines):
                for m, cell in enumerate(line):
                    sheet.write_string(n, m, str(cell))
    return path
