"""Every bad input of the defect table that fits these forms: what is held, rejected or found, and what stays received."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from extractors.contract import Contract
from quality.gates import gate_extracted
from tests.extractors.conftest import CONTRACTS, Desk, findings, records, rejects
from tests.extractors.deliveries import render
from tests.extractors.samples import DAY, id_number, sample_rows, source_of

CARD, PERSON, INSURED, AID = (CONTRACTS[feed] for feed in ("hrss_card", "ps_person", "nhsa_insured", "ca_assist"))
ENTITY, TAX = CONTRACTS["mr_entity"], CONTRACTS["tax_payer"]


def changed(contract: Contract, changes: dict[int, dict[str, Any]], count: int = 12) -> list[dict[str, Any]]:
    """Sound rows, some of which have other values in some standard fields; rows count from 0."""
    rows = sample_rows(contract, count)
    for place, values in changes.items():
        rows[place] |= {source_of(contract, field): value for field, value in values.items()}
    return rows


def codes_of(found: list[tuple[int | None, str | None, str]], field: str) -> set[str]:
    return {code for _, where, code in found if where == field}


def test_numbers_damaged_by_a_spreadsheet_are_found_and_kept_as_received(desk: Desk) -> None:
    cut = id_number(2)[:15] + "000"
    rows = changed(
        AID, {1: {"id_number": cut}, 2: {"id_number": "5.10104E+17"}, 3: {"id_number": int(id_number(4)[:15])}}
    )
    extracted = desk.extract(AID, rows)
    found = records(extracted)
    assert extracted.loaded == 12
    assert codes_of(findings(extracted), "id_number") >= {"ID_EXCEL_000"}
    assert "EXCEL_000" in found[1]["id_number_reasons"]
    assert found[1]["id_number"] == cut
    assert "EXCEL_000" in found[2]["id_number_reasons"]
    assert found[3]["id_number"] == id_number(4)[:15]


def test_private_use_characters_are_repaired_where_known_and_found_where_not(desk: Desk) -> None:
    repaired, unknown = "张\ue863明", "李\ue001强"  # E863 is U+4DAE in every table; E001 is one department's own glyph
    extracted = desk.extract(CARD, changed(CARD, {0: {"name": repaired}, 1: {"name": unknown}}))
    found = records(extracted)
    assert found[0]["name"] == "张䶮明"
    assert found[0]["received"]["name"] == repaired
    assert "\ue001" in found[1]["name"]
    assert (3, "name", "NAME_PRIVATE_USE") in findings(extracted)


def test_dates_in_mixed_forms_are_read_and_placeholders_are_none(desk: Desk) -> None:
    sent = [
        "20240131",
        "2024/1/31",
        "2024-01-31",
        "31-JAN-24",
        "45322",
        "00000000",
        "99991231",
        "19000101",
        "2024-02-30",
    ]
    rows = changed(INSURED, {place: {"insured_from": text} for place, text in enumerate(sent)})
    extracted = desk.extract(INSURED, rows)
    found = [row["insured_from"] for row in records(extracted)]
    assert found[:5] == [dt.date(2024, 1, 31)] * 5
    assert found[5:9] == [None] * 4
    wanted = {
        4: "DATE_TWO_DIGIT_YEAR",
        6: "DATE_PLACEHOLDER",
        7: "DATE_NO_END",
        8: "DATE_PLACEHOLDER",
        9: "DATE_NO_SUCH_DAY",
    }
    told = {line: code for line, field, code in findings(extracted) if field == "insured_from"}
    assert told == wanted
    assert records(extracted)[6]["received"]["insured_from"] == "99991231"


def test_codes_no_table_knows_are_none_with_a_finding(desk: Desk) -> None:
    rows = changed(CARD, {0: {"sex": "7"}, 1: {"ethnicity": "XX"}, 2: {"card_status": "奇怪"}, 3: {"sex": "男性"}})
    extracted = desk.extract(CARD, rows)
    found = records(extracted)
    assert (found[0]["sex"], found[1]["ethnicity"], found[2]["card_status"]) == (None, None, None)
    assert (found[0]["received"]["sex"], found[2]["received"]["card_status"]) == ("7", "奇怪")
    assert found[3]["sex"] == "1"
    unmapped = {(line, field) for line, field, code in findings(extracted) if code == "CODE_UNMAPPED"}
    assert unmapped == {(2, "sex"), (3, "ethnicity"), (4, "card_status")}


def test_a_character_cut_in_two_damages_its_field_only(desk: Desk) -> None:
    rows = sample_rows(PERSON, 12)
    content = render(PERSON, rows)
    width = {column.field: int(column.width or 0) for column in PERSON.columns}
    start = 0
    for column in PERSON.columns:
        if column.field == "address":
            break
        start += int(column.width or 0)
    half = "锦".encode("gb18030")[:1]
    address = ("川" * (width["address"] // 2 - 1) + "1").encode("gb18030") + half
    content = content[:start] + address + content[start + width["address"] :]
    extracted = desk.extract(PERSON, rows, content=content)
    assert extracted.loaded == 12
    told = [(line, code) for line, field, code in findings(extracted) if field == "address"]
    assert told == [(1, "TRUNCATED_CHARACTER")]
    assert records(extracted)[0]["area_code"] == "510104"


def test_the_same_row_twice_and_one_key_with_two_contents(desk: Desk) -> None:
    rows = sample_rows(CARD, 12)
    newer = rows[3] | {source_of(CARD, "phone"): "13800009999", source_of(CARD, "updated_at"): "2026-10-02 00:00:00"}
    extracted = desk.extract(CARD, [*rows, rows[0], newer])
    assert (extracted.read, extracted.loaded, extracted.rejected, extracted.duplicate) == (14, 12, 1, 1)
    assert [row["reason"] for row in rejects(extracted)] == ["KEY_CONFLICT"]
    assert "13800009999" in {row["phone"] for row in records(extracted)}


def test_rows_that_lack_what_they_need_or_are_shifted_are_rejected_in_full(desk: Desk) -> None:
    rows = changed(INSURED, {0: {"medical_person_no": None}, 1: {"name": None}})
    swapped = rows[2]
    names = source_of(INSURED, "name"), source_of(INSURED, "id_number")
    swapped[names[0]], swapped[names[1]] = swapped[names[1]], swapped[names[0]]
    extracted = desk.extract(INSURED, rows)
    assert (extracted.loaded, extracted.rejected) == (9, 3)
    told = rejects(extracted)
    assert [row["line_no"] for row in told] == [1, 2, 3]
    assert {row["reason"] for row in told} <= {"KEY_MISSING", "REQUIRED_MISSING", "COLUMNS_SHIFTED"}
    assert told[2]["received"][names[1]] == swapped[names[1]]


def test_columns_with_each_others_values_hold_the_file(desk: Desk) -> None:
    rows = sample_rows(ENTITY, 30)
    one, two = source_of(ENTITY, "name"), source_of(ENTITY, "founded_date")
    for row in rows:
        row[one], row[two] = row[two], row[one]
    held = desk.hold(ENTITY, rows)
    assert held.code == "COLUMNS_SWAPPED"
    assert one in held.message


@pytest.mark.parametrize(
    ("change", "code"), [("rename", "COLUMN_RENAMED"), ("drop", "COLUMN_MISSING"), ("encoding", "ENCODING_WRONG")]
)
def test_another_layout_or_encoding_holds_the_file(desk: Desk, change: str, code: str) -> None:
    rows = sample_rows(CARD, 30)
    content = render(CARD, rows)
    text = content.decode("gb18030")
    if change == "rename":
        content = text.replace("姓名", "名字", 1).encode("gb18030")
    elif change == "drop":
        content = "\n".join(",".join(line.split(",")[1:]) for line in text.split("\n")).encode("gb18030")
    else:
        content = text.encode("utf-8")
    assert desk.hold(CARD, rows, content=content).code == code


def test_a_file_that_is_shorter_than_announced_is_held(desk: Desk) -> None:
    held = desk.hold(TAX, sample_rows(TAX, 3), row_count=5)
    assert held.code == "COUNT_WRONG"
    assert "5" in held.message
    assert "3" in held.message


def test_an_empty_full_file_is_held(desk: Desk) -> None:
    assert desk.hold(CARD, []).code == "EMPTY_FILE"


def test_characters_a_department_made_are_read_by_its_own_map_and_others_are_told(desk: Desk) -> None:
    """Domain section 3: user-defined zones mean something else in each source; unmapped ones are a finding."""
    contract = CONTRACTS["hrss_card"].model_copy(update={"glyphs": {"E000": "𬭚"}})
    rows = changed(contract, {0: {"name": "张\ue000"}, 1: {"name": "李\ue001"}})
    extracted = desk.extract(contract, rows)
    assert [row["name"] for row in records(extracted)][:2] == ["张𬭚", "李\ue001"]
    assert records(extracted)[0]["received"]["name"] == "张\ue000"
    assert [(line, code) for line, field, code in findings(extracted) if field == "name"] == [(3, "NAME_PRIVATE_USE")]


def test_wrong_conversions_are_told_whatever_column_they_stand_in(desk: Desk) -> None:
    rows = changed(
        CARD, {0: {"address": "成都市锟斤拷1号"}, 1: {"address": "成都市ï¿½1号"}, 2: {"name": "王锟斤拷"}}, 300
    )
    extracted = desk.extract(CARD, rows)
    assert extracted.loaded == 300
    told = findings(extracted)
    assert told == [
        (2, "address", "LOST_CHARACTER"),
        (3, "address", "LOST_CHARACTER"),
        (4, "name", "LOST_CHARACTER"),
        (4, "name", "NAME_BROKEN_TEXT"),
    ]


def test_blanks_wide_and_invisible_signs_are_put_right_and_kept_as_received(desk: Desk) -> None:
    sent = {"id_number": id_number(1) + "\u200b  ", "phone": "１３８00000001\t", "name": "钱\u3000子 子\u200b"}
    extracted = desk.extract(CARD, changed(CARD, {0: sent}))
    record = records(extracted)[0]
    assert (record["id_number"], record["phone"], record["name"]) == (id_number(1), "13800000001", "钱子子")
    assert record["received"] == sent
    assert findings(extracted) == []


def test_a_whole_column_that_a_spreadsheet_damaged_is_stopped_by_the_gate(desk: Desk) -> None:
    extracted = desk.extract(CARD, changed(CARD, {n: {"id_number": "5.10104E+17"} for n in range(40)}, 40))
    assert extracted.loaded == 40
    verdict = gate_extracted(CARD, extracted, [], as_of=DAY)
    assert not verdict.may_go_on
    assert ("valid_id", "stop") in {(broken.rule_id, str(broken.severity)) for broken in verdict.broken}


def test_numbers_of_another_form_than_their_kind_are_told_and_kept(desk: Desk) -> None:
    """Domain sections 1.4 and 1.5: a card number is not the bank's; a disability certificate holds 20 or 22 characters."""
    rows = changed(
        CARD, {0: {"card_number": "6222021234567890128"}, 1: {"card_number": "a12345678"}, 2: {"card_code": "51"}}
    )
    extracted = desk.extract(CARD, rows)
    told = [(line, field, code) for line, field, code in findings(extracted) if code == "NUMBER_FORM"]
    assert told == [(2, "card_number", "NUMBER_FORM"), (4, "card_code", "NUMBER_FORM")]
    assert [row["card_number"] for row in records(extracted)][:2] == ["6222021234567890128", "A12345678"]
    certificates = CONTRACTS["dpf_cert"]
    sent = [id_number(n) + form for n, form in enumerate(("42", "42B1", "4", "82", "45", "42b2", "42B"), 1)]
    extracted = desk.extract(
        certificates, changed(certificates, {n: {"disability_cert_no": one} for n, one in enumerate(sent)})
    )
    lines = {
        line for line, field, code in findings(extracted) if (field, code) == ("disability_cert_no", "NUMBER_FORM")
    }
    assert lines >= {4, 5, 6, 8}
    assert not lines & {2, 3, 7}
