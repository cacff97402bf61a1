"""What a delta run must know of all former records: which component each is in, and under which keys its group stands.

A state is a folder of files that never change: those of segment 0, 1 ... (`segment`), which say of records their unit and
component and have a row for each group under a key (`entries`), `retired.npy` (components) and `state.json`. The next
state links the files of the one before and adds its own segment, into which it takes the latest ones that are not much
larger: so there are few of them, and what is written follows what changed. A full run, or a delta that leaves too much
retired behind, writes one segment anew. It holds the records and their standard values, so that those that did not change are
neither fetched nor standardised again: it is as protected as the records are, and can be rebuilt from them at any time.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from extractors.standardise import digest_macros
from matching.beyond import Keys
from matching.entries import kinds_of
from matching.groups import Groups
from matching.influence import Influence
from matching.keys import Ints, distinct, hash_texts
from matching.model import Model
from matching.profiles import Profiles
from matching.segment import STANDING, Segment, is_live, write_segment
from matching.stored import Shares, Stored, join, shares_of
from matching.weights import Weights, stored

VERSION = 5
TAKES_IN = 2
"""A new segment takes in the latest one if that has at most so many times its records: so their number follows the logarithm."""
NOBODY = np.zeros(0, np.int64)
Rows = tuple[pa.Table, dict[str, npt.NDArray[np.generic]], Stored, pa.Table]
"""What a segment is written from: [record_key, unit, component], the columns of `STANDING`, the records' standard values and
the records as received."""
ROW_BITS = 40
"""A record's place: the number of its segment, and this many bits of its row there."""
MOST_RETIRED = 0.5
"""Share of retired ones among all components there were, from which a state is written anew."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What must be as it was for a delta to equal a full run: model, weights, standard form, how records are read, engine,
    year (of divisions and dates).
    """

    model: str
    model_version: str
    weights: str
    engine: str
    year: int
    version: int = VERSION

    @classmethod
    def of(cls, model: Model, as_of: date, weights: Weights | None = None, *, reading: str = "") -> Signature:
        """The signature of a run; `weights` default to the model's stored file, `reading` tells how records are made."""
        used = weights or stored(model)
        content = json.dumps(
            [
                used.same, used.related, {k: v.tolist() for k, v in used.level.items()},
                {f.name: getattr(used.frequencies, f.name) for f in fields(used.frequencies)},
                [[rule.name, rule.kind] for rule in model.rules], [kind.name for kind in kinds_of(model)],
                [[value.name, value.source, value.sql, value.dictionary, value.like] for value in model.values], digest_macros(),
                reading,
            ],
            sort_keys=True, ensure_ascii=False,
        )  # fmt: skip
        return cls(
            model.name, model.version, hashlib.sha256(content.encode()).hexdigest(), duckdb.__version__, as_of.year
        )


