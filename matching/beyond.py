"""What is known of records that are not at hand, where a run looks at some of them: by keys that are content hashes."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matching.model import Block, Mask
from matching.profiles import Column, Profiles, mix

Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Beyond:
    """`over`: keys of blocks that are over-full among all groups, sorted; `holders[column]` int64 [code]: groups not at hand.

    Stands in `profiles.tables["beyond"]` of a run that looks at some of the records.
    """

    over: Keys
    holders: dict[str, npt.NDArray[np.int64]]


def step_name(block: Block, step: int) -> str:
    """What the keys of a block are for once refined by so many columns."""
    return f"block {block.name}" + (f" by {step} more" if step else "")


def content_keys(profiles: Profiles, columns: tuple[str, ...], rows: npt.NDArray[np.int64], name: str) -> Keys:
    """Keys of these profiles, which have all the columns."""
    total = np.zeros(len(rows), np.uint64)
    for salt, column in enumerate(columns):
        held = profiles[column]
        total += mix(value_hashes(held)[held.codes[rows]], salt)
    return mix(total, zlib.crc32(name.encode()))


def value_hashes(column: Column) -> Keys:
    """Content hashes of the distinct values; of the codes themselves where the column is of bare numbers."""
    if not len(column.values):
        top = int(column.codes.max(initial=-1)) + 1
        return mix(np.arange(top, dtype=np.uint64), 3)
    if column.hashes.any():
        return column.hashes
    texts = pd.util.hash_array(np.asarray(column.values.to_pandas(), dtype=object), categorize=False)
    return texts.astype(np.uint64)


def holder_keys(profiles: Profiles, column: str, name: str) -> Keys:
    """The key of every value of a column, by code."""
    return mix(mix(value_hashes(profiles[column]), 0), zlib.crc32(name.encode()))


def among(keys: npt.NDArray[np.integer], ordered: npt.NDArray[np.integer]) -> Mask:
    """Which of the keys are among those given in order."""
    if not len(ordered):
        return np.zeros(len(keys), bool)
    found: Mask = ordered[np.minimum(np.searchsorted(ordered, keys), len(ordered) - 1)] == keys
    return found
