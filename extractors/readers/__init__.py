"""One reader a form: bytes in, all-text Arrow batches out, with the line of every row and nothing left unaccounted.

`open_reading` is the only door. A reader never interprets a value: that is the work of extractors.standard_form.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa

from extractors.contract import Contract, Mode
from extractors.readers import csv, fixed_width, json_lines, parquet, xlsx, xml
from extractors.readers.archives import unpacked
from extractors.readers.reading import Reading

READERS = {
    "csv": csv.read,
    "fixed_width": fixed_width.read,
    "json_lines": json_lines.read,
    "parquet": parquet.read,
    "xls": xlsx.read,
    "xlsx": xlsx.read,
    "xml": xml.read,
}
HEADED = ("csv", "parquet", "xls", "xlsx", "xml")  # a file of no bytes is none of these


def open_reading(contract: Contract, path: Path, mode: Mode, scratch: Path | None = None) -> Reading:
    """Start reading a delivered file, packed or not, by its contract's form; archives are unpacked into `scratch`.

    Checks what can be told from the head of the file at once, the rest while the batches are consumed.
    Raises HeldFault here or from the batches where the file as a whole cannot be used.
    """
    with ExitStack() as until_read:
        file = until_read.enter_context(unpacked(path, contract.form.extension, scratch))
        if file.stat().st_size == 0 and contract.form.kind in HEADED:
            return Reading.of_empty_file(path)
        reading = READERS[contract.form.kind](contract, file, mode)
        if file != path:
            reading.batches = _then_close(reading.batches, until_read.pop_all())
        return reading


def _then_close(batches: Iterator[pa.RecordBatch], until_read: ExitStack) -> Iterator[pa.RecordBatch]:
    with until_read:
        yield from batches


__all__ = ["Reading", "open_reading"]
