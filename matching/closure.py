"""Closure: from changed records to all records whose files they bear on (`influence` says what can change a verdict).

1. The units of the changed records, and every unit they are tied to now: only these say anything new.
2. Whoever meets them in a block and is of another component is compared with them. Where no rule sets the two apart,
   that component is decided anew, too.
3. So are components under a key that became over-full by what the units say now, or is so no longer, and those in which
   two groups may agree on a value that other many hold now.

Nothing follows from what is drawn in by 2 and 3: its units say what they said, so its other pairs are as they were.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from matching.beyond import Beyond, Keys, holder_keys
from matching.entries import ASKS, HOLDS, Entries, find_entries, find_ties, kinds_of
from matching.former import Former
from matching.frequencies import use
from matching.groups import Groups
from matching.influence import find_influence, find_live, meeting_pairs
from matching.judgements import apply_judgements, mark_judged
from matching.keys import Ints
from matching.model import Mask, Model, Setting
from matching.profiles import Profiles
from matching.resolve import Prepared, prepare_standard
from matching.shelf import Shelf
from matching.spill import Spill
from matching.state import State
from matching.weights import Weights

NOBODY = np.zeros(0, np.int64)


@dataclass(slots=True)
class AtHand:
    """Records that are looked at, by their `numbers` on the shelf, prepared; their groups once judgements are applied, and the
    groups' entries.
    """

    numbers: Ints
    prepared: Prepared
    groups: Groups
    entries: Entries

    @property
    def profiles(self) -> Profiles:
        """The profiles of the records."""
        return self.prepared.profiles

    def records_of(self, groups: Mask) -> Mask:
        """Which records the chosen groups have, in the order of `numbers`."""
        chosen: Mask = groups[self.groups.of_profile[self.profiles.of_record]]
        return chosen


@dataclass(frozen=True, slots=True)
class Scope:
    """What a delta run decides: keys of `records`, present or gone, and the former `components` they were in.

    `numbers`: those of the present ones on the shelf.
    """

    records: pa.Array
    components: Ints
    numbers: Ints


class Closure:
    """Draws the closure of the changed records of a shelf."""

    def __init__(
        self, state: State, shelf: Shelf, model: Model, setting: Setting, weights: Weights, judgements: pa.Table | None,
        most: int,
    ) -> None:  # fmt: skip
        self._state, self._shelf, self._model, self._setting = state, shelf, model, setting
        self._weights, self._judgements, self._most = weights, judgements, most
        self._kinds = kinds_of(model)
        self._former = Former(state, self._kinds)

    def draw(self) -> Scope | None:
        """The closure of the changed records; None if it has more than `most` records."""
        state, former, shelf = self._state, self._former, self._shelf
        units = state.units_at(shelf.former)
        tied = former.tied(self._prepare(shelf.fetched, is_tied=True).entries, units)
        while True:
            units = np.union1d(units, tied)
            former.take_in(units)
            others = shelf.unchanged(state.places_of_units(units))
            if len(others) + len(shelf.changed) > self._most:
                return None
            mine = self._prepare(np.concatenate([shelf.fetched, others]), self._others)
            tied = former.tied(mine.entries, units)
            if not len(tied):
                break
        owned = state.components_of_units(units)
        drawn = [owned, former.turned(mine.entries), former.recounted(mine.entries)]
        inside = np.unique(np.concatenate(drawn))
        components = np.union1d(inside, self._met(mine, inside))
        others = shelf.unchanged(state.places_of_components(components))
        records = shelf.record_keys(others)
        return (
            Scope(records, components, np.concatenate([shelf.fetched, others])) if len(records) <= self._most else None
        )

    def prepare(self, scope: Scope) -> AtHand:
        """The records of the scope, with what is known of all others."""
        former = self._former
        former.take_in(self._state.units_of_components(scope.components))
        at_hand = self._prepare(scope.numbers, self._others)
        former.ask(at_hand.entries.key)
        holders = {
            column: former.count(holder_keys(at_hand.profiles, column, name), ~former.is_mine)
            for name in (kind.name for kind in self._kinds if kind.is_counted)
            for column in [name.removeprefix("holders of ")]
        }
        at_hand.profiles.tables["cut"] = dict(sorted(self._shelf.cut.items()))
        at_hand.profiles.tables["beyond"] = Beyond(at_hand.entries.over, holders)
        return at_hand

    def _met(self, mine: AtHand, inside: Ints) -> Ints:
        """Components but those `inside` that have a live pair with mine."""
        model, former = self._model, self._former
        met, units = former.partners(mine.entries, inside)
        if not len(units):
            return NOBODY
        is_met = np.zeros(mine.groups.count, bool)
        is_met[met] = True
        unit = find_influence(model, mine.profiles, mine.groups, (NOBODY, NOBODY), None, mine.entries).unit
        own = mine.numbers[mine.records_of(np.isin(unit, unit[is_met]))]
        state = self._state
        # Whole components, and all that is decided anyway: what is standardised here is not standardised again.
        rim = state.places_of_components(np.union1d(inside, state.components_of_units(units)))
        rim = np.setdiff1d(self._shelf.unchanged(rim), mine.numbers, assume_unique=True)
        both = self._prepare(np.concatenate([own, rim]), over=mine.entries.over)
        is_mine = np.zeros(both.groups.count, bool)
        is_mine[both.groups.of_profile[both.profiles.of_record[: len(own)]]] = True
        use(self._weights.frequencies, both.profiles)
        pairs = meeting_pairs(both.entries, self._kinds, is_mine)
        live = np.zeros(both.groups.count, bool)
        live[np.concatenate(find_live(model, both.profiles, both.groups, pairs))] = True
        return state.components_at(np.sort(both.numbers[both.records_of(live & ~is_mine)]))

    def _others(self, keys: Keys) -> tuple[Ints, Ints]:
        """How many former groups that are not looked at ask and hold under these keys."""
        self._former.ask(keys)
        rows = ~self._former.is_mine
        return self._former.count(keys, rows, ASKS), self._former.count(keys, rows, HOLDS)

    def _prepare(
        self,
        numbers: Ints,
        others: Callable[[Keys], tuple[Ints, Ints]] | None = None,
        over: Keys | None = None,
        *,
        is_tied: bool = False,
    ) -> AtHand:
        """Profiles, groups and entries of these records; entries of ties alone if asked for."""
        held = self._shelf.stored(numbers)
        keys, connection = held.record_keys, self._shelf.connected()
        apart = mark_judged(keys, self._judgements)
        prepared = prepare_standard(held.columns, keys, self._model, self._setting, apart, connection, Spill())
        groups, _ = apply_judgements(prepared.profiles, prepared.groups, self._judgements)
        what = self._model, prepared.profiles, groups, self._judgements
        return AtHand(numbers, prepared, groups, find_ties(*what) if is_tied else find_entries(*what, others, over))
