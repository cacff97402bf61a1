"""One reader a form: bytes in, all-text Arrow batches out, with the line of every row and nothing left unaccounted.

`open_reading` is the only door. A reader never interprets a value: that is the work of extractors.standard_form.
"""

from __future__ import annotations

from pathlib import Path

from extractors.contract import Contract, Mode
from extractors.readers import csv, fixed_width, json_lines, xlsx, xml
from extractors.readers.reading import Reading

READERS = {
    "csv": csv.read,
    "fixed_width": fixed_width.read,
    "json_lines": json_lines.read,
    "xlsx": xlsx.read,
    "xml": xml.read,
}


def open_reading(contract: Contract, path: Path, mode: Mode) -> Reading:
    """Start reading a delivered file by its contract's form.

    Checks what can be told from the head of the file at once, the rest while the batches are consumed.
    Raises HeldFault here or from the batches where the file as a whole cannot be used.
    """
    if path.stat().st_size == 0 and contract.form.kind in ("xlsx", "xml", "csv"):
        return Reading.of_empty_file(path)
    return READERS[contract.form.kind](contract, path, mode)


__all__ = ["Reading", "open_reading"]
