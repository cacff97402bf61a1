"""Models of one's own: ready comparisons, one table or two, words as blocks; tiny tables written here."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import coherence, word_blocks
from matching import train as trainer
from matching.__main__ import main
from matching.blocking import find
from matching.general import alike, common_words, equal, near_amounts, near_days, slips
from matching.inputs import read_records
from matching.model import Block, Comparison, Model, Setting, Thresholds, Value, Words
from matching.pairs import Pairs
from matching.profiles import InputError
from matching.resolve import Outcome, prepare, run
from matching.train import train
from matching.weights import Weights, prior_bits, start
from tests.matching.subjects import Shared

AS_OF = Setting(date(2026, 11, 1))
COLUMNS = ("name", "phone", "day")


@cache
def plain() -> Shared:
    """A connection without macros."""
    return Shared(duckdb.connect(config={"threads": 1}))


ONE = Model(
    name="shops",
    version="1",
    prefix="S",
    required=COLUMNS,
    values=tuple(Value(name, name, "v") for name in COLUMNS),
    comparisons=(alike("name"), equal("phone"), near_days("day")),
    blocks=(Block("name", ("name",)), Block("telephone", ("phone",)), Words("words", "name", least=0.1)),
    thresholds=Thresholds(accept=0.5, review=0.1),
    connect=lambda **_: plain(),
)
TWO = replace(
    ONE, name="two", required=("side", *COLUMNS), values=(Value("side", "side", "v"), *ONE.values), two_sided=True
)


def table(rows: list[tuple[str | None, ...]], *, is_two_sided: bool = False) -> pa.Table:
    """Rows of name, phone, day (and first the side, where there are two)."""
    names = ("side", *COLUMNS) if is_two_sided else COLUMNS
    columns = {name: pa.array([row[n] for row in rows], pa.string()) for n, name in enumerate(names)}
    return pa.table({"record_key": pa.array([f"k{n}" for n in range(len(rows))], pa.string()), **columns})


def clusters(outcome: Outcome) -> set[frozenset[str]]:
    found: dict[str, set[str]] = {}
    for key, cluster in zip(*(column.to_pylist() for column in outcome.clusters.columns), strict=True):
        found.setdefault(cluster, set()).add(key)
    return {frozenset(keys) for keys in found.values()}


def together(outcome: Outcome) -> set[frozenset[str]]:
    return {cluster for cluster in clusters(outcome) if len(cluster) > 1}


def levels(comparison: Comparison, texts: list[tuple[str | None, str | None]]) -> list[str]:
    """The level found for each pair of texts, by name; '' where it says nothing."""
    rows = [(text, None, None) for pair in texts for text in pair]
    values = (Value("name", "name", "v"), Value("phone", "phone", "v"))
    model = replace(ONE, values=values, comparisons=(comparison,), blocks=(), required=("name", "phone"))
    profiles = prepare(table(rows), model, AS_OF).profiles
    of_record = profiles.of_record.reshape(-1, 2)
    found = comparison.function(Pairs(profiles, of_record[:, 0], of_record[:, 1]))
    return ["" if level < 0 else comparison.levels[level] for level in found.tolist()]


def test_comparisons_by_edit_and_spelling() -> None:
    pairs = [("martha", "martha"), ("martha", "marhta"), ("martha", "xy"), ("martha", None)]
    assert levels(alike("name"), pairs) == ["equal", "alike to 0.92", "different", ""]
    assert levels(slips("name"), pairs) == ["equal", "1 slip(s) apart", "different", ""]
    assert levels(equal("name"), pairs) == ["equal", "different", "different", ""]


def test_rare_words_in_common_weigh_more_whatever_their_order() -> None:
    pairs = [("red lion inn", "inn lion red"), ("red lion inn", "red lion inn"), ("red lion inn", "cafe inn")]
    pairs += [(f"place {n} inn", f"site {n + 50} inn") for n in range(20)]
    found = levels(common_words("name"), pairs)
    assert found[:3] == ["words shared to 0.8", "equal", "few words shared"]


@pytest.mark.parametrize(
    ("one", "two", "level"),
    [
        ("100", "100.0", "equal"), ("100", "97", "within 0.05 of it"), ("100", "-100", "far apart"), ("100", "much", ""),
        ("0", "0", "equal"),
    ],
)  # fmt: skip
def test_amounts(one: str, two: str, level: str) -> None:
    assert levels(near_amounts("name"), [(one, two)]) == [level]


@pytest.mark.parametrize(
    ("one", "two", "level"),
    [
        ("2026-11-01", "2026-11-01", "the same day"), ("2026-02-28", "2026-03-01", "within 1 day(s)"),
        ("2026-11-01", "2024-11-01", "far apart"),
    ],
)  # fmt: skip
def test_days(one: str, two: str, level: str) -> None:
    assert levels(near_days("name"), [(one, two)]) == [level]


@pytest.mark.parametrize(
    "text", ["2026", "2026-11", "20261101", "2026-11-01T08:00", "2026-02-30", "2026-13-01", "today"]
)
def test_what_is_no_day_is_no_evidence(text: str) -> None:
    assert levels(near_days("name"), [(text, text), (text, "2026-11-01")]) == ["", ""]


def test_rows_that_say_nothing_are_nobody() -> None:
    rows = [("red lion", "1", None), ("red lion", "1", None), (None, None, None), (None, None, None)]
    outcome = run(table(rows), ONE, AS_OF, start(ONE))
    assert clusters(outcome) == {frozenset({"k0", "k1"}), frozenset({"k2"}), frozenset({"k3"})}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("12"),
            st.sampled_from(["red lion", "red lion inn", "blue lion", "old mill"]),
            st.sampled_from(["1", "2", None]),
            st.sampled_from(["2026-01-01", "2026-01-02", None]),
        ),
        max_size=14,
    ),
    st.sampled_from([TWO, replace(TWO, blocks=TWO.blocks[-1:]), replace(TWO, blocks=TWO.blocks[:-1], rounds=4)]),
)
def test_a_record_of_one_table_meets_at_most_one_of_the_other(rows: list[tuple[str | None, ...]], model: Model) -> None:
    outcome = run(table(rows, is_two_sided=True), model, AS_OF, start(model))
    for cluster in together(outcome):
        assert sorted(str(rows[int(key[1:])][0]) for key in cluster) == ["1", "2"]


@pytest.mark.parametrize("blocks", [TWO.blocks[:-1], TWO.blocks[-1:]], ids=["keys", "words"])
def test_records_linked_across_neither_seek_nor_are_found(blocks: tuple[Block | Words, ...]) -> None:
    rows = [("1", "red lion", "1", None), ("2", "red lion", "1", None), ("1", "red lion", "7", None)]
    model = replace(TWO, blocks=blocks)
    prepared = prepare(table(rows, is_two_sided=True), model, AS_OF)
    of_record = prepared.profiles.of_record
    joined = np.zeros(3, np.int64)
    joined[of_record[2]] = 1
    found = find(model, prepared.profiles, joined, np.ones(2, bool))
    assert len(found.left) == 0
    apart = find(model, prepared.profiles, prepared.groups.of_profile, np.ones(3, bool))
    assert len(apart.left) == 2


def test_who_fits_equally_well_stays_apart_and_is_told() -> None:
    rows = [("1", "red lion", "1", None), ("2", "red lion", "1", None), ("2", "red lion", "1", None)]
    rows += [("1", "old mill", "2", None), ("2", "old mill", "2", None)]
    outcome = run(table(rows, is_two_sided=True), TWO, AS_OF, start(TWO))
    assert together(outcome) == {frozenset({"k3", "k4"})}
    told = outcome.reviews().select(["left_key", "right_key"]).to_pylist()
    assert {frozenset(row.values()) for row in told} == {frozenset({"k0", "k1"}), frozenset({"k0", "k2"})}


def certain(model: Model) -> Weights:
    """Weights by which each agreement on a day is worth 40 bits, whatever else."""
    weights = start(model)
    for table_of in weights.level.values():
        table_of[:] = 0.5
        table_of[-1, 2] = 0.5 * 2.0**-40
    return weights


def test_the_better_of_two_certain_partners_is_taken() -> None:
    names = ("d1", "d2", "d3")
    model = replace(
        TWO,
        required=("side", *names),
        values=(Value("side", "side", "v"), *(Value(name, name, "v") for name in names)),
        comparisons=tuple(near_days(name) for name in names),
        blocks=(Block("d1", ("d1",)),),
    )
    day, other = "2026-01-01", "2020-01-01"
    rows = [("1", day, day, day), ("2", day, day, other), ("2", day, day, day)]
    columns = {name: [row[n] for row in rows] for n, name in enumerate(("side", *names))}
    outcome = run(pa.table({"record_key": ["k0", "k1", "k2"], **columns}), model, AS_OF, certain(model))
    assert together(outcome) == {frozenset({"k0", "k2"})}


def chained(*, is_coherent: bool) -> Model:
    """Names alone, by words: what is alike chains."""
    return replace(
        ONE,
        required=("name",),
        values=ONE.values[:1],
        comparisons=(common_words("name", (0.15,)),),
        blocks=(Words("words", "name", least=0.1),),
        is_coherent=is_coherent,
        rounds=1,
    )


CHAIN = ["red lion", "lion inn", "inn mill", "mill bear", "bear fox", "fox owl"]


@pytest.mark.parametrize(("is_coherent", "largest"), [(False, 6), (True, 2)])
def test_likeness_that_only_chains_is_cut(is_coherent: bool, largest: int) -> None:
    model = chained(is_coherent=is_coherent)
    weights = start(model)
    weights.level["name"][:] = [[0.01, 1, 0.98], [0.49, 1, 0.01], [0.5, 1, 0.01]]
    weights.same = 5.0
    outcome = run(table([(name, None, None) for name in CHAIN]), model, AS_OF, weights)
    assert max(len(cluster) for cluster in clusters(outcome)) == largest
    assert any(row["code"] == "LINK_CUT" for row in outcome.findings().to_pylist()) is is_coherent


def test_what_holds_together_is_left_whole_and_large_clusters_lose_weak_links_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows: list[tuple[str | None, ...]] = [(f"red lion a{n}", None, None) for n in range(6)]
    rows += [(f"old mill b{n}", None, None) for n in range(6)]
    model = chained(is_coherent=True)
    weights = start(model)
    weights.level["name"][:] = [[0.01, 1, 0.98], [0.49, 1, 0.01], [0.5, 1, 0.01]]
    weights.same = 5.0
    whole = {frozenset(f"k{n}" for n in range(begin, begin + 6)) for begin in (0, 6)}
    assert together(run(table(rows), model, AS_OF, weights)) == whole
    monkeypatch.setattr(coherence, "MOST", 5)
    parts = clusters(run(table(rows), model, AS_OF, weights))
    assert max(len(part) for part in parts) <= 5
    assert sum(len(part) for part in parts) == 12


def test_words_are_met_in_slices_with_one_result(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(f"{a} {b} inn", None, None) for a in ("red", "blue", "old") for b in ("lion", "mill", "bear", "lion bear")]
    prepared = prepare(table(rows), ONE, AS_OF)
    words = replace(ONE, blocks=(Words("words", "name", most_holders=6, least=0.2, nearest=3),))
    whole = find(words, prepared.profiles, prepared.groups.of_profile, np.ones(len(rows), bool))
    monkeypatch.setattr(word_blocks, "SLICE", 1)
    sliced = find(words, prepared.profiles, prepared.groups.of_profile, np.ones(len(rows), bool))
    assert len(whole.left) > 5
    assert (whole.left.tolist(), whole.right.tolist()) == (sliced.left.tolist(), sliced.right.tolist())
    assert whole.capped == sliced.capped == [("words", 1, len(rows))]


def test_a_table_with_a_column_side_is_refused_where_two_are_linked(tmp_path: Path) -> None:
    paths = [tmp_path / "one.csv", tmp_path / "two.csv"]
    for path in paths:
        csv.write_csv(pa.table({"record_key": [path.stem], "name": ["red lion"]}), path)
    read = read_records(paths, is_two_sided=True)
    assert read.column("side").to_pylist() == ["1", "2"]
    csv.write_csv(pa.table({"record_key": ["x"], "side": ["left"]}), paths[1])
    with pytest.raises(InputError, match=r"two\.csv: column 'side' is taken"):
        read_records(paths, is_two_sided=True)
    assert "left" in read_records(paths).column("side").to_pylist()


@pytest.mark.parametrize("count", [1, 3])
def test_two_tables_means_two_files(count: int, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="give exactly two"):
        read_records([tmp_path / "one.csv"] * count, is_two_sided=True)


def test_a_model_of_two_tables_must_name_the_side() -> None:
    with pytest.raises(ValueError, match="add 'side' to `required`"):
        replace(ONE, two_sided=True)


def model_of_the_docs() -> str:
    """The model of shops that the page on matching declares."""
    page = (Path(__file__).parents[2] / "docs" / "match-a-file.md").read_text(encoding="utf-8")
    return page.split("## Your own table")[1].split("```python\n")[1].split("```")[0]


def test_the_model_of_the_docs_runs_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "shops.py").write_text(model_of_the_docs(), encoding="utf-8")
    words, streets = ("lion", "mill", "bear", "fox", "owl"), ("park row", "high street", "mill lane", "the green")
    rows = [
        (f"s{n}{letter}", f"the {words[n % 5]} of {words[n // 5]}", f"{n} {streets[n % 4]}{tail}", f"0190455{n * 37 % 100:02}{n:02}", f"2020-01-{n + 1:02}")
        for n in range(25)
        for letter, tail in (("a", ""), ("b", " w."))
    ]  # fmt: skip
    names = ("record_key", "name", "street", "phone", "opened")
    columns = {name: [row[n] for row in rows] for n, name in enumerate(names)}
    csv.write_csv(pa.table(columns), tmp_path / "in.csv")
    given = ["--model", str(tmp_path / "shops.py"), str(tmp_path / "in.csv")]
    weights = str(tmp_path / "shops.weights.json")
    assert main(["train", *given, "--out", weights]) == 0
    assert main(["resolve", *given, "--weights", weights, "--out", str(tmp_path / "out.parquet")]) == 0
    answer = pq.read_table(tmp_path / "out.parquet")
    assert answer.column("cluster_id").to_pylist() == [f"s{n}a" for n in range(25) for _ in "ab"]
    assert main(["explain", *given, "--weights", weights, "--pair", "s3a", "s3b"]) == 0
    assert "telephone number" in capsys.readouterr().out


def test_many_candidates_do_not_make_matches_look_rare(monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[tuple[str | None, ...]] = [(f"{n} of {n % 6}", f"{n}", None) for n in range(60) for _ in (1, 2)]
    records = table([(name + " x" * (n % 2), *rest) for n, (name, *rest) in enumerate(rows)])  # type: ignore[operator]
    prepared = prepare(records, ONE, AS_OF)
    whole = train(ONE, prepared.profiles, prepared.groups)
    monkeypatch.setattr(trainer, "CANDIDATES", 200)
    sampled = train(ONE, prepared.profiles, prepared.groups)
    assert whole.made_from["candidates"] > 2 * sampled.made_from["candidates"]
    assert sampled.same == pytest.approx(whole.same, rel=0.5)
    assert whole.same == pytest.approx(0.5, rel=0.2)


def test_of_two_tables_the_alternative_to_a_match_is_no_partner() -> None:
    weights = start(TWO)
    weights.same = 0.4
    same, related, chance = prior_bits(weights, 1000, is_two_sided=True)
    assert (2.0**same, related, 2.0**chance) == (pytest.approx(4.0), -np.inf, pytest.approx(500.0))
    weights.same = 0.5
    assert np.isfinite(prior_bits(weights, 1000, is_two_sided=True)[0])
