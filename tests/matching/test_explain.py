"""Explanations: bits that add up, verdicts with their reason, how a cluster was built; charts that need no network."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from extractors import standardise
from matching import charts, charts_page, charts_quality
from matching.__main__ import main
from matching.evaluate import measure, measure_whole
from matching.evaluate_run import by_threshold, worst_merges, worst_misses
from matching.explain import explain, told
from matching.explain_cluster import cluster_told, history
from matching.explain_links import Link, reached, strongest_tree, way
from matching.model import Setting
from matching.profiles import InputError
from matching.resolve import Outcome, load_model, run
from matching.weights import Weights, stored
from tests.matching.subjects import Row, citizen, persons, shared

NUMBER, OTHER = citizen("510107", "19620305", 901), citizen("510107", "19640917", 902)
ROWS: list[Row] = [
    {"record_key": "a", "name": "钱大海", "id_number": NUMBER, "birth_date": "19620305", "phone": "13812345678"},
    {"record_key": "b", "name": "钱大海", "id_number": NUMBER, "sex": "男"},
    {"record_key": "c", "name": "钱大海", "birth_date": "19620305", "phone": "13812345678", "area_code": "510107"},
    {"record_key": "d", "name": "冯桂花", "id_number": OTHER, "birth_date": "19640917"},
    {"record_key": "e", "name": "冯桂花", "id_number": OTHER, "birth_date": "19640917"},
    {"record_key": "f"},
]
VALUES = ("钱大海", "冯桂花", NUMBER, OTHER, "13812345678", "19620305")
TRUTH = pa.table({"record_key": list("abcdef"), "subject_id": ["1", "1", "1", "2", "2", "3"]})


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    made = pytest.MonkeyPatch()
    made.setattr(standardise, "connect", lambda **_: shared())
    try:
        return run(persons(ROWS), load_model("person"), Setting(date(2026, 11, 1)))
    finally:
        made.undo()


@pytest.fixture(scope="module")
def weights() -> Weights:
    return stored(load_model("person"))


def test_why_two_are_or_are_not_one(outcome: Outcome, weights: Weights) -> None:
    expected = {
        ("a", "b"): "number",
        ("a", "c"): "linked",
        ("a", "d"): "numbers",
        ("d", "e"): "alike",
        ("a", "f"): "never",
    }
    for (left, right), verdict in expected.items():
        found = explain(outcome, weights, left, right)
        assert found.verdict == verdict, (left, right)
        same = dict(zip(*(column.to_pylist() for column in outcome.clusters.columns), strict=True))
        assert found.is_one_subject == (same[left] == same[right])
        assert not any(value in told(found) for value in VALUES)


def test_a_number_that_came_by_other_records_is_told(weights: Weights, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that gives a relative's number, joined with its own file, which holds another number."""
    monkeypatch.setattr(standardise, "connect", lambda **_: shared())
    own = {"name": "冯桂花", "birth_date": "19640917", "phone": "13912345678", "household_no": "77", "sex": "女"}
    rows: list[Row] = [
        *ROWS[:2],
        own | {"record_key": "g", "id_number": OTHER},
        own | {"record_key": "h", "id_number": NUMBER},
    ]
    found = explain(run(persons(rows), load_model("person"), Setting(date(2026, 11, 1))), weights, "a", "h")
    assert not found.is_one_subject
    assert "Only the first holds a valid number of its own." in found.notes
    assert "The second was joined with records that hold a valid number." in found.notes
    assert "Conflict: the second claims the first's number, and was not let in." in found.notes


def test_the_bits_add_up(outcome: Outcome, weights: Weights) -> None:
    for left, right in (("a", "c"), ("c", "a"), ("a", "d"), ("a", "f")):
        found = explain(outcome, weights, left, right)
        assert found.prior + sum(term.bits for term in found.terms) + found.doubt == pytest.approx(found.score)
        assert found.doubt <= 1e-9
        assert all(term.sentence for term in found.terms)
        assert all(term.bits == 0 for term in found.terms if not term.level)
    assert {"telephone", "name and birth date"} & set(explain(outcome, weights, "a", "c").blocks)


