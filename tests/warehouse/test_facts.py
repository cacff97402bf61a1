"""Lists of the files: a night that looks at what changed leaves what a rebuild leaves, with history and findings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.warehouse.conftest import EMPTY
from tests.warehouse.deliveries import CONTRACTS
from tests.warehouse.histories import FIRST, Chronicle
from warehouse.contents import load_facts, load_values
from warehouse.database import Connection
from warehouse.landing_tables import landing_columns
from warehouse.publish import publish


def rows(conn: Connection, query: str, *values: Any) -> list[tuple[Any, ...]]:
    return conn.execute(query.encode(), values or None).fetchall()


def rebuilt(conn: Connection, chronicle: Chronicle) -> dict[str, int]:
    """What a publication changes that fills every list anew and looks at every file."""
    conn.execute("delete from core.fact_state")
    run = f"rebuild-{chronicle.nights}"
    counts = publish(conn, run, FIRST + timedelta(days=chronicle.nights))
    return {fact: n for fact, n in counts.facts.items() if n}


@pytest.fixture
def chronicle(conn: Connection, tmp_path: Path) -> Chronicle:
    return Chronicle(conn, tmp_path)


def card(key: str, op: str = "I", **more: Any) -> dict[str, Any]:
    area, number = key.split("|")
    return {"source_key": key, "op": op, "name": "王小明", "issue_area_code": area, "card_number": number, **more}


def test_every_list_and_value_reads_what_its_feeds_give() -> None:
    for fact in load_facts():
        for source in fact.sources:
            present = set(landing_columns(CONTRACTS[source.feed]))
            assert set(fact.columns) - set(source.columns) <= present, (fact.name, source.feed)
            if source.owner:
                assert CONTRACTS[source.feed].details_of == source.owner
    named = {feed for fact in load_facts() for source in fact.sources for feed in [source.feed]}
    named |= {feed for subject in ("person", "enterprise") for told in load_values(subject).values() for feed in told}
    assert named == set(CONTRACTS), "every feed that lands reaches a file"


def test_a_card_its_function_and_its_owner_follow_one_another(conn: Connection, chronicle: Chronicle) -> None:
    key = "510104|A00000001"
    loaded = {"source_key": f"{key}|bus", "op": "I", "issue_area_code": "510104", "card_number": "A00000001",
              "transit_function": "bus", "loaded_date": date(2026, 10, 1)}  # fmt: skip
    chronicle.night({"tr_card": [loaded]}, {})
    assert rows(conn, "select * from core.card_function") == []  # nobody's card yet
    chronicle.night({"hrss_card": [card(key, card_status="normal", bank_code="102")]}, {f"hrss_card:{key}": "P1"})
    assert rows(conn, "select master_id, transit_function from core.card_function") == [("P1", "bus")]
    assert rows(conn, "select master_id, bank_code, batch_no from core.card") == [("P1", "102", "20261102-002")]
    chronicle.night({}, {f"hrss_card:{key}": "P2"})
    assert rows(conn, "select master_id, transit_function from core.card_function") == [("P2", "bus")]
    past = "select master_id, since_date, until_date from core.card_function_history"
    assert rows(conn, past) == [("P1", FIRST + timedelta(days=1), FIRST + timedelta(days=2))]
    chronicle.night({"hrss_card": [card(key, "D")]}, {f"hrss_card:{key}": None})
    assert rows(conn, "select (select count(*) from core.card), (select count(*) from core.card_function)") == [(0, 0)]
    assert rows(conn, "select count(*) from ops.delivery where published_run_id is null") == [(0,)]


def test_what_was_paid_is_summed_up_by_insurance(conn: Connection, chronicle: Chronicle) -> None:
    insured = {"source_key": "7|110", "op": "I", "name": "王小明", "personal_no": "7", "insurance_type": "110",
               "insured_from": date(2020, 5, 1), "payment_state": "paying"}  # fmt: skip

    def paid(month: str, op: str = "I", flag: str = "1") -> dict[str, Any]:
        return {"source_key": f"7|110|{month}|U", "op": op, "personal_no": "7", "insurance_type": "110",
                "period_month": month, "employer_no": "U", "personal_paid": 80, "paid_flag": flag}  # fmt: skip

    months = [paid("202601"), paid("202602"), paid("202603", flag="0")]
    chronicle.night({"hrss_insured": [insured], "hrss_contrib": months}, {"hrss_insured:7|110": "P1"})
    asked = "select master_id, first_paid_month, last_paid_month, paid_month_count, unpaid_month_count from core.contribution"
    assert rows(conn, asked) == [("P1", "202601", "202602", 2, 1)]
    chronicle.night({"hrss_contrib": [paid("202603", "U"), paid("202601", "D")]}, {})
    assert rows(conn, asked) == [("P1", "202602", "202603", 2, 0)]
    assert rows(conn, "select sum(personal_paid) from core.contribution")[0][0] == 160
    assert rebuilt(conn, chronicle) == {}


PEOPLE, FIRMS = ("P1", "P2", "P3"), ("E1", "E2")
KEYS = {
    "ps_person": ("100|1", "100|2"), "hrss_card": ("510104|A1", "510104|A2"), "nhc_death": ("d1",), "dpf_cert": ("c1",),
    "hrss_insured": ("7|110",), "fin_subsidy": ("b|1", "b|2"), "mr_entity": ("m1", "m2"), "tax_payer": ("t1",),
    "tr_card": ("510104|A1|bus",), "hrss_contrib": ("7|110|202601|U", "7|110|202602|U"), "mr_person": ("m1|1", "m2|1"),
    "fin_pay_result": ("b|1",), "ca_marriage": ("w1",),
}  # fmt: skip
DETAILS = {feed for feed in KEYS if CONTRACTS[feed].details_of}


def line(feed: str, key: str, word: int) -> dict[str, Any]:
    """A row of a feed; its words differ by `word`."""
    parts = key.split("|")
    number = f"51010419850102{word:03}X"
    return {
        "ps_person": {"household_no": parts[0], "id_number": number, "name": "甲乙丙丁"[word], "address": "某路1号",
                      "cancel_reason": "death" if word == 3 else None, "cancel_date": FIRST if word == 3 else None},
        "hrss_card": {"issue_area_code": parts[0], "card_number": parts[-1], "card_status": ["normal", "lost"][word % 2],
                      "phone": f"1380000000{word}", "address": None if word == 2 else "某路2号"},
        "nhc_death": {"certificate_no": key, "death_time": datetime.combine(FIRST - timedelta(days=word), time(8)), "id_number": number},
        "dpf_cert": {"disability_cert_no": key, "disability_status": ["valid", "cancelled"][word % 2]},
        "hrss_insured": {"personal_no": "7", "insurance_type": "110", "payment_state": ["paying", "paused"][word % 2]},
        "fin_subsidy": {"subsidy_batch": "b", "subsidy_row_no": parts[-1], "subsidy_amount": word},
        "mr_entity": {"entity_no": key, "name": "某公司", "uscc": f"U{word}", "status": "in_operation"},
        "tax_payer": {"taxpayer_serial": key, "tax_status": ["normal", "abnormal"][word % 2], "legal_rep_id": number},
        "tr_card": {"issue_area_code": "510104", "card_number": parts[1] if len(parts) > 1 else None,
                    "transit_function": "bus", "loaded_date": FIRST - timedelta(days=word)},
        "hrss_contrib": {"personal_no": "7", "insurance_type": "110", "period_month": parts[2] if len(parts) > 2 else None,
                         "employer_no": "U", "personal_paid": word, "paid_flag": str(word % 2)},
        "mr_person": {"entity_no": parts[0], "officer_no": "1", "officer_role": "legal_rep", "officer_id": number},
        "fin_pay_result": {"subsidy_batch": "b", "subsidy_row_no": "1", "pay_result": ["paid", "failed"][word % 2]},
        "ca_marriage": {"certificate_no": key, "husband_id_number": number},
    }[feed]  # fmt: skip


STEP = st.tuples(
    st.sampled_from([(feed, key) for feed, keys in KEYS.items() for key in keys]),
    st.integers(0, 3),
    st.booleans(),
    st.integers(0, 5),
)
HISTORIES = st.lists(st.lists(STEP, min_size=1, max_size=14, unique_by=lambda s: s[0]), min_size=2, max_size=4)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HISTORIES)
def test_nights_that_look_at_what_changed_leave_what_a_rebuild_leaves(
    conn: Connection, tmp_path: Path, history: Sequence[Sequence[tuple[tuple[str, str], int, bool, int]]]
) -> None:
    conn.execute(EMPTY)
    chronicle, present = Chronicle(conn, tmp_path), set[tuple[str, str]]()
    for steps in history:
        deliveries: dict[str, list[dict[str, Any]]] = {}
        files: dict[str, str | None] = {}
        for (feed, key), word, gone, owner in steps:
            record = f"{feed}:{key}"
            people = PEOPLE if CONTRACTS[feed].subject == "person" else FIRMS
            if (feed, key) in present and gone:
                deliveries.setdefault(feed, []).append({"source_key": key, "op": "D"})
                present.discard((feed, key))
                files |= {} if feed in DETAILS else {record: None}
            elif (feed, key) in present and word == 0 and feed not in DETAILS:
                files[record] = people[owner % len(people)]  # moves to another file, nothing delivered
            else:
                op = "U" if (feed, key) in present else "I"
                deliveries.setdefault(feed, []).append({"source_key": key, "op": op, **line(feed, key, word)})
                present.add((feed, key))
                files |= {} if feed in DETAILS else {record: people[owner % len(people)]}
        chronicle.night(deliveries, files)
    before = {f.name: rows(conn, f"select t::text from core.{f.name} t order by 1") for f in load_facts()}
    assert rebuilt(conn, chronicle) == {}
    assert {f.name: rows(conn, f"select t::text from core.{f.name} t order by 1") for f in load_facts()} == before
    now = "select subject, master_id, code, field from core.conflict order by 1, 2, 3, 4"
    held = "select feed, source_key, code, field from ops.finding where origin = 'master' and state <> 'corrected' order by 1, 2, 3, 4"
    assert rows(conn, held) == rows(conn, now)


def test_a_night_that_fails_leaves_every_list_as_it_was(
    conn: Connection, chronicle: Chronicle, monkeypatch: pytest.MonkeyPatch
) -> None:
    chronicle.night({"hrss_card": [card("510104|A1", phone="13800000001")]}, {"hrss_card:510104|A1": "P1"})
    before = rows(conn, "select t::text from core.card t union all select t::text from core.phone t")

    def broken(*_: Any) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr("warehouse.publish._close", broken)
    with pytest.raises(RuntimeError):
        chronicle.night({"hrss_card": [card("510104|A1", "U", phone="13800000002")]}, {"hrss_card:510104|A1": "P1"})
    assert rows(conn, "select t::text from core.card t union all select t::text from core.phone t") == before
