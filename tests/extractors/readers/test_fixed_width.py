"""Lines of fixed length: cut on bytes before they are decoded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from extractors.readers import fixed_width
from extractors.readers.fixed_width import blank_padding, decode_column, find_lines
from tests.extractors.readers.contracts import FOUR_BYTES, TRAPS, contract, held, read

OF = contract({"kind": "fixed_width", "encoding": "gb18030"}, ("姓名", "卡号", "地址"), widths=[10, 4, 12])


def line(name: str, card: str, address: str, op: str = "") -> bytes:
    cells = [
        text.encode("gb18030").ljust(width) for text, width in zip((name, card, address), (10, 4, 12), strict=True)
    ]
    return b"".join(cells) + op.encode() + b"\r\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hrss_small_20261101_20261101-001.txt"


def test_widths_are_bytes(file: Path) -> None:
    rows, reading = read(
        OF, file, line("张䶮", "A1", "誠路1号") + line("𬭚某", "A2", "") + line("ZHANG SAN", "A3", " 某路")
    )
    assert rows == [
        (1, None, "张䶮", "A1", "誠路1号"),
        (2, None, "𬭚某", "A2", None),
        (3, None, "ZHANG SAN", "A3", " 某路"),
    ]
    assert reading.matched == ["姓名", "卡号", "地址"]


def test_no_character_of_gb18030_moves_a_column(file: Path) -> None:
    found = [(one + one, f"A{n % 1000:03}", "路" + one) for n, one in enumerate([*TRAPS, *FOUR_BYTES])]
    rows, _ = read(OF, file, b"".join(line(*cells) for cells in found))
    assert [row[2:] for row in rows] == found


def test_a_character_cut_at_the_end_of_its_field_damages_this_field_only(file: Path) -> None:
    address = "某某某某某某某".encode("gb18030")[:11] + b" "  # cut in the middle of the sixth character
    content = "张某".encode("gb18030").ljust(10) + b"A1  " + address + b"\r\n" + line("李某", "A2", "某路")
    rows, _ = read(OF, file, content)
    assert rows[0][2:4] == ("张某", "A1")
    assert rows[0][4].startswith("某某某某某")
    assert "\ufffd" in rows[0][4]
    assert rows[1] == (2, None, "李某", "A2", "某路")


def test_a_lead_byte_at_the_very_end_does_not_eat_the_next_row(file: Path) -> None:
    cut = "张某".encode("gb18030").ljust(10) + b"A1  " + b"x" * 11 + b"\xd5" + b"\r\n"
    rows, _ = read(OF, file, cut + line("李某", "A2", "某路"))
    assert rows == [(1, None, "张某", "A1", "x" * 11 + "\ufffd"), (2, None, "李某", "A2", "某路")]


BROKEN = (b"\x81", b"\x810", b"\x810\x81", b"\x84\x31", b"\xff\x810", b"\xfe9\xfe", b"\x80", b"\xd5\x5c\xfe0")


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_character_at_the_end_of_every_cell_costs_its_cell_only(file: Path, broken: bytes) -> None:
    cells = b"".join(b"x" * (width - len(broken)) + broken for width in (10, 4, 12)) + b"\r\n"
    sound = line("李某", "A2", "某路某号")
    rows, _ = read(OF, file, cells + sound * 20 + cells + sound + cells * 2)  # the first and the last cell are broken
    assert [(number, fault) for number, fault, *_ in rows] == [(number, None) for number in range(1, 26)]
    assert [n for n, row in enumerate(rows, 1) if row[2:] != ("李某", "A2", "某路某号")] == [1, 22, 24, 25]
    assert all("\ufffd" in text and "\n" not in text for n in (1, 22, 24, 25) for text in rows[n - 1][2:])


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_broken_four_byte_character_at_the_very_end_does_not_eat_the_end_of_its_cell(count: int) -> None:
    for broken in BROKEN:
        cells = np.frombuffer((b"x" * (4 - len(broken)) + broken) * count, np.uint8).reshape(count, 4)
        texts, suspect = decode_column(cells, "gb18030")
        assert len(texts) == count
        assert suspect
        assert all("\ufffd" in text for text in texts.to_pylist())
    assert decode_column(np.frombuffer(b"ab\x81\x30", np.uint8).reshape(1, 4), "gb18030")[0].to_pylist() == [
        "ab\ufffd0"
    ]


def test_lines_of_another_length_are_rejected_one_by_one(file: Path) -> None:
    content = (
        line("张某", "A1", "x")
        + b"short\r\n"
        + b"\r\n"
        + line("李某", "A2", "y")
        + line("王某", "A3", "z")[:-2]
        + b"  \r\n"
        + line("赵某", "A4", "w")
    )
    rows, _ = read(OF, file, content)
    assert [(number, fault) for number, fault, *_ in rows] == [
        (1, None),
        (2, "LINE_LENGTH"),
        (4, None),
        (5, "LINE_LENGTH"),
        (6, None),
    ]
    assert rows[1][2] == "short"


def test_line_ends_may_be_lf_and_the_last_may_lack_one(file: Path) -> None:
    content = (line("张某", "A1", "x") + line("李某", "A2", "y")).replace(b"\r\n", b"\n").removesuffix(b"\n")
    assert [row[3] for row in read(OF, file, content)[0]] == ["A1", "A2"]


def test_nul_as_padding_is_padding_and_inside_a_value_a_lost_character(file: Path) -> None:
    content = line("张某", "A1", "x").replace(b" ", b"\0") + line("a\0b", "A2", "y")
    assert read(OF, file, content)[0] == [(1, None, "张某", "A1", "x"), (2, None, "a\ufffdb", "A2", "y")]


def test_a_delta_has_one_more_byte(file: Path) -> None:
    assert read(OF, file, line("张某", "A1", "x", "D"), "delta")[0] == [(1, None, "D", "张某", "A1", "x")]
    assert held(OF, file, line("张某", "A1", "x", "D")).code == "DELTA_SENT_AS_FULL"
    assert held(OF, file, line("张某", "A1", "x"), "delta").code == "FULL_SENT_AS_DELTA"


def test_a_file_of_other_widths_is_refused(file: Path) -> None:
    fault = held(OF, file, b"".join(line("张某", "A1", "x")[:-2] + b"0000\r\n" for _ in range(5)))
    assert fault.code == "LINE_LENGTH_WRONG"
    assert "30 bytes, agreed are 26" in fault.message


def test_another_encoding_is_refused(file: Path) -> None:
    content = "".join(f"{'张某':8}A1  {'某路':10}\r\n" for _ in range(5)).encode()
    assert held(OF, file, content).code == "ENCODING_WRONG"


def test_an_empty_file_has_no_rows(file: Path) -> None:
    assert read(OF, file, b"")[0] == []


def test_blocks_are_put_together(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixed_width, "BLOCK_BYTES", 50)
    content = b"".join(line("张䶮", f"{n}", "某路") for n in range(300))
    rows, _ = read(OF, file, content)
    assert [(number, row[3 - 1]) for number, _, *row in rows] == [(n + 1, "某路") for n in range(300)]
    assert [row[3] for row in rows] == [str(n) for n in range(300)]


def test_parts() -> None:
    starts, lengths = find_lines(np.frombuffer(b"ab\r\n\nc", np.uint8))
    assert (starts.tolist(), lengths.tolist()) == ([0, 4, 5], [2, 0, 1])
    cells = np.frombuffer(b"a\0\0\0" + b"\0b \0" + b"c\0 d", np.uint8).reshape(3, 4)
    assert blank_padding(cells).tobytes() == b"a   " + b"\0b  " + b"c\0 d"
    texts, suspect = decode_column(np.frombuffer("张 ".encode("gb18030") + b"ab ", np.uint8).reshape(2, 3), "gb18030")
    assert (texts.to_pylist(), suspect) == (["张", "ab"], False)
