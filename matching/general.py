"""Comparisons for any table: text alike, words in common, codes a slip apart, amounts and days near.

Each function makes a `Comparison` of a text column of the model; the sentence a steward reads is written from its
arguments. Amounts and days are compared as the numbers and ISO dates the column's standard form gives.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler
from scipy.sparse import csr_array

from matching.model import Comparison, Levels
from matching.pairs import Pairs
from matching.profiles import Profiles

Floats = npt.NDArray[np.float64]
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def alike(column: str, cutoffs: tuple[float, ...] = (0.92, 0.8), *, title: str = "") -> Comparison:
    """Equal, or Jaro-Winkler similarity at least each of `cutoffs` (falling, between 0 and 1; Winkler 1990)."""

    def near(one: list[str], two: list[str]) -> npt.NDArray[np.int16]:
        found = process.cpdist(one, two, scorer=JaroWinkler.normalized_similarity, dtype=np.float32)
        return _reached(found.astype(np.float64), cutoffs)

    levels = ("different", *(f"alike to {cutoff:g}" for cutoff in reversed(cutoffs)), "equal")
    return _over_texts(
        column, near, levels, f"The {title or column}: equal, or how alike they are spelt, above all at the start."
    )


def slips(column: str, most: tuple[int, ...] = (1, 2), *, title: str = "") -> Comparison:
    """Equal, or at most each of `most` (rising) single edits apart; a swap of neighbours is one edit (OSA)."""

    def near(one: list[str], two: list[str]) -> npt.NDArray[np.int16]:
        away = process.cpdist(one, two, scorer=OSA.distance, score_cutoff=max(most), dtype=np.uint16)
        return _reached(-away.astype(np.float64), tuple(-n for n in most))

    levels = ("different", *(f"{n} slip(s) apart" for n in reversed(most)), "equal")
    return _over_texts(column, near, levels, f"The {title or column}: equal, or slips of the hand apart.")


def equal(column: str, *, title: str = "") -> Comparison:
    """Equal or different; an equal value that few have says more."""

    def compare(pairs: Pairs) -> Levels:
        return pairs.equal_levels(column)

    compare.__doc__ = f"The {title or column}: equal or not."
    return Comparison(column, compare, ("different", "equal"), frequency=column)


def common_words(column: str, cutoffs: tuple[float, ...] = (0.8, 0.6, 0.4, 0.2), *, title: str = "") -> Comparison:
    """Cosine of the words both texts have, rare words counting more (tf-idf; Salton and Buckley 1988), by `cutoffs`."""

    def compare(pairs: Pairs) -> Levels:
        levels = np.full(len(pairs), -1, np.int8)
        rows = np.flatnonzero(pairs.present(column))
        words = _word_matrix(pairs.profiles, column)
        codes = pairs.profiles[column].codes
        left, right = words[codes[pairs.left[rows]]], words[codes[pairs.right[rows]]]
        levels[rows] = _reached(np.asarray(left.multiply(right).sum(axis=1)).ravel(), cutoffs)
        levels[pairs.equal(column)] = len(cutoffs) + 1
        return levels

    compare.__doc__ = f"The {title or column}: how many of their rarer words they share."
    levels = ("few words shared", *(f"words shared to {cutoff:g}" for cutoff in reversed(cutoffs)), "equal")
    return Comparison(column, compare, levels, frequency=column)


def near_amounts(column: str, shares: tuple[float, ...] = (0.001, 0.05, 0.2), *, title: str = "") -> Comparison:
    """Equal, or apart by at most each of `shares` (rising) of the larger amount; text that is no number is missing."""

    def compare(pairs: Pairs) -> Levels:
        one, two = _numbers(pairs, column)
        larger = np.maximum(np.maximum(np.abs(one), np.abs(two)), 1e-9)
        levels = _reached(-np.abs(one - two) / larger, tuple(-share for share in shares)).astype(np.int8)
        levels[one == two] = len(shares) + 1
        levels[~np.isfinite(one) | ~np.isfinite(two)] = -1
        return levels

    compare.__doc__ = f"The {title or column}: equal, or how far apart as a share of the larger."
    levels = ("far apart", *(f"within {share:.3g} of it" for share in reversed(shares)), "equal")
    return Comparison(column, compare, levels, frequency=column)


def near_days(column: str, days: tuple[int, ...] = (1, 7, 31), *, title: str = "") -> Comparison:
    """The same day, or at most each of `days` (rising) apart; text that is no day YYYY-MM-DD is missing."""

    def compare(pairs: Pairs) -> Levels:
        one, two = _numbers(pairs, column, as_days=True)
        levels = _reached(-np.abs(one - two), tuple(-float(n) for n in days)).astype(np.int8)
        levels[one == two] = len(days) + 1
        levels[~np.isfinite(one) | ~np.isfinite(two)] = -1
        return levels

    compare.__doc__ = f"The {title or column}: the same day, or days apart."
    levels = ("far apart", *(f"within {n} day(s)" for n in reversed(days)), "the same day")
    return Comparison(column, compare, levels)


def words_of(texts: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], int]:
    """(text, word) of every word of every text, blanks between words; and how many different words there are."""
    split = pc.split_pattern(texts, " ")
    row = np.asarray(pc.list_parent_indices(split))
    encoded = pc.list_flatten(split).dictionary_encode()
    blank = pc.index(encoded.dictionary, "").as_py()
    word = np.asarray(encoded.indices)
    keep = word != blank
    return row[keep].astype(np.int64), word[keep].astype(np.int64), len(encoded.dictionary)


def _reached(values: Floats, cutoffs: tuple[float, ...]) -> npt.NDArray[np.int16]:
    """How many of the falling cutoffs each value reaches: 0 none, len(cutoffs) the first."""
    level: npt.NDArray[np.int16] = np.sum([values >= cutoff for cutoff in cutoffs], axis=0).astype(np.int16)
    return level


def _over_texts(
    column: str, near: Callable[[list[str], list[str]], npt.NDArray[np.int16]], levels: tuple[str, ...], told: str
) -> Comparison:
    def compare(pairs: Pairs) -> Levels:
        same = pairs.equal(column)
        answer = np.where(same, len(levels) - 1, -1).astype(np.int8)
        looked = pairs.present(column) & ~same
        answer[looked] = pairs.over_texts(column, near, looked, -1)[looked]
        return answer

    compare.__doc__ = told
    return Comparison(column, compare, levels, frequency=column)


def _word_matrix(profiles: Profiles, column: str) -> csr_array:
    """Rows of unit length, one a distinct text: weight of each word by how few profiles have it. Made once a run."""
    key = f"words of {column}"
    if key not in profiles.tables:
        held = profiles[column]
        row, word, size = words_of(held.values)
        often = np.bincount(held.codes[held.codes >= 0], minlength=len(held.values))
        holders = np.bincount(word, weights=often[row], minlength=size)
        weight = np.log(max(profiles.count, 2) / np.maximum(holders, 1.0)) + 0.1
        matrix = csr_array((weight[word], (row, word)), shape=(len(held.values), size))
        length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
        scale = np.repeat(1.0 / np.maximum(length, 1e-9), np.diff(matrix.indptr))
        profiles.tables[key] = csr_array((matrix.data * scale, matrix.indices, matrix.indptr), shape=matrix.shape)
    found: csr_array = profiles.tables[key]
    return found


def _numbers(pairs: Pairs, column: str, *, as_days: bool = False) -> tuple[Floats, Floats]:
    """Both sides as numbers (days since 1970 for dates), nan where there is none."""
    key = f"numbers of {column}"
    profiles = pairs.profiles
    if key not in profiles.tables:
        numbers = [_day(text) if as_days else _amount(text) for text in profiles[column].texts]
        profiles.tables[key] = np.array([*numbers, np.nan], np.float64)
    table, codes = profiles.tables[key], profiles[column].codes
    return table[codes[pairs.left]], table[codes[pairs.right]]


def _amount(text: str) -> float:
    try:
        return float(text)
    except ValueError:  # not a number: no evidence
        return np.nan


def _day(text: str) -> float:
    if not DAY.fullmatch(text):
        return np.nan
    try:
        return float(np.datetime64(text, "D").astype(np.int64))
    except ValueError:  # not a day of the calendar: no evidence
        return np.nan
