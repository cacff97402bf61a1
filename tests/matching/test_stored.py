"""A night reads what did not change from the state: it fetches and standardises changed records alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from matching.delta import rematch
from matching.profiles import Column
from matching.resolve import load_model, prepare
from matching.state import Signature
from matching.stored import Stored, join, shares_of
from tests.matching.served import AS_OF, SETTING, Served, made


@pytest.fixture
def begun(tmp_path: Path) -> Served:
    served = Served(load_model("person"), tmp_path)
    served.records = {str(row["record_key"]): row for row in made("person", 1, 60)}
    served.begin()
    return served


def test_only_changed_records_are_fetched(begun: Served) -> None:
    asked: list[str] = []

    def fetch(keys: pa.Array) -> pa.Table:
        asked.extend(keys.to_pylist())
        return begun.fetch(keys)

    assert begun.state is not None
    changed = sorted(begun.records)[::20]
    gone = changed[0]
    del begun.records[gone]
    found = rematch(begun.state, pa.array(changed), fetch, begun.model, SETTING, most=1e6)
    assert found is not None
    assert found.scope is not None
    assert sorted(asked) == changed
    looked_at = found.records["record_key"].to_pylist()
    assert set(looked_at) == set(found.scope.to_pylist()) - {gone}
    assert found.records.sort_by("record_key").equals(begun.table(sorted(looked_at)))


def test_latest_segments_are_taken_in(begun: Served) -> None:
    """Each of ten nights looks at a few records: the state stays in few segments, and the first is linked as long as it is large."""
    assert begun.state is not None
    first = begun.state.folder / "cells-0000.arrow"
    linked = []
    for night in range(10):
        key = sorted(begun.records)[3 * night]
        begun.records[key] = {**begun.records[key], "phone": f"1380000000{night}"}
        begun.run([key])
        linked.append((begun.state.folder / "cells-0000.arrow").samefile(first))
        assert begun.state.segments <= 4
        places = begun.state.places_of(pa.array(sorted(begun.records)))
        received = pa.concat_tables(begun.state.received_at(places))
        assert received.sort_by("record_key").equals(begun.table(sorted(begun.records)))
        stored = join(begun.state.stored_at(places, shares_of(begun.model)), shares_of(begun.model))
        assert stored.record_keys.equals(received["record_key"].combine_chunks())
        assert stored.record_keys.equals(begun.state.record_keys_at(places))
    assert all(linked[:3])
    clusters, links, reviews, files = begun.full()
    assert (begun.clusters, begun.links, begun.reviews, begun.files) == (clusters, links, reviews, files)


def test_records_of_other_columns_are_matched_as_a_whole(begun: Served) -> None:
    def fetch(keys: pa.Array) -> pa.Table:
        rows = begun.fetch(keys)
        return rows.append_column("new_column", pa.nulls(rows.num_rows, pa.string()))

    assert begun.state is not None
    assert rematch(begun.state, pa.array(sorted(begun.records)[:2]), fetch, begun.model, SETTING) is None


def test_another_standard_form_is_another_signature(begun: Served) -> None:
    first, *others = begun.model.values
    other = replace(begun.model, values=(replace(first, sql=f"upper({first.sql})"), *others))
    assert Signature.of(other, AS_OF) != Signature.of(begun.model, AS_OF)


def test_joined_parts_say_what_their_records_said(begun: Served) -> None:
    table = begun.table(sorted(begun.records))
    whole = Stored.of(prepare(table, begun.model, SETTING).profiles)
    parts = [whole.take(np.arange(n, table.num_rows, 3)) for n in range(3)]
    joined = join([*parts, whole.take(np.zeros(0, np.int64))], shares_of(begun.model))
    order = np.argsort(np.concatenate([np.arange(n, table.num_rows, 3) for n in range(3)]))
    assert joined.take(order).record_keys.equals(whole.record_keys)
    for name, column in joined.columns.items():
        assert texts(column, order) == texts(whole.columns[name], np.arange(table.num_rows)), name
        assert len(column.values) == len(column.values.unique())


def texts(column: Column, rows: np.ndarray) -> list[tuple[str, int] | None]:
    said = column.values.to_pylist()
    return [(said[code], int(column.hashes[code])) if code >= 0 else None for code in column.codes[rows].tolist()]
