"""What a delta run must know of all former records: which component each is in, and under which keys components stand.

A state is a folder of Parquet files that never change: `records-N` [record_key, component], `keys-N` [key, component,
always, is_hot], `retired` [component] and `state.json`. The next state links the files of the one before and adds its
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

from matching.groups import Groups
from matching.influence import Influence
from matching.model import Model
from matching.profiles import Profiles
from matching.weights import Weights, stored

VERSION = 1
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
                [[rule.name, rule.kind] for rule in model.rules], [block.name for block in model.blocks],
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
        return self._ask(
            "SELECT DISTINCT component FROM records SEMI JOIN asked USING (record_key)", record_key=record_keys
        )

    def records_of(self, component: pa.Array) -> pa.Array:
        """Keys of all records of these components, sorted."""
        return self._ask(
            "SELECT record_key FROM records SEMI JOIN asked USING (component) ORDER BY record_key", component=component
        )

    def meeting(self, keys: pa.Table, known: pa.Array) -> pa.Array:
        """Components other than the `known` ones that groups standing under `keys` bear on (see `Influence.keys`)."""
        with self._open() as connection:
            connection.register("mine", keys)
            connection.register("known", pa.table({"component": known}))
            found = connection.sql(
                "SELECT DISTINCT k.component FROM keys k JOIN (SELECT key, bool_or(always) AS always, "
                "bool_or(is_hot) AS is_hot FROM mine GROUP BY key) m ON m.key = k.key "
                "WHERE (m.always OR m.is_hot OR k.is_hot) AND k.component NOT IN (SELECT component FROM known)"
            ).to_arrow_table()
        return found.column(0).combine_chunks()

    def _ask(self, query: str, **asked: pa.Array) -> pa.Array:
        with self._open() as connection:
            connection.register("asked", pa.table(dict(asked)))
            found = connection.sql(query).to_arrow_table()
        return found.column(0).combine_chunks()

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
    component = influence.component[groups.of_profile][profiles.of_record] + first
    records = pa.table({"record_key": profiles.record_keys, "component": pa.array(component, pa.int64())})
    place = influence.keys.column_names.index("component")
    moved = np.asarray(influence.keys.column("component")) + first
    return records, influence.keys.set_column(place, "component", pa.array(moved, pa.int64()))


def begin_state(folder: Path, signature: Signature, profiles: Profiles, groups: Groups, influence: Influence) -> State:
    """Write the state of a full run."""
    return _write(folder, None, signature, _segment(profiles, groups, influence, 0), pa.array([], pa.int64()))


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
    return _write(folder, None, state.signature, whole, pa.array([], pa.int64()), first=state.next_component)


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
            [pq.read_table(before.folder / "retired.parquet").column(0).combine_chunks(), retired]
        )
        count = before.records - len(before.records_of(retired))
        first = before.next_component
    for name, rows in zip(("records", "keys"), segment, strict=True):
        pq.write_table(rows, fresh / f"{name}-{number:04}.parquet", compression="none")
    pq.write_table(pa.table({"component": retired}), fresh / "retired.parquet")
    top = max(np.asarray(segment[0].column("component")).max(initial=-1) + 1, first)
    state = State(folder, signature, int(top), number + 1, count + segment[0].num_rows)
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
