"""Which encoding a file is in, from its bytes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.readers import decoding, fixed_width
from extractors.readers.decoding import guess_encoding
from tests.extractors.readers.contracts import contract, held

HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=30)


@given(HAN)
def test_two_han_characters_in_utf8_are_never_taken_for_gb18030(text: str) -> None:
    assert guess_encoding(f"x,{text}\n".encode()) == "utf-8"


@given(HAN)
def test_gb18030_is_never_taken_for_utf8(text: str) -> None:
    assert guess_encoding(f"x,{text}\n".encode("gb18030")) != "utf-8"


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=12))
def test_gb18030_is_known_or_not_judged(text: str) -> None:
    assert guess_encoding(text.encode("gb18030")) in ("gb18030", None)
    assert guess_encoding(("张小明" + text).encode("gb18030")) == "gb18030"


@pytest.mark.parametrize(
    ("sample", "found"),
    [
        (b"plain", None), (b"", None), ("é".encode(), None), ("\ufeffx".encode("utf-16-le"), "utf-16"), ("x".encode("utf-8-sig"), "utf-8"),
        ("张小明某".encode()[:-1], "utf-8"),  # a sample may end inside a character
        ("张小明某某路".encode()[:5] + b'"' + "李小明".encode(), "utf-8"),  # one damaged character
        ("张小明某某路".encode("gb18030") + b"\xff\xff", "gb18030"), (b"\xff\x20" * 20, "unknown"), ("某".encode("gb18030"), None),
    ],
)  # fmt: skip
def test_samples(sample: bytes, found: str | None) -> None:
    assert guess_encoding(sample) == found


FIRST_LINES = {
    "csv": "姓名,卡号\n".encode(),
    "fixed_width": b"1" * 20 + b"\n",
    "json_lines": b"{}",
}
WIDTHS = {"csv": (None, None), "fixed_width": (10, 10), "json_lines": (None, None)}


@pytest.mark.parametrize("form", ["csv", "fixed_width", "json_lines"])
def test_a_file_that_lost_its_line_ends_is_held_before_it_fills_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr(decoding, "LONGEST_LINE", 1000)
    for module in (decoding, fixed_width):
        monkeypatch.setattr(module, "BLOCK_BYTES", 600)
    made = contract({"kind": form, "encoding": "utf-8"}, ("姓名", "卡号"), widths=WIDTHS[form])
    fault = held(made, tmp_path / "hrss_small_20261101_20261101-001.txt", FIRST_LINES[form] + b"x" * 5000)
    assert fault.code == "FILE_BROKEN"
    assert "line ends" in fault.message
