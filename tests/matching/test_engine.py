"""The engine's laws on a small model of its own: order, constraints and judgements, over many random worlds."""

from __future__ import annotations

from datetime import date
from functools import cache

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.evidence import Evidence
from matching.groups import _join_best
from matching.judgements import VERDICTS
from matching.keys import dense
from matching.model import Block, Comparison, Identity, Levels, Mask, Model, Rule, Setting, Value
from matching.pairs import Pairs
from matching.profiles import InputError, Profiles
from matching.resolve import Outcome, resolve, run
from matching.weights import Weights, start
from tests.matching.subjects import Shared

COLUMNS = ("number", "former", "name", "phone", "card")
AS_OF = date(2026, 11, 1)


@cache
def plain() -> Shared:
    """A connection without macros."""
    return Shared(duckdb.connect(config={"threads": 1}))


def compare_names(pairs: Pairs) -> Levels:
    """Equal, or the same first letter."""
    levels = pairs.equal_levels("name")
    levels[pairs.equal("name")] = 2
    alike = pairs.over_texts(
        "name", lambda a, b: np.array([x[0] == y[0] for x, y in zip(a, b, strict=True)]), levels == 0, 0
    )
    levels[alike == 1] = 1
    return levels


def compare_phones(pairs: Pairs) -> Levels:
    """Equal or not."""
    return pairs.equal_levels("phone")


def compare_cards(pairs: Pairs) -> Levels:
    """Equal or not."""
    return pairs.equal_levels("card")


def has_one_name(evidence: Evidence) -> Mask:
    """Equal names."""
    mask: Mask = evidence["name"] == 2
    return mask


def fits(evidence: Evidence) -> Mask:
    """The same letter, or no name."""
    mask: Mask = evidence["name"] != 0
    return mask


def stand(profiles: Profiles) -> np.ndarray:
    """Every number stands."""
    return np.ones(profiles.count, np.int8)


MODEL = Model(
    name="light",
    version="1",
    prefix="P",
    required=COLUMNS,
    values=tuple(Value(name, name, "v", "number" if name in ("number", "former") else "") for name in COLUMNS),
    identity=Identity(
        number="number",
        same=("name",),
        rules=(
            Rule("one_name", "same", has_one_name, "equal names"),
            Rule("fits", "same", fits, "the names fit", is_bridge=False),
        ),
        support=lambda profiles: profiles.weight,
        standing=stand,
        former="former",
        told_by=("number",),
    ),
    comparisons=(
        Comparison("name", compare_names, ("different", "alike", "equal"), frequency="name"),
        Comparison("phone", compare_phones, ("different", "equal"), frequency="phone"),
        Comparison("card", compare_cards, ("different", "equal"), frequency="card"),
    ),
    blocks=(Block("phone", ("phone",)), Block("card", ("card",)), Block("name", ("name",), refine=("phone",), most_pairs=60)),
    connect=lambda **_: plain(),
)  # fmt: skip


@cache
def weights() -> Weights:
    """Weights that let two agreements link."""
    made = start(MODEL)
    for name, table in {
        "name": [[0.01, 0.5, 0.9], [0.04, 0.3, 0.05], [0.95, 0.2, 0.05]],
        "phone": [[0.1, 0.3, 0.999], [0.9, 0.7, 0.001]],
        "card": [[0.1, 0.9, 0.999], [0.9, 0.1, 0.001]],
    }.items():
        made.level[name] = np.array(table)
    return made


Row = tuple[str | None, ...]
ROWS = st.lists(
    st.tuples(
        st.sampled_from([None, None, "1", "2", "3", "4"]),
        st.sampled_from([None] * 9 + ["1", "2", "3"]),
        st.sampled_from([None, "aa", "ab", "ba", "bb", "ca"]),
        st.sampled_from([None, "p", "q", "r"]),
        st.sampled_from([None, "x", "y", "z", "w"]),
    ),
    min_size=0,
    max_size=24,
)
JUDGED = st.lists(st.tuples(st.integers(0, 23), st.integers(0, 23), st.sampled_from(VERDICTS)), max_size=6)


def table(rows: list[Row], order: list[int]) -> pa.Table:
    columns = {name: pa.array([rows[n][place] for n in order], pa.string()) for place, name in enumerate(COLUMNS)}
    return pa.table({"record_key": pa.array([f"r{n:02}" for n in order], pa.string()), **columns})


def verdicts(judged: list[tuple[int, int, str]]) -> pa.Table:
    fields = {"left_key": [f"r{a:02}" for a, _, _ in judged], "right_key": [f"r{b:02}" for _, b, _ in judged]}
    return pa.table(
        {
            name: pa.array(values, pa.string())
            for name, values in {**fields, "verdict": [v for _, _, v in judged]}.items()
        }
    )


