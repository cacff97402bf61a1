"""Extraction of every form: what a sound row becomes, what is kept beside it, and that everything is accounted."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractors import extract as extracting
from extractors import rows_ahead
from extractors.chunk_files import ChunkFiles
from extractors.contract import Contract
from extractors.extract import ExtractError, extract, read_extracted
from tests.extractors.conftest import CONTRACTS, Desk, assert_accounted, findings, mode_of, records, rejects
from tests.extractors.samples import DAY, id_number, name, sample_row, sample_rows, send, source_of

CARD, PERSON, TAX = CONTRACTS["hrss_card"], CONTRACTS["ps_person"], CONTRACTS["tax_payer"]


@pytest.mark.parametrize("feed", ["ca_assist", "hrss_card", "mr_entity", "nhsa_insured", "ps_person", "tax_payer"])
def test_sound_rows_of_every_form_become_records_with_nothing_to_find(desk: Desk, feed: str) -> None:
    contract = CONTRACTS[feed]
    rows = sample_rows(contract, 12)
    extracted = desk.extract(contract, rows, mode=mode_of(contract))
    assert (extracted.loaded, extracted.rejected, extracted.duplicate, extracted.held) == (12, 0, 0, None)
    assert findings(extracted) == []
    names = pq.read_schema(extracted.records).names
    wanted = {field.name for field in contract.fields} | {
        f"{field.name}_reasons" for field in contract.fields if field.has_reasons
    }
    assert set(names) == wanted | {"source_key", "op", "line_no", "updated_at", "received", "record_hash"}
    assert len(names) == len(set(names))
    found = records(extracted)
    assert len({row["source_key"] for row in found}) == len({row["record_hash"] for row in found}) == 12
    assert {row["op"] for row in found} == {None}
    assert all(row[reasons] == [] for row in found for reasons in row if reasons.endswith("_reasons"))
    assert [row["received"] for row in found] == [{}] * 12  # what was sent is what is kept, so nothing stands beside it
    for field in contract.fields:
        if field.name not in ("former_id_number", "former_name"):
            assert all(row[field.name] is not None for row in found), field.name


@pytest.mark.parametrize("feed", ["hrss_card", "ps_person", "nhsa_insured", "mr_entity", "tax_payer"])
def test_a_delta_carries_its_operations(desk: Desk, feed: str) -> None:
    contract = CONTRACTS[feed]
    rows = [row | {"op": op} for row, op in zip(sample_rows(contract, 4), ("I", "u", " D", "X"), strict=True)]
    extracted = desk.extract(contract, rows, mode="delta")
    assert sorted(str(row["op"]) for row in records(extracted)) == (
        ["I", "U"] if feed == "ps_person" else ["D", "I", "U"]
    )
    assert {(row["reason"], row["field"]) for row in rejects(extracted)} == {("OP_UNKNOWN", "op")}


def test_standard_forms_beside_what_was_received(desk: Desk) -> None:
    row = sample_row(CARD, 7)
    sent = {
        "社会保障号码": " 5101041980010890７Ｘ".replace(" 5101041980010890７Ｘ", "'" + id_number(7)), "姓名": " 孙 子　子", "性别": "男性", "民族": "彝族",
        "出生日期": "1980-01-08", "发卡日期": "45322", "有效期至": "长期", "卡状态": "1-正常", "手机号码": "+86 13800000007", "发卡地区": "成都市锦江区",
        "通讯地址": "成都市 锦江区 春熙路７号", "银行卡号": "6222 0212 3456 7890 128", "更新时间": "2024/1/31 9:05",
    }  # fmt: skip
    (record,) = records(desk.extract(CARD, [row | sent]))
    standard = {
        "id_number": id_number(7), "name": "孙子子", "sex": "1", "ethnicity": "07", "birth_date": dt.date(1980, 1, 8),
        "card_issue_date": dt.date(2024, 1, 31), "card_valid_to": None, "card_status": "normal", "phone": "13800000007", "issue_area_code": "510104",
        "address": "成都市锦江区春熙路7号", "bank_card_number": "6222021234567890128", "updated_at": dt.datetime.fromisoformat("2024-01-31T09:05"),
    }  # fmt: skip
    assert {field: record[field] for field in standard} == standard
    by_field = {column.field: column.source for column in CARD.columns}
    assert record["received"] == {field: sent[by_field[field]] for field in standard}


def test_amounts_months_and_capital(desk: Desk) -> None:
    aid = CONTRACTS["ca_assist"]
    rows = [row | {"救助/月保障金(元)": amount, "救助/起始年月": month} for row, amount, month in zip(sample_rows(aid, 5),
        (300, "1,234.50元", "若干", -1.5, None), ("2026-01", "2026年1月", 45322, "202613", "2026/1"), strict=True)]  # fmt: skip
    extracted = desk.extract(aid, rows)
    found = records(extracted)
    assert [row["monthly_amount"] for row in found] == [
        Decimal("300.00"),
        Decimal("1234.50"),
        None,
        Decimal("-1.50"),
        None,
    ]
    assert [row["assist_from"] for row in found] == ["202601", "202601", "202401", None, "202601"]
    assert [(field, code) for _, field, code in findings(extracted)] == [
        ("monthly_amount", "NOT_A_NUMBER"),
        ("assist_from", "MONTH_UNREADABLE"),
    ]
    assert found[2]["received"]["monthly_amount"] == "若干"


def test_extracting_again_gives_the_same_bytes_and_can_be_read_back(desk: Desk) -> None:
    send(CARD, desk.inbox, sample_rows(CARD, 30))
    (delivery,) = desk.receive(CARD).deliveries
    first = extract(CARD, delivery, delivery.folder, as_of=DAY, threads=1)
    content = {path: path.read_bytes() for path in (first.records, first.rejects, first.findings)}
    second = extract(CARD, delivery, delivery.folder, as_of=DAY, threads=2)
    assert second == first == read_extracted(delivery.folder)
    assert {path: path.read_bytes() for path in content} == content
    assert not list(delivery.folder.glob(".*partial*"))


def test_a_held_delivery_is_read_back_as_held(desk: Desk) -> None:
    held = desk.hold(CARD, sample_rows(CARD, 3), row_count=4)
    assert read_extracted(desk.snapshots / "hrss_card" / "20261101-001").held == held


def test_an_extraction_that_was_not_finished_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_extracted(tmp_path)


@pytest.mark.parametrize("by", ["ConversionException", "ArrowInvalid"])
def test_a_failing_statement_names_no_value(desk: Desk, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    rows = sample_rows(CARD, 2)
    rows[0]["姓名"] = "王已故"
    send(CARD, desk.inbox, rows)
    (delivery,) = desk.receive(CARD).deliveries

    def fail(connection: duckdb.DuckDBPyConnection, *_: Any) -> None:
        numbers = "(SELECT s_id_number AS 社会保障号码 FROM odd)"
        if by == "ConversionException":
            connection.execute(f"SELECT 社会保障号码::INT FROM {numbers}")
        connection.sql(f"FROM {numbers}").to_arrow_table()["社会保障号码"].cast(pa.int32())

    monkeypatch.setattr(extracting, "check_shape", fail)
    with pytest.raises(ExtractError) as fault:
        extract(CARD, delivery, delivery.folder, as_of=DAY, threads=1)
    assert by in str(fault.value)
    assert "5101" not in str(fault.value)
    assert fault.value.__cause__ is None
    assert not (delivery.folder / "extract.json").exists()
    assert not list(delivery.folder.glob(".*partial*"))


def test_counts_that_do_not_add_up_are_never_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    send(CARD, desk.inbox, sample_rows(CARD, 3))
    (delivery,) = desk.receive(CARD).deliveries
    whole = ChunkFiles.in_order
    monkeypatch.setattr(ChunkFiles, "in_order", lambda *given: (table.slice(1) for table in whole(*given)))
    with pytest.raises(ExtractError, match="3 rows read, but 2 loaded"):
        extract(CARD, delivery, delivery.folder, as_of=DAY, threads=1)
    assert not (delivery.folder / "records.parquet").exists()


def test_a_large_delivery_is_staged_in_chunks(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_ahead, "FIRST_CHUNK", 7)
    monkeypatch.setattr(rows_ahead, "CHUNK_ROWS", 7)
    rows = sample_rows(PERSON, 40)
    rows[3], rows[33] = rows[3] | {"姓名": ""}, rows[1]
    from extractors.readers import fixed_width

    monkeypatch.setattr(fixed_width, "BLOCK_BYTES", 1000)
    extracted = desk.extract(PERSON, rows)
    assert (extracted.loaded, extracted.rejected, extracted.duplicate) == (38, 1, 1)
    assert [row["line_no"] for row in records(extracted)] == [n for n in range(1, 41) if n not in (4, 2)]


def test_where_a_feed_has_no_update_time_the_business_date_stands_for_it(desk: Desk) -> None:
    aid = CONTRACTS["ca_assist"]
    (record,) = records(desk.extract(aid, sample_rows(aid, 1)))
    assert record["updated_at"] == dt.datetime.fromisoformat("2026-11-01T00:00")
    later, _ = records(desk.extract(aid, sample_rows(aid, 2), day=DAY + dt.timedelta(days=1)))
    assert later["record_hash"] == record["record_hash"]  # the day it came on is nothing the record says


def test_an_area_the_code_table_does_not_know_yet_still_names_its_row(desk: Desk) -> None:
    extracted = desk.extract(
        CARD, [sample_row(CARD, 1) | {"发卡地区": "519999"}, sample_row(CARD, 2) | {"发卡地区": "某地"}]
    )
    (record,) = records(extracted)
    assert (record["issue_area_code"], record["source_key"]) == (None, "519999|A00000001")
    assert [(row["reason"], row["field"]) for row in rejects(extracted)] == [("KEY_UNREADABLE", "issue_area_code")]


def test_a_key_with_the_separator_in_it_stays_one_key(desk: Desk) -> None:
    insured = CONTRACTS["nhsa_insured"]
    extracted = desk.extract(insured, [sample_row(insured, 1) | {"psn_no": "A|B"}])
    assert records(extracted)[0]["source_key"] == "A%7CB|310"


ODD = st.one_of(
    st.none(),
    st.sampled_from(
        [
            "",
            " ",
            "无",
            "5.1E+17",
            "510104198501029000",
            "\ue863",
            "锟斤拷",
            "男",
            "20240230",
            "'",
            '"',
            "\\",
            "|",
            "{}",
            "null",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)


@pytest.mark.parametrize("feed", ["hrss_card", "nhsa_insured", "tax_payer", "mr_entity"])
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_the_values_are_every_row_is_accounted(
    tmp_path_factory: pytest.TempPathFactory, feed: str, data: st.DataObject
) -> None:
    contract = CONTRACTS[feed]
    rows = sample_rows(contract, 30)
    for _ in range(data.draw(st.integers(5, 40))):
        row = data.draw(st.sampled_from(rows[:9]))  # few enough that the file as a whole stays its own
        row[data.draw(st.sampled_from(sorted(row)))] = data.draw(ODD)
    desk = Desk(tmp_path_factory.mktemp("odd"))
    if contract.form.kind == "xml":
        rows = [{column: clean_of_markup(value) for column, value in row.items()} for row in rows]
    send(contract, desk.inbox, rows)
    (delivery,) = desk.receive(contract).deliveries
    extracted = extract(contract, delivery, delivery.folder, as_of=DAY, threads=1)
    if extracted.held is None:
        assert_accounted(extracted, 30)
        assert extracted.loaded >= 20
    else:
        assert extracted.held.code in ("ENCODING_WRONG", "COUNT_WRONG")


def clean_of_markup(value: Any) -> Any:
    return "".join(ch for ch in value if ch >= " ") if isinstance(value, str) else value


def test_sample_names_do_not_say_who_they_are() -> None:
    """The made-up rows of these tests: sound numbers of the range that counties do not reach."""
    assert {id_number(n)[14:16] for n in range(1, 200)} <= {"90", "91", "92", "93", "94", "95", "96", "97", "98", "99"}
    assert name(1) == "钱子子"
    assert source_of(CARD, "name") == "姓名"
    assert isinstance(TAX, Contract)


def test_values_no_list_knows_are_counted_and_shown_only_where_they_are_nobodys_own(desk: Desk) -> None:
    rows = [dict(row) for row in sample_rows(CARD, 9)]
    status, ethnic = source_of(CARD, "card_status"), source_of(CARD, "ethnicity")
    for row in rows[:6]:
        row[status] = "9"
    rows[7][ethnic] = "钱子子"  # a name in the wrong column
    extracted = desk.extract(CARD, rows)
    assert pq.read_table(extracted.unmapped).to_pylist() == [
        {"field": "card_status", "value": "9", "value_class": "D1", "row_count": 6},
        {"field": "ethnicity", "value": None, "value_class": "H3", "row_count": 1},
    ]


def test_a_two_digit_year_of_a_day_to_come_is_of_this_century(desk: Desk) -> None:
    rows = [dict(row) for row in sample_rows(CARD, 1)]
    rows[0][source_of(CARD, "card_valid_to")] = "31-JAN-30"
    extracted = desk.extract(CARD, rows)
    assert records(extracted)[0]["card_valid_to"] == dt.date(2030, 1, 31)
    assert (2, "card_valid_to", "DATE_TWO_DIGIT_YEAR") in findings(extracted)
