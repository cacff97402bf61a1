"""A delta run: what changed, and all it bears on, matched anew by the very functions of the full run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from matching.closure import Closure
from matching.influence import Influence, find_influence
from matching.keys import Ints
from matching.model import Model, Setting
from matching.resolve import Outcome, connecting, prepare, settle
from matching.shelf import Shelf
from matching.state import Signature, State, begin_state, next_state
from matching.weights import Weights, stored

MOST = 0.5
"""Share of the records from which looking at some costs more than looking at all."""


@dataclass(slots=True)
class Matched:
    """`outcome` of the `records` looked at; `scope`: keys of all records, gone ones too, whose files it decides.

    A match of all records has no scope: it decides every file.
    """

    outcome: Outcome
    records: pa.Table
    influence: Influence
    scope: pa.Array | None = None
    before: State | None = None
    components: Ints | None = None

    def keep(self, folder: Path, signature: Signature) -> State:
        """Write the state that the next delta begins with."""
        made = self.outcome.prepared
        what = self.outcome.model, self.records, made.profiles, made.groups, self.influence
        if self.before is None or self.components is None:
            return begin_state(folder, signature, *what)
        return next_state(self.before, folder, self.components, *what)


def match_all(
    records: pa.Table,
    model: Model,
    setting: Setting,
    weights: Weights | None = None,
    judgements: pa.Table | None = None,
) -> Matched:
    """Match all records, so that the next run may be a delta."""
    outcome = settle(prepare(records, model, setting, judgements), model, weights, judgements)
    made = outcome.prepared
    influence = find_influence(model, made.profiles, made.groups, outcome.linked.live, judgements)
    return Matched(outcome, records, influence)


def rematch(
    state: State,
    changed: pa.Array,
    fetch: Callable[[pa.Array], pa.Table],
    model: Model,
    setting: Setting,
    weights: Weights | None = None,
    judgements: pa.Table | None = None,
    *,
    most: float = MOST,
) -> Matched | None:
    """Match what the changed records bear on; None if that is more than `most` of all records, or records have other columns
    than the state knows.

    `changed`: keys of all records that came, changed or went since the state, and of those of new or withdrawn
    judgements. `fetch(record_keys)` gives the present records of these keys; gone ones are simply not among them. All
    other records are as the state has them.
    The result equals what a full run says of the same records: the set looked at is closed under influence.
    """
    weights = weights or stored(model)
    with connecting(model, setting) as connected:
        shelf = Shelf(state, changed, fetch, model, connected)
        if not shelf.fits:
            return None
        closure = Closure(state, shelf, model, setting, weights, judgements, int(most * max(state.records, 1)))
        scope = closure.draw()
        if scope is None:
            return None
        at_hand = closure.prepare(scope)
    outcome = settle(at_hand.prepared, model, weights, judgements)
    made = outcome.prepared
    influence = find_influence(model, made.profiles, made.groups, outcome.linked.live, judgements, at_hand.entries)
    return Matched(outcome, shelf.received(scope.numbers), influence, scope.records, state, scope.components)
