"""Counter-based chance: every draw is a pure function of (seed, purpose, key), so no draw depends on another.

A row of any subset, of any day and in any order gets the same draw. The mixing is SplitMix64's finaliser.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    values = (values ^ (values >> np.uint64(30))) * _FIRST
    values = (values ^ (values >> np.uint64(27))) * _SECOND
    return values ^ (values >> np.uint64(31))


class Chance:
    """Draws named by purpose and keyed by integers; `keys` is any integer array, results have its shape."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def bits(self, purpose: str, keys: NDArray[np.integer]) -> NDArray[np.uint64]:
        """64 random bits for each key."""
        salt = hashlib.blake2b(f"{self.seed}/{purpose}".encode(), digest_size=8).digest()
        start = np.uint64(int.from_bytes(salt, "little"))
        with np.errstate(over="ignore"):
            return _mix(_mix(keys.astype(np.uint64) * _GOLDEN + start) + _GOLDEN)

    def uniform(self, purpose: str, keys: NDArray[np.integer]) -> Floats:
        """A number in [0, 1) for each key."""
        return (self.bits(purpose, keys) >> np.uint64(11)).astype(np.float64) / float(1 << 53)

    def hit(self, purpose: str, keys: NDArray[np.integer], rate: float | Floats) -> Bools:
        """True with probability `rate` (one for all, or one a key)."""
        return np.asarray(self.uniform(purpose, keys) < rate)

    def below(self, purpose: str, keys: NDArray[np.integer], limit: int | NDArray[np.integer]) -> Ints:
        """An integer in [0, limit) for each key."""
        return (self.uniform(purpose, keys) * limit).astype(np.int64)

    def between(self, purpose: str, keys: NDArray[np.integer], low: int, high: int) -> Ints:
        """An integer in [low, high] for each key."""
        return low + self.below(purpose, keys, high - low + 1)

    def weighted(self, purpose: str, keys: NDArray[np.integer], weights: Sequence[float] | Floats) -> Ints:
        """An index into `weights` for each key, drawn in proportion to them."""
        edges = np.cumsum(np.asarray(weights, dtype=np.float64))
        found = np.searchsorted(edges, self.uniform(purpose, keys) * edges[-1], side="right")
        return np.minimum(found, len(edges) - 1).astype(np.int64)

    def normal(self, purpose: str, keys: NDArray[np.integer]) -> Floats:
        """A standard normal draw for each key (Box-Muller)."""
        radius = np.sqrt(-2.0 * np.log(1.0 - self.uniform(purpose + "/r", keys)))
        return np.asarray(radius * np.cos(2 * np.pi * self.uniform(purpose + "/a", keys)))


def scramble(numbers: NDArray[np.integer], modulus: int, multiplier: int = 387420489, shift: int = 7654321) -> Ints:
    """A one-to-one scattering of 0..modulus-1; `multiplier` (3^18) has no factor in common with a power of ten.

    Multiplier times modulus must stay below 2^63 for exactness: moduli up to 10^10.
    """
    return np.asarray((numbers.astype(np.int64) % modulus * multiplier + shift) % modulus)
