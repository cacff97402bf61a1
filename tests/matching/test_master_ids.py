"""Master ids: one for each number, back to it, and no slip of a hand leads to another id."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.master_ids import ALPHABET, decode, encode

NUMBERS = st.integers(0, 2**40 - 1)


def id_of(number: int, prefix: str = "P") -> str:
    return str(encode(np.array([number]), prefix)[0])  # type: ignore[arg-type]


@settings(max_examples=300, deadline=None)
@given(NUMBERS, st.sampled_from("PE"))
def test_an_id_leads_back_to_its_number(number: int, prefix: str) -> None:
    text = id_of(number, prefix)
    assert len(text) == 10
    assert text[0] == prefix
    assert set(text[1:]) <= set(ALPHABET)
    assert decode(np.array([text]))[0] == number


@settings(max_examples=60, deadline=None)
@given(NUMBERS)
def test_every_single_wrong_character_is_found(number: int) -> None:
    text = id_of(number)
    wrong = [text[:n] + sign + text[n + 1 :] for n in range(10) for sign in ALPHABET + "IOU" if sign != text[n]]
    assert (decode(np.array(wrong)) == -1).all()


@settings(max_examples=100, deadline=None)
@given(NUMBERS)
def test_every_swap_of_two_characters_is_found(number: int) -> None:
    text = id_of(number)
    swapped = []
    for one in range(10):
        for two in range(one + 1, 10):
            if text[one] != text[two]:
                signs = list(text)
                signs[one], signs[two] = signs[two], signs[one]
                swapped.append("".join(signs))
    assert (decode(np.array(swapped)) == -1).all()


def test_running_numbers_give_different_ids_in_no_visible_order() -> None:
    ids = encode(np.arange(20_000), "P")
    assert len(np.unique(ids)) == 20_000
    rising = (ids[1:] > ids[:-1]).mean()
    assert 0.45 < rising < 0.55


def test_texts_that_are_no_ids() -> None:
    odd = ["", "P", id_of(7)[:-1], id_of(7) + "0", id_of(7).lower(), "Q" + id_of(7)[1:], "一二三四五六七八九十"]
    assert (decode(np.array(odd)) == -1).all()
    assert not len(decode(np.array([], dtype=str)))


def test_a_number_that_does_not_fit_is_refused() -> None:
    for number in (-1, 2**40):
        with pytest.raises(ValueError, match="do not fit 40 bits"):
            encode(np.array([number]), "P")
