"""Text by whole columns: Arrow joins and takes, names as matrices of code points, numbers as matrices of digits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from demo.chance import Bools, Ints

Codes = NDArray[np.uint32]
Digits = NDArray[np.uint8]
Column = Any  # pa.Array of strings; pyarrow ships no types
NULL = pa.scalar(None, pa.string())


def column(values: Sequence[str] | NDArray[Any]) -> Column:
    """An Arrow string column."""
    return pa.array(values, type=pa.string())


def plain(values: Any) -> Column:
    """One contiguous Arrow array of a possibly chunked result."""
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def join(*parts: Any) -> Column:
    """Row-wise concatenation of columns and literal strings; null anywhere gives null."""
    return plain(pc.binary_join_element_wise(*parts, ""))


def take(words: Any, indices: NDArray[np.integer]) -> Column:
    """`words[indices]` as a column; `words` is a list or an Arrow array; a negative index gives null."""
    source = words if isinstance(words, pa.Array) else column(words)
    if len(indices) and indices.min() < 0:
        return plain(source.take(pa.array(indices, mask=indices < 0)))
    return plain(source.take(pa.array(indices)))


def number(values: NDArray[np.integer], width: int = 0) -> Column:
    """Decimal text, left-padded with zeros to `width`."""
    text = pc.cast(pa.array(values), pa.string())
    return plain(pc.utf8_lpad(text, width, "0") if width else text)


def put(target: Column, rows: Ints, values: Column) -> Column:
    """`target` with `target[rows] = values`."""
    if len(rows) == 0:
        return target
    target = plain(target)
    where = np.arange(len(target), dtype=np.int64)
    where[rows] = len(target) + np.arange(len(rows))
    return plain(pa.concat_arrays([target, values.cast(pa.string())]).take(pa.array(where)))


def fill(target: Column, rows: Ints, value: str | None) -> Column:
    """`target` with one value put at `rows`."""
    return put(target, rows, pa.array([value], type=pa.string()).take(pa.array(np.zeros(len(rows), dtype=np.int64))))


def nulls(count: int) -> Column:
    """A column of nulls."""
    return pa.nulls(count, pa.string())


def either(condition: Bools, yes: Any, no: Any) -> Column:
    """Row-wise choice."""
    return plain(pc.if_else(pa.array(condition), yes, no))


def codes(words: Sequence[str], width: int) -> Codes:
    """Words as a matrix (words, width) of code points, zero-padded on the right."""
    return np.array(list(words), dtype=f"<U{width}").view(np.uint32).reshape(len(words), width)


def close_gaps(matrix: Codes) -> Codes:
    """The matrix with zeros moved to the end of each row, order kept."""
    order = np.argsort(matrix == 0, axis=1, kind="stable")
    return np.take_along_axis(matrix, order, axis=1)


def from_codes(matrix: Codes) -> Column:
    """A matrix of code points as an Arrow string column."""
    tight = np.ascontiguousarray(matrix)
    return column(tight.view(f"<U{matrix.shape[1]}").ravel())


def to_codes(texts: Column, width: int) -> Codes:
    """An Arrow string column (nulls as empty, cut at `width`) as a matrix of code points."""
    words = np.asarray(plain(pc.fill_null(texts, "")).to_numpy(zero_copy_only=False), dtype=f"<U{width}")
    return words.view(np.uint32).reshape(len(words), width).copy()


def lengths(matrix: Codes) -> Ints:
    """Characters in each row."""
    return (matrix != 0).sum(axis=1).astype(np.int64)


def from_digits(matrix: Digits) -> Column:
    """A matrix of ASCII codes as an Arrow string column."""
    tight = np.ascontiguousarray(matrix)
    flat = pa.array(tight.view(f"S{matrix.shape[1]}").ravel(), type=pa.binary())
    return plain(flat.cast(pa.string()))


def digits(values: NDArray[np.integer], width: int) -> Digits:
    """Numbers as a matrix (rows, width) of ASCII digits."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return (values.astype(np.int64)[:, None] // powers % 10 + 48).astype(np.uint8)
