"""Law 3: the clusters are a function of the set of records, not of their order, their batches or the threads."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo import labelled_enterprises, labelled_persons
from demo.chance import Chance
from matching.resolve import Resolution, load_model, resolve
from tests.matching.subjects import AS_OF, clusters_of, match

SUBJECTS = ("person", "enterprise")
TODAY = (AS_OF - AS_OF.replace(year=1970, month=1, day=1)).days


@cache
def records(subject: str) -> pa.Table:
    """Labelled records with every kind of defect."""
    if subject == "person":
        return labelled_persons.make(Chance(3), 1000, TODAY, "dense")[0]
    return labelled_enterprises.make(Chance(3), 1000, TODAY)[0]


@cache
def usual(subject: str) -> Resolution:
    return match(records(subject), subject)


def assert_same(found: Resolution, subject: str) -> None:
    assert clusters_of(found) == clusters_of(usual(subject))
    for name in ("reviews", "findings"):
        assert getattr(found, name).to_pylist() == getattr(usual(subject), name).to_pylist()

    def told(resolution: Resolution) -> list[tuple[object, ...]]:
        rows = resolution.links.to_pylist()
        return sorted((min(r["left_key"], r["right_key"]), max(r["left_key"], r["right_key"]), str(r)) for r in rows)

    assert len(told(found)) == len(told(usual(subject)))
    assert {row[:2] for row in told(found)} == {row[:2] for row in told(usual(subject))}


def test_the_sample_is_worth_shuffling() -> None:
    for subject in SUBJECTS:
        found = usual(subject)
        assert found.counts["links"] > 5
        assert found.counts["clusters"] < found.counts["groups"] < found.counts["records"]


@pytest.mark.parametrize("subject", SUBJECTS)
@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), cuts=st.lists(st.integers(0, 999), max_size=6))
def test_order_and_batches_do_not_matter(subject: str, seed: int, cuts: list[int]) -> None:
    table = records(subject)
    edges = [0, *sorted(cuts), table.num_rows]
    batches = [table.slice(begin, end - begin) for begin, end in itertools.pairwise(edges)]
    joined = pa.concat_tables(reversed(batches))
    shuffled = joined.take(pa.array(np.random.default_rng(seed).permutation(table.num_rows)))
    assert_same(match(shuffled, subject), subject)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_threads_and_columns_do_not_matter(subject: str) -> None:
    table = records(subject)
    turned = table.select(list(reversed(table.column_names)))
    assert_same(resolve(turned, load_model(subject), as_of=AS_OF, threads=1), subject)


def test_records_that_say_nothing_new_change_nothing_for_others() -> None:
    """More records of one subject under its valid number leave every other cluster as it was."""
    table = records("person")
    number = table.column("id_number").to_pylist()
    row = next(n for n, text in enumerate(number) if text is not None and len(text) == 18 and text.isdigit())
    again = table.slice(row, 1).set_column(0, "record_key", pa.array(["zzz:again"]))
    found = clusters_of(match(pa.concat_tables([table, again])))
    before = clusters_of(usual("person"))
    assert {key: name for key, name in found.items() if key != "zzz:again"} == before


@pytest.mark.parametrize("subject", SUBJECTS)
def test_the_same_records_within_a_larger_set(subject: str) -> None:
    """Strangers change nothing: what a value is worth and how many subjects there are stands in the stored model."""
    table = records(subject)
    if subject == "person":
        others = labelled_persons.make(Chance(77), 3000, TODAY, "spread")[0]
    else:
        others = labelled_enterprises.make(Chance(77), 3000, TODAY)[0]
    named = pa.array([f"zzz:{n}" for n in range(others.num_rows)])
    others = others.set_column(others.column_names.index("record_key"), "record_key", named)
    found = clusters_of(match(pa.concat_tables([table, others.select(table.column_names)]), subject))
    assert {key: name for key, name in found.items() if not key.startswith("zzz:")} == clusters_of(usual(subject))


def test_the_same_records_three_times_over() -> None:
    """Who was one subject stays one, who was two stays two; each repetition under a number finds its first."""
    table = records("person")
    keys = table.column("record_key").to_pylist()
    again = [table.set_column(0, "record_key", pa.array([f"zzz:{n}:{key}" for key in keys])) for n in (1, 2)]
    assert table.column_names[0] == "record_key"
    found = clusters_of(match(pa.concat_tables([table, *again])))
    assert {key: found[key] for key in keys} == clusters_of(usual("person"))
