"""The shelf of a delta run: all records looked at so far, changed ones fetched and standardised, others as the state has them.

A record has a number on it: its place in the state, or below zero if it was fetched.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from matching.keys import Ints
from matching.model import Model
from matching.profiles import standard_columns
from matching.received import check_columns
from matching.spill import Spill
from matching.state import State
from matching.stored import Stored, join, one_array, shares_of


class Shelf:
    """Gives records with their standard values, each looked for once.

    `changed`: keys of all that came, changed or went; `fetched`: numbers of those that are there; `former`: places in the
    state of those that were. `fits`: fetched records have the columns of the others; `cut`: how many texts of a column of
    theirs were cut.
    """

    def __init__(
        self, state: State, changed: pa.Array, fetch: Callable[[pa.Array], pa.Table], model: Model,
        connected: Callable[[], Any],
    ) -> None:  # fmt: skip
        """`changed`: the keys of the records that may be other than the state has them; `fetch` gives the present ones."""
        self.changed = pc.unique(changed.cast(pa.string()))
        self.connected = connected
        self.cut: dict[str, int] = {}
        self._state, self._model, self._shares = state, model, shares_of(model)
        self._received = fetch(self.changed)
        self.fits = state.form == self._received.schema
        self.fetched: Ints = np.arange(-self._received.num_rows, 0, dtype=np.int64)
        self.former = state.places_of(self.changed)
        self._held = self._standardised(self._received)
        self._numbers = self.fetched

    def unchanged(self, places: Ints) -> Ints:
        """Those of the places whose records are as they were, in order."""
        return np.setdiff1d(places, self.former, assume_unique=True)

    def stored(self, numbers: Ints) -> Stored:
        """The standard values of these records."""
        fresh = np.setdiff1d(numbers, self._numbers)
        if len(fresh):
            self._held = join([self._held, *self._state.stored_at(fresh, self._shares)], self._shares)
            self._numbers = np.concatenate([self._numbers, fresh])
        order = np.argsort(self._numbers)
        return self._held.take(order[np.searchsorted(self._numbers, numbers, sorter=order)])

    def received(self, numbers: Ints) -> pa.Table:
        """These records, in order of their numbers, as received."""
        fetched = numbers[numbers < 0] + self._received.num_rows
        others = self._state.received_at(numbers[numbers >= 0])
        return pa.concat_tables([self._received.take(pa.array(fetched)), *others]).combine_chunks()

    def record_keys(self, places: Ints) -> pa.Array:
        """Keys of all that changed, and of the records in these places."""
        return pa.concat_arrays([self.changed, self._state.record_keys_at(places)])

    def _standardised(self, records: pa.Table) -> Stored:
        checked = check_columns(records, self._model)
        if self._model.prepare is not None:
            self._model.prepare(checked)
        columns = standard_columns(checked, self._model, self.connected, Spill(), self.cut)
        return Stored(one_array(records, "record_key"), columns)
