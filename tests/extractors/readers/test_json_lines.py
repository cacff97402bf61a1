"""One JSON object a line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractors.readers import fixed_width, json_lines
from tests.extractors.readers.contracts import contract, held, read

OF = contract({"kind": "json_lines"}, ("psn_name", "card", "addr"), op="op")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hrss_small_20261101_20261101-001.jsonl"


def test_texts_numbers_and_nulls(file: Path) -> None:
    content = '{"psn_name":"张某","card":510104198501029010,"addr":null}\n\n{"addr":1.50,"card":"A2","psn_name":""}\n{"psn_name":true,"card":["a"],"addr":{"b":1}}\n'
    rows, reading = read(OF, file, content.encode())
    assert rows == [
        (1, None, "张某", "510104198501029010", None),
        (3, None, None, "A2", "1.50"),
        (4, None, "true", '["a"]', '{"b":1}'),
    ]
    assert reading.matched == ["psn_name", "card", "addr"]


def test_long_numbers_keep_their_digits(file: Path) -> None:
    content = '{"psn_name":"张某","card":12345678901234567890,"addr":1e3}\n{"psn_name":":1.5,x","card":"A2","addr":-0.10}\n{"psn_name":1.5,"card\n'
    rows, _ = read(OF, file, content.encode())
    assert rows[:2] == [(1, None, "张某", "12345678901234567890", "1e3"), (2, None, ":1.5,x", "A2", "-0.10")]
    assert rows[2][:2] == (3, "JSON_BROKEN")


def test_broken_lines_are_rejected_one_by_one(file: Path) -> None:
    content = '{"psn_name":"张某","card":"A1","addr":"x"}\n{"psn_name":"李某","ca\n[1]\n"x"\n{"psn_name":"王某","card":"A3","addr":"z"}'
    rows, _ = read(OF, file, content.encode())
    assert [(line, fault) for line, fault, *_ in rows] == [
        (1, None),
        (2, "JSON_BROKEN"),
        (3, "JSON_BROKEN"),
        (4, "JSON_BROKEN"),
        (5, None),
    ]
    assert rows[1][2] == '{"psn_name":"李某","ca'


def test_new_keys_are_told_and_missing_ones_refused(file: Path) -> None:
    content = (
        '{"psn_name":"张某","card":"A1","addr":"x","more":1}\n{"psn_name":"李某","card":"A2","addr":"y","other":2}\n'
    )
    assert read(OF, file, content.encode())[1].new_columns == ["more", "other"]
    assert held(OF, file, b'{"psn_name":"x","card":"A1"}\n').code == "COLUMN_MISSING"
    assert held(OF, file, b'{"psn_name":"x","card":"A1","address":"y"}\n').code == "COLUMN_RENAMED"


def test_a_delta_has_its_operation(file: Path) -> None:
    content = b'{"psn_name":"x","card":"A1","addr":"y","op":"D"}\n'
    assert read(OF, file, content, "delta")[0] == [(1, None, "D", "x", "A1", "y")]
    assert held(OF, file, content).code == "DELTA_SENT_AS_FULL"
    assert held(OF, file, b'{"psn_name":"x","card":"A1","addr":"y"}\n', "delta").code == "FULL_SENT_AS_DELTA"


def test_escapes_nul_and_half_characters(file: Path) -> None:
    content = (
        '{"psn_name":"\\u5f20\\ud843\\udc16","card":"A\\u00001","addr":"x\\\\u0000"}\n'
        + '{"psn_name":"\\ud800","card":"A2","addr":"y"}\n'
    )
    rows, _ = read(OF, file, content.encode())
    assert rows[0] == (1, None, "张\U00020c16", "A\ufffd1", "x\\u0000")
    assert rows[1][0] == 2  # half a surrogate pair: read with a mark or rejected, never lost


def test_bytes_that_are_no_utf8_are_seen_in_their_row(file: Path) -> None:
    content = (
        '{"psn_name":"张'.encode()[:-1]
        + b'","card":"A1","addr":"x"}\n'
        + '{"psn_name":"李某","card":"A2","addr":"y"}\n'.encode()
    )
    rows, _ = read(OF, file, content)
    assert rows == [(1, None, "\ufffd", "A1", "x"), (2, None, "李某", "A2", "y")]


def test_another_encoding_is_refused(file: Path) -> None:
    content = '{"psn_name":"张小明某","card":"A1","addr":"某路"}\n'.encode("gb18030")
    assert held(OF, file, content).code == "ENCODING_WRONG"


def test_an_empty_file_has_no_rows(file: Path) -> None:
    assert read(OF, file, b"")[0] == []


def test_blocks_are_put_together(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixed_width, "BLOCK_BYTES", 64)
    content = "".join(
        json.dumps({"psn_name": "张某", "card": f"A{n}", "addr": "某路"}, ensure_ascii=False) + "\n" for n in range(60)
    )
    assert [row[3] for row in read(OF, file, content.encode())[0]] == [f"A{n}" for n in range(60)]


VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=10), st.booleans())
def test_what_is_written_is_read_back(file: Path, table: list[tuple[str, str, str]], ascii_only: bool) -> None:
    lines = [
        json.dumps(dict(zip(("psn_name", "card", "addr"), row, strict=True)), ensure_ascii=ascii_only) for row in table
    ]
    rows, _ = read(OF, file, ("\n".join(lines) + "\n").encode())
    assert [row[2:] for row in rows] == [tuple(value or None for value in row) for row in table]


UNUSUAL = [
    '{"psn_name": "张某", "card": 7, "addr": null}',
    '{"psn_name": "张某", "card": "A1", "addr": "x", "addr": "y"}',
    '{"psn_name": "张某", "card": "A1", "addr": {"q": 1}}',
    '{"psn_name": "张某", "card": "A1", "addr": "x"} {"psn_name": "李某", "card": "A2", "addr": "x"}',
    '{"psn_name": "张某",',
    '{"psn_name": "张某", "card": "A1", "addr": "\\ud800"}',
    '{"psn_name": "张某", "card": "A1", "addr": "a\tb", "新": 1}',
    "[1]",
]


@pytest.mark.parametrize("line", UNUSUAL)
def test_a_later_block_is_read_as_the_first_one(file: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    usual = [json.dumps({"psn_name": f"张{n}", "card": f"A{n}", "addr": None}, ensure_ascii=False) for n in range(6)]
    content = "\n".join([*usual[:3], line, *usual[3:]]).encode() + b"\r\n\r\n"
    whole, reading = read(OF, file, content)
    monkeypatch.setattr(fixed_width, "BLOCK_BYTES", 150)
    in_blocks, again = read(OF, file, content)
    monkeypatch.setattr(json_lines, "_read_usual", lambda *_: None)
    slowly, _ = read(OF, file, content)
    assert whole == in_blocks == slowly
    assert reading.new_columns == again.new_columns