@dataclass(frozen=True)
class State:
    """A state in its folder. `next_component`: the number the next component gets."""

    folder: Path
    signature: Signature
    next_component: int
    segments: int
    records: int

    @cached_property
    def retired(self) -> Ints:
        """Components that later segments decide anew, in order."""
        retired: Ints = np.load(self.folder / "retired.npy")
        return retired

    @cached_property
    def _parts(self) -> list[Segment]:
        return [Segment(self.folder, number) for number in range(self.segments)]

    @property
    def form(self) -> pa.Schema:
        """The columns of the records."""
        return self._parts[0].form

    def places_of(self, record_keys: pa.Array) -> Ints:
        """Places of the records that were there, in order; keys that were not are left out."""
        hashes = hash_texts(record_keys)
        return self._places([part.rows_of_names(record_keys, hashes) for part in self._parts])

    def places_of_units(self, units: Ints) -> Ints:
        """Places of all records of these units, in order."""
        return self._places([part.rows_of("unit", units) for part in self._parts])

    def places_of_components(self, components: Ints) -> Ints:
        """Places of all records of these components, in order."""
        return self._places([part.rows_of("component", components) for part in self._parts])

    def units_at(self, places: Ints) -> Ints:
        """Distinct units of the records in these places."""
        return self._at(places, "unit")

    def components_at(self, places: Ints) -> Ints:
        """Distinct components of the records in these places."""
        return self._at(places, "component")

    def components_of_units(self, units: Ints) -> Ints:
        """Distinct components of units."""
        return self._numbers("unit", units, "component")

    def units_of_components(self, components: Ints) -> Ints:
        """Distinct units of components."""
        return self._numbers("component", components, "unit")

    def record_keys_at(self, places: Ints) -> pa.Array:
        """Keys of the records in these places, which are in order."""
        found = [part.record_key.take(pa.array(rows)) for part, rows in self._split(places)]
        return pa.concat_arrays([pa.array([], pa.string()), *found])

    def stored_at(self, places: Ints, shares: Shares) -> list[Stored]:
        """The standard values of the records in these places, which are in order; one after the other."""
        return [part.stored(rows, shares) for part, rows in self._split(places)]

    def received_at(self, places: Ints) -> list[pa.Table]:
        """The records in these places, which are in order, as received; one after the other."""
        return [part.received(rows) for part, rows in self._split(places)]

    def keys_of(self, units: Ints) -> Keys:
        """Keys under which groups of these units stand; may repeat."""
        return np.concatenate([part.keys_of(units) for part in self._parts])

    def standing_under(self, keys: Keys) -> dict[str, npt.NDArray[np.generic]]:
        """Columns key, unit, component, kind, bits of all groups under these keys."""
        found = [part.standing(keys) for part in self._parts]
        rows = {name: np.concatenate([part[name] for part in found]) for name in STANDING}
        live = is_live(rows["component"], self.retired)
        return {name: column[live] for name, column in rows.items()}

    def _split(self, places: Ints) -> Iterator[tuple[Segment, Ints]]:
        """Segments that have some of these places, which are in order, and the rows there."""
        ends = np.searchsorted(places, np.arange(self.segments + 1, dtype=np.int64) << ROW_BITS)
        for part, begin, end in zip(self._parts, ends[:-1], ends[1:], strict=True):
            if begin < end:
                yield part, places[begin:end] & ((1 << ROW_BITS) - 1)

    def _places(self, rows: list[Ints]) -> Ints:
        """Places of those rows of the segments that are live."""
        found = [NOBODY]
        for part, chosen in zip(self._parts, rows, strict=True):
            live = chosen[is_live(part.column("component")[chosen], self.retired)]
            found.append(live.astype(np.int64) | part.number << ROW_BITS)
        return distinct(np.concatenate(found))

    def _at(self, places: Ints, column: str) -> Ints:
        found = [part.column(column)[rows].astype(np.int64) for part, rows in self._split(places)]
        return distinct(np.concatenate([NOBODY, *found]))

    def _numbers(self, by: str, wanted: Ints, column: str) -> Ints:
        found = [NOBODY]
        for part in self._parts:
            rows = part.rows_of(by, wanted)
            live = rows[is_live(part.column("component")[rows], self.retired)]
            found.append(part.column(column)[live].astype(np.int64))
        return distinct(np.concatenate(found))

    def taken_in(self, records: int) -> int:
        """From which segment on all are taken into a new one of so many records."""
        first = self.segments
        while first and (held := self._parts[first - 1].records.num_rows) <= TAKES_IN * records:
            first, records = first - 1, records + held
        return first

    def rows_from(self, first: int, retired: Ints, shares: Shares) -> Rows:
        """What this segment and the later ones hold but what is retired, as one segment is written from."""
        parts = self._parts[first:]
        live = [np.flatnonzero(is_live(part.column("component"), retired)) for part in parts]
        records = pa.concat_tables([p.records.take(pa.array(rows)) for p, rows in zip(parts, live, strict=True)])
        stored = join([part.stored(rows, shares) for part, rows in zip(parts, live, strict=True)], shares)
        received = pa.concat_tables([part.received(rows) for part, rows in zip(parts, live, strict=True)])
        every = {name: np.concatenate([part.keys[name] for part in parts]) for name in STANDING}
        is_kept = is_live(every["component"], retired)
        return records, {name: column[is_kept] for name, column in every.items()}, stored, received