def test_how_a_cluster_was_built(outcome: Outcome) -> None:
    found = history(outcome, "c")
    assert found.records == ["a", "b", "c"]
    assert [(member.key, member.records, member.has_number) for member in found.members] == [
        ("a", 2, True),
        ("c", 1, False),
    ]
    assert [step.joins for step in found.steps] == [True]
    assert found.steps[0].records == 3
    assert found.weakest == found.steps[0].hop
    assert sorted(found.without_it) == [1, 2]
    said = cluster_told(found)
    assert "Weakest link" in said
    assert not any(value in said for value in VALUES)
    alone = history(outcome, "d")
    assert alone.weakest is None
    with pytest.raises(InputError, match="no record with record_key 'nobody'"):
        history(outcome, "nobody")


def test_links_as_a_tree() -> None:
    links = [Link(1, 2, 1, "score", 9, 1, 9), Link(2, 3, 1, "score", 5, 1, 5), Link(1, 3, 1, "score", 3, 1, 3)]
    tree = strongest_tree(links)
    assert [(link.left, link.right) for link in tree] == [(1, 2), (2, 3)]
    assert way(tree, 1, 3) == tree
    assert way(tree, 1, 9) == []
    assert reached(tree[:1], 1) == {1, 2}


def test_errors_are_found_and_explained(outcome: Outcome, weights: Weights) -> None:
    assert measure_whole(outcome.clusters, TRUTH) == (3, 3, 3)
    assert worst_merges(outcome, weights, TRUTH, 3) == (0, [])
    assert worst_misses(outcome, weights, TRUTH, 3) == (0, [], [])
    other = TRUTH.set_column(1, "subject_id", pa.array(["1", "1", "2", "3", "3", "1"]))
    count, merges = worst_merges(outcome, weights, other, 3)
    assert (count, merges[0].pairs) == (1, 2)
    assert (merges[0].explanation.left_key, merges[0].explanation.right_key) == ("a", "c")
    count, misses, reasons = worst_misses(outcome, weights, other, 3)
    assert (count, misses[0].pairs, reasons) == (1, 2, [("never", 1)])
    sweep = by_threshold(outcome, weights, TRUTH, (0.5, 1.0))
    assert [accept for accept, _ in sweep] == [0.5, 0.98, 1.0]
    assert sweep[1][1] == measure(outcome.clusters, TRUTH)
    assert sweep[0][1].recall >= sweep[1][1].recall >= sweep[2][1].recall


def test_charts_are_pictures_and_one_page(outcome: Outcome, weights: Weights, tmp_path: Path) -> None:
    model = outcome.model
    sweep = by_threshold(outcome, weights, TRUTH, (0.5,))
    drawn = {
        "waterfall": charts.waterfall(explain(outcome, weights, "a", "c")),
        "cluster": charts.build_up(history(outcome, "c")),
        "scores": charts.score_distribution(outcome),
        "sizes": charts.cluster_sizes(outcome),
        "weights": charts.model_weights(weights, model),
        "thresholds": charts_quality.quality_curve(sweep, 0.98),
        "groups": charts_quality.quality_by_label([("彝族</script>", 3, 1.0, 0.9)], sweep[0][1], "groups"),
    }
    written = charts_page.save_all(drawn, tmp_path / "charts", "一人一档 <page>")
    assert [path.name for path in written] == ["index.html", *(f"{name}.png" for name in drawn)]
    for path in written[1:]:
        assert path.read_bytes().startswith(b"\x89PNG")
        assert path.stat().st_size > 5_000
    page = written[0].read_text(encoding="utf-8")
    assert page.count("</script>") == 1 + len(drawn)
    assert "一人一档 &lt;page&gt;" in page
    specs = page[page.rindex("</head>") :]
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=", page[: page.index("<script>")] + specs)
    assert not any(value in specs for value in VALUES)


def test_the_command_tells_json_values_and_charts(tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standardise, "connect", lambda **_: shared())
    source = tmp_path / "in.parquet"
    pq.write_table(persons(ROWS), source)
    given = ["explain", "persons", str(source), "--as-of", "2026-11-01"]
    assert main([*given, "--pair", "a", "c", "--json", "--charts", str(tmp_path / "charts")]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["verdict"], found["left_key"]) == ("linked", "a")
    assert (tmp_path / "charts" / "waterfall.png").exists()
    assert main([*given, "--cluster", "b", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["records"] == ["a", "b", "c"]
    assert main([*given, "--pair", "a", "c", "--values"]) == 0
    assert "钱大海" in capsys.readouterr().out
    assert main(given) == 2
    assert "--pair A B or --cluster KEY" in capsys.readouterr().err
