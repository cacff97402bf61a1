"""Master ids: opaque, with a check character, in an order that tells nothing of when or where they were given."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

Prefix = Literal["P", "E"]
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford base 32: no I, L, O, U."""
PREFIXES = ("P", "E")
POLYNOMIAL = 0b100101
DIGITS = 8
HALF = 20
ROUND_KEYS = (0x9E3779B9, 0x85EBCA6B, 0xC2B2AE35, 0x27D4EB2F)
_LETTERS = np.array(list(ALPHABET))
_VALUE = np.full(128, -1, np.int64)
_VALUE[[ord(sign) for sign in ALPHABET]] = np.arange(32)


def _scramble(half: npt.NDArray[np.uint64], key: int) -> npt.NDArray[np.uint64]:
    mixed = half * np.uint64(0x2545F4914F6CDD1D) + np.uint64(key)
    mixed ^= mixed >> np.uint64(29)
    mixed = mixed * np.uint64(0xBF58476D1CE4E5B9)
    return (mixed >> np.uint64(32)) & np.uint64((1 << HALF) - 1)


def encode(numbers: npt.NDArray[np.int64], prefix: Prefix) -> npt.NDArray[np.str_]:
    """Ids of running numbers (0 to 2^40 - 1): prefix + 8 digits + check character. The permutation is a Feistel net."""
    if len(numbers) and (int(numbers.min()) < 0 or int(numbers.max()) >= 1 << (2 * HALF)):
        raise ValueError(f"running numbers {int(numbers.min())}..{int(numbers.max())} do not fit 40 bits")
    left = numbers.astype(np.uint64) >> np.uint64(HALF)
    right = numbers.astype(np.uint64) & np.uint64((1 << HALF) - 1)
    for key in ROUND_KEYS:
        left, right = right, left ^ _scramble(right, key)
    whole = (left << np.uint64(HALF) | right).astype(np.int64)
    places = [(whole >> (5 * place)) & 31 for place in range(DIGITS - 1, -1, -1)]
    first = np.full(len(numbers), _VALUE[ord(prefix)])
    text = np.full(len(numbers), prefix, dtype=f"<U{DIGITS + 2}")
    for digit in [*places, _check([first, *places])]:
        text = np.char.add(text, _LETTERS[digit])
    return text


def decode(ids: npt.NDArray[np.str_]) -> npt.NDArray[np.int64]:
    """Running numbers of ids: the smaller, the older. -1 where the text is no id or its check character is wrong."""
    if not len(ids):
        return np.zeros(0, np.int64)
    wide = ids.astype(f"<U{DIGITS + 2}")
    signs = wide.view("<u4").reshape(len(ids), DIGITS + 2).astype(np.int64)
    values = np.where(signs < 128, _VALUE[np.minimum(signs, 127)], -1)
    places = [np.maximum(values[:, place], 0) for place in range(DIGITS + 1)]
    good = (values >= 0).all(axis=1) & (np.char.str_len(ids.astype(str)) == DIGITS + 2)
    good &= np.isin(values[:, 0], [_VALUE[ord(prefix)] for prefix in PREFIXES])
    good &= _check(places) == values[:, DIGITS + 1]
    whole = np.zeros(len(ids), np.int64)
    for place in places[1:]:
        whole = whole << 5 | place
    left = whole.astype(np.uint64) >> np.uint64(HALF)
    right = whole.astype(np.uint64) & np.uint64((1 << HALF) - 1)
    for key in reversed(ROUND_KEYS):
        left, right = right ^ _scramble(left, key), left
    numbers = (left << np.uint64(HALF) | right).astype(np.int64)
    return np.where(good, numbers, -1)


def _check(places: list[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    """Parity over the field of 32 elements (x^5 + x^2 + 1), each place with another factor.

    It finds every single wrong character and every swap of two, prefix and check character included.
    """
    total = np.zeros(len(places[0]), np.int64)
    for place in places:
        total = (total ^ place) << 1
        total ^= np.where(total > 31, POLYNOMIAL, 0)
    return total
