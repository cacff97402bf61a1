"""What a delta run must know of all former records: which component each is in, and under which keys its group stands.

A state is a folder of Parquet files that never change: `records-N` [record_key, unit, component], `keys-N` [key, unit,
component, kind, bits] with a row for each group under a key (`entries`), `retired` [component] and `state.json`. The next state links the files of the one before and adds its
own segment; a full run, or a delta that leaves too much retired behind, writes one segment anew. It holds record keys
and content hashes, so it is as protected as the records are, and it can be rebuilt from them at any time.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from matching.beyond import Keys
from matching.entries import kinds_of
from matching.groups import Groups
from matching.influence import Influence
from matching.model import Model
from matching.profiles import Profiles
from matching.weights import Weights, stored

VERSION = 2
MOST_SEGMENTS = 40
MOST_RETIRED = 0.5
"""Share of rows of retired components from which a state is written anew."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What must be as it was for a delta to equal a full run: model, weights, engine, year (of divisions and dates)."""

    model: str
    model_version: str
    weights: str
    engine: str
    year: int
    version: int = VERSION

    @classmethod
    def of(cls, model: Model, as_of: date, weights: Weights | None = None) -> Signature:
        """The signature of a run; `weights` default to the model's stored file."""
        used = weights or stored(model)
        content = json.dumps(
            [
                used.same, used.related, {k: v.tolist() for k, v in used.level.items()}, asdict(used.frequencies),
                [[rule.name, rule.kind] for rule in model.rules], [kind.name for kind in kinds_of(model)],
            ],
            sort_keys=True, ensure_ascii=False,
        )  # fmt: skip
        return cls(
            model.name, model.version, hashlib.sha256(content.encode()).hexdigest(), duckdb.__version__, as_of.year
        )


@dataclass(frozen=True, slots=True)
class State:
    """A state in its folder. `next_component`: the number the next component gets."""

    folder: Path
    signature: Signature
    next_component: int
    segments: int
    records: int

    def components_of(self, record_keys: pa.Array) -> pa.Array:
        """Distinct components of the records that were there; keys that were not are left out."""
        return self._distinct("component", "records", record_key=record_keys)

    def units_of(self, record_keys: pa.Array) -> pa.Array:
        """Distinct units of the records that were there; keys that were not are left out."""
        return self._distinct("unit", "records", record_key=record_keys)

    def components_of_units(self, unit: pa.Array) -> pa.Array:
        """Distinct components of units."""
        return self._distinct("component", "records", unit=unit)

    def units_of_components(self, component: pa.Array) -> pa.Array:
        """Distinct units of components."""
        return self._distinct("unit", "records", component=component)

    def records_of(self, component: pa.Array) -> pa.Array:
        """Keys of all records of these components, sorted."""
        return self._distinct("record_key", "records", component=component)

    def records_of_units(self, unit: pa.Array) -> pa.Array:
        """Keys of all records of these units, sorted."""
        return self._distinct("record_key", "records", unit=unit)

    def keys_of(self, unit: pa.Array) -> Keys:
        """Distinct keys under which groups of these units stand."""
        return np.asarray(self._distinct("key", "keys", unit=unit).to_numpy(), np.uint64)

    def standing_under(self, keys: Keys) -> pa.Table:
        """[key, unit, component, kind, bits] of all groups under these keys."""
        return self._ask(
            "WITH found AS MATERIALIZED (SELECT k.* FROM all_keys k SEMI JOIN asked USING (key)) "
            "SELECT key, unit, component, kind, bits FROM found ANTI JOIN retired USING (component)",
            key=pa.array(keys, pa.uint64()),
        )

    def _distinct(self, wanted: str, table: str, **asked: pa.Array) -> pa.Array:
        (by,) = asked
        found = self._ask(f"SELECT DISTINCT {wanted} FROM {table} SEMI JOIN asked USING ({by}) ORDER BY 1", **asked)
        return found.column(0).combine_chunks()

    def _ask(self, query: str, **asked: pa.Array) -> pa.Table:
        with self._open() as connection:
            connection.register("asked", pa.table(dict(asked)))
            found: pa.Table = connection.sql(query).to_arrow_table()
        return found

    @contextmanager
    def _open(self) -> Iterator[Any]:
        """Views records and keys of the components that are not retired."""
        with duckdb.connect() as connection:
            connection.read_parquet(str(self.folder / "retired.parquet")).create("retired")
            for name in ("records", "keys"):
                files = [str(path) for path in sorted(self.folder.glob(f"{name}-*.parquet"))]
                connection.read_parquet(files).create_view(f"all_{name}")
                connection.execute(f"CREATE VIEW {name} AS FROM all_{name} ANTI JOIN retired USING (component)")
            yield connection


def _segment(profiles: Profiles, groups: Groups, influence: Influence, first: int) -> tuple[pa.Table, pa.Table]:
    unit, component = ((part + first).astype(np.int32) for part in (influence.unit, influence.component))
    group, entries = groups.of_profile[profiles.of_record], influence.entries
    records = pa.table({"record_key": profiles.record_keys, "unit": unit[group], "component": component[group]})
    standing = {"key": entries.key, "unit": unit[entries.group], "component": component[entries.group]}
    return records, pa.table({**standing, "kind": entries.kind, "bits": entries.bits})


def begin_state(folder: Path, signature: Signature, profiles: Profiles, groups: Groups, influence: Influence) -> State:
    """Write the state of a full run."""
    return _write(folder, None, signature, _segment(profiles, groups, influence, 0), pa.array([], pa.int32()))


def next_state(
    before: State, folder: Path, retired: pa.Array, profiles: Profiles, groups: Groups, influence: Influence
) -> State:
    """Write the state after a delta: the components it looked at are `retired`, those it found come in their place."""
    segment = _segment(profiles, groups, influence, before.next_component)
    state = _write(folder, before, before.signature, segment, retired)
    with state._open() as connection:
        counts = connection.sql("SELECT (SELECT count(*) FROM all_keys), (SELECT count(*) FROM keys)")
        rows, live = counts.fetchall()[0]
        if state.segments < MOST_SEGMENTS and live >= (1 - MOST_RETIRED) * rows:
            return state
        whole = connection.sql("FROM records").to_arrow_table(), connection.sql("FROM keys").to_arrow_table()
    return _write(folder, None, state.signature, whole, pa.array([], pa.int32()), first=state.next_component)


def _write(
    folder: Path,
    before: State | None,
    signature: Signature,
    segment: tuple[pa.Table, pa.Table],
    retired: pa.Array,
    first: int = 0,
) -> State:
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    number, count = 0, 0
    if before is not None:
        number = before.segments
        for path in before.folder.glob("*-*.parquet"):
            os.link(path, fresh / path.name)
        retired = pa.concat_arrays(
            [pq.read_table(before.folder / "retired.parquet").column(0).combine_chunks(), retired.cast(pa.int32())]
        )
        count = before.records - len(before.records_of(retired))
        first = before.next_component
    for name, rows in zip(("records", "keys"), segment, strict=True):
        pq.write_table(rows, fresh / f"{name}-{number:04}.parquet", compression="none")
    pq.write_table(pa.table({"component": retired}), fresh / "retired.parquet")
    top = max(*(int(np.asarray(segment[0].column(of)).max(initial=-1)) + 1 for of in ("unit", "component")), first)
    state = State(folder, signature, top, number + 1, count + segment[0].num_rows)
    told = asdict(state) | {"folder": folder.name}
    (fresh / "state.json").write_text(json.dumps(told))
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
