"""Quality on records by another hand than the weights were learnt from: its rates, names and faults are not our own."""

from __future__ import annotations

from datetime import date
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from matching.evaluate import measure, measure_by
from matching.resolve import Resolution
from tests.matching.other_firms import FirmMaker
from tests.matching.other_hand import Maker
from tests.matching.other_rows import make
from tests.matching.subjects import clusters_of, match

READABLE = {
    "ocr_id": 0.95,
    "form_id": 0.98,
    "short_id": 0.98,
    "typed_id": 0.95,
    "masked_id": 0.9,
    "excel_id": 0.9,
    "swapped": 0.95,
}
"""Least recall of records with faults that leave enough to know the person by."""


@cache
def persons() -> tuple[pa.Table, pa.Table, Resolution]:
    records, truth = make(Maker(7), 16_000, 2.0)
    return records, truth, match(records)


@cache
def enterprises() -> tuple[pa.Table, pa.Table, Resolution]:
    records, truth = FirmMaker(7).records(12_000)
    return records, truth, match(records, "enterprise")


@pytest.mark.parametrize(("made", "recall"), [(persons, 0.99), (enterprises, 0.985)], ids=["persons", "enterprises"])
def test_no_wrong_merges_and_few_missed(made: object, recall: float) -> None:
    assert callable(made)
    _, truth, resolution = made()
    quality = measure(resolution.clusters, truth)
    assert quality.precision >= 0.9995
    assert quality.recall >= recall


def test_damaged_numbers_are_read() -> None:
    _, truth, resolution = persons()
    found = {kind: (records, recall) for kind, records, _, recall in measure_by(resolution.clusters, truth, "defects")}
    for kind, least in READABLE.items():
        records, recall = found[kind]
        assert records >= 5
        assert recall >= least, f"{kind}: {records} records"


def test_groups_are_served_alike() -> None:
    """Yi and Tibetan names, children and the old; people without number have less to be known by."""
    _, truth, resolution = persons()
    whole = measure(resolution.clusters, truth).recall
    for group, _, _, recall in measure_by(resolution.clusters, truth, "groups"):
        assert group == "no_id" or recall >= whole - 0.03, group


def test_a_strangers_number_is_always_a_case() -> None:
    """Every record under a number of somebody who is no relative is shown to a steward, with the owner's file."""
    records, truth, resolution = persons()
    subject = dict(zip(truth["record_key"].to_pylist(), truth["subject_id"].to_pylist(), strict=True))
    number = dict(zip(records["record_key"].to_pylist(), records["id_number"].to_pylist(), strict=True))
    owners: dict[str, set[str]] = {}
    for key, text in number.items():
        owners.setdefault(str(text), set()).add(subject[key])
    cluster = clusters_of(resolution)
    shown = {frozenset((cluster[row["left_key"]], cluster[row["right_key"]])) for row in resolution.reviews.to_pylist()}
    strangers = [
        key
        for key, kinds in zip(truth["record_key"].to_pylist(), truth["defects"].to_pylist(), strict=True)
        if "strangers_id" in kinds and "relative_id" not in kinds and len(owners[str(number[key])]) == 2
    ]
    assert len(strangers) >= 5
    for key in strangers:
        theirs = {
            cluster[other] for other, text in number.items() if text == number[key] and subject[other] != subject[key]
        }
        assert any(frozenset((cluster[key], other)) in shown for other in theirs), key


def test_types_order_and_further_columns_do_not_matter() -> None:
    """Dates as dates, numbers as numbers, columns in another order, columns nobody asked for: the same clusters."""
    records, _, _ = persons()
    part = records.slice(0, 3000)
    plain = part.filter(pc.match_substring_regex(pc.fill_null(part["birth_date"], ""), "^[0-9]{8}$|^$"))
    days = [date.fromisoformat(text) if text else None for text in plain["birth_date"].to_pylist()]
    phones = pc.if_else(pc.match_substring_regex(plain["phone"], "^[0-9]{11}$"), plain["phone"], None)
    plain = plain.set_column(plain.column_names.index("phone"), "phone", phones)
    typed = plain.set_column(plain.column_names.index("birth_date"), "birth_date", pa.array(days, pa.date32()))
    typed = typed.set_column(typed.column_names.index("phone"), "phone", phones.cast(pa.int64()))
    typed = typed.append_column("remark", pa.array(["x"] * typed.num_rows)).select(
        ["remark", *reversed(plain.column_names)]
    )
    assert clusters_of(match(typed)) == clusters_of(match(plain))
