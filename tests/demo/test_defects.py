"""What is planted: how often (domain.md 6, rates within half and one and a half times, and chance), and that it is really there."""

from __future__ import annotations

import re

import pytest

from tests.demo.conftest import Province, key_of

# feed, kind, lowest and highest per cent of rows at 20,000 persons
RATES = (
    ("hrss_card", "id_missing", 0.25, 0.75),
    ("nhsa_insured", "id_missing", 0.25, 0.75),
    ("hrss_card", "id_15", 0.15, 0.45),
    ("nhsa_insured", "id_15", 0.1, 0.3),
    ("hrss_card", "id_typo", 0.2, 0.5),
    ("nhsa_insured", "id_typo", 0.1, 0.5),
    ("ps_person", "id_typo", 0.1, 0.5),
    ("hrss_card", "id_excel", 0.05, 0.2),
    ("hrss_card", "id_relative", 0.05, 0.3),
    ("ca_assist", "id_relative", 0.1, 1.5),
    ("nhsa_insured", "id_name_swapped", 0.005, 0.05),
    ("hrss_card", "columns_shifted", 0.005, 0.05),
    ("hrss_card", "name_form", 1, 3),
    ("ps_person", "name_form", 1, 3),
    ("hrss_card", "phone_shared", 1.5, 4.5),
    ("hrss_card", "duplicate_row", 0.25, 0.75),
    ("nhsa_insured", "duplicate_row", 0.25, 0.75),
    ("ps_person", "duplicate_row", 0.25, 0.75),
    ("hrss_card", "key_conflict", 0.15, 0.45),
    ("nhsa_insured", "key_conflict", 0.15, 0.45),
    ("ps_person", "key_conflict", 0.15, 0.45),
    ("hrss_card", "two_cards", 0.1, 0.3),
    ("hrss_card", "id_shared", 0.01, 0.09),
    ("hrss_card", "dead_but_active", 0.07, 0.4),
    ("nhsa_insured", "dead_but_active", 0.1, 0.45),
    ("nhsa_insured", "two_insurances", 0.25, 0.9),
    ("hrss_card", "bank_card_wrong", 0.1, 0.3),
    ("hrss_card", "account_inactive", 2, 6),
    ("hrss_card", "code_unmapped", 0.25, 0.75),
    ("nhsa_insured", "code_unmapped", 0.25, 0.75),
    ("ps_person", "code_unmapped", 0.25, 0.75),
    ("ca_assist", "date_form", 1.5, 4.5),
    ("ps_person", "truncated", 0.005, 0.05),
    ("ps_person", "mojibake", 0.005, 0.05),
    ("tax_payer", "uscc_missing", 2.5, 7.5),
    ("tax_payer", "uscc_old_number", 1, 3),
    ("tax_payer", "branch_as_parent", 0.3, 1.5),
    ("tax_payer", "id_masked", 1.5, 4.5),
    ("hrss_insured", "id_15", 1, 3),
    ("hrss_insured", "uscc_missing", 1, 7.5),
    ("hrss_insured", "two_insurances", 0.25, 1.5),
    ("hrss_insured", "dead_but_active", 0.05, 0.6),
    ("ca_funeral", "id_missing", 1, 12),
    ("nhc_birth", "id_missing", 2, 7),
    ("ct_reader", "id_missing", 3, 8),
    ("ct_reader", "id_masked", 1, 3),
    ("nhc_ehealth", "id_masked", 0.7, 2.3),
    ("ca_marriage", "id_15", 0.5, 3),
    ("fin_subsidy", "id_15", 0.7, 3),
    ("fin_pay_result", "account_inactive", 2, 6),
    ("tax_contrib", "uscc_missing", 2.5, 7.5),
    ("tax_contrib", "branch_as_parent", 0.2, 2),
    ("mr_person", "id_masked", 1, 3),
    ("hrss_employ", "date_form", 1, 4.5),
    ("dpf_cert", "code_unmapped", 0.25, 2),
)
NAME_KINDS = (
    "name_rare", "name_homophone", "name_look_alike", "name_traditional", "name_former", "name_note", "name_swapped",
    "name_dropped", "name_doubled", "name_syllable", "name_short",
)  # fmt: skip


@pytest.mark.parametrize("feed, kind, low, high", RATES)
def test_rate(province: Province, feed: str, kind: str, low: float, high: float) -> None:
    assert low <= province.share(feed, kind) <= high


def test_names_vary_more_for_yi_and_tibetans(province: Province) -> None:
    own = {r["ssn"] for r in province.files["hrss_card"] if r["ethnic"] in ("04", "07", "藏", "彝")}
    varied = province.keys_with("hrss_card", *NAME_KINDS)
    keys = {key_of("hrss_card", r): r["ssn"] in own for r in province.files["hrss_card"]}
    of_own = sum(keys[k] for k in varied if k in keys) / max(sum(keys.values()), 1)
    of_han = sum(not keys[k] for k in varied if k in keys) / max(sum(not own for own in keys.values()), 1)
    assert 0.04 < of_own < 0.12
    assert 0.007 < of_han < 0.025