def _segment(records: pa.Table, profiles: Profiles, groups: Groups, influence: Influence, first: int) -> Rows:
    """Units are numbered anew, so that those of one component follow each other."""
    of_unit = np.zeros(int(influence.unit.max(initial=-1)) + 1, np.int64)
    of_unit[influence.unit] = influence.component
    rank = np.empty(len(of_unit), np.int64)
    rank[np.argsort(of_unit, kind="stable")] = np.arange(len(of_unit))
    unit, component = ((part + first).astype(np.int32) for part in (rank[influence.unit], influence.component))
    group, entries = groups.of_profile[profiles.of_record], influence.entries
    told = pa.table({"record_key": profiles.record_keys, "unit": unit[group], "component": component[group]})
    of_group = {"unit": unit[entries.group], "component": component[entries.group]}
    standing: dict[str, npt.NDArray[np.generic]] = {
        "key": entries.key,
        **of_group,
        "kind": entries.kind,
        "bits": entries.bits,
    }
    return told, standing, Stored.of(profiles), records


def begin_state(
    folder: Path, signature: Signature, model: Model, records: pa.Table, profiles: Profiles, groups: Groups,
    influence: Influence,
) -> State:  # fmt: skip
    """Write the state of a full run over these records."""
    rows = _segment(records, profiles, groups, influence, 0)
    return _write(folder, signature, rows, shares_of(model), NOBODY, records.num_rows, 0)


def next_state(
    before: State, folder: Path, retired: Ints, model: Model, records: pa.Table, profiles: Profiles, groups: Groups,
    influence: Influence,
) -> State:  # fmt: skip
    """Write the state after a delta: the components it looked at are `retired`, those it found come in their place."""
    shares, signature = shares_of(model), before.signature
    count = before.records - len(before.places_of_components(retired)) + records.num_rows
    retired = distinct(np.concatenate([before.retired, retired]))
    is_whole = len(retired) >= MOST_RETIRED * before.next_component
    first = 0 if is_whole else before.taken_in(records.num_rows)
    rows = _segment(records, profiles, groups, influence, before.next_component)
    if first < before.segments:
        rows = _both(before.rows_from(first, retired, shares), rows, shares)
    kept = [path for path in before.folder.glob("*-[0-9]*") if int(path.stem[-4:]) < first]
    return _write(
        folder, signature, rows, shares, retired if first else NOBODY, count, before.next_component, first, kept
    )


def _both(one: Rows, two: Rows, shares: Shares) -> Rows:
    """The rows of two segments, as one is written from."""
    standing = {name: np.concatenate([one[1][name], two[1][name]]) for name in STANDING}
    return (
        pa.concat_tables([one[0], two[0]]),
        standing,
        join([one[2], two[2]], shares),
        pa.concat_tables([one[3], two[3]]),
    )


def _write(
    folder: Path, signature: Signature, rows: Rows, shares: Shares, retired: Ints, count: int, top: int, number: int = 0,
    kept: Sequence[Path] = (),
) -> State:  # fmt: skip
    """Write a segment of this number, beside the files of former ones that are `kept`, and the state of so many records."""
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for path in kept:
        os.link(path, fresh / path.name)
    records, standing, stored, received = rows
    write_segment(fresh, number, records, standing, stored, received, shares)
    np.save(fresh / "retired.npy", retired)
    top = max(*(int(records.column(of).to_numpy().max(initial=-1)) + 1 for of in ("unit", "component")), top)
    state = State(folder, signature, top, number + 1, count)
    told = {name: getattr(state, name) for name in ("next_component", "segments", "records")}
    (fresh / "state.json").write_text(json.dumps({**told, "signature": asdict(signature)}))
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)
    return state


def open_state(folder: Path, signature: Signature) -> State | None:
    """The state in a folder; None if there is none or it was made by another model, other weights or in another year."""
    if not (folder / "state.json").exists():
        return None
    told = json.loads((folder / "state.json").read_text())
    if told["signature"] != asdict(signature):
        return None
    return State(folder, signature, told["next_component"], told["segments"], told["records"])
