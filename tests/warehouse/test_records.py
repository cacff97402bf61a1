"""What the matcher reads: canonical columns, as text, from all feeds of a subject."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from matching.resolve import load_model
from matching.state import Signature
from tests.warehouse.deliveries import CONTRACTS, make_delivery
from warehouse.database import Connection
from warehouse.landing import land
from warehouse.records import CANONICAL, read_records, reading_of, subject_feeds


def test_feeds_of_a_subject() -> None:
    """Details of another feed's subjects (officers, changes, payments, functions of cards) are not matched."""
    assert subject_feeds("enterprise") == ["mr_entity", "mr_penalty", "tax_contrib", "tax_payer"]
    persons = subject_feeds("person")
    assert {"ps_person", "hrss_insured", "dpf_cert"} <= set(persons)
    assert not set(persons) & {"tr_card", "hrss_contrib", "fin_pay_result", "nhc_birth", "ca_marriage", "mr_person"}


def test_records_carry_feed_department_and_canonical_names(conn: Connection, tmp_path: Path) -> None:
    card = {"source_key": "510104|A1", "name": "王小明", "birth_date": date(1985, 1, 2), "issue_area_code": "510104"}
    person = {"source_key": "H1|X", "name": "", "household_no": "H1", "id_number_reasons": ["LEN"]}
    for feed, row in (("hrss_card", card), ("ps_person", person)):
        land(conn, CONTRACTS[feed], make_delivery(tmp_path, feed, "20261101-001", [row]), run_id="night-1")
    found = read_records(conn, "person")
    assert found.column_names == ["record_key", "feed", "department", *CANONICAL["person"], "id_number_reasons"]
    assert {str(t) for t in found.drop(["id_number_reasons"]).schema.types} == {"string"}
    first, second = found.to_pylist()
    assert first["record_key"] == "hrss_card:510104|A1"
    assert (first["feed"], first["department"]) == ("hrss_card", "hrss")
    assert (first["area_code"], first["birth_date"], first["household_no"]) == ("510104", "1985-01-02", None)
    assert (first["id_number_reasons"], second["id_number_reasons"]) == (None, ["LEN"])
    assert (second["record_key"], second["name"], second["household_no"]) == ("ps_person:H1|X", "", "H1")


def test_a_contract_that_maps_otherwise_is_another_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """A state of records read before is not taken for one of records read now."""
    before = {subject: reading_of(subject) for subject in ("person", "enterprise")}
    other = CONTRACTS["hrss_card"].model_copy(
        update={"canonical": {**CONTRACTS["hrss_card"].canonical, "phone": "address"}}
    )
    monkeypatch.setattr("warehouse.records.read_contracts", lambda: {**CONTRACTS, "hrss_card": other})
    assert reading_of("person") != before["person"]
    assert reading_of("enterprise") == before["enterprise"]
    assert Signature.of(load_model("person"), date(2026, 11, 1), reading=reading_of("person")) != Signature.of(
        load_model("person"), date(2026, 11, 1), reading=before["person"]
    )


def test_nothing_landed_is_an_empty_table_with_all_columns(conn: Connection) -> None:
    assert read_records(conn, "enterprise").num_rows == 0
    assert read_records(conn, "enterprise").column_names[3:17] == list(CANONICAL["enterprise"])
