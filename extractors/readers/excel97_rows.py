"""The sheets of an Excel-97 workbook as pickles on standard output: python -I excel97_rows.py FILE.

Started as a process of its own by readers.excel97, because the parser ends in a panic, or takes all memory, on some
damaged files. Imports nothing of the project. Gives for each sheet its name, its merged ranges, then lists of rows, then
None; at the end None once more.
"""

from __future__ import annotations

import pickle
import resource
import sys
from pathlib import Path

from python_calamine import CalamineWorkbook

MOST_MEMORY = 4 << 30
BATCH_ROWS = 5_000


def main(path: str) -> None:
    """Write what calamine finds; ends with a status other than 0 where it fails."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    out = sys.stdout.buffer
    with Path(path).open("rb") as stream:  # by content: opened by its path, calamine goes by the ending
        book = CalamineWorkbook.from_filelike(stream)
        for place, name in enumerate(book.sheet_names):
            sheet = book.get_sheet_by_index(place)
            rows = sheet.to_python(skip_empty_area=False)
            pickle.dump((name, sheet.merged_cell_ranges or []), out)
            for start in range(0, len(rows), BATCH_ROWS):
                pickle.dump(rows[start : start + BATCH_ROWS], out)
            pickle.dump(None, out)
        pickle.dump(None, out)


if __name__ == "__main__":
    main(sys.argv[1])
