"""Whole columns at once: in one piece, and texts as bytes, a row of numbers a place (`soundness`, `usual`)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Flags = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]


def one_piece(rows: pa.Table) -> pa.Table:
    """The same rows with each column in one piece, also if there are none."""
    return pa.Table.from_arrays([column.combine_chunks() for column in rows.columns], schema=rows.schema)


def widths(texts: pa.StringArray) -> npt.NDArray[np.int32]:
    """Bytes of each text; of a null any number."""
    return np.diff(offsets_of(texts))


def offsets_of(texts: pa.StringArray) -> npt.NDArray[np.int32]:
    """Where each text begins in the bytes of the column, and where the last one ends."""
    found: npt.NDArray[np.int32] = np.frombuffer(texts.buffers()[1], np.int32)
    return found[texts.offset : texts.offset + len(texts) + 1]


def points_of(texts: pa.StringArray) -> npt.NDArray[np.uint32]:
    """The code points of all texts, one after the other."""
    ends = offsets_of(texts)
    content = memoryview(texts.buffers()[2] or b"")[ends[0] : ends[-1]]
    return np.frombuffer(str(content, "utf-8").encode("utf-32-le"), np.uint32)


def of_width(texts: pa.StringArray, width: int) -> tuple[Flags, Bytes]:
    """Which texts have `width` bytes, and theirs: a row a place, so that every step goes over whole columns."""
    ends, content = offsets_of(texts), texts.buffers()[2]
    fits: Flags = np.diff(ends) == width
    if not fits.any():
        return fits, np.zeros((width, 0), np.uint8)
    windows = np.lib.stride_tricks.sliding_window_view(np.frombuffer(content, np.uint8), width)
    return fits, np.ascontiguousarray(windows[ends[:-1][fits]].T)


def spread(fits: Flags, is_sound: Flags) -> Flags:
    """What was told of the texts that fit, over all texts."""
    found = np.zeros(len(fits), np.bool_)
    found[fits] = is_sound
    return found


def all_digits(digits: Bytes) -> Flags:
    """Whether all places are 0 to 9."""
    flags: Flags = np.logical_and.reduce(digits <= 9)
    return flags


def number(digits: Bytes) -> npt.NDArray[np.int32]:
    """The number that the places make."""
    found = np.zeros(digits.shape[1], np.int32)
    for row in digits:
        found *= 10
        found += row
    return found
