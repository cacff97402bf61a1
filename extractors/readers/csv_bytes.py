"""Plain lines of delimited text, split by their bytes: only columns beyond ASCII are ever decoded.

In GB 18030 every byte of a character but its first is a digit or at least 0x40, so line ends, quotes and most delimiters
are always themselves, also beside bytes that are no character.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from extractors.forms import CsvForm, Encoding
from extractors.readers.decoding import decoded, is_suspect

NEWLINE, RETURN, FIRST_SIGN = 10, 13, 32
FEW = 0.1  # of the bytes of a column; the cells of so few are decoded by themselves
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """Lines of a block: columns of those with the agreed number of values, the texts of the others; lines from 0."""

    columns: list[pa.Array]
    rows: Places
    others: list[tuple[int, str]]
    is_suspect: bool

    @property
    def lines(self) -> int:
        """How many lines the block has."""
        return len(self.rows) + len(self.others)

    def stray_from(self, line_no: int) -> list[tuple[int, str, str]]:
        """The unreadable rows, the block beginning on `line_no`."""
        return [(line_no + line, "COLUMN_COUNT", text) for line, text in self.others]


def split_plain(block: bytes, form: CsvForm, width: int) -> Split | None:
    """The rows of whole lines (only the last may lack its end) with `width` values each.

    None where a line is blank, a sign stands for something else than itself, or bytes are no character of the encoding's.
    """
    if not block or b'"' in block or b"\0" in block or not _splits_bytes(form):
        return None
    block = block if block.endswith(b"\n") else block + b"\n"
    signs = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(signs == NEWLINE)
    starts = np.concatenate(([0], ends[:-1] + 1))
    returns = np.flatnonzero(signs == RETURN)
    if len(returns) and not (signs[returns + 1] == NEWLINE).all():
        return None
    if (signs[starts] < FIRST_SIGN).any() and np.isin(signs[starts], (NEWLINE, RETURN)).any():
        return None
    before = np.searchsorted(np.flatnonzero(signs == ord(form.delimiter)), ends)
    is_row = np.diff(before, prepend=0) == width - 1
    rows, others = np.flatnonzero(is_row), np.flatnonzero(~is_row)
    texts = []
    if len(others):
        lines = [block[starts[line] : ends[line]].removesuffix(b"\r") for line in others]
        texts = [decoded(line, form.encoding) for line in lines]
        kept = zip([0, *(ends[others] + 1)], [*starts[others], len(block)], strict=True)
        block = b"".join(block[begin:end] for begin, end in kept)
    columns = split_columns(block, form.delimiter, width) if len(rows) else []
    if len(rows) and (columns is None or len(columns[0]) != len(rows)):
        return None
    read = [decode_cells(column, form.encoding) for column in columns or []]
    is_bad = any(suspect for _, suspect in read)
    return Split([column for column, _ in read], rows, list(zip(others.tolist(), texts, strict=True)), is_bad)


def _splits_bytes(form: CsvForm) -> bool:
    sign = form.delimiter.encode()
    return len(sign) == 1 and (form.encoding == "utf-8" or sign < b"0" or b"9" < sign < b"@")


def split_columns(block: bytes, delimiter: str, width: int) -> list[pa.Array] | None:
    """The bytes of each column of lines that have `width` values, empty ones null; None where Arrow finds it otherwise."""
    names = [str(position) for position in range(width)]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(block),
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=len(block) + 1, column_names=names),
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter, quote_char=False, ignore_empty_lines=False),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.binary()), strings_can_be_null=True, null_values=[""]
            ),
        )
    except pa.ArrowInvalid:
        return None
    return [column.combine_chunks() for column in table.columns]


def decode_cells(cells: pa.BinaryArray, encoding: Encoding) -> tuple[pa.StringArray, bool]:
    """Decoded cells (none with a line end), and whether one may hold lost characters."""
    _, offsets, content = cells.buffers()
    if content is None or not len(cells):
        return cells.cast(pa.string()), False
    wide = np.frombuffer(content, np.uint8) >= 0x80
    count = np.count_nonzero(wide)
    if not count:
        return cells.cast(pa.string()), False
    if count > FEW * len(wide):
        return _all_texts(cells, encoding)
    ends = np.frombuffer(offsets, np.int32)[: len(cells) + 1]
    is_wide = np.zeros(len(cells), np.bool_)
    is_wide[np.searchsorted(ends[1:], np.flatnonzero(wide), side="right")] = True
    mask = pa.array(is_wide)
    texts, suspect = _all_texts(cells.filter(mask), encoding)
    return pc.replace_with_mask(cells, mask, texts.cast(pa.binary())).cast(pa.string()), suspect


def _all_texts(cells: pa.BinaryArray, encoding: Encoding) -> tuple[pa.StringArray, bool]:
    is_valid, offsets, content = cells.buffers()
    plain = pa.BinaryArray.from_buffers(pa.binary(), len(cells), [None, offsets, content])
    ends = pa.array([0, len(cells)], pa.int32())
    joined = pc.binary_join(pa.ListArray.from_arrays(ends, plain), b"\n")[0].as_buffer().to_pybytes()
    utf8 = decoded(joined + b"\n", encoding).encode()
    signs = np.frombuffer(utf8, np.uint8)
    is_mark = signs == NEWLINE
    places = np.concatenate(([0], np.flatnonzero(is_mark) - np.arange(len(cells)))).astype(np.int32)
    content = pa.py_buffer(signs[~is_mark])
    return pa.StringArray.from_buffers(len(cells), pa.py_buffer(places), content, is_valid), is_suspect(utf8)
