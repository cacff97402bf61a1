"""Delimited text: golden files written here byte by byte."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractors.contract import Contract
from extractors.readers import csv as csv_reader
from extractors.readers import decoding
from tests.extractors.readers.contracts import FOUR_BYTES, TRAPS, contract, held, read

HEADERS = ("姓名", "卡号", "地址")
GB = contract({"kind": "csv", "encoding": "gb18030"}, HEADERS)
UTF = contract({"kind": "csv", "encoding": "utf-8", "bom": True, "line_end": "lf"}, HEADERS, op="op")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hrss_small_20261101_20261101-001.csv"


def test_gb18030_with_second_bytes_that_look_like_delimiters(file: Path) -> None:
    """誠 is D55C, its second byte a backslash; four-byte characters hold ASCII digits; 232 characters end in | or \\."""
    text = "姓名,卡号,地址\r\n誠小俓,A1,亅路1号\r\n王䶮,A2,𬭚村\r\n"
    content = text.encode("gb18030")
    assert b"\xd5\x5c" in content
    rows, reading = read(GB, file, content)
    assert rows == [(2, None, "誠小俓", "A1", "亅路1号"), (3, None, "王䶮", "A2", "𬭚村")]
    assert (reading.matched, reading.new_columns) == (list(HEADERS), [])
    pipe = contract({"kind": "csv", "encoding": "gb18030", "delimiter": "|"}, HEADERS)
    assert read(pipe, file, text.replace(",", "|").encode("gb18030"))[0] == rows


@pytest.mark.parametrize("delimiter", ["|", "\\", ","])
def test_no_character_of_gb18030_splits_anything(file: Path, delimiter: str) -> None:
    assert sum("一" <= one <= "鿿" for one in TRAPS) == 232
    of = contract({"kind": "csv", "encoding": "gb18030", "delimiter": delimiter}, HEADERS)
    found = [*TRAPS, *FOUR_BYTES]
    lines = [HEADERS, *((f"{one}{one}", f"A{n}", f"路{one}") for n, one in enumerate(found))]
    rows, _ = read(of, file, "\r\n".join(delimiter.join(line) for line in lines).encode("gb18030"))
    assert [row[2:] for row in rows] == lines[1:]


def test_utf8_with_and_without_a_byte_order_mark(file: Path) -> None:
    text = "姓名,卡号,地址\n张某,A1,某路\n"
    expected = [(2, None, "张某", "A1", "某路")]
    assert read(UTF, file, text.encode("utf-8-sig"))[0] == expected
    assert read(UTF, file, text.encode())[0] == expected


def test_quoted_values_may_hold_delimiters_quotes_and_line_ends(file: Path) -> None:
    content = '姓名,卡号,地址\r\n"张,某",A1,"一""号""楼"\r\n李某,A2,"上\r\n下\n左"\r\n王某,A3,\r\n'.encode("gb18030")
    rows, _ = read(GB, file, content)
    assert rows == [
        (2, None, "张,某", "A1", '一"号"楼'),
        (3, None, "李某", "A2", "上\n下\n左"),
        (6, None, "王某", "A3", None),
    ]


def test_blank_lines_are_no_rows_and_the_last_line_needs_no_end(file: Path) -> None:
    rows, _ = read(UTF, file, "姓名,卡号,地址\n\n张某,A1,x\n\n\n李某,A2,y".encode())
    assert rows == [(3, None, "张某", "A1", "x"), (6, None, "李某", "A2", "y")]


def test_rows_that_cannot_be_split_are_rejected_one_by_one(file: Path) -> None:
    content = '姓名,卡号,地址\n张某,A1,x,y\n李某,A2\n王某,A3,z\n赵某,"A4,z\n钱某,A5,z\n"孙"某,A6,z\n'.encode()
    rows, _ = read(UTF, file, content)
    assert [(line, fault) for line, fault, *_ in rows] == [
        (2, "COLUMN_COUNT"), (3, "COLUMN_COUNT"), (4, None), (5, "QUOTE_UNBALANCED"), (6, None), (7, "COLUMN_COUNT"),
    ] or [fault for _, fault, *_ in rows] == ["COLUMN_COUNT", "COLUMN_COUNT", None, "QUOTE_UNBALANCED", None, None]  # fmt: skip
    assert rows[3] == (5, "QUOTE_UNBALANCED", '赵某,"A4,z')


def test_one_stray_quote_costs_one_row(file: Path) -> None:
    lines = [f"张某,A{n},某路{n}号" for n in range(500)]
    lines[100] = '张某,A100,某"路100号'
    lines[300] = '张某,"A300,某路300号'
    rows, _ = read(UTF, file, ("姓名,卡号,地址\n" + "\n".join(lines) + "\n").encode())
    assert len(rows) == 500
    assert [line for line, fault, *_ in rows if fault] == [102, 302]


def test_columns_in_another_order_and_new_ones(file: Path) -> None:
    rows, reading = read(UTF, file, "备注, 卡 号 ,地址,\ufeff姓名\nx,A1,某路,张某\n".encode())
    assert rows == [(2, None, "张某", "A1", "某路")]
    assert reading.new_columns == ["备注"]


def test_an_optional_column_may_be_absent(file: Path) -> None:
    of = contract({"kind": "csv", "encoding": "utf-8"}, HEADERS, optional=("地址",))
    assert read(of, file, "姓名,卡号\n张某,A1\n".encode())[0] == [(2, None, "张某", "A1", None)]


def test_a_delta_has_its_operation(file: Path) -> None:
    rows, _ = read(UTF, file, "姓名,卡号,地址,op\n张某,A1,x,U\n".encode(), "delta")
    assert rows == [(2, None, "U", "张某", "A1", "x")]


@pytest.mark.parametrize(
    ("of", "text", "mode", "code", "said"),
    [
        (UTF, "姓名,卡号\n张某,A1\n", "full", "COLUMN_MISSING", "地址"),
        (UTF, "姓名,卡号,住址\n张某,A1,x\n", "full", "COLUMN_RENAMED", "住址"),
        (UTF, "姓名,卡号,地址,卡号\n张某,A1,x,A1\n", "full", "COLUMN_TWICE", "卡号"),
        (UTF, "姓名,卡号,地址\n张某,A1,x\n", "delta", "FULL_SENT_AS_DELTA", "op"),
        (UTF, "姓名,卡号,地址,op\n张某,A1,x,U\n", "full", "DELTA_SENT_AS_FULL", "op"),
        (UTF, "\n张某,A1,x\n", "full", "EMPTY_FILE", "empty line"),
        (UTF, "", "full", "EMPTY_FILE", "no bytes"),
    ],
)  # fmt: skip
def test_a_file_of_another_layout_is_refused(
    file: Path, of: Contract, text: str, mode: str, code: str, said: str
) -> None:
    fault = held(of, file, text.encode(), "delta" if mode == "delta" else "full")
    assert fault.code == code
    assert said in fault.message
    assert file.name in fault.message


def test_a_file_without_its_header_shows_no_value(file: Path) -> None:
    fault = held(UTF, file, "张某某,510104198501029010,某路\n李某某,510104198501029010,某路\n".encode())
    assert fault.code == "COLUMN_MISSING"
    assert "某" not in fault.message
    assert "5101" not in fault.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_another_encoding_than_agreed_is_refused(file: Path, encoding: str) -> None:
    fault = held(GB, file, "姓名,卡号,地址\n张小明,A1,某路某号\n".encode(encoding))
    assert fault.code == "ENCODING_WRONG"
    assert "gb18030" in fault.message


def test_gb18030_in_a_utf8_feed_is_refused(file: Path) -> None:
    assert held(UTF, file, "姓名,卡号,地址\n张小明,A1,某路某号\n".encode("gb18030")).code == "ENCODING_WRONG"


def test_what_cannot_be_decoded_is_seen_in_its_row_only(file: Path) -> None:
    content = (
        "姓名,卡号,地址\n".encode() + "张某,A1,".encode() + "某路".encode()[:5] + b"\n" + "李某,A2,x\x00y\n".encode()
    )
    rows, _ = read(UTF, file, content)
    assert rows == [(2, None, "张某", "A1", "某\ufffd"), (3, None, "李某", "A2", "x\ufffdy")]


def test_blocks_are_put_together(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "BLOCK_BYTES", 37)  # cuts characters, quoted values and line ends
    lines = [f'张䶮,A{n},"{n}号\r\n院"' if n % 3 else f"李某,A{n},{n}号" for n in range(200)]
    rows, _ = read(GB, file, ("姓名,卡号,地址\r\n" + "\r\n".join(lines) + "\r\n").encode("gb18030"))
    assert [row[3] for row in rows] == [f"A{n}" for n in range(200)]
    assert {row[4] for row in rows} == {f"{n}号\n院" if n % 3 else f"{n}号" for n in range(200)}


PIECES = st.sampled_from(
    [
        b"A",
        b"1,",
        b",",
        "张".encode("gb18030"),
        "䶮,".encode("gb18030"),
        "路".encode(),
        b"\x81",
        b"\x810",
        b"\xff",
        b"\x00",
        b"\r",
        b"\n",
        b"\r\n",
    ]
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PIECES, max_size=60), st.sampled_from([GB, UTF]))
def test_lines_split_by_bytes_are_those_split_by_characters(
    file: Path, monkeypatch: pytest.MonkeyPatch, pieces: list[bytes], of: Contract
) -> None:
    content = ",".join(HEADERS).encode(of.form.encoding) + b"\n" + b"".join(pieces) + b"\nA,B,C"
    monkeypatch.setattr(csv_reader, "check_encoding", lambda *_: None)
    with monkeypatch.context() as patch:
        patch.setattr(csv_reader, "split_plain", lambda *_: None)
        wanted = read(of, file, content)[0]
    assert sorted(read(of, file, content)[0]) == sorted(wanted)


VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r\ufffd"), max_size=6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=12))
def test_what_is_written_by_the_rules_is_read_back(file: Path, table: list[tuple[str, str, str]]) -> None:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(HEADERS)
    writer.writerows(table)
    rows, _ = read(UTF, file, stream.getvalue().encode())
    assert [row[2:] for row in rows] == [tuple(value or None for value in row) for row in table]
    assert all(fault is None for _, fault, *_ in rows)
