"""How good the shipped weights are on labelled records they were not made from; the benchmark measures the large sets."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from demo import labelled_enterprises, labelled_persons
from demo.chance import Chance
from matching.evaluate import measure, measure_by
from tests.matching.subjects import AS_OF, match

TODAY = (AS_OF - AS_OF.replace(year=1970, month=1, day=1)).days
SEED = 2026


def made(kind: str) -> tuple[pa.Table, pa.Table, str]:
    """(records, truth, subject) of 8,000 records."""
    if kind == "enterprises":
        return *labelled_enterprises.make(Chance(SEED), 8000, TODAY), "enterprise"
    return *labelled_persons.make(Chance(SEED), 8000, TODAY, kind), "person"


@pytest.mark.parametrize(("kind", "recall"), [("spread", 0.994), ("dense", 0.992), ("enterprises", 0.99)])
def test_no_wrong_merges_and_few_missed(kind: str, recall: float) -> None:
    records, truth, subject = made(kind)
    resolution = match(records, subject)
    quality = measure(resolution.clusters, truth)
    assert quality.precision >= 0.9995
    assert quality.recall >= recall
    assert resolution.reviews.num_rows < 0.01 * pc.count_distinct(truth.column("subject_id")).as_py()
    for group, count, precision, _ in measure_by(resolution.clusters, truth, "groups"):
        assert precision >= 0.998, f"{group}: {count} records"
