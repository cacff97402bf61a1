"""Records with their standard values, as a run had them: a night reads those that did not change and works out the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from matching.keys import Ints, distinct
from matching.model import Model
from matching.profiles import Column, Profiles, by_dictionary
from matching.received import indices_of

Shares = Mapping[str, Sequence[str]]
"""The names of the values that share a dictionary, by its name."""


@dataclass(frozen=True, slots=True)
class Stored:
    """`columns`: the standard values of records, a code for each record, in the order of the model."""

    record_keys: pa.Array
    columns: dict[str, Column]

    @classmethod
    def of(cls, profiles: Profiles) -> Stored:
        """The records that these profiles were made of, in the same order."""
        of_record = profiles.of_record
        codes = {name: column.codes[of_record] for name, column in profiles.standard.items()}
        columns = {n: Column(codes[n], c.values, c.hashes) for n, c in profiles.standard.items()}
        return cls(profiles.record_keys, columns)

    def take(self, rows: Ints) -> Stored:
        """The records of these rows; the dictionaries stay as they are."""
        columns = {n: Column(c.codes[rows], c.values, c.hashes) for n, c in self.columns.items()}
        return Stored(self.record_keys.take(pa.array(rows)), columns)


def one_array(table: pa.Table, name: str) -> pa.Array:
    """A column as one array, the very one of a file where it is one there."""
    column = table.column(name)
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def shares_of(model: Model) -> Shares:
    """Which values of a model share a dictionary."""
    return {name: [value.name for value in values] for name, values in by_dictionary(model).items()}


def join(parts: Sequence[Stored], shares: Shares) -> Stored:
    """The records of all parts one after the other, with dictionaries of the texts that they use."""
    told = [part for part in parts if len(part.record_keys)] or list(parts[:1])
    columns: dict[str, Column] = {}
    for names in shares.values():
        columns |= _share([[part.columns[name] for name in names] for part in told], names)
    record_keys = pa.concat_arrays([part.record_keys for part in told])
    return Stored(record_keys, {name: columns[name] for name in told[0].columns})


def _share(parts: Sequence[Sequence[Column]], names: Sequence[str]) -> dict[str, Column]:
    """One dictionary for the columns `names` of all parts; the columns of a part share one already."""
    texts, hashes, places = [], [], []
    for columns in parts:
        used = distinct(np.concatenate([column.codes for column in columns]))
        used = used[np.searchsorted(used, 0) :]
        texts.append(columns[0].values.take(pa.array(used)))
        hashes.append(columns[0].hashes[used])
        places.append([np.where(c.codes >= 0, np.searchsorted(used, c.codes), -1) for c in columns])
    joined = pa.concat_arrays(texts).dictionary_encode()
    of_text = np.append(indices_of(joined), np.int32(-1))
    every = np.zeros(len(joined.dictionary), np.uint64)
    every[of_text[:-1]] = np.concatenate(hashes)
    begins = np.cumsum([0, *(len(part) for part in texts)])
    found = {}
    for number, name in enumerate(names):
        codes = [
            of_text[np.where(part[number] >= 0, part[number] + begin, -1)]
            for part, begin in zip(places, begins[:-1], strict=True)
        ]
        found[name] = Column(np.concatenate(codes), joined.dictionary, every)
    return found
