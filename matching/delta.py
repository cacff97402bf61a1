"""A delta run: what changed, and all it bears on, matched anew by the very functions of the full run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from matching.influence import Influence, find_influence
from matching.model import Model, Setting
from matching.resolve import Outcome, Prepared, open_desk, prepare, settle
from matching.state import Signature, State, begin_state, next_state
from matching.weights import Weights

MOST = 0.5
"""Share of the records from which looking at some costs more than looking at all."""


@dataclass(slots=True)
class Matched:
    """`outcome` of the `records` looked at; `scope`: keys of all records, gone ones too, whose files it decides.

    A match of all records has no scope: it decides every file.
    """

    outcome: Outcome
    records: pa.Table
    prepared: Prepared
    influence: Influence
    scope: pa.Array | None = None
    before: State | None = None
    components: pa.Array | None = None

    def keep(self, folder: Path, signature: Signature) -> State:
        """Write the state that the next delta begins with."""
        profiles, groups = self.prepared.profiles, self.prepared.groups
        if self.before is None or self.components is None:
            return begin_state(folder, signature, profiles, groups, self.influence)
        return next_state(self.before, folder, self.components, profiles, groups, self.influence)


def match_all(
    records: pa.Table,
    model: Model,
    setting: Setting,
    weights: Weights | None = None,
    judgements: pa.Table | None = None,
) -> Matched:
    """Match all records, so that the next run may be a delta."""
    prepared = prepare(records, model, setting, judgements)
    influence = find_influence(model, prepared.profiles, prepared.groups, judgements)
    return Matched(settle(prepared, model, weights, judgements), records, prepared, influence)


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
    """Match what the changed records bear on; None if that is more than `most` of all records.

    `changed`: keys of all records that came, changed or went since the state, and of those of new or withdrawn
    judgements. `fetch(record_keys)` gives the present records of these keys; gone ones are simply not among them.
    The result equals what a full run says of the same records: the set looked at is closed under influence.
    """
    changed = pc.unique(changed.cast(pa.string()))
    components = fresh = state.components_of(changed)
    scope, parts = changed, list[pa.Table]()
    with open_desk(model, setting) as desk:
        while True:
            wanted = pc.unique(pa.concat_arrays([state.records_of(fresh), *([] if parts else [changed])]))
            scope = pc.unique(pa.concat_arrays([scope, wanted]))
            if len(scope) > most * max(state.records, 1):
                return None
            parts.append(fetch(wanted))
            records = pa.concat_tables(parts)
            prepared = prepare(records, model, setting, judgements, desk)
            influence = find_influence(model, prepared.profiles, prepared.groups, judgements)
            more = state.meeting(influence.keys, components)
            if not len(more):
                break
            components, fresh = pa.concat_arrays([components, more]), more
    outcome = settle(prepared, model, weights, judgements)
    return Matched(outcome, records, prepared, influence, scope, state, components)
