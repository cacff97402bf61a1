"""Delimited text: no second byte that looks like a delimiter splits anything.

Blocks are parsed by Arrow. A block without quotes is split by its bytes where no character can hold the delimiter's, and
only columns beyond ASCII are decoded; any other is decoded first. A value that spans lines is put together only if the
result has exactly the agreed columns; every other line with an unbalanced quote is an unreadable row of its own, so one
stray quote costs one row, never the rest of the file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as arrow_csv

from extractors.contract import Contract, Mode
from extractors.forms import CsvForm, Encoding
from extractors.held import HeldFault
from extractors.readers import decoding
from extractors.readers.csv_bytes import split_plain
from extractors.readers.decoding import check_encoding, check_line, decoded, is_suspect, without_nul
from extractors.readers.reading import Layout, Reading, batch_schema, compare_layout, fault_batch, row_batch

LONGEST_VALUE_LINES = 50  # lines one quoted value may span before its quote counts as stray
QUOTE = '"'
SHOWN_RETURN = "␍".encode()
Stray = list[tuple[int, str, str]]  # line, reject code, text of unreadable rows


@dataclass
class _Rows:
    """Rows of a block, each on one line unless a quoted value spans lines: their UTF-8 and the line each begins on."""

    text: bytes
    starts: npt.NDArray[np.int64]
    joined: list[str] | None = None  # the rows one by one, where a value spans lines


def read(contract: Contract, path: Path, mode: Mode) -> Reading:
    """Read a CSV delivery; line_no is the line of the file on which the row begins (the header is line 1)."""
    form = contract.form
    assert isinstance(form, CsvForm)
    check_encoding(path, form.encoding)
    blocks = _whole_line_blocks(path)
    head, _, rest = next(blocks, b"").partition(b"\n")
    first = _text_of(head, form.encoding).decode().removeprefix("\ufeff").removesuffix("\n")
    if not first:
        raise HeldFault("EMPTY_FILE", f"{path.name} begins with an empty line, expected a header. Send it again.")
    header = next(csv.reader([first], delimiter=form.delimiter))
    layout = compare_layout(contract, header, mode, where=path.name)
    parser = _Parser(batch_schema(contract), layout, form, len(header))
    return Reading(_read_blocks(parser, rest, blocks), list(layout.new), list(layout.matched))


def _whole_line_blocks(path: Path) -> Iterator[bytes]:
    """The bytes of a file in blocks of whole lines; only the last may lack its end."""
    rest = b""
    with path.open("rb") as stream:
        while block := stream.read(decoding.BLOCK_BYTES):
            rest += block
            cut = rest.rfind(b"\n") + 1
            if cut:
                yield rest[:cut]
            rest = rest[cut:]
            check_line(len(rest), path.name)
    if rest:
        yield rest


def _text_of(block: bytes, encoding: Encoding) -> bytes:
    """Lines as UTF-8, each ended by LF; a lone carriage return inside a line is shown as U+240D."""
    if not block:
        return b""
    text = without_nul(decoded(block, encoding)).encode()
    text = text if text.endswith(b"\n") else text.removesuffix(b"\r") + b"\n"
    text = text.replace(b"\r\n", b"\n")
    return text.replace(b"\r", SHOWN_RETURN) if b"\r" in text else text


def _read_blocks(parser: _Parser, block: bytes, blocks: Iterator[bytes]) -> Iterator[pa.RecordBatch]:
    line_no = 2
    is_last = False
    open_rows = b""  # of the blocks before, as UTF-8: they may go on in this one
    while not is_last:
        following = next(blocks, None)
        is_last = following is None
        split = None if open_rows else split_plain(block, parser.form, parser.width)
        if split is not None:
            yield from parser.batches(split.columns, line_no + split.rows, split.stray_from(line_no), split.is_suspect)
            line_no += split.lines
        else:
            stray: Stray = []
            text = open_rows + _text_of(block, parser.form.encoding)
            lines = text.count(b"\n")
            rows, open_rows = parser.find_rows(text, line_no, lines, is_last, stray)
            line_no += lines - open_rows.count(b"\n")
            yield from parser.parse(rows, stray)
        block = following or b""


class _Parser:
    """Parses whole lines into batches; every non-blank line ends in exactly one row, read or unreadable."""

    def __init__(self, schema: pa.Schema, layout: Layout, form: CsvForm, width: int) -> None:
        self.schema = schema
        self.layout = layout
        self.form = form
        self.delimiter = form.delimiter
        self.width = width
        self.names = [str(position) for position in range(width)]

    def find_rows(self, text: bytes, line_no: int, count: int, is_last: bool, stray: Stray) -> tuple[_Rows, bytes]:
        """The rows of a text of `count` lines, its first line `line_no`, and those at its end that may go on in the next."""
        if b'"' not in text and b"\n\n" not in text and not text.startswith(b"\n"):
            return _Rows(text, np.arange(line_no, line_no + count)), b""
        lines = text.decode().removesuffix("\n").split("\n")
        rows: list[str] = []
        starts: list[int] = []
        spans_lines = False
        position = 0
        while position < len(lines):
            line, taken = lines[position], 1
            if line.count(QUOTE) % 2:
                end = self._closing_line(lines, position)
                if end is None and not is_last and len(lines) - position < LONGEST_VALUE_LINES:
                    break
                joined = None if end is None else "\n".join(lines[position : end + 1])
                if end is None or joined is None or len(self._split(joined)) != self.width:
                    stray.append((line_no + position, "QUOTE_UNBALANCED", line))
                    position += 1
                    continue
                line, taken, spans_lines = joined, end + 1 - position, True
            if line:
                rows.append(line)
                starts.append(line_no + position)
            position += taken
        rest = "".join(line + "\n" for line in lines[position:])
        whole = "".join(row + "\n" for row in rows)
        return _Rows(whole.encode(), np.array(starts, np.int64), rows if spans_lines else None), rest.encode()

    def _closing_line(self, lines: list[str], start: int) -> int | None:
        for end in range(start + 1, min(start + LONGEST_VALUE_LINES, len(lines))):
            if lines[end].count(QUOTE) % 2:
                return end
        return None

    def _split(self, row: str) -> list[str]:
        """The fields of one row; empty if it is none or more than one."""
        try:
            found = list(csv.reader(io.StringIO(row, newline=""), delimiter=self.delimiter, strict=True))
        except csv.Error:
            return []
        return found[0] if len(found) == 1 else []

    def parse(self, rows: _Rows, stray: Stray) -> Iterator[pa.RecordBatch]:
        """Batches of these rows; unreadable ones are added to `stray` and given out last."""
        parsed = self._parse_by_arrow(rows, stray) if len(rows.starts) else None
        if parsed is None and len(rows.starts):
            parsed = self._parse_singly(rows, stray)
        table, starts = parsed or (None, np.zeros(0, np.int64))
        columns = [] if table is None else [column.combine_chunks() for column in table.columns]
        yield from self.batches(columns, starts, stray, is_suspect(rows.text))

    def batches(
        self, columns: Sequence[pa.Array], lines: npt.NDArray[np.int64], stray: Stray, suspect: bool
    ) -> Iterator[pa.RecordBatch]:
        """Read rows by their columns as found, and the lines they begin on; unreadable ones last."""
        if len(lines):
            op = None if self.layout.op_position is None else columns[self.layout.op_position]
            placed = [None if position is None else columns[position] for position in self.layout.positions]
            yield row_batch(self.schema, pa.array(lines, pa.int64()), op, placed, suspect=suspect)
        if stray:
            yield fault_batch(self.schema, *zip(*stray, strict=True))

    def _parse_by_arrow(self, rows: _Rows, stray: Stray) -> tuple[pa.Table, npt.NDArray[np.int64]] | None:
        """The rows as a table and the lines they begin on; None where quotes inside a field mislead Arrow."""
        skipped: list[int] = []
        texts: list[str] = []

        def skip(row: arrow_csv.InvalidRow) -> str:
            skipped.append(row.number - 1)
            texts.append(row.text)
            return "skip"

        try:
            table = arrow_csv.read_csv(
                pa.BufferReader(rows.text),
                read_options=arrow_csv.ReadOptions(
                    use_threads=False, block_size=len(rows.text) + 1, column_names=self.names
                ),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=self.delimiter,
                    newlines_in_values=rows.joined is not None,
                    ignore_empty_lines=False,
                    invalid_row_handler=skip,
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(self.names, pa.string()), strings_can_be_null=True, null_values=[""]
                ),
            )
        except pa.ArrowInvalid:
            return None
        if table.num_rows + len(skipped) != len(rows.starts):
            return None
        lines = rows.starts[skipped].tolist()
        stray += [(line, "COLUMN_COUNT", text) for line, text in zip(lines, texts, strict=True)]
        return table, np.delete(rows.starts, skipped)

    def _parse_singly(self, rows: _Rows, stray: Stray) -> tuple[pa.Table, npt.NDArray[np.int64]]:
        """The same, row by row, for the rare block with stray quotes in pairs."""
        lines = rows.joined or rows.text.decode().removesuffix("\n").split("\n")
        found = [(start, self._split(line), line) for start, line in zip(rows.starts.tolist(), lines, strict=True)]
        stray += [(start, "COLUMN_COUNT", line) for start, fields, line in found if len(fields) != self.width]
        whole = [(start, fields) for start, fields, _ in found if len(fields) == self.width]
        columns = list(zip(*(fields for _, fields in whole), strict=True)) or [()] * self.width
        arrays = [pa.array([text or None for text in column], pa.string()) for column in columns]
        return pa.table(arrays, names=self.names), np.array([start for start, _ in whole], np.int64)
