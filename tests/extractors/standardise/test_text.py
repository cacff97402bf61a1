"""Cleaning shared by all topics, and GB 18030's private-use characters (domain section 3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.reference import path_of
from extractors.reference.private_use import decode_gb18030, encode_gb18030, private_use_repairs, repair_private_use
from tests.extractors.standardise.conftest import Each

Table = Callable[[str, dict[str, Any]], None]
LATER = {
    0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7, 0xE832: 0x9FB8, 0xE843: 0x9FB9, 0xE854: 0x9FBA, 0xE864: 0x9FBB,
    0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE831: 0x215D7, 0xE83B: 0x2298F, 0xE855: 0x241FE, 0xE7C7: 0x1E3F,
}  # fmt: skip


def test_text_is_cleaned_without_guessing(table: Table) -> None:
    table(
        "std_text(v)",
        {
            "  某 处　": "某 处", "ＡＢＣ１２３": "ABC123", "一\u200b二": "一二", "\ufeff甲": "甲", "甲\r\n乙": "甲 乙", "\u3000": None, "": None,
            "⼀": "一", "豈": "豈", "e\u0301": "é", "\ue863": "䶮", "甲\x00乙": "甲乙",
        },
    )  # fmt: skip
    table("half_width(v)", {"ＡＢ　Ｃ１": "AB C1", "甲，乙": "甲,乙", "甲。": "甲。"})
    table("drop_invisible(v)", {"a\u200b\u00adb": "ab", "a\u2028b": "a b", "ab": "ab"})
    table("repair_characters(v)", {"⼀\ue81e": "一\u9fb4", "\ue000": "\ue000"})
    table("fold_widths(v)", {" Ａ ": " A "})
    table("is_plain(v)", {"A1甲": True, "a b": False, "Ａ": False})
    table("bare_text(v)", {"='ab 1'": "AB1"})
    table("fold_text(v)", {"張三A·": "张三A·", "张三": "张三", "㐷": "㐷"})
    table("fold_variants(v)", {"張堃": "张坤"})


def test_words_that_say_nothing(table: Table) -> None:
    nothing = ["无", "不详", "暂无", "NULL", "null", "N/A", "-", "——", "?", "#N/A", "无身份证号码", "空", "nan"]
    table("is_empty_word(v)", dict.fromkeys(nothing, True) | {"无锡": False, "张三": False, "0": False})
    table(
        "is_placeholder_number(v)",
        dict.fromkeys(["000000000000000000", "111111", "99999999", "123456", "123456789012345678", "12345678901234567X", "XXX", "无"], True)
        | dict.fromkeys(["12345612", "510104198501029010", "12345", "112233"], False),
    )  # fmt: skip


def test_the_repair_map_is_the_published_one() -> None:
    repairs = private_use_repairs()
    assert {private: repairs[private] for private in LATER} == LATER
    assert len(repairs) == 81  # FE50-FEA0, and A8BC
    assert repairs[0xE863] == 0x4DAE
    assert not any(0xE000 <= assigned <= 0xF8FF for assigned in repairs.values())


def test_the_repair_map_is_what_the_macro_does(each: Each) -> None:
    repairs = private_use_repairs()
    assert each("std_text(v)", [chr(private) for private in repairs]) == [
        chr(assigned) for assigned in repairs.values()
    ]


@pytest.mark.parametrize(
    ("raw", "text"), [(b"\xfe\x9f", "䶮"), (b"\xfe\x59", "龴"), (b"\xa8\xbc", "ḿ"), (b"\xd5\x5c", "誠")]
)
def test_vectors_of_gb18030(raw: bytes, text: str) -> None:
    assert decode_gb18030(raw) == text
    assert encode_gb18030(text) == raw


@given(st.text())
def test_a_gb_source_is_read_back_as_it_was_written(text: str) -> None:
    assert decode_gb18030(encode_gb18030(text)) == repair_private_use(text)


def test_a_missing_reference_file_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"nothing\.csv"):
        path_of("nothing.csv")
