"""Each rule over landed records finds its planted case and nothing else, alike in PostgreSQL and in DuckDB."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import psycopg
import pytest

from quality.findings import COLUMNS, query_of, query_of_all, questions_of, rules_across
from quality.rules import RULES
from quality.rules.across import AcrossRule
from quality.rules.views import contracts
from quality.verdict import Severity

Row = dict[str, Any]
Found = set[tuple[str, str, str | None]]
Plant = Callable[[dict[str, list[Row]]], None]
TYPES = {"text": "text", "date": "date", "timestamp": "timestamp", "decimal": "numeric(18,2)"}
ID1, ID2, ID3, ID9 = "510104199001019015", "510104194001019022", "510104199001019031", "510104199001019099"
PERSON = {"name": "王明", "sex": "1", "birth_date": "1990-01-01", "id_number": ID1}
OLD = {"name": "王老", "sex": "2", "birth_date": "1940-01-01", "id_number": ID2}
CARD = {**PERSON, "card_status": "normal", "card_issue_date": "2020-01-01", "account_status": "active"}
INSURED = {**PERSON, "insurance_type": "310", "insured_state": "normal"}
PENSION = {
    "name": "王明", "id_number": ID1, "insurance_type": "110", "payment_state": "paying", "employer_name": "蜀光公司",
    "employer_uscc": "91U1",
}  # fmt: skip
FIRM = {
    "name": "蜀光公司", "uscc": "91U1", "status": "in_operation", "enterprise_type": "1130", "legal_rep_name": "王明",
}  # fmt: skip
PAYER = {
    "name": "蜀光公司", "uscc": "91U1", "tax_status": "normal", "taxpayer_type": "unit", "legal_rep_name": "王明",
    "legal_rep_id": ID1,
}  # fmt: skip
DEAD = {"cancel_reason": "death", "cancel_date": "2026-05-10"}


def clean() -> dict[str, list[Row]]:
    """Records that break no rule: a living person known to all, a dead one whose things are settled, two firms."""
    return {
        "ps_person": [
            {"master_id": "P1", "source_key": "r1", "household_no": "H1", **PERSON},
            {"master_id": "P2", "source_key": "r2", "household_no": "H2", **OLD, **DEAD},
            # moved within the province: an old registration cancelled, a new one live
            {"master_id": "P3", "source_key": "r3", **PERSON, "name": "李红", "id_number": ID3, "cancel_reason": "moved_out"},
            {"master_id": "P3", "source_key": "r4", **PERSON, "name": "李红", "id_number": ID3},
        ],
        "hrss_card": [
            {"master_id": "P1", "source_key": "c1", **CARD},
            {"master_id": "P1", "source_key": "c0", **CARD, "card_status": "replaced"},
            {"master_id": "P2", "source_key": "c2", **CARD, **OLD, "card_status": "cancelled"},
            # five files without registration, of another province
            *(
                {"master_id": f"P{n}", "source_key": f"c{n}", **CARD, "id_number": f"3301041990010190{n}", "phone": "138"}
                for n in range(20, 25)
            ),
        ],
        "nhsa_insured": [
            {"master_id": "P1", "source_key": "i1", **INSURED},
            {"master_id": "P1", "source_key": "i2", **INSURED, "insurance_type": "390", "insured_state": "suspended"},
            {"master_id": "P1", "source_key": "i3", **INSURED, "insurance_type": "330"},
            {"master_id": "P2", "source_key": "i4", **INSURED, **OLD, "insured_state": "ended"},
        ],
        "hrss_insured": [
            {"master_id": "P1", "source_key": "h1", **PENSION},
            {"master_id": "P1", "source_key": "h2", **PENSION, "insurance_type": "170", "payment_state": "ended"},
            {"master_id": "P2", "source_key": "h3", **PENSION, "name": "王老", "id_number": ID2, "payment_state": "ended"},
        ],
        "ca_assist": [
            {"master_id": "P1", "source_key": "a1", "name": "王明", "id_number": ID1, "head_name": "王明", "head_id_number": ID1},
            {"master_id": "P2", "source_key": "a2", "name": "王老", "id_number": ID2, "assist_stop": "202605"},
        ],
        "ca_elder": [],
        "dpf_cert": [
            {"master_id": "P1", "source_key": "z1", "name": "王明", "id_number": ID1, "disability_cert_no": f"{ID1}42B1",
             "disability_category": "4", "disability_grade": "2"},
        ],
        "nhsa_assist": [
            {"master_id": "P2", "source_key": "m1", "name": "王老", "id_number": ID2, "valid_to": "2026-05-10"},
        ],
        "fin_subsidy": [
            {"master_id": "P1", "source_key": "s1", "name": "王明", "id_number": ID1, "pay_month": "202610"},
            {"master_id": "P2", "source_key": "s2", "name": "王老", "id_number": ID2, "pay_month": "202604"},
            *(
                {"master_id": f"P{n}", "source_key": f"s{n}", "name": "王明", "id_number": f"3301041990010190{n}",
                 "bank_card_number": "62", "pay_month": "202610"}
                for n in range(20, 25)
            ),
        ],
        "fin_pay_result": [
            {"source_key": "s1", "pay_result": "paid"},
            {"source_key": "s2", "pay_result": "failed", "fail_reason": "name_mismatch"},
        ],
        "nhc_birth": [
            {"source_key": "b1", "sex": "1", "birth_time": "2025-03-01 10:00:00", "mother_name": "李红", "mother_id_number": ID3},
        ],
        "nhc_death": [],
        "ca_marriage": [
            {"source_key": "w1", "husband_name": "王明", "husband_id_number": ID1, "wife_name": "李红", "wife_id_number": ID3},
        ],
        "mr_entity": [
            {"master_id": "E1", "source_key": "m1", **FIRM},
            {"master_id": "E2", "source_key": "m2", **FIRM, "name": "蜀光公司分店", "uscc": "91U2", "enterprise_type": "2130",
             "parent_uscc": "91U1"},
            {"master_id": "E3", "source_key": "m3", **FIRM, "name": "旧光公司", "uscc": "91U3", "status": "deregistered"},
            {"master_id": "E5", "source_key": "m5", **FIRM, "name": "无字号", "uscc": "92U5", "enterprise_type": "9500"},
        ],
        "tax_payer": [
            {"master_id": "E1", "source_key": "t1", **PAYER},
            {"master_id": "E3", "source_key": "t3", **PAYER, "name": "旧光公司", "uscc": "91U3", "tax_status": "deregistered"},
            {"master_id": "E5", "source_key": "t5", **PAYER, "name": "王明小吃店", "uscc": "92U5"},
        ],
    }  # fmt: skip


def put(feed: str, **row: Any) -> Plant:
    """Add a record, or change the one with this source key."""

    def plant(records: dict[str, list[Row]]) -> None:
        for known in records[feed]:
            if known["source_key"] == row["source_key"]:
                known.update(row)
                return
        records[feed].append(row)

    return plant


TWICE = [put("ps_person", master_id="P1", source_key="r9", **{**PERSON, "id_number": ID9})]
CHILD = put("ps_person", master_id="P8", source_key="r8", household_no="H3", name="王小", sex="2", birth_date="2025-03-01",
            id_number="510104202503019044")  # fmt: skip
IN_H3 = put("ps_person", source_key="r4", household_no="H3")
CASES: list[tuple[str, list[Plant], Found]] = [
    ("dead_with_active_card", [put("hrss_card", source_key="c2", card_status="normal")], {("c2", "card_status", "ps_person:r2")}),
    ("dead_but_insured", [put("nhsa_insured", source_key="i4", insured_state="normal")], {("i4", "insured_state", "ps_person:r2")}),
    ("dead_but_in_social_insurance", [put("hrss_insured", source_key="h3", payment_state="paying")], {("h3", "payment_state", "ps_person:r2")}),
    ("dead_but_in_social_insurance", [put("hrss_insured", source_key="h3", benefit_state="receiving")], {("h3", "payment_state", "ps_person:r2")}),
    ("dead_but_aided", [put("ca_assist", source_key="a2", assist_stop="202606")], {("a2", "assist_stop", "ps_person:r2")}),
    ("dead_but_aided", [put("ca_assist", source_key="a2", assist_stop=None)], {("a2", "assist_stop", "ps_person:r2")}),
    ("dead_but_paid_for_age", [put("ca_elder", master_id="P2", source_key="e1", name="王老", id_number=ID2)], {("e1", "age_band", "ps_person:r2")}),
    ("dead_but_aided_for_medicine", [put("nhsa_assist", source_key="m1", valid_to=None)], {("m1", "valid_to", "ps_person:r2")}),
    ("dead_but_subsidised", [put("fin_subsidy", source_key="s2", pay_month="202605")], {("s2", "pay_month", "ps_person:r2")}),
    ("dead_but_registered", [put("nhc_death", master_id="P3", source_key="d1", name="李红", id_number=ID3, death_time="2026-10-01 08:00:00")],
     {("r4", "cancel_reason", "nhc_death:d1")}),
    ("two_active_cards", [put("hrss_card", source_key="c0", card_status="normal", card_issue_date="2015-01-01")], {("c0", "card_status", "hrss_card:c1")}),
    ("two_insurances_in_force", [put("nhsa_insured", source_key="i2", insured_state="normal")],
     {("i1", "insurance_type", "nhsa_insured:i2"), ("i2", "insurance_type", "nhsa_insured:i1")}),
    ("two_pensions_in_force", [put("hrss_insured", source_key="h2", payment_state="paying")],
     {("h1", "insurance_type", "hrss_insured:h2"), ("h2", "insurance_type", "hrss_insured:h1")}),
    ("certificate_of_another", [put("dpf_cert", source_key="z1", disability_cert_no=f"{ID3}42")], {("z1", "disability_cert_no", None)}),
    ("certificate_of_another", [put("dpf_cert", source_key="z1", disability_category="3")], {("z1", "disability_cert_no", None)}),
    ("certificate_of_another", [put("dpf_cert", source_key="z1", disability_grade="1")], {("z1", "disability_cert_no", None)}),
    ("account_not_activated", [put("hrss_card", source_key="c1", account_status="inactive")], {("c1", "account_status", None)}),
    ("paid_into_inactive_account", [put("fin_pay_result", source_key="s1", pay_result="failed", fail_reason="not_activated")],
     {("s1", "fail_reason", "fin_subsidy:s1")}),
    ("shared_bank_card", [put("fin_subsidy", source_key="s1", bank_card_number="62")],
     {("s1", "bank_card_number", None), *((f"s{n}", "bank_card_number", None) for n in range(20, 25))}),
    ("shared_phone", [put("hrss_card", source_key="c1", phone="138")],
     {("c1", "phone", None), *((f"c{n}", "phone", None) for n in range(20, 25))}),
    ("name_against_register", [put("hrss_card", source_key="c1", name="王民")], {("c1", "name", "ps_person:r1")}),
    ("name_against_register", [put("ca_marriage", source_key="w1", wife_name="李虹")], {("w1", "wife_name", "ps_person:r4")}),
    ("name_against_others", [put("nhsa_insured", master_id="P20", source_key="i9", name="王民", id_number="33010419900101901")],
     {("i9", "name", "fin_subsidy:s20")}),
    ("name_against_others", [put("ca_marriage", source_key="w1", wife_name="王民", wife_id_number="330104199001019020")],
     {("w1", "wife_name", "fin_subsidy:s20")}),
    ("former_name_used", [put("ps_person", source_key="r4", former_name="李芳"), put("ca_marriage", source_key="w1", wife_name="李芳")],
     {("w1", "wife_name", "ps_person:r4")}),
    ("number_against_register", [put("nhsa_insured", source_key="i1", id_number=ID9)], {("i1", "id_number", "ps_person:r1")}),
    ("number_against_register", [put("ca_marriage", source_key="w1", husband_id_number=ID9)], {("w1", "husband_id_number", "ps_person:r1")}),
    ("former_number_used", [put("ps_person", source_key="r1", former_id_number=ID9), put("hrss_card", source_key="c1", id_number=ID9)],
     {("c1", "id_number", "ps_person:r1")}),
    ("former_number_used", [put("ps_person", source_key="r1", former_id_number=ID9), put("ca_marriage", source_key="w1", husband_id_number=ID9)],
     {("w1", "husband_id_number", "ps_person:r1")}),
    ("not_in_register", [put("ct_reader", master_id="P7", source_key="l1", name="赵六", id_number=ID9)], {("l1", "id_number", None)}),
    ("not_in_register", [put("nhc_birth", source_key="b1", mother_name="赵六", mother_id_number=ID9)],
     {("b1", "mother_id_number", None)}),
    ("birth_against_register", [put("hrss_card", source_key="c1", birth_date="1990-02-01")], {("c1", "birth_date", "ps_person:r1")}),
    ("sex_against_register", [put("nhsa_insured", source_key="i1", sex="2")], {("i1", "sex", "ps_person:r1")}),
    ("sex_against_register", [IN_H3, CHILD], {("b1", "sex", "ps_person:r8")}),
    ("registered_twice", TWICE, {("r9", "id_number", "ps_person:r1")}),
    ("duplicate_not_linked", [put("ps_person", master_id="P9", source_key="r9", **{**PERSON, "id_number": ID9, "cancel_reason": "duplicate"})],
     {("r9", "former_id_number", None)}),
    ("number_missing", [put("hrss_card", source_key="c1", id_number=None)], {("c1", "id_number", None)}),
    ("number_missing", [put("nhc_birth", source_key="b1", mother_id_number=None)], {("b1", "mother_id_number", None)}),
    ("old_number_form", [put("hrss_card", source_key="c1", id_number="510104900101901")], {("c1", "id_number", None)}),
    ("written_otherwise", [put("hrss_card", source_key="c1", received='{"name": "王明 "}')], {("c1", "name", None)}),
    ("written_otherwise", [put("tax_payer", source_key="t1", received='{"name": "蜀光 公司"}')], {("t1", "name", None)}),
    ("note_in_name", [put("tax_payer", source_key="t1", received='{"name": "蜀光公司(筹)"}')], {("t1", "name", None)}),
    ("credit_code_twice", [put("mr_entity", source_key="m4", master_id="E4", **{**FIRM, "name": "他光公司", "uscc": "91U3"})],
     {("m3", "uscc", "mr_entity:m4"), ("m4", "uscc", "mr_entity:m3")}),
    ("branch_without_parent", [put("mr_entity", source_key="m2", parent_uscc=None)], {("m2", "parent_uscc", None)}),
    ("branch_under_parent_code", [put("hrss_insured", source_key="h1", employer_name="蜀光公司营业部")], {("h1", "employer_uscc", "mr_entity:m1")}),
    ("deregistered_but_taxed", [put("tax_payer", source_key="t3", tax_status="normal")], {("t3", "tax_status", "mr_entity:m3")}),
    ("company_name_against_register", [put("tax_payer", source_key="t1", name="蜀光商行")], {("t1", "name", "mr_entity:m1")}),
    ("former_company_name_used", [put("mr_entity", source_key="m1", former_name="旧名公司"), put("tax_payer", source_key="t1", name="旧名公司")],
     {("t1", "name", "mr_entity:m1")}),
    ("former_company_name_used", [put("mr_entity", source_key="m1", former_name="旧名公司"),
                                  put("tax_payer", source_key="t9", master_id="E9", **{**PAYER, "name": "旧名公司", "uscc": "91U9"})],
     {("t9", "name", "mr_entity:m1")}),
    ("code_against_register", [put("tax_payer", source_key="t1", uscc="91U9")], {("t1", "uscc", "mr_entity:m1")}),
    ("code_against_register", [put("hrss_insured", source_key="h1", employer_uscc="91U9")], {("h1", "employer_uscc", "mr_entity:m1")}),
    ("representative_against_register", [put("tax_payer", source_key="t1", legal_rep_name="李红", legal_rep_id=None)],
     {("t1", "legal_rep_name", "mr_entity:m1")}),
    ("enterprise_not_registered", [put("tax_payer", source_key="t9", master_id="E9", **{**PAYER, "name": "新光公司"})], {("t9", "uscc", None)}),
    ("legal_representative_dead", [put("tax_payer", source_key="t1", legal_rep_id=ID2, legal_rep_name="王老"),
                                   put("mr_entity", source_key="m1", legal_rep_name="王老")],
     {("t1", "legal_rep_id", "ps_person:r2")}),
]  # fmt: skip
# A number of another person is against the register too, wherever the person has a registration.
OF_ANOTHER = {
    "number_of_another": {("c1", "id_number", "ps_person:r3")},
    "number_against_register": {("c1", "id_number", "ps_person:r1")},
}
SILENT: list[tuple[str, list[Plant]]] = [
    ("name_against_register", [put("ps_person", source_key="r1", former_name="王民"), put("hrss_card", source_key="c1", name="王民")]),
    ("number_against_register", [put("ps_person", source_key="r1", former_id_number=ID9), put("hrss_card", source_key="c1", id_number=ID9)]),
    ("number_against_register", [put("hrss_card", source_key="c1", id_number="510104900101901")]),  # the 15 places of the same
    ("number_against_register", [put("hrss_card", source_key="c1", id_number="510***********9015")]),
    ("sex_against_register", [put("ps_person", source_key="r1", sex="0"), put("hrss_card", source_key="c1", sex="2")]),
    # a death and a live registration of one person: two registers disagree, that is for the stewards
    ("dead_with_active_card", [put("ps_person", master_id="P1", source_key="r9", **PERSON, **DEAD)]),
    ("not_in_register", [put("ct_reader", master_id="P7", source_key="l1", name="赵六", id_number="330104199001019023")]),
    ("not_in_register", [put("nhc_birth", source_key="b1", mother_name="赵六", mother_id_number="330104199001019023")]),
    ("not_in_register", [put("nhc_birth", source_key="b1", mother_name="赵六", mother_id_number="5101**********9099")]),
    ("not_in_register", [put("ps_person", source_key="r4", former_id_number=ID9), put("nhc_birth", source_key="b1", mother_id_number=ID9)]),
    ("number_missing", [put("nhc_birth", source_key="b1", mother_name=None, mother_id_number=None)]),
    ("company_name_against_register", [put("tax_payer", source_key="t5", name="王明茶楼")]),
]  # fmt: skip
EVERYTHING = str(query_of_all(sorted(contracts())))


def tables() -> Iterator[str]:
    """SQL that makes the landed tables with all fields of their contracts, and the crosswalk, for either engine."""
    yield "CREATE SCHEMA landing"
    yield "CREATE SCHEMA core"
    yield "CREATE TABLE core.crosswalk (record_key text, master_id text)"
    for feed, contract in contracts().items():
        fields = ", ".join(f"{field.name} {TYPES[field.type]}" for field in contract.fields)
        yield f"CREATE TABLE landing.{feed} (source_key text, received json, {fields})"


def rows(plants: list[Plant]) -> Iterator[str]:
    """SQL that fills the tables with the clean records and what is planted among them."""
    records: dict[str, list[Row]] = {feed: [] for feed in contracts()}
    records.update(clean())
    for plant in plants:
        plant(records)
    for feed, planted in records.items():
        for row in planted:
            told = {name: value for name, value in row.items() if name != "master_id" and value is not None}
            values = ", ".join(f"'{value}'" for value in told.values())
            yield f"INSERT INTO landing.{feed} ({', '.join(told)}) VALUES ({values})"
            if "master_id" in row:
                yield f"INSERT INTO core.crosswalk VALUES ('{feed}:{row['source_key']}', '{row['master_id']}')"


def found_in(answer: list[tuple[Any, ...]]) -> dict[str, Found]:
    found: dict[str, Found] = {}
    for row in answer:
        told = dict(zip(COLUMNS, row, strict=True))
        found.setdefault(told["code"], set()).add((told["source_key"], told["field"], told["other_key"]))
    return found


@pytest.fixture(scope="module")
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url, autocommit=True) as connected:
        connected.execute("DROP SCHEMA IF EXISTS landing CASCADE; DROP SCHEMA IF EXISTS core CASCADE")
        connected.execute(";".join(tables()))
        yield connected


def ask(connection: psycopg.Connection, plants: list[Plant], query: str = EVERYTHING) -> dict[str, Found]:
    """What is found, in a transaction that is taken back."""
    with connection.transaction(force_rollback=True):
        connection.execute(";".join(rows(plants)))
        return found_in(connection.execute(query).fetchall())


def test_clean_records_break_no_rule(connection: psycopg.Connection) -> None:
    assert ask(connection, []) == {}


@pytest.mark.parametrize(("rule", "plants", "expected"), CASES, ids=[rule for rule, _, _ in CASES])
def test_a_rule_finds_its_case_and_only_it(
    connection: psycopg.Connection, rule: str, plants: list[Plant], expected: Found
) -> None:
    assert ask(connection, plants) == {rule: expected}


def test_a_number_of_another_person_is_found_by_both_its_sides(connection: psycopg.Connection) -> None:
    found = ask(connection, [put("hrss_card", source_key="c1", id_number=ID3)])
    assert found == OF_ANOTHER | {"number_of_another": {("c1", "id_number", "ps_person:r3")}}


def test_a_number_that_ended_as_a_duplicate_is_a_former_one_wherever_it_stands(connection: psycopg.Connection) -> None:
    ended = put(
        "ps_person", master_id="P9", source_key="r9", **{**PERSON, "id_number": ID9, "cancel_reason": "duplicate"}
    )
    found = ask(connection, [ended, put("nhc_birth", source_key="b1", mother_name="王明", mother_id_number=ID9)])
    assert found == {
        "former_number_used": {("b1", "mother_id_number", "ps_person:r9")},
        "duplicate_not_linked": {("r9", "former_id_number", None)},
    }


@pytest.mark.parametrize(("rule", "plants"), SILENT, ids=[rule for rule, _ in SILENT])
def test_a_good_reason_silences_a_rule(connection: psycopg.Connection, rule: str, plants: list[Plant]) -> None:
    assert rule not in ask(connection, plants)


def test_every_rule_has_a_case() -> None:
    assert {rule for rule, _, _ in CASES} | {"number_of_another"} == {rule.id for rule in rules_across()}


def test_duckdb_finds_the_same() -> None:
    with duckdb.connect() as engine:
        engine.execute(";".join(tables()))
        for rule, plants, expected in CASES:
            engine.execute("BEGIN;" + ";".join(rows(plants)))
            asked = RULES[rule]
            assert isinstance(asked, AcrossRule)
            assert found_in(engine.execute(str(query_of(asked))).fetchall()) == {rule: expected}
            engine.execute("ROLLBACK")


def test_rules_ask_only_of_feeds_there_are() -> None:
    asked = {one.feed for rule in rules_across() for one in questions_of(rule, ["hrss_card"])}
    assert asked == {"hrss_card"}
    assert query_of_all([]) is None
    assert "UNION ALL" in str(query_of_all(["hrss_card"]))
    assert "ps_person" not in str(query_of_all(["hrss_card"]))


def test_every_feed_of_persons_is_held_against_the_register() -> None:
    named = {one.feed for one in RULES["name_against_register"].questions()}  # type: ignore[attr-defined]
    carry = {feed for feed, c in contracts().items() if any(f.kind == "person_name" for f in c.fields)}
    without_number = {"dpf_cert"}  # of guardians it sends the name alone; its own subjects are asked about
    assert named >= carry - {"ps_person", "mr_entity"} - without_number
    assert "dpf_cert" in named


def test_rules_stop_nothing_and_name_fields_of_their_feeds() -> None:
    for rule in rules_across():
        assert rule.severity is not Severity.STOP
        assert questions_of(rule), rule.id
        for question in questions_of(rule):
            assert question.feed in contracts()
            assert set(question.reads) <= set(contracts())