def outcome(
    rows: list[Row], order: list[int] | None = None, judged: list[tuple[int, int, str]] | None = None
) -> Outcome:
    records = table(rows, order if order is not None else list(range(len(rows))))
    return run(records, MODEL, Setting(AS_OF), weights(), verdicts(judged) if judged else None)


def clusters(found: Outcome) -> dict[str, str]:
    told = found.clusters.to_pydict()
    return dict(zip(told["record_key"], told["cluster_id"], strict=True))


@settings(max_examples=60, deadline=None)
@given(ROWS, JUDGED, st.randoms(use_true_random=False))
def test_order_does_not_matter(rows: list[Row], judged: list[tuple[int, int, str]], chance: object) -> None:
    order = list(range(len(rows)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    one, two = outcome(rows, None, judged), outcome(rows, order, judged)
    assert clusters(one) == clusters(two)
    assert one.reviews().to_pylist() == two.reviews().to_pylist()
    assert one.findings().to_pylist() == two.findings().to_pylist()


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_no_cluster_holds_two_numbers_that_stand(rows: list[Row]) -> None:
    plain = [(row[0], None, *row[2:]) for row in rows]
    found = outcome(plain)
    groups, label = found.prepared.groups, found.linked.label
    held: dict[int, set[int]] = {}
    for group in np.flatnonzero(groups.number >= 0).tolist():
        held.setdefault(int(label[group]), set()).add(int(groups.number[group]))
    assert all(len(numbers) == 1 for numbers in held.values())


@settings(max_examples=60, deadline=None)
@given(ROWS, JUDGED)
def test_judgements_beat_every_score(rows: list[Row], judged: list[tuple[int, int, str]]) -> None:
    known = [(a, b, v) for a, b, v in judged if a < len(rows) and b < len(rows) and a != b]
    cluster = clusters(outcome(rows, None, known))
    apart = {frozenset((a, b)) for a, b, verdict in known if verdict == "not_same"}
    for a, b in (sorted(pair) for pair in apart):
        assert cluster[f"r{a:02}"] != cluster[f"r{b:02}"]
    if not apart:
        for a, b, verdict in known:
            assert verdict != "same" or cluster[f"r{a:02}"] == cluster[f"r{b:02}"]


@settings(max_examples=30, deadline=None)
@given(ROWS, JUDGED)
def test_unsure_changes_nothing(rows: list[Row], judged: list[tuple[int, int, str]]) -> None:
    unsure = [(a, b, "unsure") for a, b, _ in judged]
    assert clusters(outcome(rows, None, unsure)) == clusters(outcome(rows))


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_every_record_has_one_cluster_and_every_link_joins(rows: list[Row]) -> None:
    found = outcome(rows)
    cluster = clusters(found)
    assert sorted(cluster) == [f"r{n:02}" for n in range(len(rows))]
    for link in found.links().to_pylist():
        assert cluster[link["left_key"]] == cluster[link["right_key"]]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=12),
    st.lists(st.integers(0, 3), min_size=8, max_size=8),
)
def test_a_third_that_fits_two_joins_one(edges: list[tuple[int, int]], points: list[int]) -> None:
    left, right = (np.array([edge[side] for edge in edges], np.int64) for side in (0, 1))
    joined = _join_best(left, right, np.array(points, float))
    for one, leader in enumerate(joined.tolist()):
        assert joined[leader] == leader
        assert leader == one or (one, leader) in edges or (leader, one) in edges


def test_listed_former_numbers_join_two_that_stand() -> None:
    rows: list[Row] = [("1", None, "aa", None, None), ("2", "1", "ba", None, None), ("3", None, "ba", None, None)]
    cluster = clusters(outcome(rows))
    assert cluster["r00"] == cluster["r01"] != cluster["r02"]


def test_a_judgement_that_needs_mending_is_refused() -> None:
    records = table([("1", None, "aa", None, None)], [0])
    strange = verdicts([(0, 0, "perhaps")])
    with pytest.raises(InputError, match="unknown verdict 'perhaps'"):
        resolve(records, MODEL, as_of=AS_OF, weights=weights(), judgements=strange)
    with pytest.raises(InputError, match="'verdict' is missing"):
        resolve(records, MODEL, as_of=AS_OF, weights=weights(), judgements=strange.drop_columns(["verdict"]))


def test_judgements_of_records_that_are_gone_are_passed_over() -> None:
    rows: list[Row] = [("1", None, "aa", None, None), ("1", None, "aa", None, None)]
    assert clusters(outcome(rows, None, [(0, 9, "not_same"), (8, 9, "same")])) == clusters(outcome(rows))


@given(st.lists(st.integers(-1, 12), max_size=30), st.sampled_from([1, 10**12]))
def test_labels_are_numbered_by_their_first_row(labels: list[int], spread: int) -> None:
    first = list(dict.fromkeys(labels))
    given_labels = np.array(labels, np.int64) * spread
    assert dense(given_labels).tolist() == [first.index(label) for label in labels]
