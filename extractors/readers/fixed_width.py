"""Lines of fixed length without a header: cut on bytes first, decoded column by column afterwards.

A character that was cut at a field's end therefore damages its own field only. Lines of another length are unreadable
rows; if most lines are, the file as a whole is.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from extractors.contract import Contract, Mode
from extractors.forms import FixedWidthForm
from extractors.held import HeldFault
from extractors.readers.decoding import AFTER_LAST, check_encoding, check_line, is_suspect, without_nul
from extractors.readers.reading import Reading, batch_schema, check_mode, fault_batch, row_batch

Bytes = npt.NDArray[np.uint8]
OP_WIDTH = 1
BLOCK_BYTES = (
    1 << 20
)  # columns are copied several times: in larger blocks the allocator keeps more with each gigabyte read
NEWLINE, RETURN, SPACE = 10, 13, 32


def read(contract: Contract, path: Path, mode: Mode) -> Reading:
    """Read a fixed-width delivery; line_no is the line of the file."""
    form = contract.form
    assert isinstance(form, FixedWidthForm)
    check_encoding(path, form.encoding)
    widths = [int(column.width or 0) for column in contract.columns]
    length = sum(widths) + (OP_WIDTH if mode == "delta" else 0)
    _check_first_lines(contract, path, mode, sum(widths), length)
    sources = [column.source for column in contract.columns]
    return Reading(_read_blocks(contract, path, mode, widths, length), [], sources)


def _check_first_lines(contract: Contract, path: Path, mode: Mode, bare: int, length: int) -> None:
    """Hold a file most of whose first lines have another length than agreed."""
    with path.open("rb") as stream:
        block = stream.read(BLOCK_BYTES)
    _, lengths = find_lines(np.frombuffer(block[: block.rfind(b"\n") + 1] or block, np.uint8))
    lengths = lengths[lengths > 0]
    if not len(lengths):
        return
    usual = int(np.bincount(lengths).argmax())
    if usual == length or (lengths == length).mean() >= 0.5:
        return
    if usual in (bare, bare + OP_WIDTH):
        check_mode(contract, mode, has_op=usual != bare, where=path.name)
    message = f"{path.name}: most lines have {usual} bytes, agreed are {length}. Send the agreed widths (bytes)."
    raise HeldFault("LINE_LENGTH_WRONG", message)


def find_lines(block: Bytes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Starts and lengths in bytes of the lines of a block without their ends (LF or CRLF); the last may lack one."""
    ends = np.flatnonzero(block == NEWLINE)
    if len(block) and (not len(ends) or ends[-1] != len(block) - 1):
        ends = np.append(ends, len(block))
    starts = np.concatenate(([0], ends[:-1] + 1)).astype(np.int64) if len(ends) else np.zeros(0, np.int64)
    has_return = (ends > starts) & (block[np.maximum(ends - 1, 0)] == RETURN) if len(ends) else ends > 0
    return starts, (ends - starts - has_return).astype(np.int64)


def read_line_blocks(path: Path, times: int = 1) -> Iterator[Bytes]:
    """The bytes of a file in blocks of whole lines, about `times` BLOCK_BYTES each. Raises HeldFault(FILE_BROKEN) where a line has no end in sight."""
    rest = b""
    with path.open("rb") as stream:
        while block := stream.read(times * BLOCK_BYTES):
            rest += block
            cut = rest.rfind(b"\n") + 1
            if cut:
                yield np.frombuffer(rest[:cut], np.uint8)
                rest = rest[cut:]
            check_line(len(rest), path.name)
    if rest:
        yield np.frombuffer(rest, np.uint8)


def _read_blocks(
    contract: Contract, path: Path, mode: Mode, widths: list[int], length: int
) -> Iterator[pa.RecordBatch]:
    schema = batch_schema(contract)
    encoding = contract.form.encoding
    line_no = 1
    for block in read_line_blocks(path):
        starts, lengths = find_lines(block)
        numbers = np.arange(line_no, line_no + len(starts))
        line_no += len(starts)
        fits = lengths == length
        odd = np.flatnonzero(~fits & (lengths > 0))
        if len(odd):
            texts = [
                without_nul(block[starts[i] : starts[i] + lengths[i]].tobytes().decode(encoding, errors="replace"))
                for i in odd
            ]
            yield fault_batch(schema, numbers[odd].tolist(), ["LINE_LENGTH"] * len(odd), texts)
        if fits.any():
            rows = np.lib.stride_tricks.sliding_window_view(block, length)[starts[fits]]
            edges = np.cumsum([0, *widths])
            columns, suspects = zip(*(decode_column(rows[:, a:b], encoding) for a, b in pairwise(edges)), strict=True)
            op = decode_column(rows[:, length - OP_WIDTH :], encoding)[0] if mode == "delta" else None
            suspect = any(suspects)
            yield row_batch(schema, pa.array(numbers[fits], pa.int64()), op, columns, suspect=suspect)


def blank_padding(cells: Bytes) -> Bytes:
    """The cells with NUL at their ends as spaces: some exports pad so. Other NULs stay."""
    if cells.all():
        return cells
    is_end = np.logical_and.accumulate((cells == 0)[:, ::-1] | (cells == SPACE)[:, ::-1], axis=1)[:, ::-1]
    return np.where(is_end, np.uint8(SPACE), cells)


def decode_column(cells: Bytes, encoding: str) -> tuple[pa.Array, bool]:
    """Text of one column from its bytes (rows x width), padding removed, and whether it may hold lost characters."""
    count, width = cells.shape
    if not cells.size:  # no rows, or a field that an earlier layout did not have
        return pa.nulls(count, pa.string()), False
    cells = blank_padding(cells)
    if cells.max() < 0x80 and cells.all():
        packed = np.ascontiguousarray(cells)
        offsets = np.arange(0, count * width + 1, width, dtype=np.int32)
        texts = pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(packed))
        return pc.ascii_rtrim(texts, characters=" "), False
    ended = np.concatenate((cells, np.full((count, 1), NEWLINE, np.uint8)), axis=1)
    text = without_nul((ended.tobytes() + AFTER_LAST).decode(encoding, errors="replace"))
    utf8 = text.encode()
    ends = np.flatnonzero(np.frombuffer(utf8, np.uint8) == NEWLINE)[:count]
    offsets = np.concatenate(([0], ends + 1)).astype(np.int32)
    texts = pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(utf8))
    return pc.utf8_rtrim(texts, characters=" \n"), is_suspect(utf8)
