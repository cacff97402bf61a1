"""`python -m extractors propose`: a first contract from a sample file, tried at once and loaded once it is filled in."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from extractors.__main__ import main
from extractors.contract import ContractError, load_contract
from extractors.drafts import FILL_IN, is_open
from extractors.forms import CsvForm
from extractors.propose import ProposeError, propose
from extractors.propose.form import guess_form
from tests.extractors.conftest import CONTRACTS, PEOPLE
from tests.extractors.deliveries import render
from tests.extractors.samples import DAY, id_number, name, sample_rows

FILLED = {
    "title": "读者", "title_english": "Readers", "owner": "四川省文化和旅游厅", "purpose": "一卡通借阅", "sharing": "conditional",
    "approval_no": "SC-CT-1", "frequency": "weekly full", "deadline": "22:00",
}  # fmt: skip


def readers(count: int = 40) -> list[list[str]]:
    """Rows of a made-up library register: number, name, citizen number, phone, sex, day, deposit, state, remark."""
    return [
        [f"R{n:07}", name(n), id_number(n), f"138{n:08}", "男" if n % 2 else "女", f"2024-0{n % 9 + 1}-15", f"{n}.50",
         ("1", "2", "9")[n % 3], "老读者" if n % 4 else ""]
        for n in range(1, count + 1)
    ]  # fmt: skip


HEADER = ["借阅编号", "读者姓名", "身份证号码", "联系电话", "性别", "办证日期", "预存余额", "状态", "备注"]


def sample_file(folder: Path, delimiter: str = ",", encoding: str = "gb18030") -> Path:
    path = folder / "ct_reader_20261101.csv"
    lines = [delimiter.join(row) for row in [HEADER, *readers()]]
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))
    return path


def filled_in(content: Any) -> Any:
    """The proposal as a person leaves it: top-level texts given, unknown columns ignored with a reason."""
    content = {key: FILLED[key] if is_open(value) else value for key, value in content.items()}
    for column in content["columns"]:
        if is_open(column.get("field")):
            column["field"] = "employer_no"
        column |= {key: "not needed by the duty" for key, value in column.items() if is_open(value)}
    content["key"] = ["employer_no" if is_open(field) else field for field in content["key"]]
    return content


# A sample of numbers alone shows no encoding; where persons are told of beside their unit, a person must say --subject.
NOT_TOLD = {"fin_pay_result", "hrss_insured", "mr_person"}


@pytest.mark.parametrize("feed", sorted(set(CONTRACTS) - NOT_TOLD))
def test_every_form_is_told_and_known_headers_are_found(tmp_path: Path, feed: str) -> None:
    contract = CONTRACTS[feed]
    path = tmp_path / f"{feed}_20261101.{contract.form.extension}"
    path.write_bytes(render(contract, sample_rows(contract, 30)))
    content = yaml.safe_load(propose(path, as_of=DAY))
    agreed = contract.form.model_dump()
    form = type(contract.form).model_validate(content["form"]).model_dump()
    assert {key: form[key] for key in form if key != "extension"} == {
        k: v for k, v in agreed.items() if k != "extension"
    }
    assert content["subject"] == contract.subject
    if contract.form.kind == "fixed_width":
        assert sum(column["width"] for column in content["columns"]) == sum(c.width or 0 for c in contract.columns)
        assert next(column["width"] for column in content["columns"] if column.get("field") == "id_number") == 18
        return
    proposed = {column["source"]: column.get("field") for column in content["columns"]}
    assert proposed == {c.source: c.field for c in contract.columns if c.source != "@sheet"}


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", [",", "|", "\t", ";"])
def test_encoding_and_delimiter_are_seen(tmp_path: Path, delimiter: str, encoding: str) -> None:
    found = guess_form(sample_file(tmp_path, delimiter, encoding))
    assert isinstance(found.form, CsvForm)
    assert found.form.delimiter == delimiter
    assert (found.form.encoding, found.form.bom) == (encoding.removesuffix("-sig"), encoding.endswith("-sig"))
    assert found.sources == HEADER


def as_parquet(path: Path) -> None:
    columns = zip(*readers(), strict=True)
    pq.write_table(pa.table({name: list(values) for name, values in zip(HEADER, columns, strict=True)}), path)


def as_zip(path: Path) -> None:
    """A zip whose one file has a name in GBK, as systems with that code page pack it."""
    content = sample_file(path.parent).read_bytes()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("________.csv", content)
    path.write_bytes(path.read_bytes().replace(b"________.csv", "读者名单".encode("gbk") + b".csv"))


def as_gz(path: Path) -> None:
    path.write_bytes(gzip.compress(sample_file(path.parent).read_bytes()))


@pytest.mark.parametrize(
    ("name", "write", "kind"),
    [
        ("ct_reader.parquet", as_parquet, "parquet"),
        ("ct_reader.zip", as_zip, "csv"),
        ("ct_reader.csv.gz", as_gz, "csv"),
    ],
)
def test_parquet_and_packed_samples_are_opened(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, write: Callable[[Path], None], kind: str
) -> None:
    path, out = tmp_path / name, tmp_path / "ct_reader.yml"
    write(path)
    assert main(["propose", str(path), "--out", str(out), "--as-of", "2026-11-01"]) == 0
    content = yaml.safe_load(out.read_text(encoding="utf-8"))
    assert (content["feed"], content["form"]["kind"]) == ("ct_reader", kind)
    assert [column["source"] for column in content["columns"]] == HEADER
    assert main(["check", str(out), str(path), "--as-of", "2026-11-01"]) == 0
    told = capsys.readouterr().out
    assert "40 read = 40 loaded" in told
    assert "9 matched" in told
    assert ("unpacked" in told) == (kind == "csv")


def test_an_old_workbook_is_opened(tmp_path: Path) -> None:
    golden = Path(__file__).with_name("readers") / "golden" / "three_sheets.xls"
    path = tmp_path / "ct_reader.xls"
    path.write_bytes(golden.read_bytes())
    content = yaml.safe_load(propose(path, as_of=DAY))
    assert content["form"] == {"kind": "xls", "title_rows": 1, "header_rows": 2}
    assert [column["source"] for column in content["columns"]] == ["@sheet", "户主/姓名", "户主/卡号", "备注"]
    path.write_bytes(golden.read_bytes()[:600])
    with pytest.raises(ProposeError, match=r"ct_reader\.xls.*cannot be opened as a workbook"):
        propose(path, as_of=DAY)


def test_columns_of_fixed_width_never_part_a_character(tmp_path: Path) -> None:
    path = tmp_path / "ct_reader.txt"
    rows = [f"R{n:07}{name(n):　<5}号{n % 90}路{n * 7 % 1000}号之{n % 3}栋" for n in range(1, 200)]
    path.write_bytes(b"".join(row.encode("gb18030").ljust(60) + b"\r\n" for row in rows))
    widths = [column["width"] for column in yaml.safe_load(propose(path, as_of=DAY))["columns"]]
    for row in rows:
        padded, start = row.encode("gb18030").ljust(60), 0
        for width in widths:
            padded[start : start + width].decode("gb18030")
            start += width


def test_a_number_of_the_bank_is_not_the_cards_because_the_header_says_card(tmp_path: Path) -> None:
    path = tmp_path / "ct_reader.csv"
    rows = [f"{name(n)},{id_number(n)},6222021234567890128" for n in range(30)]
    path.write_text("\n".join(["姓名,身份证号,发放卡号", *rows]) + "\n", encoding="utf-8")
    assert yaml.safe_load(propose(path, as_of=DAY))["columns"][2]["field"] == "bank_card_number"


def test_a_sample_of_another_department(tmp_path: Path) -> None:
    text = propose(sample_file(tmp_path), as_of=DAY)
    content = yaml.safe_load(text)
    columns = {column["source"]: column for column in content["columns"]}
    assert (content["feed"], content["department"], content["subject"]) == ("ct_reader", "ct", "person")
    fields = {source: column["field"] for source, column in columns.items() if "field" in column}
    assert fields == {"读者姓名": "name", "身份证号码": "id_number", "联系电话": "phone", "性别": "sex"}
    assert content["key"] == ["id_number"]
    assert FILL_IN in columns["备注"]["ignored"]
    assert "身份证号码: filled 100.0%, 40 different, 100.0% sound id" in text
    assert not any(person in text for person in [*PEOPLE, id_number(1), name(1)])


def test_where_only_an_unknown_number_names_a_row_a_new_field_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "ct_reader.csv"
    rows = [[row[0], row[1], row[2] if n % 5 else "", *row[3:]] for n, row in enumerate(readers())]
    path.write_text("\n".join(",".join(row) for row in [HEADER, *rows]) + "\n", encoding="utf-8")
    text = propose(path, as_of=DAY)
    content = yaml.safe_load(text)
    assert is_open(content["columns"][0]["field"])
    assert is_open(content["key"][0])
    assert "#   chinese: its Chinese name (借阅编号)" in text


def test_it_is_checked_at_once_and_loads_when_it_is_filled_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sample_file(tmp_path)
    out = tmp_path / "ct_reader.yml"
    assert main(["propose", str(path), "--out", str(out), "--as-of", "2026-11-01"]) == 0
    assert main(["check", str(out), str(path), "--as-of", "2026-11-01"]) == 0
    told = capsys.readouterr().out
    assert "40 read = 40 loaded" in told
    assert "DRAFT     still FILL IN: title; title_english; owner" in told
    assert main(["send", str(out), str(path), str(tmp_path / "inbox"), "--date", "2026-11-01"]) == 0
    assert "no night runs before" in capsys.readouterr().out
    with pytest.raises(
        ContractError, match=r"ct_reader\.yml: .* places still say FILL IN: title; .*owner.*备注 ignored"
    ):
        load_contract(out)
    out.write_text(yaml.safe_dump(filled_in(yaml.safe_load(out.read_text())), allow_unicode=True, sort_keys=False))
    assert load_contract(out).key == ("id_number",)
    assert main(["check", str(out), str(path), "--as-of", "2026-11-01"]) == 0
    assert "DRAFT" not in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["propose", str(path), "--out", str(out)])
    assert "is there already" in capsys.readouterr().err


def test_a_state_of_another_register_is_not_taken_for_one_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "ct_reader.xml"
    rows = "".join(
        f"<Reader><BorrowNo>R{n:07}</BorrowNo><Person><Name>{name(n)}</Name><IdNo>{id_number(n) if n % 9 else ''}</IdNo></Person>"
        f"<Status>{('有效', '挂失', '注销')[n % 3]}</Status><UpdateTime>2026-10-01 10:00:00</UpdateTime></Reader>"
        for n in range(40)
    )
    path.write_text(
        f"<?xml version='1.0' encoding='UTF-8'?><Readers xmlns='urn:x'><List>{rows}</List></Readers>", encoding="utf-8"
    )
    out = tmp_path / "ct_reader.yml"
    assert main(["propose", str(path), "--out", str(out), "--as-of", "2026-11-01"]) == 0
    content = yaml.safe_load(out.read_text(encoding="utf-8"))
    columns = {column["source"]: column for column in content["columns"]}
    assert content["form"]["row"] == "Readers/List/Reader"
    assert (columns["Person/IdNo"]["field"], columns["UpdateTime"]["field"]) == ("id_number", "updated_at")
    assert is_open(columns["Status"]["ignored"])
    assert load_contract(out, draft=True).key == ("employer_no",)  # lent to BorrowNo until it has a field of its own


def test_codes_are_read_by_their_names_and_asked_for_where_they_are_bare_numbers(tmp_path: Path) -> None:
    path = tmp_path / "hrss_card.csv"
    rows = [f"{name(n)},{id_number(n)},A{n:08},{('正常', '正式挂失', '7')[n % 3]}" for n in range(30)]
    path.write_text("\n".join(["姓名,身份证号,社保卡号,卡状态", *rows]) + "\n", encoding="utf-8")
    content = yaml.safe_load(propose(path, as_of=DAY))
    codes = content["columns"][3]["codes"]
    assert codes["normal"] == ["正常"]
    assert codes["lost"] == ["正式挂失"]
    assert [texts for code, texts in codes.items() if is_open(code)] == [["7"]]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no content"),
        ("姓名,证号\n".encode("utf-16"), "utf-16"),
        ("张子轩,510104198501029010\n李子轩,510105199003079040\n".encode(), "names of columns are expected"),
        ("姓名,姓名\n甲,乙\n".encode(), "stand twice"),
        ("姓名,证号\n".encode(), "no row"),
        ("只是\n一些文字而已\n长短不一的句子\n".encode(), "different length"),
        (b"PK\x03\x04broken", "cannot be unpacked"),
        (b"PAR1broken", "begins like Parquet"),
        (b"\x1f\x8bbroken", "cannot be unpacked"),
        (b"{broken\n", "no JSON object"),
        (b"<?xml version='1.0'?><root/>", "no rows"),
    ],
)
def test_what_cannot_be_understood_is_said_with_what_to_do(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "ct_reader.dat"
    path.write_bytes(content)
    with pytest.raises(ProposeError, match=rf"ct_reader\.dat.*{said}"):
        propose(path, as_of=DAY)
