"""Each question of a card service gives found, not_found, ambiguous and under_review apart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.deliveries import CONTRACTS, Files, make_delivery
from warehouse.database import Connection, connect
from warehouse.landing import land
from warehouse.masters import stage
from warehouse.publish import publish

DAY = date(2026, 11, 1)
ID = {n: f"51010419850102{n:03}X" for n in range(10)}


def card(number: str, area: str, status: str | None = "normal", **more: Any) -> dict[str, Any]:
    return {
        "source_key": f"{area}|{number}", "name": "王小明", "card_number": number, "issue_area_code": area,
        "card_status": status, **more,
    }  # fmt: skip


CARDS = [
    card("A1", "510100"), card("A1", "510300"), card("A2", "510100", "replaced", card_issue_date=date(2020, 1, 1)),
    card("A3", "510100", card_issue_date=date(2025, 1, 1)), card("A4", "510100", card_valid_to=date(2026, 10, 31)),
    card("A5", "510100"), card("A6", "510100"), card("A7", "510100", None), card("A8", "510100"),
]  # fmt: skip
OWNERS = {
    "P1": ["510100|A1"], "P2": ["510300|A1"], "P3": ["510100|A2", "510100|A3"], "P4": ["510100|A4"],
    "P5": ["510100|A5", "510100|A6"], "P7": ["510100|A7"], "P8": ["510100|A8"],
}  # fmt: skip
NAMES = {"P1": "王明", "P2": "欧阳小明", "P3": "张三丰", "P4": "李", "P5": "赵五", "P7": "钱七", "P8": "孙八"}


@pytest.fixture(scope="module")
def published(warehouse_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """A small published warehouse; P8 is in doubt with P7, P5 has two normal cards, P3 once had another number."""
    tmp_path = tmp_path_factory.mktemp("deliveries")
    with connect(warehouse_url) as conn:
        yield _publish(conn, tmp_path)


@pytest.fixture
def services(published: Connection) -> Iterator[Connection]:
    """The published warehouse; what a test changes is taken back."""
    with published.transaction(force_rollback=True):
        yield published


def _publish(conn: Connection, tmp_path: Path) -> Connection:
    land(conn, CONTRACTS["hrss_card"], make_delivery(tmp_path, "hrss_card", "20261101-001", CARDS), run_id="n")
    golden = {m: {"name": NAMES[m], "id_number": ID[int(m[1])]} for m in OWNERS}
    golden["P2"]["id_number"] = ID[1]
    persons = Files(
        {m: [f"hrss_card:{k}" for k in keys] for m, keys in OWNERS.items()},
        golden,
        losing=[("P3", "id_number", ID[9], "hrss_card:510100|A2"), ("P3", "id_number", ID[4], "hrss_card:510100|A2")],
        reviews=[("shared_id", "hrss_card:510100|A7", "hrss_card:510100|A8")],
    )
    stage(conn, "person", "n", **persons.staged())
    made = [{"source_key": k, "name": "某公司"} for k in "abcd"]
    land(conn, CONTRACTS["mr_entity"], make_delivery(tmp_path, "mr_entity", "20261101-001", made), run_id="n")
    codes = {
        "E1": ("U1", "in_operation"),
        "E2": ("U2", "deregistered"),
        "E3": ("U3", "revoked"),
        "E4": ("U3", "revoked"),
    }
    enterprises = Files(
        {m: [f"mr_entity:{k}"] for m, k in zip(codes, "abcd", strict=True)},
        {m: {"name": f"{m}公司", "uscc": code, "status": state} for m, (code, state) in codes.items()},
        losing=[("E1", "uscc", "U9", "mr_entity:a")],
    )
    stage(conn, "enterprise", "n", **enterprises.staged())
    publish(conn, "n", DAY)
    return conn


def ask(conn: Connection, question: str, *values: Any) -> tuple[Any, ...]:
    found = conn.execute(question, values).fetchall()  # type: ignore[call-overload]
    assert len(found) == 1, "a question has exactly one answer"
    return tuple(found[0])


@pytest.mark.parametrize(
    "number, area, answer",
    [
        ("A1", "510100", ("found", "P1", "王*", "normal", DAY)),
        ("A1", "510300", ("found", "P2", "欧**明", "normal", DAY)),
        (" a3 ", None, ("found", "P3", "张*丰", "normal", DAY)),
        ("A2", None, ("found", "P3", "张*丰", "replaced", DAY)),
        ("A4", None, ("found", "P4", "*", "normal", DAY)),
        ("A1", None, ("ambiguous", None, None, None, DAY)),
        ("A8", None, ("under_review", None, None, None, DAY)),
        ("ZZ", None, ("not_found", None, None, None, DAY)),
        ("A1", "999999", ("not_found", None, None, None, DAY)),
        (None, None, ("not_found", None, None, None, DAY)),
    ],
)
def test_who_holds(services: Connection, number: str | None, area: str | None, answer: tuple[Any, ...]) -> None:
    assert ask(services, "select * from card.who_holds(%s, %s)", number, area) == answer


@pytest.mark.parametrize(
    "number, answer",
    [
        ("A3", ("found", True, "normal", None)),
        ("A2", ("found", False, "replaced", "A3")),
        ("A4", ("found", False, "normal", None)),
        ("A1", ("ambiguous", None, None, None)),
        ("A7", ("under_review", None, None, None)),
        ("ZZ", ("not_found", None, None, None)),
    ],
)
def test_is_good(services: Connection, number: str, answer: tuple[Any, ...]) -> None:
    question = "select answer, is_good, card_status, replaced_by_number from card.is_good(%s)"
    assert ask(services, question, number) == answer


def test_a_card_whose_state_is_unknown_is_neither_good_nor_bad(services: Connection) -> None:
    services.execute("update core.review set state = 'decided'")
    assert ask(services, "select answer, is_good from card.is_good('A7')") == ("found", None)


@pytest.mark.parametrize(
    "id_number, answer",
    [
        (ID[3], ("found", None, "A3")),
        (ID[9].lower(), ("found", None, "A3")),
        (ID[4], ("found", None, "A4")),
        (ID[1], ("ambiguous", "several_persons", None)),
        (ID[5], ("ambiguous", "several_normal_cards", None)),
        (ID[8], ("under_review", "person_in_review", None)),
        (ID[0], ("not_found", "no_person", None)),
    ],
)
def test_card_of(services: Connection, id_number: str, answer: tuple[Any, ...]) -> None:
    assert ask(services, "select answer, reason, card_number from card.card_of(%s)", id_number) == answer


def test_a_person_without_a_normal_card(services: Connection) -> None:
    services.execute("update core.review set state = 'decided'")
    question = "select answer, reason, master_id from card.card_of(%s)"
    assert ask(services, question, ID[7]) == ("not_found", "no_normal_card", None)


@pytest.mark.parametrize(
    "code, answer",
    [
        ("U1", ("found", "E1公司", "in_operation", True, True)),
        ("u9", ("found", "E1公司", "in_operation", True, False)),
        ("U2", ("found", "E2公司", "deregistered", False, True)),
        ("U3", ("ambiguous", None, None, None, None)),
        ("U0", ("not_found", None, None, None, None)),
    ],
)
def test_enterprise_exists(services: Connection, code: str, answer: tuple[Any, ...]) -> None:
    question = "select answer, name, status, is_in_operation, is_current_code from card.enterprise_exists(%s)"
    assert ask(services, question, code) == answer


def test_an_enterprise_in_doubt(services: Connection) -> None:
    services.execute(
        "insert into core.review (subject, review_kind, left_key, right_key, left_id, right_id, state, opened_run_id, "
        "opened_date) values ('enterprise', 'something new', 'x', 'y', 'E1', 'E2', 'open', 'n', '2026-11-01')"
    )
    assert ask(services, "select answer, name from card.enterprise_exists('U1')") == ("under_review", None)
    services.execute("insert into ref.review_kind values ('something new', 'harmless', false)")
    assert ask(services, "select answer, name from card.enterprise_exists('U1')") == ("found", "E1公司")


def test_counts_for_analysts_hide_small_cells(services: Connection) -> None:
    cells = "select card_count, is_suppressed from mart.card_count where card_status = 'replaced' limit 1"
    assert ask(services, cells) == (None, True)
    assert ask(services, "select count(*), count(person_count) from mart.person_count")[1] == 0
