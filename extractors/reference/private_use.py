"""Characters that GB 18030 sources deliver as private-use code points, and the way back (domain section 3)."""

from functools import cache

# Lead byte FE, second bytes of the 80 codes that Windows 'GBK' decodes to U+E815..U+E864 in order.
_SECOND_BYTES = [*range(0x50, 0x7F), *range(0x80, 0xA1)]
# Code points Python's codec (2000 edition) itself leaves private, and the code points of the 2005 and 2022 editions.
_LATER_EDITIONS = {
    0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7, 0xE832: 0x9FB8, 0xE843: 0x9FB9, 0xE854: 0x9FBA,
    0xE864: 0x9FBB, 0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE831: 0x215D7, 0xE83B: 0x2298F,
    0xE855: 0x241FE, 0xE7C7: 0x1E3F,
}  # fmt: skip


@cache
def private_use_repairs() -> dict[int, int]:
    """Private-use code point -> assigned code point, 81 entries; domain section 3 'GB 18030 in Python'."""
    repairs = {}
    for place, second in enumerate(_SECOND_BYTES):
        decoded = bytes([0xFE, second]).decode("gb18030")
        if ord(decoded) != 0xE815 + place or 0xE815 + place in _LATER_EDITIONS:
            repairs[0xE815 + place] = ord(decoded)
    repairs.update(_LATER_EDITIONS)
    return {private: assigned for private, assigned in repairs.items() if private != assigned}


def repair_private_use(text: str) -> str:
    """The text with every known private-use character replaced; department-made glyphs (造字) stay as they are."""
    return text.translate(private_use_repairs())


@cache
def _ways_back() -> dict[int, int]:
    """Only the code points that Python would write as four bytes where a GB source has two."""
    return {assigned: private for private, assigned in _LATER_EDITIONS.items()}


def encode_gb18030(text: str) -> bytes:
    """Bytes as a GB source writes them: the two-byte codes FE51.. and A8BC instead of Python's four-byte forms."""
    return text.translate(_ways_back()).encode("gb18030")


def decode_gb18030(raw: bytes) -> str:
    """Text of a GB 18030, GBK or GB 2312 source with private-use characters repaired. UnicodeDecodeError if not GB."""
    return repair_private_use(raw.decode("gb18030"))
