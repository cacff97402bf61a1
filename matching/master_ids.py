"""Master ids: opaque, with a check character, in an order that tells nothing of when or where they were given."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

Prefix = Literal["P", "E"]
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford base 32: no I, L, O, U."""
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
    text = np.full(len(numbers), prefix, dtype=f"<U{DIGITS + 2}")
    for digit in [*places, _check(places)]:
        text = np.char.add(text, _LETTERS[digit])
    return text


def decode(ids: npt.NDArray[np.str_]) -> npt.NDArray[np.int64]:
    """Running numbers of ids: the smaller, the older. -1 where the text is no id or its check character is wrong."""
    if not len(ids):
        return np.zeros(0, np.int64)
    wide = ids.astype(f"<U{DIGITS + 2}")
    signs = wide.view("<u4").reshape(len(ids), DIGITS + 2).astype(np.int64)
    values = np.where(signs[:, 1:] < 128, _VALUE[np.minimum(signs[:, 1:], 127)], -1)
    places = [values[:, place] for place in range(DIGITS)]
    good = (values >= 0).all(axis=1) & (np.char.str_len(ids.astype(str)) == DIGITS + 2)
    good &= _check([np.maximum(place, 0) for place in places]) == values[:, DIGITS]
    whole = np.zeros(len(ids), np.int64)
    for place in places:
        whole = whole << 5 | np.maximum(place, 0)
    left = whole.astype(np.uint64) >> np.uint64(HALF)
    right = whole.astype(np.uint64) & np.uint64((1 << HALF) - 1)
    for key in reversed(ROUND_KEYS):
        left, right = right ^ _scramble(left, key), left
    numbers = (left << np.uint64(HALF) | right).astype(np.int64)
    return np.where(good, numbers, -1)


def _check(places: list[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    """Luhn mod 32: finds every single wrong character and nearly every swap of neighbours."""
    total = np.zeros(len(places[0]), np.int64)
    for number, place in enumerate(reversed(places)):
        doubled = place * (2 if number % 2 == 0 else 1)
        total += doubled // 32 + doubled % 32
    return (32 - total % 32) % 32
