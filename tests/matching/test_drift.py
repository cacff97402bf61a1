"""Drift is told where records agree otherwise than those the weights were learnt from, and only there."""

from __future__ import annotations

from functools import cache

import pyarrow as pa

from demo import labelled_persons
from demo.chance import Chance
from matching.model import Setting
from matching.resolve import Outcome, run
from matching.weights import load, save, stored
from tests.matching.subjects import AS_OF, model

TODAY = (AS_OF - AS_OF.replace(year=1970, month=1, day=1)).days


@cache
def records() -> pa.Table:
    return labelled_persons.make(Chance(5), 30_000, TODAY, "spread")[0]


def matched(table: pa.Table) -> Outcome:
    return run(table, model("person"), Setting(AS_OF))


def test_records_like_those_learnt_from_have_not_drifted() -> None:
    found = matched(records())
    assert {one.comparison for one in found.drift} == {one.name for one in model("person").comparisons}
    assert not [one.sentence for one in found.drift if one.is_over]
    assert "DRIFT" not in found.findings().column("code").to_pylist()


def test_a_column_that_comes_wrong_is_told_in_a_sentence() -> None:
    table = records()
    names = table.column_names
    for column in ("phone", "address"):
        table = table.set_column(names.index(column), column, pa.nulls(table.num_rows, pa.string()))
    found = matched(table)
    assert "phone" in {one.comparison for one in found.drift if one.is_over}
    told = [row["detail"] for row in found.findings().to_pylist() if row["code"] == "DRIFT"]
    assert any(line.startswith("phone:") and "'missing'" in line for line in told)


def test_few_records_say_nothing_of_drift() -> None:
    assert matched(records().slice(0, 200)).drift == []


def test_frequencies_and_patterns_live_through_the_file(tmp_path: object) -> None:
    from pathlib import Path

    weights = stored(model("person"))
    path = Path(str(tmp_path)) / "person.json"
    save(weights, model("person"), path)
    again = load(path, model("person"))
    assert again.frequencies == weights.frequencies
    assert again.patterns == weights.patterns
    assert again.frequencies.population == 90_000_000
    assert again.frequencies.shares["name"]
    assert not {"phone", "card", "household", "address"} & set(again.frequencies.shares)
