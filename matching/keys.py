"""Integer keys: several code columns as one number, members of a key, pairs within and across keys. All set-based."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.sparse import csr_array

Ints = npt.NDArray[np.int64]


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """Making a connection takes longer than hashing the keys of a night."""
    return duckdb.connect()


def hash_texts(texts: pa.Array | pa.ChunkedArray, connection: Any = None) -> npt.NDArray[np.uint64]:
    """A content hash of each text, the same in every run; on this connection, whose threads and memory are bounded, if given."""
    if not len(texts):
        return np.zeros(0, np.uint64)
    with (connection or _engine()).cursor() as cursor:
        cursor.register("hashed", pa.table({"t": texts}))
        found = cursor.sql("SELECT hash(t) AS h FROM hashed").to_arrow_table()
    return np.asarray(found.column("h").to_numpy(), np.uint64)


def combine(columns: Sequence[npt.NDArray[np.integer]], *, null_is_value: bool = False) -> Ints:
    """One label a row for equal tuples of codes; -1 where any code is null (unless null counts as a value)."""
    label = columns[0].astype(np.int64)
    missing = label < 0
    for codes in columns[1:]:
        missing |= codes < 0
        span = int(codes.max(initial=0)) + 2
        if int(label.max(initial=0)) + 2 > (1 << 62) // span:
            label = np.unique(label, return_inverse=True)[1].astype(np.int64)
        label = (label + 1) * span + (codes.astype(np.int64) + 1)
    if not null_is_value:
        label = np.where(missing, np.int64(-1), label)
    return label


def dense(labels: Ints) -> Ints:
    """Labels as 0..n-1 in order of their first row, so that they depend on the rows' order alone."""
    rows, top = len(labels), int(labels.max(initial=-1))
    if int(labels.min(initial=0)) < 0 or top > 2 * rows:  # too wide for a table: by hashing
        numbered = pa.array(labels).dictionary_encode().indices.to_numpy(zero_copy_only=False)
        return np.asarray(numbered, np.int64)
    first = np.zeros(top + 1, np.int64)
    first[labels[::-1]] = np.arange(rows)[::-1]
    row_of_label = first[labels]
    begins = row_of_label == np.arange(rows)
    rank = np.cumsum(begins) - 1
    return np.asarray(rank[row_of_label], np.int64)


def distinct(numbers: Ints) -> Ints:
    """Sorted distinct numbers (by sorting: faster here than the hashing of np.unique)."""
    ordered = np.sort(numbers)
    if not len(ordered):
        return ordered
    return ordered[np.r_[True, ordered[1:] != ordered[:-1]]]


def holders(codes: npt.NDArray[np.int32], of_profile: npt.NDArray[np.integer], wanted: npt.NDArray[np.int32]) -> Ints:
    """How many different groups hold each code, counted only for the wanted codes (0 elsewhere)."""
    size = int(codes.max(initial=-1)) + 1
    table = np.zeros(size + 1, bool)
    table[wanted[wanted >= 0]] = True
    table[-1] = False
    rows = np.flatnonzero(table[codes])
    held = distinct(codes[rows].astype(np.int64) << 32 | of_profile[rows].astype(np.int64))
    return np.bincount(held >> 32, minlength=size).astype(np.int64)


def spread(counts: Ints) -> Ints:
    """0..count-1 for each count, one after the other: the position within a run."""
    total = int(counts.sum())
    if not total:
        return np.zeros(0, np.int64)
    begins = np.cumsum(counts) - counts
    return np.arange(total, dtype=np.int64) - np.repeat(begins, counts)


def cross(left_keys: Ints, right_keys: Ints) -> tuple[Ints, Ints]:
    """Positions (left, right) of every pair with an equal key; `right_keys` must be sorted."""
    begin = np.searchsorted(right_keys, left_keys, side="left")
    counts = np.searchsorted(right_keys, left_keys, side="right") - begin
    left = np.repeat(np.arange(len(left_keys), dtype=np.int64), counts)
    return left, np.repeat(begin, counts) + spread(counts)


def unique_pairs(left: npt.NDArray[np.integer], right: npt.NDArray[np.integer]) -> tuple[Ints, Ints]:
    """Distinct unordered pairs of different numbers, smaller one first, sorted."""
    low = np.minimum(left, right).astype(np.int64)
    high = np.maximum(left, right).astype(np.int64)
    keep = low != high
    both = distinct(low[keep] << 32 | high[keep])
    return both >> 32, both & 0xFFFFFFFF


class Members:
    """Which profiles stand in each group: `of(groups)` expands groups to their profiles, at most `most` of each."""

    def __init__(self, of_profile: npt.NDArray[np.integer], count: int, most: int = 12) -> None:
        profiles = len(of_profile)
        ones = np.ones(profiles, np.int8)
        rows = csr_array((ones, (of_profile, np.arange(profiles))), shape=(count, max(profiles, 1)))
        self.order = rows.indices.astype(np.int64)
        self.begin = rows.indptr[:-1].astype(np.int64)
        self.sizes = np.minimum(np.diff(rows.indptr), most).astype(np.int64)

    def pairs(self, left: Ints, right: Ints) -> tuple[Ints, Ints, Ints]:
        """Every profile pair of every group pair: (pair number, left profile, right profile), in pair order."""
        wide = self.sizes[right]
        counts = self.sizes[left] * wide
        number = np.repeat(np.arange(len(left), dtype=np.int64), counts)
        within = spread(counts)
        across = wide[number]
        one = self.order[self.begin[left][number] + within // across]
        two = self.order[self.begin[right][number] + within % across]
        return number, one, two
