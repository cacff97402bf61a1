"""Life and death, categories by dated rules, numbers, links by number, conflicts: what a file says, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.matching.subjects import citizen
from tests.warehouse.conftest import EMPTY
from tests.warehouse.histories import FIRST, Chronicle
from warehouse.database import Connection, WarehouseError, private_errors
from warehouse.files import find_file

NUMBER = citizen("510104", "19461103", 901)
OTHER = citizen("510104", "19850102", 902)
SPOUSE = citizen("510104", "19470203", 904)


@pytest.fixture
def chronicle(conn: Connection, tmp_path: Path) -> Chronicle:
    return Chronicle(conn, tmp_path)


def rows(conn: Connection, query: str, *values: Any) -> list[tuple[Any, ...]]:
    return conn.execute(query.encode(), values or None).fetchall()


def one(conn: Connection, query: str, *values: Any) -> Any:
    (found,) = rows(conn, query, *values)
    return found[0] if len(found) == 1 else found


def registered(key: str = "100|1", op: str = "I", **more: Any) -> dict[str, Any]:
    return {"source_key": key, "op": op, "household_no": key.split("|")[0], "name": "王小明", "id_number": NUMBER,
            "birth_date": date(1946, 11, 3), **more}  # fmt: skip


def night_of_one(chronicle: Chronicle, **more: Any) -> None:
    chronicle.night({"ps_person": [registered(**more)]}, {"ps_person:100|1": "P1"})


def bands(conn: Connection, valid: date, known: date, file: str = "P1") -> list[str]:
    found = rows(
        conn, "select category || coalesce('_' || band, '') from core.categories_on(%s, %s, %s)", file, valid, known
    )
    return [r[0] for r in found]


def test_the_first_sign_of_death_presumes_and_public_security_confirms(conn: Connection, chronicle: Chronicle) -> None:
    night_of_one(chronicle, education="20", marital_status="20")
    assert rows(conn, "select life_state, death_date, education from core.person") == [("alive", None, "20")]
    cremated = {"source_key": "f1", "op": "I", "id_number": NUMBER, "name": "王小明", "death_date": date(2026, 10, 20)}
    chronicle.night({"ca_funeral": [cremated]}, {"ca_funeral:f1": "P1"})
    assert rows(conn, "select life_state, death_date from core.person") == [("presumed_dead", date(2026, 10, 20))]
    told = {
        "source_key": "n1",
        "op": "I",
        "id_number": NUMBER,
        "death_time": datetime.combine(date(2026, 10, 19), time(7)),
    }
    chronicle.night({"nhc_death": [told]}, {"nhc_death:n1": "P1"})
    assert rows(conn, "select life_state, death_date from core.person") == [("presumed_dead", date(2026, 10, 19))]
    ended = {
        "source_key": "100|1",
        "op": "I",
        "household_no": "100",
        "id_number": NUMBER,
        "death_date": date(2026, 10, 19),
    }
    chronicle.night({"ps_death": [ended]}, {"ps_death:100|1": "P1"})
    said = "select value, feed, rule, is_winner from core.person_value where field = 'life_state' order by 4 desc, 1, 2"
    assert rows(conn, said) == [
        ("confirmed_dead", "ps_death", "authority", True),
        ("presumed_dead", "nhc_death", "authority", False),
    ]
    on = "select life_state, death_date, feed from core.life_on('P1', %s, %s)"
    night = [FIRST + timedelta(days=n) for n in range(4)]
    assert rows(conn, on, date(2026, 10, 25), night[0]) == [("alive", None, None)]
    assert rows(conn, on, date(2026, 10, 25), night[1]) == [("presumed_dead", date(2026, 10, 20), "ca_funeral")]
    assert rows(conn, on, date(2026, 10, 25), night[3]) == [("confirmed_dead", date(2026, 10, 19), "ps_death")]
    assert rows(conn, on, date(2026, 10, 18), night[3]) == [("alive", None, None)]
    assert bands(conn, date(2026, 10, 25), night[2]) == ["elderly_70"]  # presumed: nobody loses anything yet
    assert bands(conn, date(2026, 10, 25), night[3]) == []
    assert bands(conn, date(2026, 10, 18), night[3]) == ["elderly_70"]


def test_a_category_begins_on_the_birthday_with_no_new_record(conn: Connection, chronicle: Chronicle) -> None:
    night_of_one(chronicle)
    now = "select category, band, rule_id, record_key, as_of from core.person_category"
    assert rows(conn, now) == [("elderly", "70", "elderly_70", "ps_person:100|1", date(2026, 11, 1))]
    counts = [chronicle.night({}, {}, day=date(2026, 11, day)) for day in (2, 3)]
    assert [c.changed_rows for c in counts] == [0, 0]
    assert rows(conn, now) == [("elderly", "80", "elderly_80", "ps_person:100|1", date(2026, 11, 3))]
    asked = "select answer, categories, life_state from card.categories_of(%s, %s)"
    assert rows(conn, asked, NUMBER, None) == [("found", ["elderly_80"], "alive")]
    assert rows(conn, asked, NUMBER.lower(), date(2026, 11, 2)) == [("found", ["elderly_70"], "alive")]
    assert rows(conn, asked, NUMBER, date(2036, 11, 3)) == [("found", ["elderly_90"], "alive")]
    assert rows(conn, asked, OTHER, None) == [("not_found", None, None)]
    turned = "select master_id, rule_id, change, day from core.birthdays('2026-11-02', '2026-11-03')"
    assert rows(conn, turned) == [
        ("P1", "elderly_70", "ends", date(2026, 11, 3)), ("P1", "elderly_80", "begins", date(2026, 11, 3))
    ]  # fmt: skip


def test_born_on_a_leap_day_one_comes_of_age_on_the_last_of_february(conn: Connection, chronicle: Chronicle) -> None:
    night_of_one(chronicle, birth_date=date(1964, 2, 29))
    known = FIRST
    assert bands(conn, date(2024, 2, 28), known) == ["working_age"]
    assert bands(conn, date(2024, 2, 29), known) == ["elderly_60"]
    assert bands(conn, date(2029, 2, 27), known) == ["elderly_60"]
    assert bands(conn, date(2029, 2, 28), known) == ["elderly_65"]
    assert rows(conn, "select count(*) from core.birthdays('2029-02-27', '2029-02-28')") == [(2,)]


def test_a_rule_changes_from_its_day_and_old_answers_stay(conn: Connection, chronicle: Chronicle) -> None:
    with conn.transaction(force_rollback=True):
        night_of_one(chronicle, birth_date=date(1963, 6, 1))
        assert bands(conn, date(2026, 11, 10), FIRST) == ["elderly_60"]
        conn.execute("update ref.category_rule set known_until = '2026-11-05' where rule_id = 'elderly_60'")
        conn.execute(
            "insert into ref.category_rule select rule_id, category, band, evidence, evidence_value, 64, until_age, "
            "date '2027-01-01', null::date, 'a new ordinance', date '2026-11-05', null::date from ref.category_rule where rule_id = 'elderly_60' "
            "union all select rule_id, category, band, evidence, evidence_value, from_age, until_age, valid_from, date '2026-12-31', "
            "basis, date '2026-11-05', null::date from ref.category_rule where rule_id = 'elderly_60'"
        )
        assert bands(conn, date(2027, 2, 1), date(2026, 11, 4)) == ["elderly_60"]  # as the rule was known then
        assert bands(conn, date(2027, 2, 1), date(2026, 11, 5)) == []  # 63 years old
        assert bands(conn, date(2026, 12, 31), date(2026, 11, 5)) == ["elderly_60"]


@pytest.mark.parametrize("change", ["update ref.category_rule set from_age = 61 where rule_id = 'elderly_60'",
                                    "delete from ref.category_rule where rule_id = 'minor_under_14'"])  # fmt: skip
def test_a_rule_is_never_changed_in_place(conn: Connection, change: str) -> None:
    with pytest.raises(WarehouseError), private_errors("changing a rule"):
        conn.execute(change.encode())


def test_categories_from_facts_follow_their_days_and_states(conn: Connection, chronicle: Chronicle) -> None:
    night_of_one(chronicle, birth_date=date(1985, 1, 2))
    aided = {"source_key": "a|1", "op": "I", "name": "王小明", "assist_no": "a", "member_no": "1",
             "assist_kind": "rural_minimum", "assist_from": "202609", "assist_stop": "202612"}  # fmt: skip
    certified = {"source_key": "c1", "op": "I", "disability_category": "4", "disability_grade": "2",
                 "disability_status": "valid", "valid_from": date(2024, 5, 1), "valid_to": date(2034, 4, 30)}  # fmt: skip
    jobless = {"source_key": "e1", "op": "I", "employment_state": "unemployed", "registered_date": date(2026, 10, 5),
               "hardship_kind": "older", "phone": "13800000009"}  # fmt: skip
    served = {
        "source_key": "x|3",
        "op": "I",
        "concession_kind": "veteran",
        "valid_from": date(2026, 1, 1),
        "valid_to": date(2026, 11, 2),
    }
    files = {"ca_assist:a|1": "P1", "dpf_cert:c1": "P1", "hrss_employ:e1": "P1", "tr_concession:x|3": "P1"}
    chronicle.night(
        {"ca_assist": [aided], "dpf_cert": [certified], "hrss_employ": [jobless], "tr_concession": [served]}, files
    )
    known = FIRST + timedelta(days=1)
    everything = [
        "disabled",
        "employment_hardship",
        "minimum_allowance",
        "registered_unemployed",
        "veteran",
        "working_age",
    ]
    assert bands(conn, known, known) == everything
    assert bands(conn, date(2026, 11, 30), known) == [
        *everything[:4],
        "working_age",
    ]  # the concession ended on 2 November
    assert "minimum_allowance" not in bands(conn, date(2026, 12, 1), known)  # not paid from December on
    assert bands(conn, date(2026, 12, 1), FIRST) == ["working_age"]  # nothing of it was known yet
    chronicle.night({"hrss_employ": [{**jobless, "op": "U", "employment_state": "employed", "hardship_kind": None}],
                     "dpf_cert": [{**certified, "op": "U", "disability_status": "cancelled"}]}, {})  # fmt: skip
    later = known + timedelta(days=1)
    assert bands(conn, later, later) == ["minimum_allowance", "working_age"]
    assert bands(conn, known, later) == everything  # so it was
    assert bands(conn, known, known) == everything
    detail = "select detail from core.evidence_on('P1', %s, %s) where evidence = 'disability'"
    assert one(conn, detail, known, known) == "grade 2"


def test_addresses_phones_names_and_numbers_are_lists_with_kind_source_and_date(
    conn: Connection, chronicle: Chronicle
) -> None:
    person = registered(
        address="锦江区某路1号", former_name="王二", former_id_number=OTHER, move_in_date=date(2010, 5, 1)
    )
    lives = {"source_key": "r1", "op": "I", "name": "王小明", "living_address": "武侯区某街2号", "valid_from": date(2026, 1, 1),
             "valid_to": date(2026, 12, 31)}  # fmt: skip
    writes = {"source_key": "510104|A1", "op": "I", "name": "王小明", "issue_area_code": "510104", "card_number": "A1",
              "address": "青羊区某巷3号", "phone": "13800000001", "id_number": "510104461103901",
              "updated_at": datetime.combine(date(2026, 3, 1), time(0))}  # fmt: skip
    files = {"ps_person:100|1": "P1", "ps_residence:r1": "P1", "hrss_card:510104|A1": "P1"}
    chronicle.night({"ps_person": [person], "ps_residence": [lives], "hrss_card": [writes]}, files)
    kept = "select address_kind, address, feed, holds_from, place from core.person_address order by 1"
    assert rows(conn, kept) == [
        ("household_register", "锦江区某路1号", "ps_person", date(2010, 5, 1), 1),
        ("mailing", "青羊区某巷3号", "hrss_card", None, 1),
        ("residence", "武侯区某街2号", "ps_residence", date(2026, 1, 1), 1),
    ]
    assert rows(conn, "select phone_kind, phone, valid_from from core.person_phone") == [
        ("own", "13800000001", date(2026, 3, 1))
    ]
    assert rows(conn, "select name_kind, name from core.person_name order by 1") == [
        ("former", "王二"),
        ("golden", "王小明"),
    ]
    numbers = "select number, status from core.person_number where number_kind = 'citizen' order by 2"
    assert rows(conn, numbers) == [(NUMBER, "current"), ("510104461103901", "first_generation"), (OTHER, "former")]
    assert one(conn, "select core.person_by_number(%s)", OTHER) == "P1"
    assert rows(conn, "select answer from card.categories_of(%s)", OTHER) == [("found",)]
    assert rows(conn, "select reason from card.card_of(%s)", OTHER) == [("no_normal_card",)]  # the person is known
    assert find_file(conn, OTHER) == ["P1"]
    chronicle.night({"ps_residence": [{**lives, "op": "D"}]}, {"ps_residence:r1": None})
    on = "select address_kind from core.address_on('P1', %s, %s) order by 1"
    assert len(rows(conn, on, date(2026, 6, 1), FIRST)) == 3
    assert len(rows(conn, on, date(2026, 2, 1), FIRST)) == 2  # the mailing address is told since 1 March
    assert len(rows(conn, on, date(2026, 6, 1), FIRST + timedelta(days=1))) == 3  # the permit is gone now, not then
    assert len(rows(conn, on, FIRST + timedelta(days=1), FIRST + timedelta(days=1))) == 2


def test_links_go_by_numbers_and_never_by_names(conn: Connection, chronicle: Chronicle) -> None:
    spouse = registered("100|2", id_number=SPOUSE, name="李小红", household_relation="12")
    wed = {"source_key": "w1", "op": "I", "certificate_no": "w1", "husband_name": "王小明", "husband_id_number": NUMBER,
           "wife_name": "李小红", "wife_id_number": SPOUSE, "marriage_kind": "wed", "registered_date": date(1970, 1, 2)}  # fmt: skip
    firm = {
        "source_key": "m1",
        "op": "I",
        "entity_no": "m1",
        "name": "某公司",
        "uscc": "91510104MA6X900155",
        "status": "in_operation",
    }
    branch = {"source_key": "m2", "op": "I", "entity_no": "m2", "name": "某公司分公司", "uscc": "91510104MA6X900229",
              "parent_uscc": "91510104MA6X900155", "status": "in_operation"}  # fmt: skip
    lead = {"source_key": "m1|1", "op": "I", "entity_no": "m1", "officer_no": "1", "officer_role": "legal_rep",
            "officer_name": "王小明", "officer_id": NUMBER}  # fmt: skip
    namesake = {**lead, "source_key": "m1|2", "officer_no": "2", "officer_role": "director", "officer_id": None}
    masked = {**lead, "source_key": "m2|1", "entity_no": "m2", "officer_id": "5101***********901"}
    chronicle.night(
        {
            "ps_person": [registered(), spouse],
            "ca_marriage": [wed],
            "mr_entity": [firm, branch],
            "mr_person": [lead, namesake, masked],
        },
        {"ps_person:100|1": "P1", "ps_person:100|2": "P2", "mr_entity:m1": "E1", "mr_entity:m2": "E2"},
    )
    assert rows(conn, "select enterprise_id, officer_role from core.roles_of('P1')") == [("E1", "legal_rep")]
    assert rows(conn, "select officer_role, person_id from core.officers_of('E1')") == [
        ("director", None),
        ("legal_rep", "P1"),
    ]
    assert rows(conn, "select person_id from core.officers_of('E2')") == [(None,)]
    assert rows(conn, "select spouse_id, marriage_kind from core.marriages_of('P1')") == [("P2", "wed")]
    assert rows(conn, "select member_id from core.household_of('P1') order by 1") == [("P1",), ("P2",)]
    assert rows(conn, "select link_kind, other_id from core.enterprise_link where master_id = 'E2'") == [
        ("branch_of", "E1")
    ]
    told = rows(conn, "select marriage_kind from core.marriage_on(%s, '2020-01-01', %s)", SPOUSE, FIRST)
    assert told == [("wed",)]

    # an id retired long ago answers as its survivor does, through the chain
    for retired, survivor in (("P8", "P9"), ("P9", "P1"), ("E8", "E9"), ("E9", "E1")):
        subject = "person" if retired.startswith("P") else "enterprise"
        conn.execute(
            "insert into core.redirect (subject, retired_id, master_id, since_run_id, since_date) values (%s, %s, %s, 'r', %s)",
            (subject, retired, survivor, FIRST),
        )
    for function, live, retired in (
        ("numbers_of", "P1", "P8"), ("household_of", "P1", "P8"), ("marriages_of", "P1", "P8"), ("children_of", "P1", "P8"),
        ("roles_of", "P1", "P8"), ("officers_of", "E1", "E8"), ("insured_of", "E1", "E8"),
    ):  # fmt: skip
        asked = f"select * from core.{function}(%s)"
        assert rows(conn, asked, retired) == rows(conn, asked, live), function
        assert rows(conn, asked, live) or function in ("children_of", "insured_of")


def test_conversions_mergers_and_divisions_link_both_files_by_their_codes(
    conn: Connection, chronicle: Chronicle
) -> None:
    shop, firm = "92510104MA6X90015E", "91510104MA6X900155"
    entities = [{"source_key": f"m{n}", "op": "I", "entity_no": f"m{n}", "name": "某小吃店", "uscc": code, "status": "in_operation"}
                for n, code in ((1, shop), (2, firm))]  # fmt: skip
    told = {"source_key": "g1", "op": "I", "entity_no": "m2", "change_no": "g1", "change_kind": "converted",
            "text_before": shop, "text_after": firm, "changed_date": date(2024, 2, 2)}  # fmt: skip
    chronicle.night({"mr_entity": entities, "mr_change": [told]}, {"mr_entity:m1": "E1", "mr_entity:m2": "E2"})
    asked = "select master_id, link_kind, other_id from core.enterprise_link order by 1"
    assert rows(conn, asked) == [("E1", "succeeded_by", "E2"), ("E2", "succeeds", "E1")]
    for kind, before, after in (("merged", "merged_into", "took_in"), ("divided", "split_into", "split_from")):
        chronicle.night({"mr_change": [{**told, "op": "U", "change_kind": kind}]}, {})
        assert rows(conn, asked) == [("E1", before, "E2"), ("E2", after, "E1")]
    unknown = {**told, "op": "U", "text_before": "92510104MA6X90999X", "change_kind": "merged"}
    chronicle.night({"mr_change": [unknown]}, {})
    assert rows(conn, asked) == [("E2", "took_in", None)]


def test_conflicts_become_findings_and_are_corrected_when_they_are_gone(conn: Connection, chronicle: Chronicle) -> None:
    night_of_one(chronicle, birth_date=date(1985, 1, 2))
    dead = {
        "source_key": "n1",
        "op": "I",
        "id_number": NUMBER,
        "death_time": datetime.combine(date(2026, 10, 19), time(7)),
    }
    later = {
        "source_key": "510104|A1",
        "op": "I",
        "issue_area_code": "510104",
        "card_number": "A1",
        "card_issue_date": date(2026, 10, 30),
    }
    chronicle.night({"nhc_death": [dead], "hrss_card": [later]}, {"nhc_death:n1": "P1", "hrss_card:510104|A1": "P1"})
    held = "select code, state from ops.finding where origin = 'master' and source_key = 'P1' order by 1"
    assert [r[0] for r in rows(conn, held)] == [
        "ACTIVE_AFTER_DEATH", "BIRTH_AGAINST_NUMBER", "DEAD_BUT_REGISTERED", "DEATH_NOT_CONFIRMED",
    ]  # fmt: skip
    chronicle.night({}, {"nhc_death:n1": "P2", "hrss_card:510104|A1": "P1"})
    assert dict(rows(conn, held)) == {
        "ACTIVE_AFTER_DEATH": "corrected", "BIRTH_AGAINST_NUMBER": "open", "DEAD_BUT_REGISTERED": "corrected",
        "DEATH_NOT_CONFIRMED": "corrected",
    }  # fmt: skip
    assert set(rows(conn, "select distinct code from core.conflict")) <= set(
        rows(conn, "select code from ref.conflict")
    )


def test_an_enterprise_keeps_its_numbers_names_head_count_and_penalties(conn: Connection, chronicle: Chronicle) -> None:
    firm = {"source_key": "m1", "op": "I", "entity_no": "m1", "name": "某新公司", "uscc": "91510104MA6X900155",
            "registration_no": "510104000012345", "status": "in_operation", "founded_date": date(2010, 3, 1)}  # fmt: skip
    renamed = {"source_key": "g1", "op": "I", "entity_no": "m1", "change_no": "g1", "change_kind": "name",
               "text_before": "某旧公司", "text_after": "某新公司", "changed_date": date(2020, 2, 2)}  # fmt: skip
    paid = [{"source_key": f"u|{kind}|202610", "op": "I", "name": "某新公司", "employer_no": "u", "insurance_type": kind,
             "period_month": "202610", "head_count": 7} for kind in ("110", "210")]  # fmt: skip
    fined = {
        "source_key": "p1",
        "op": "I",
        "document_no": "p1",
        "name": "某新公司",
        "decided_date": date(2026, 5, 1),
        "public_until": date(2029, 5, 1),
    }
    taxed = {
        "source_key": "t1",
        "op": "I",
        "taxpayer_serial": "t1",
        "taxpayer_no": "510104MA6X90015",
        "tax_status": "normal",
    }
    files = {
        "mr_entity:m1": "E1",
        "mr_penalty:p1": "E1",
        "tax_payer:t1": "E1",
        **{f"tax_contrib:{p['source_key']}": "E1" for p in paid},
    }
    chronicle.night(
        {"mr_entity": [firm], "mr_change": [renamed], "tax_contrib": paid, "mr_penalty": [fined], "tax_payer": [taxed]},
        files,
    )
    assert rows(conn, "select tax_status, founded_date from core.enterprise") == [("normal", date(2010, 3, 1))]
    kinds = rows(conn, "select distinct number_kind from core.enterprise_number order by 1")
    assert [k[0] for k in kinds] == [
        "organisation_code",
        "register",
        "registration_no",
        "social_insurance_unit",
        "taxpayer",
        "uscc",
    ]
    names = "select name_kind, name, until_day from core.enterprise_name order by 1"
    assert rows(conn, names) == [("former", "某旧公司", date(2020, 2, 2)), ("golden", "某新公司", None)]
    assert rows(conn, "select insurance_type, head_count from core.enterprise_head_count order by 1") == [
        ("110", 7),
        ("210", 7),
    ]
    assert rows(conn, "select public_until from core.penalty where master_id = 'E1'") == [(date(2029, 5, 1),)]
    ended = {**firm, "op": "U", "status": "deregistered", "updated_at": datetime.combine(date(2026, 11, 1), time(9))}
    chronicle.night({"mr_entity": [ended]}, {})
    on = "select status from core.enterprise_registration_on('E1', %s, %s)"
    assert one(conn, on, date(2026, 10, 30), FIRST + timedelta(days=1)) == "in_operation"
    assert one(conn, on, date(2026, 11, 1), FIRST + timedelta(days=1)) == "deregistered"
    assert one(conn, on, date(2026, 11, 1), FIRST) == "in_operation"


MOVES = st.lists(
    st.tuples(st.sampled_from(["P1", "P2"]), st.sampled_from(["valid", "cancelled"]), st.integers(0, 400), st.booleans()),
    min_size=2, max_size=4,
)  # fmt: skip


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(MOVES)
def test_answers_of_lists_and_categories_for_a_day_never_change_by_later_loads(
    conn: Connection, tmp_path: Path, moves: Sequence[tuple[str, str, int, bool]]
) -> None:
    conn.execute(EMPTY)
    chronicle = Chronicle(conn, tmp_path)
    told: dict[tuple[Any, ...], Any] = {}
    for number, (file, state, age, gone) in enumerate(moves):
        first = number == 0
        certified = {"source_key": "c1", "op": "I" if first else "U", "disability_status": state,
                     "valid_from": FIRST - timedelta(days=age), "valid_to": FIRST + timedelta(days=age)}  # fmt: skip
        born = registered(op="I" if first else "U", birth_date=date(1946, 11, 1) + timedelta(days=age % 7))
        lost = gone and not first
        chronicle.night(
            {"dpf_cert": [{"source_key": "c1", "op": "D"} if lost else certified], "ps_person": [born]},
            {"dpf_cert:c1": None if lost else file, "ps_person:100|1": "P1"},
        )
        for known in (FIRST + timedelta(days=n) for n in range(number + 1)):
            for valid in (known - timedelta(days=9), known, known + timedelta(days=3)):
                for question in ("select * from core.disability_on('P1', %s, %s)", "select * from core.categories_on('P1', %s, %s)",
                                 "select * from core.life_on('P1', %s, %s)"):  # fmt: skip
                    answer = rows(conn, question, valid, known)
                    assert told.setdefault((question, known, valid), answer) == answer
        day = FIRST + timedelta(days=number)
        now = rows(conn, "select rule_id, record_key from core.person_category where master_id = 'P1' order by 1, 2")
        assert now == rows(
            conn, "select rule_id, record_key from core.categories_on('P1', %s, %s) order by 1, 2", day, day
        )


def test_answers_for_a_day_tell_nothing_that_is_renewed_in_place(conn: Connection) -> None:
    """The rule by which a value won is brought up to date in its row, so that no answer for a fixed day may tell it."""
    told = rows(conn, "select proname from pg_proc where proname ~ '_on$' and 'rule' = any(proargnames)")
    assert told == []
