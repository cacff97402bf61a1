"""`python -m extractors layout`: the document a department gets says every column, code and rule of its contract."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import get_args

import pytest
from python_calamine import CalamineWorkbook

from extractors.__main__ import main
from extractors.contract import EarlierLayout, Expectation
from extractors.fields import Kind, load_fields
from extractors.layout import (
    HEADER,
    code_tables_of,
    column_rows,
    example,
    layout_page,
    manifest_example,
    write_layout,
)
from extractors.layout_checks import check_rows
from extractors.layout_words import EXAMPLES_OF, KINDS, frequency_words
from extractors.manifest import Manifest
from extractors.sources import DatabaseSource
from extractors.standardise import standardise
from tests.extractors.conftest import CONTRACTS
from tests.extractors.samples import DAY

FEEDS = sorted(CONTRACTS)


@pytest.mark.parametrize("feed", FEEDS)
def test_every_column_and_code_of_every_feed_is_said_in_both_files(tmp_path: Path, feed: str) -> None:
    contract = CONTRACTS[feed]
    page_path, book_path = write_layout(contract, tmp_path / "layouts")
    page = page_path.read_text(encoding="utf-8")
    book = CalamineWorkbook.from_path(book_path)
    cells = [
        [str(cell) for cell in row] for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()
    ]
    for column in contract.columns:
        source = "工作表名 sheet name" if column.source == "@sheet" else column.source
        line = next(line for line in page.splitlines() if f"| {source} |" in line)
        row = next(row for row in cells if len(row) == len(HEADER) and row[1] == source)
        assert column.english in line
        assert line == "| " + " | ".join(row) + " |"
        if column.ignored:
            assert column.ignored in line
        elif column.source != "@sheet":
            assert contract.field_of(column).description in line
            assert contract.field_of(column).description_chinese in line
        if column.width:
            assert f"{column.width} 字节" in line
        for texts in column.codes.values():
            assert all(text in page for text in texts)
    for table in code_tables_of(contract):
        assert f"Codes: {table.name}" in page
        assert all([table.name, code, meaning] in [row[:3] for row in cells] for code, meaning in table.codes)
    for said in (
        contract.owner,
        contract.purpose,
        contract.approval_no,
        contract.deadline,
        contract.frequency,
        contract.title,
    ):
        assert said in page
        assert any(said in cell for row in cells for cell in row)
    assert (contract.op in page) == ("delta" in contract.modes)


@pytest.mark.parametrize("feed", FEEDS)
def test_the_manifest_shown_is_one(feed: str) -> None:
    manifest = Manifest.model_validate(json.loads(manifest_example(CONTRACTS[feed])))
    assert manifest.feed == feed
    assert manifest.file_name.startswith(f"{feed}_")


def test_examples_fit_their_columns_and_their_ids_are_sound() -> None:
    for contract in CONTRACTS.values():
        for column in contract.columns:
            if column.field:
                shown = example(column, contract.field_of(column))
                assert shown
                assert len(shown) <= (column.length or column.width or 300)
    assert standardise(["510104198501029010"], "id_is_valid", DAY).to_pylist() == [True]


def test_an_earlier_layout_is_shown_with_its_last_day() -> None:
    contract = CONTRACTS["hrss_card"]
    old = [c if c.field != "phone" else c.model_copy(update={"source": "旧手机号"}) for c in contract.columns[:-1]]
    earlier = EarlierLayout(version="1", valid_until=dt.date(2027, 3, 31), columns=tuple(old))
    page = layout_page(contract.model_copy(update={"version": "2", "earlier": (earlier,)}))
    assert "taken until 2027-03-31" in page
    assert page.count("| 旧手机号 |") == 1
    assert "@absent" not in page


def test_bytes_of_fixed_width_columns_are_counted_through_to_the_operation() -> None:
    lengths = [row[4] for row in column_rows(CONTRACTS["ps_person"])]
    assert lengths[:3] == ["9 字节 bytes (1-9)", "2 字节 bytes (10-11)", "18 字节 bytes (12-29)"]
    whole = sum(column.width or 0 for column in CONTRACTS["ps_person"].columns)
    assert lengths[-2:] == [f"14 字节 bytes ({whole - 13}-{whole})", f"1 字节 bytes ({whole + 1}-{whole + 1})"]
    assert f"每行 {whole} 字节" in layout_page(CONTRACTS["ps_person"])
    assert f"增量文件每行 {whole + 1} 字节" in layout_page(CONTRACTS["ps_person"])


@pytest.mark.parametrize("feed", FEEDS)
def test_how_often_and_how_it_is_fetched_is_said_in_both_languages(feed: str) -> None:
    contract = CONTRACTS[feed]
    page = layout_page(contract)
    words = frequency_words(contract.frequency)
    assert words[0] in "每分"
    assert words.endswith(contract.frequency)
    assert words in page
    if isinstance(contract.source, DatabaseSource):
        assert contract.source.table in page
        assert getattr(contract.source.read, "column", "") in page


@pytest.mark.parametrize("feed", FEEDS)
def test_every_expectation_is_told_with_its_limit(feed: str) -> None:
    contract = CONTRACTS[feed]
    rows = check_rows(contract)
    assert len(rows) == len(contract.expectations)
    assert all(words != rule.rule for (words, *_), rule in zip(rows, contract.expectations, strict=True))
    assert all(f"| {' | '.join(row)} |" in layout_page(contract) for row in rows)


def test_limits_are_told_in_their_units() -> None:
    rows = check_rows(CONTRACTS["ca_assist"])
    assert ("全量文件行数 rows of a full file", "", "≥ 100 行 rows", "暂不入库 held") in rows
    assert ("有值的比例 share of rows with a value", "成员/身份证号", "≥ 95 %", "提醒核对 to be looked at") in rows
    strange = Expectation(rule="between", field="name", low=1, high=9, severity="warn", set_by="a rule without words")
    made = CONTRACTS["ca_assist"].model_copy(update={"expectations": (strange,)})
    assert check_rows(made) == [("between", "成员/姓名", "low 1.0, high 9.0", "提醒核对 to be looked at")]


def test_own_characters_and_odd_versions_are_told(tmp_path: Path) -> None:
    contract = CONTRACTS["ps_person"]
    earlier = EarlierLayout(version="2025/1", valid_until=dt.date(2027, 3, 31), columns=contract.columns)
    made = contract.model_copy(update={"version": "2", "glyphs": {"E000": "䶮"}, "earlier": (earlier,)})
    page, book = write_layout(made, tmp_path)
    assert "| U+E000 | 䶮 |" in page.read_text(encoding="utf-8")
    names = CalamineWorkbook.from_path(book).sheet_names
    assert {"自造字 characters", "旧版 2025-1"} <= set(names)


def test_code_tables_are_told_with_their_standards() -> None:
    page = layout_page(CONTRACTS["ps_person"])
    assert "Codes: relation (家庭关系代码 GB/T 4761-2008)" in page
    assert "Codes: 注销原因 (注销原因)" in page


def test_words_that_are_not_known_stay_alone() -> None:
    assert frequency_words("daily delta, weekly full") == "每日增量，每周全量 daily delta, weekly full"
    assert frequency_words("on request") == "on request"


def test_examples_of_numbers_have_their_forms() -> None:
    known = {field.name for subject in ("person", "enterprise") for field in load_fields(subject).values()}
    assert set(EXAMPLES_OF) <= known
    assert set(KINDS) == set(get_args(Kind))
    shown = {
        c.field: example(c, contract.field_of(c))
        for contract in CONTRACTS.values()
        for c in contract.columns
        if c.field
    }
    assert all(shown[name] == text for name, text in EXAMPLES_OF.items())


def test_the_same_contract_gives_the_same_bytes(tmp_path: Path) -> None:
    first = [path.read_bytes() for path in write_layout(CONTRACTS["ps_person"], tmp_path / "a")]
    assert first == [path.read_bytes() for path in write_layout(CONTRACTS["ps_person"], tmp_path / "b")]


def test_the_command_writes_both_or_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["layout", "hrss_card", "--out", str(tmp_path / "one")]) == 0
    assert {path.name for path in (tmp_path / "one").iterdir()} == {"hrss_card.layout.md", "hrss_card.layout.xlsx"}
    assert main(["layout", "all", "--out", str(tmp_path / "all")]) == 0
    assert len(list((tmp_path / "all").iterdir())) == 2 * len(FEEDS)
    assert "hrss_card.layout.md" in capsys.readouterr().out
