"""What the gate over masters is told: sizes, valid numbers held, reasons against the golden number, strays counted."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from quality.gates import gate_masters
from quality.masters import Described, describe_masters
from tests.quality.clean import NIGHT

# Made-up numbers with the sequence 900-995, which counties do not reach.
VALID, ANOTHER, WRONG = "510104198501029010", "51010419851102909X", "510104198510029010"
CODE, OTHER_CODE = "91510700205412308D", "91510000207305821R"


def person(key: str, number: str | None) -> dict[str, Any]:
    return {"record_key": key, "id_number": number, "sex": "1", "birth_date": "1985-01-02"}


RECORDS = [
    person("ps_person:1", VALID),
    person("hrss_card:1", VALID),
    person("nhsa_insured:1", WRONG),
    person("ps_person:2", VALID),
    person("hrss_card:2", ANOTHER),
    person("ca_assist:3", None),
    person("ca_assist:4", None),
]
CROSSWALK = {
    "ps_person:1": "P1", "hrss_card:1": "P1", "nhsa_insured:1": "P1",
    "ps_person:2": "P2", "hrss_card:2": "P2", "ca_assist:3": "P3",
}  # fmt: skip
MASTERS = [
    {"master_id": "P1", "name": "王明", "sex": "1", "birth_date": "1985-01-02", "id_number": VALID},
    {"master_id": "P2", "name": "李芳", "sex": "2", "birth_date": "1985-01-02", "id_number": VALID},
    {"master_id": "P3", "name": "张强", "sex": None, "birth_date": None, "id_number": WRONG},
    {"master_id": "P9", "name": "无人", "sex": None, "birth_date": None, "id_number": None},
]


def described() -> Described:
    crosswalk = pa.table({"record_key": list(CROSSWALK), "master_id": list(CROSSWALK.values())})
    return describe_masters(
        "person", pa.Table.from_pylist(MASTERS), crosswalk, pa.Table.from_pylist(RECORDS),
        events={"created": 3}, reviews=1, as_of=NIGHT,
    )  # fmt: skip


def test_masters_are_described() -> None:
    rows = {row["master_id"]: row for row in described().masters.to_pylist()}
    assert {name: row["record_count"] for name, row in rows.items()} == {"P1": 3, "P2": 2, "P3": 1, "P9": 0}
    assert {name: row["valid_id_count"] for name, row in rows.items()} == {"P1": 1, "P2": 1, "P3": 0, "P9": 0}
    assert rows["P1"]["id_number_reasons"] == []
    assert "SEX_MISMATCH" in rows["P2"]["id_number_reasons"]
    assert "CHECK" in rows["P3"]["id_number_reasons"]
    assert not rows["P9"]["id_number_reasons"]


def test_a_former_number_and_the_number_in_15_places_are_no_second_number() -> None:
    """Public Security lists P1's former number; a department still sends the number of 15 places."""
    records = [
        {**person("ps_person:1", VALID), "former_id_number": ANOTHER},
        {**person("hrss_card:1", ANOTHER), "former_id_number": None},
        {**person("ca_assist:1", "810000199408239026"), "former_id_number": None},
        {**person("ca_assist:2", "510104850102901"), "former_id_number": None},
    ]
    told = describe_masters(
        "person", pa.Table.from_pylist(MASTERS[:1]),
        pa.table({"record_key": [row["record_key"] for row in records], "master_id": ["P1"] * 4}),
        pa.Table.from_pylist(records), events={}, reviews=0, as_of=NIGHT,
    )  # fmt: skip
    assert told.masters.to_pylist()[0]["valid_id_count"] == 2
    assert told.masters.to_pylist()[0]["record_count"] == 4


def test_two_numbers_of_its_own_are_seen_and_a_relatives_is_not() -> None:
    """P1 has the number in two records, P2 in one beside its own: only a second number of its own counts."""
    records = [*RECORDS, person("ca_assist:5", "810000199408239026")]
    crosswalk = {**CROSSWALK, "ca_assist:5": "P2"}
    told = describe_masters(
        "person",
        pa.Table.from_pylist(MASTERS),
        pa.table({"record_key": list(crosswalk), "master_id": list(crosswalk.values())}),
        pa.Table.from_pylist(records),
        events={}, reviews=0, as_of=NIGHT,
    )  # fmt: skip
    assert {row["master_id"]: row["valid_id_count"] for row in told.masters.to_pylist()} == {
        "P1": 1, "P2": 2, "P3": 0, "P9": 0,
    }  # fmt: skip


def test_strays_and_sizes_are_counted() -> None:
    told = described()
    assert (told.records_without_master, told.masters_without_record) == (1, 1)
    assert (told.stats.masters, told.stats.records, told.stats.largest, told.stats.reviews) == (4, 6, 3, 1)
    assert told.stats.fill["id_number"] == 0.75


def test_what_is_described_can_be_judged() -> None:
    told = described()
    verdict = gate_masters(
        "person", told.masters, now=told.stats, last=None, as_of=NIGHT,
        records_without_master=told.records_without_master, masters_without_record=told.masters_without_record,
    )  # fmt: skip
    assert {"master_has_record", "record_has_master"} <= {result.rule_id for result in verdict.broken}


def test_enterprises_are_described_by_their_code() -> None:
    records = pa.table(
        {"record_key": ["mr_entity:1", "tax_payer:1", "tax_payer:2"], "uscc": [CODE, OTHER_CODE, "X"],
         "status": ["in_operation", "deregistered", None]}
    )  # fmt: skip
    crosswalk = pa.table({"record_key": records["record_key"], "master_id": ["E1", "E1", "E2"]})
    masters = pa.table(
        {"master_id": ["E1", "E2"], "name": ["长虹", "某店"], "uscc": [CODE, "X"], "record_count": [9, 9],
         "enterprise_type": ["1130", "2130"], "parent_uscc": [None, CODE]}
    )  # fmt: skip
    told = describe_masters("enterprise", masters, crosswalk, records, events={}, reviews=0, as_of=NIGHT)
    rows = told.masters.to_pylist()
    assert [(row["record_count"], row["valid_id_count"], bool(row["uscc_reasons"])) for row in rows] == [
        (2, 2, False),
        (1, 0, True),
    ]
    assert [(row["fact_count"], row["names_parent"]) for row in rows] == [(2, None), (0, 1.0)]
    gate_masters("enterprise", told.masters, now=told.stats, last=None, as_of=NIGHT)
