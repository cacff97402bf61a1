"""Laws of rows sent twice, for any rows and any share of them taken away."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from demo.chance import Chance
from demo.kinds import BIT
from demo.repeats import with_repeats


@given(seed=st.integers(0, 10**6), day=st.integers(0, 400), rows=st.integers(0, 3_000), gone=st.integers(0, 50))
def test_every_row_stands_once_and_repeats_are_marked(seed: int, day: int, rows: int, gone: int) -> None:
    ops = np.where(np.arange(rows) < gone, "D", np.where(np.arange(rows) % 3, "U", "I"))
    sending = with_repeats(Chance(seed), day, np.arange(rows) * 3, ops)
    assert sending.ops is not None
    first = sending.rows[sending.first]
    assert np.array_equal(first, np.arange(rows) * 3)
    assert (sending.ops[sending.first] == ops).all()
    again = sending.rows[~sending.first & ~sending.older]
    older = sending.rows[sending.older]
    assert set(again) == set(sending.rows[(sending.flags & BIT["duplicate_row"]) != 0])
    assert set(older) == set(sending.rows[(sending.flags & BIT["key_conflict"]) != 0])
    assert "D" not in sending.ops[~sending.first]
    assert (sending.flags[~sending.first] == 0).all()
    place = {row: at for at, row in enumerate(sending.rows.tolist()) if sending.first[at]}
    assert all(at < place[row] for at, row in enumerate(sending.rows.tolist()) if sending.older[at])
    if gone:
        assert (np.flatnonzero(sending.ops == "D") < min(gone, rows)).all()


@given(rows=st.integers(0, 2_000), size=st.integers(1, 700))
def test_pieces_are_the_whole(rows: int, size: int) -> None:
    sending = with_repeats(Chance(7), 0, np.arange(rows), None)
    pieces = list(sending.pieces(size))
    assert all(len(piece) <= size for piece in pieces)
    for column in ("rows", "older", "first", "flags"):
        whole = getattr(sending, column)
        assert np.array_equal(np.concatenate([whole[:0], *(getattr(piece, column) for piece in pieces)]), whole)


@given(keys=st.lists(st.integers(0, 2**40), max_size=200), seed=st.integers(0, 10**6))
def test_a_draw_depends_on_its_key_only(keys: list[int], seed: int) -> None:
    """So a row gets the same draws on any day, in any subset and any order."""
    every = np.array(keys, dtype=np.int64)
    drawn = Chance(seed).uniform("purpose", every)
    assert np.array_equal(Chance(seed).uniform("purpose", every[::-1]), drawn[::-1])
    assert np.array_equal(Chance(seed).uniform("purpose", every[1::2]), drawn[1::2])
    assert ((drawn >= 0) & (drawn < 1)).all()
