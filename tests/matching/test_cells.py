"""Records that lie one after the other come back as they were received, whatever is written in them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.cells import others, pack, unpack

TEXT = st.none() | st.text(max_size=5) | st.sampled_from(["", "\x00", "\x1f", "王小明", "𠀀"])
REASONS = st.none() | st.lists(st.sampled_from(["DOB_MISMATCH", "PLACEHOLDER"]), max_size=2)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(TEXT, TEXT, REASONS), min_size=1, max_size=8), st.data())
def test_records_come_back_in_any_rows(rows: list[tuple[object, ...]], data: st.DataObject) -> None:
    types = pa.string(), pa.string(), pa.list_(pa.string())
    told = {f"c{n}": pa.array([row[n] for row in rows], types[n]) for n in range(3)}
    records = pa.table({name: told[name] for name in list(told)[-data.draw(st.integers(1, 3)) :]})
    order = np.array(data.draw(st.permutations(range(len(rows)))), np.int64)
    at_once = data.draw(st.integers(1, 9))
    cells, rest = list(pack(records, order, at_once)), others(records, order)
    asked = np.sort(np.array(data.draw(st.lists(st.sampled_from(range(len(rows))), max_size=4)), np.int64))
    assert unpack(cells, rest, records.schema, asked, at_once).equals(records.take(pa.array(order[asked])))
