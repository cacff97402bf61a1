"""Delimited text: decoded first, then split, so that a second byte that looks like a delimiter splits nothing.

Lines without quotes and well-formed quoted lines are parsed by Arrow in blocks. A value that spans lines is put
together only if the result has exactly the agreed columns; every other line with an unbalanced quote is an unreadable
row of its own, so one stray quote costs one row, never the rest of the file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from extractors.contract import Contract, Mode
from extractors.forms import CsvForm
from extractors.held import HeldFault
from extractors.readers.decoding import check_encoding, read_text
from extractors.readers.reading import Layout, Reading, batch_schema, compare_layout, fault_batch, row_batch

LONGEST_VALUE_LINES = 50  # lines one quoted value may span before its quote counts as stray
QUOTE = '"'


def read(contract: Contract, path: Path, mode: Mode) -> Reading:
    """Read a CSV delivery; line_no is the line of the file on which the row begins (the header is line 1)."""
    form = contract.form
    assert isinstance(form, CsvForm)
    check_encoding(path, form.encoding)
    blocks = _whole_line_blocks(read_text(path, form.encoding))
    first = next(blocks, [])
    if not first:
        raise HeldFault("EMPTY_FILE", f"{path.name} has no lines; expected at least a header. Send the file again.")
    header = next(csv.reader([first[0]], delimiter=form.delimiter))
    layout = compare_layout(contract, header, mode, where=path.name)
    batches = _read_blocks(contract, layout, len(header), first[1:], blocks)
    return Reading(batches, list(layout.new), list(layout.matched))


def _whole_line_blocks(texts: Iterator[str]) -> Iterator[list[str]]:
    """Lists of whole lines without their ends; a lone carriage return inside a line is shown as U+240D."""
    rest = ""
    for text in texts:
        rest += text
        cut = rest.rfind("\n") + 1
        if cut:
            yield _split_lines(rest[:cut])
            rest = rest[cut:]
    if rest:
        yield _split_lines(rest)


def _split_lines(text: str) -> list[str]:
    text = text.replace("\r\n", "\n")
    if "\r" in text:
        text = text.removesuffix("\r").replace("\r", "␍")
    return text.removesuffix("\n").split("\n")


def _read_blocks(
    contract: Contract, layout: Layout, width: int, first: list[str], blocks: Iterator[list[str]]
) -> Iterator[pa.RecordBatch]:
    form = contract.form
    assert isinstance(form, CsvForm)
    parser = _Parser(batch_schema(contract), layout, form.delimiter, width)
    line_no = 2
    lines: list[str] = first
    while True:
        following = next(blocks, None)
        kept = _open_tail(lines) if following is not None else 0
        yield from parser.parse(lines[: len(lines) - kept], line_no)
        if following is None:
            return
        line_no += len(lines) - kept
        lines = lines[len(lines) - kept :] + following


def _open_tail(lines: list[str]) -> int:
    """How many lines at the end of a block belong to a value that may go on in the next block."""
    tail = lines[-LONGEST_VALUE_LINES:]
    for back, line in enumerate(reversed(tail), 1):
        if line.count(QUOTE) % 2:
            return back
    return 0


class _Parser:
    """Parses whole lines into batches; every non-blank line ends in exactly one row, read or unreadable."""

    def __init__(self, schema: pa.Schema, layout: Layout, delimiter: str, width: int) -> None:
        self.schema = schema
        self.layout = layout
        self.delimiter = delimiter
        self.width = width

    def parse(self, lines: list[str], line_no: int) -> Iterator[pa.RecordBatch]:
        """Batches of the rows of these lines, the first of which is line `line_no` of the file."""
        text = "\n".join(lines)
        stray: list[tuple[int, str, str]] = []
        numbers = np.arange(line_no, line_no + len(lines))
        has_open_quotes = QUOTE in text and any(line.count(QUOTE) % 2 for line in lines)
        if has_open_quotes:
            rows, numbers, stray = self._join_lines(lines, numbers)
            text = "\n".join(rows)
        elif "" in lines:
            filled = np.fromiter((bool(line) for line in lines), bool, len(lines))
            numbers = numbers[filled]
            text = "\n".join(line for line in lines if line)
        if text:
            yield from self._parse_text(text, numbers, stray, newlines_in_values=has_open_quotes)
        if stray:
            yield fault_batch(self.schema, *zip(*stray, strict=True))

    def _parse_text(
        self, text: str, numbers: np.ndarray, stray: list[tuple[int, str, str]], *, newlines_in_values: bool
    ) -> Iterator[pa.RecordBatch]:
        skipped: list[int] = []

        def skip(row: arrow_csv.InvalidRow) -> str:
            position = row.number - 1
            skipped.append(position)
            stray.append((int(numbers[position]), "COLUMN_COUNT", row.text))
            return "skip"

        encoded = text.encode()
        names = [str(position) for position in range(self.width)]
        table = arrow_csv.read_csv(
            pa.BufferReader(encoded),
            read_options=arrow_csv.ReadOptions(
                use_threads=False, block_size=len(encoded) + 1, column_names=names, autogenerate_column_names=False
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self.delimiter,
                newlines_in_values=newlines_in_values,
                ignore_empty_lines=False,
                invalid_row_handler=skip,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
            ),
        )
        taken = np.delete(numbers, skipped) if skipped else numbers
        if len(taken) != table.num_rows:
            raise AssertionError(f"{len(taken)} rows expected in a block, Arrow read {table.num_rows}")
        if not table.num_rows:
            return
        columns = [column.combine_chunks() for column in table.columns]
        op = None if self.layout.op_position is None else columns[self.layout.op_position]
        placed = [None if position is None else columns[position] for position in self.layout.positions]
        yield row_batch(self.schema, pa.array(taken, pa.int64()), op, placed)

    def _join_lines(
        self, lines: list[str], numbers: np.ndarray
    ) -> tuple[list[str], np.ndarray, list[tuple[int, str, str]]]:
        """Put values that span lines together; lines whose quotes do not close are set apart as unreadable."""
        rows: list[str] = []
        starts: list[int] = []
        stray: list[tuple[int, str, str]] = []
        position = 0
        while position < len(lines):
            line = lines[position]
            taken = 1
            if line.count(QUOTE) % 2:
                joined = self._closed_value(lines, position)
                if joined is None:
                    stray.append((int(numbers[position]), "QUOTE_UNBALANCED", line))
                    position += 1
                    continue
                line, taken = joined
            if line:
                rows.append(line)
                starts.append(int(numbers[position]))
            position += taken
        return rows, np.array(starts, dtype=np.int64), stray

    def _closed_value(self, lines: list[str], start: int) -> tuple[str, int] | None:
        """The row that begins on an open line and the lines it takes; None if it does not become a whole row."""
        for end in range(start + 1, min(start + LONGEST_VALUE_LINES, len(lines))):
            if lines[end].count(QUOTE) % 2:
                row = "\n".join(lines[start : end + 1])
                fields = next(csv.reader(io.StringIO(row, newline=""), delimiter=self.delimiter))
                return (row, end + 1 - start) if len(fields) == self.width else None
        return None
