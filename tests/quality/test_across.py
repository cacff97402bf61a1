"""Each rule across departments finds its planted case and nothing else, alike in PostgreSQL and in DuckDB."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import psycopg
import pytest

from extractors.contract import load_contracts
from quality.findings import COLUMNS, query_of, query_of_all, rules_across
from quality.verdict import Severity

Row = dict[str, Any]
Found = set[tuple[str, str | None]]
TABLES = {
    "ps_person": "master_id source_key name former_name sex birth_date:date id_number former_id_number cancel_reason "
    "cancel_date:date",
    "hrss_card": "master_id source_key name sex birth_date:date id_number card_status card_issue_date:date "
    "account_status phone",
    "nhsa_insured": "master_id source_key name sex birth_date:date id_number insurance_type insured_state",
    "ca_assist": "master_id source_key name id_number assist_stop",
    "mr_entity": "master_id source_key name former_name uscc status enterprise_type parent_uscc",
    "tax_payer": "master_id source_key name uscc tax_status taxpayer_type legal_rep_id",
}
PERSON = {"name": "王明", "sex": "1", "birth_date": "1990-01-01", "id_number": "ID1"}
CARD = {**PERSON, "card_status": "normal", "card_issue_date": "2020-01-01", "account_status": "active"}
INSURED = {**PERSON, "insurance_type": "310", "insured_state": "normal"}
AIDED = {"name": "王明", "id_number": "ID1"}
FIRM = {"name": "蜀光公司", "uscc": "U1", "status": "in_operation", "enterprise_type": "1130"}
PAYER = {"name": "蜀光公司", "uscc": "U1", "tax_status": "normal", "taxpayer_type": "unit"}
DEAD = {"cancel_reason": "death", "cancel_date": "2026-05-10"}


def clean() -> dict[str, list[Row]]:
    """Records that break no rule: a living person known to all, a dead one whose things are settled, two firms."""
    return {
        "ps_person": [
            {"master_id": "P1", "source_key": "r1", **PERSON},
            {"master_id": "P2", "source_key": "r2", **PERSON, "id_number": "ID2", **DEAD},
            # moved within the province: an old registration cancelled, a new one live
            {"master_id": "P3", "source_key": "r3", **PERSON, "id_number": "ID3", "cancel_reason": "moved_out"},
            {"master_id": "P3", "source_key": "r4", **PERSON, "id_number": "ID3"},
        ],
        "hrss_card": [
            {"master_id": "P1", "source_key": "c1", **CARD},
            {"master_id": "P1", "source_key": "c0", **CARD, "card_status": "replaced"},
            {"master_id": "P2", "source_key": "c2", **CARD, "id_number": "ID2", "card_status": "cancelled"},
            *({"master_id": f"P{n}", "source_key": f"c{n}", **CARD, "phone": "138"} for n in range(20, 25)),
        ],
        "nhsa_insured": [
            {"master_id": "P1", "source_key": "i1", **INSURED},
            {"master_id": "P1", "source_key": "i2", **INSURED, "insurance_type": "390", "insured_state": "suspended"},
            {"master_id": "P1", "source_key": "i3", **INSURED, "insurance_type": "330"},
            {"master_id": "P2", "source_key": "i4", **INSURED, "insured_state": "ended"},
        ],
        "ca_assist": [
            {"master_id": "P1", "source_key": "a1", **AIDED},
            {"master_id": "P2", "source_key": "a2", **AIDED, "assist_stop": "202605"},
        ],
        "mr_entity": [
            {"master_id": "E1", "source_key": "m1", **FIRM},
            {
                "master_id": "E2",
                "source_key": "m2",
                **FIRM,
                "uscc": "U2",
                "enterprise_type": "2130",
                "parent_uscc": "U1",
            },
            {"master_id": "E3", "source_key": "m3", **FIRM, "uscc": "U3", "status": "deregistered"},
        ],
        "tax_payer": [
            {"master_id": "E1", "source_key": "t1", **PAYER, "legal_rep_id": "ID1"},
            {
                "master_id": "E3",
                "source_key": "t3",
                **PAYER,
                "uscc": "U3",
                "tax_status": "deregistered",
                "legal_rep_id": "ID2",
            },
        ],
    }


def put(feed: str, **row: Any) -> Callable[[dict[str, list[Row]]], None]:
    """Add a record, or change the one with this source key."""

    def plant(records: dict[str, list[Row]]) -> None:
        for known in records[feed]:
            if known["source_key"] == row["source_key"]:
                known.update(row)
                return
        records[feed].append(row)

    return plant


CASES: list[tuple[str, list[Callable[[dict[str, list[Row]]], None]], Found]] = [
    ("dead_with_active_card", [put("hrss_card", source_key="c2", card_status="normal")], {("c2", "ps_person:r2")}),
    ("dead_but_insured", [put("nhsa_insured", source_key="i4", insured_state="normal")], {("i4", "ps_person:r2")}),
    ("dead_but_aided", [put("ca_assist", source_key="a2", assist_stop="202606")], {("a2", "ps_person:r2")}),
    ("dead_but_aided", [put("ca_assist", source_key="a2", assist_stop=None)], {("a2", "ps_person:r2")}),
    (
        "two_active_cards",
        [put("hrss_card", source_key="c0", card_status="normal", card_issue_date="2015-01-01")],
        {("c0", "hrss_card:c1"), ("c1", "hrss_card:c1")},
    ),
    (
        "two_insurances_in_force",
        [put("nhsa_insured", source_key="i2", insured_state="normal")],
        {("i1", "nhsa_insured:i2"), ("i2", "nhsa_insured:i1")},
    ),
    ("account_not_activated", [put("hrss_card", source_key="c1", account_status="inactive")], {("c1", None)}),
    (
        "shared_phone",
        [put("hrss_card", source_key="c1", phone="138")],
        {("c1", None), *((f"c{n}", None) for n in range(20, 25))},
    ),
    ("card_name_against_register", [put("hrss_card", source_key="c1", name="王民")], {("c1", "ps_person:r1")}),
    ("insured_name_against_register", [put("nhsa_insured", source_key="i1", name="王民")], {("i1", "ps_person:r1")}),
    ("aided_name_against_register", [put("ca_assist", source_key="a1", name="王民")], {("a1", "ps_person:r1")}),
    ("card_number_against_register", [put("hrss_card", source_key="c1", id_number="ID9")], {("c1", "ps_person:r1")}),
    (
        "insured_number_against_register",
        [put("nhsa_insured", source_key="i1", id_number="ID9")],
        {("i1", "ps_person:r1")},
    ),
    ("aided_number_against_register", [put("ca_assist", source_key="a1", id_number="ID9")], {("a1", "ps_person:r1")}),
    (
        "card_birth_against_register",
        [put("hrss_card", source_key="c1", birth_date="1990-02-01")],
        {("c1", "ps_person:r1")},
    ),
    (
        "insured_birth_against_register",
        [put("nhsa_insured", source_key="i1", birth_date="1990-02-01")],
        {("i1", "ps_person:r1")},
    ),
    ("card_sex_against_register", [put("hrss_card", source_key="c1", sex="2")], {("c1", "ps_person:r1")}),
    ("insured_sex_against_register", [put("nhsa_insured", source_key="i1", sex="2")], {("i1", "ps_person:r1")}),
    (
        "credit_code_twice",
        [put("mr_entity", source_key="m4", master_id="E4", **{**FIRM, "uscc": "U2"})],
        {("m2", "mr_entity:m2"), ("m4", "mr_entity:m2")},
    ),
    ("branch_without_parent", [put("mr_entity", source_key="m2", parent_uscc=None)], {("m2", None)}),
    (
        "deregistered_but_taxed",
        [put("tax_payer", source_key="t3", tax_status="normal", legal_rep_id=None)],
        {("t3", "mr_entity:m3")},
    ),
    ("taxpayer_name_against_register", [put("tax_payer", source_key="t1", name="蜀光商行")], {("t1", "mr_entity:m1")}),
    ("taxpayer_code_against_register", [put("tax_payer", source_key="t1", uscc="U9")], {("t1", "mr_entity:m1")}),
    ("taxpayer_not_registered", [put("tax_payer", source_key="t9", master_id="E9", **PAYER)], {("t9", None)}),
    ("legal_representative_dead", [put("tax_payer", source_key="t1", legal_rep_id="ID2")], {("t1", "ps_person:r2")}),
]
SILENT: list[tuple[str, Callable[[dict[str, list[Row]]], None]]] = [
    ("card_name_against_register", put("ps_person", source_key="r1", former_name="王民")),
    ("card_number_against_register", put("ps_person", source_key="r1", former_id_number="ID9")),
    ("card_sex_against_register", put("ps_person", source_key="r1", sex="0")),
    # a death and a live registration of one person: two registers disagree, that is for the stewards
    ("dead_with_active_card", put("ps_person", master_id="P1", source_key="r9", **PERSON, **DEAD)),
]


def statements(records: dict[str, list[Row]]) -> list[str]:
    """Plain SQL that makes the landed tables and the crosswalk, for either engine."""
    made = ["DROP SCHEMA IF EXISTS landing CASCADE", "DROP SCHEMA IF EXISTS core CASCADE"]
    made += ["CREATE SCHEMA landing", "CREATE SCHEMA core"]
    made += ["CREATE TABLE core.crosswalk (record_key text, master_id text)"]
    for feed, described in TABLES.items():
        columns = [column.partition(":") for column in described.split()[1:]]
        typed = ", ".join(f"{name} {kind or 'text'}" for name, _, kind in columns)
        made.append(f"CREATE TABLE landing.{feed} ({typed})")
        for row in records[feed]:
            values = ", ".join("NULL" if row.get(name) is None else f"'{row[name]}'" for name, _, _ in columns)
            made.append(f"INSERT INTO landing.{feed} VALUES ({values})")
            made.append(f"INSERT INTO core.crosswalk VALUES ('{feed}:{row['source_key']}', '{row['master_id']}')")
    return made


def ask_duckdb(records: dict[str, list[Row]], query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        connection.execute(";".join(statements(records)))
        return connection.execute(query).fetchall()


def found_in(rows: list[tuple[Any, ...]]) -> dict[str, Found]:
    found: dict[str, Found] = {}
    for row in rows:
        told = dict(zip(COLUMNS, row, strict=True))
        found.setdefault(told["code"], set()).add((told["source_key"], told["other_key"]))
    return found


EVERYTHING = str(query_of_all(TABLES))


def test_clean_records_break_no_rule() -> None:
    assert ask_duckdb(clean(), EVERYTHING) == []


@pytest.mark.parametrize(("rule", "plants", "expected"), CASES, ids=[rule for rule, _, _ in CASES])
def test_a_rule_finds_its_case_and_only_it(rule: str, plants: list[Any], expected: Found) -> None:
    records = clean()
    for plant in plants:
        plant(records)
    assert found_in(ask_duckdb(records, EVERYTHING)) == {rule: expected}


@pytest.mark.parametrize(("rule", "excuse"), SILENT, ids=[rule for rule, _ in SILENT])
def test_a_good_reason_silences_a_rule(rule: str, excuse: Callable[[dict[str, list[Row]]], None]) -> None:
    records = clean()
    put("hrss_card", source_key="c1", name="王民", id_number="ID9", sex="2")(records)
    before = found_in(ask_duckdb(records, EVERYTHING))
    excuse(records)
    assert rule not in found_in(ask_duckdb(records, EVERYTHING))
    assert rule in before or rule == "dead_with_active_card"


def test_every_rule_has_a_case() -> None:
    assert {rule for rule, _, _ in CASES} == {rule.id for rule in rules_across()}


def test_postgresql_finds_the_same(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        for rule, plants, expected in CASES:
            records = clean()
            for plant in plants:
                plant(records)
            connection.execute(";".join(statements(records)))
            assert found_in(connection.execute(EVERYTHING).fetchall()) == {rule: expected}


def test_rules_ask_only_of_feeds_there_are() -> None:
    assert {rule.feed for rule in rules_across(["hrss_card"])} == {"hrss_card"}
    assert query_of_all([]) is None
    assert "UNION ALL" in str(query_of_all(["hrss_card"]))


def test_rules_name_fields_of_their_contracts() -> None:
    contracts = load_contracts()
    for rule in rules_across():
        assert rule.feed in rule.feeds
        assert rule.field in {field.name for field in contracts[rule.feed].fields}
        assert rule.severity is not Severity.STOP
        for feed in rule.feeds:
            assert f"{feed}" in query_of(rule)
    for feed, described in TABLES.items():
        columns = {column.partition(":")[0] for column in described.split()[2:]}
        assert columns <= {field.name for field in contracts[feed].fields}
