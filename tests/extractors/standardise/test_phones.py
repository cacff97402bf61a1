"""Telephone numbers (domain section 1.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Table = Callable[[str, dict[str, Any]], None]


def test_forms_of_one_mobile(table: Table) -> None:
    written = [
        "13812345678", "+8613812345678", "008613812345678", "8613812345678", "86-138 1234 5678", "138-1234-5678", "１３８１２３４５６７８",
        "013812345678", "13812345678.0", "13812345678/13912345678", "13812345678、13912345678", "\u200e13812345678", "'13812345678",
    ]  # fmt: skip
    table("std_phone(v)", dict.fromkeys(written, "13812345678"))
    table("phone_reasons(v)", {number: [] for number in written})
    table("is_mobile(v)", {"13812345678": True, "12812345678": False})


def test_fixed_lines(table: Table) -> None:
    table(
        "std_phone(v)",
        {
            "028-86543210": "02886543210",
            "(028)86543210": "02886543210",
            "86 28 86543210": "02886543210",
            "86543210": "86543210",
        },
    )
    table("phone_reasons(v)", {"028-86543210": [], "0816-2345678": [], "4001234567": [], "86543210": []})


def test_what_can_be_wrong(table: Table) -> None:
    never_issued = {f"{head}12345678": ["NOT_ISSUED"] for head in ("142", "143", "154", "161", "164", "194")}
    table(
        "phone_reasons(v)",
        never_issued
        | {
            "12812345678": ["PREFIX"], "1381234567": ["LEN"], "138123456789": ["LEN"], "13800000000": ["PLACEHOLDER"],
            "11111111111": ["PLACEHOLDER"], "无": ["PLACEHOLDER"], "138****5678": ["MASKED"], "1.38E+10": ["CHARS"], "某号": ["CHARS"],
            "": None, " ": None,
        },
    )  # fmt: skip
    table(
        "std_phone(v)",
        {"138****5678": "138****5678", "1381234567": "1381234567", "1.38E+10": None, "无": None, "": None},
    )
    table("mobile_reasons(v)", {"13812345678": [], "14212345678": ["NOT_ISSUED"]})
    table("clean_phone(v)", {"+86 138 1234 5678": "13812345678", "x": None})
