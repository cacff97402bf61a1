"""The shelf of a delta run: all records looked at so far, changed ones fetched and standardised, others as the state has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from matching.model import Model
from matching.profiles import standard_columns
from matching.received import check_columns
from matching.spill import Spill
from matching.state import State
from matching.stored import Stored, join, rows_of, shares_of


class Shelf:
    """Gives records with their standard values, each looked for once.

    `fits`: fetched records have the columns of the others; `cut`: how many texts of a column of theirs were cut.
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
        fetched = fetch(self.changed)
        self.fits = state.form == fetched.schema
        self._held = self._standardised(fetched)
        self._asked = self.changed

    def records(self, record_keys: pa.Array) -> Stored:
        """The present ones of these records."""
        fresh = record_keys.filter(pc.invert(pc.is_in(record_keys, value_set=self._asked)))
        if len(fresh):
            self._held = join([self._held, self._state.stored(fresh, self._shares)], self._shares)
            self._asked = pa.concat_arrays([self._asked, fresh])
        return self._held.take(rows_of(record_keys, self._held.record_keys))

    def _standardised(self, records: pa.Table) -> Stored:
        checked = check_columns(records, self._model)
        if self._model.prepare is not None:
            self._model.prepare(checked)
        return Stored(records, standard_columns(checked, self._model, self.connected, Spill(), self.cut))
