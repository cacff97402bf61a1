"""Which encoding a file is in, from its bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.readers.decoding import guess_encoding

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