def test_two_people_in_a_thousand_have_two_numbers(province: Province) -> None:
    people = {row["subject_id"] for row in province.record.values() if row["subject"] == "person"}
    two = {
        province.record[(r["left_feed"], r["left_key"])]["subject_id"]
        for r in province.conflict
        if r["kind"] == "one_person_two_ids"
    }
    assert 0.001 <= len(two) / len(people) <= 0.003


def rows_with(province: Province, feed: str, kind: str) -> list[dict[str, str]]:
    """The rows of keys with a planted kind."""
    keys = province.keys_with(feed, kind)
    assert keys, f"{feed}: no {kind}"
    return [row for row in province.files[feed] if key_of(feed, row) in keys]


def test_spreadsheets_damaged_ids(province: Province) -> None:
    """In the workbook these are number cells, in the CSV their texts."""
    shapes = re.compile(r"\d{15}000|\d\.\d+E\+17")
    assert all(shapes.fullmatch(row["ssn"]) for row in rows_with(province, "hrss_card", "id_excel"))
    assert all(row["member_id"].endswith("000") for row in rows_with(province, "ca_assist", "id_excel"))


def test_private_use_characters_are_in_names(province: Province) -> None:
    for feed in ("hrss_card", "ps_person"):
        rows = rows_with(province, feed, "name_private_use")
        assert all(re.search("[\ue000-\uf8ff]", row["name"]) for row in rows)


def test_dates_come_in_many_forms(province: Province) -> None:
    forms = {re.sub(r"[A-Z]{3}", "MON", re.sub(r"\d", "9", row["birth_date"])) for row in province.files["hrss_card"]}
    assert {"99999999", "9999-99-99", "9999/9/9", "9999.99.99", "99-MON-99", "99999"} <= forms
    assert {"00000000", "99991231", "19000101"} <= {row["birth_date"] for row in province.files["hrss_card"]}


def test_a_character_is_cut_at_the_end_of_a_field(province: Province) -> None:
    path = next(province.inbox.glob("ps_person_*.txt"))
    rows = rows_with(province, "ps_person", "truncated")
    assert all(row["hukou_addr"].endswith("\ufffd") or "\ufffd" in row["hukou_addr"][-3:] for row in rows)
    lengths = {len(line) for line in path.read_bytes().split(b"\r\n")[:-1]}
    assert len(lengths) == 1  # every line has the agreed bytes all the same


def test_wrong_conversions_left_their_marks(province: Province) -> None:
    for row in rows_with(province, "ps_person", "mojibake"):
        assert "锟斤拷" in row["hukou_addr"] or "ï¿½" in row["hukou_addr"]


def test_an_unquoted_comma_makes_a_column_too_many(province: Province) -> None:
    lines = next(province.inbox.glob("hrss_card_*.csv")).read_bytes().decode("gb18030").splitlines()
    width = len(lines[0].split(","))
    wide = [line for line in lines[1:] if '"' not in line and len(line.split(",")) != width]
    shifted = rows_with(province, "hrss_card", "columns_shifted")
    assert len(wide) == len(shifted)
    assert all(len(line.split(",")) == width + 1 for line in wide)


def test_names_and_ids_are_swapped_in_single_rows(province: Province) -> None:
    swapped = rows_with(province, "nhsa_insured", "id_name_swapped")
    assert all(re.search(r"\d{5}", row["psn_name"]) or not row["psn_name"] for row in swapped)


def test_masks(province: Province) -> None:
    assert all("*" in row["legal_rep_id"] for row in rows_with(province, "tax_payer", "id_masked"))


def test_an_older_row_of_social_aid_stands_before_the_one_that_holds(province: Province) -> None:
    """No update time tells the two apart: by the contract the later line holds."""
    amounts: dict[str, list[str]] = {}
    for row in province.files["ca_assist"]:
        amounts.setdefault(key_of("ca_assist", row), []).append(row["amount"])
    conflicting = province.keys_with("ca_assist", "key_conflict") - province.keys_with("ca_assist", "duplicate_row")
    assert conflicting
    for key in conflicting:
        older, now = amounts[key]
        assert float(older) - float(now) == 50


def test_one_card_number_in_two_issuing_areas(province: Province) -> None:
    """Card numbers are unique within an issuing area only."""
    holders: dict[str, set[str]] = {}
    for feed, key in province.record:
        if feed == "hrss_card":
            holders.setdefault(key.split("|")[1], set()).add(key)
    assert sum(len(keys) > 1 for keys in holders.values()) > 50
