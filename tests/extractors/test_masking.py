"""Masked values show what a column holds and never whom it is about (domain.md 9)."""

from __future__ import annotations

import pytest

from extractors.fields import load_fields
from extractors.masking import mask, mask_key

PERSON, ENTERPRISE = load_fields("person"), load_fields("enterprise")


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("name", "张三丰", "张**"),
        ("id_number", "510104198501029010", "510***********9010"),
        ("id_number", "H12345678", "H******78"),
        ("phone", "13800001234", "138****1234"),
        ("bank_card_number", "6222021234567890128", "***************0128"),
        ("birth_date", "1985-01-02", "1985******"),
        ("address", "四川省成都市锦江区春熙路1号", "四川省成都市***"),
        ("ethnicity", "07", "*"),
        ("sex", "1", "*"),
        ("monthly_amount", "600.00", "*"),
        ("card_number", "A12345678", "A******78"),
        ("card_status", "normal", "normal"),
        ("area_code", "510104", "510104"),
    ],
)
def test_each_kind(field: str, value: str, shown: str) -> None:
    assert mask(PERSON[field], value) == shown


def test_what_the_law_publishes_is_shown() -> None:
    assert mask(ENTERPRISE["name"], "成都天乐商贸有限公司") == "成都天乐商贸有限公司"


def test_keys_by_part() -> None:
    assert mask_key("510104|A12345678") == "5***04|A******78"
    assert mask_key("12345") == "*****"


def test_nothing_personal_is_shown_whole() -> None:
    for field in PERSON.values():
        if field.protection in ("personal", "sensitive", "identifier"):
            for value in ("张三", "510104198501029010", "四川省成都市锦江区春熙路1号", "12"):
                assert mask(field, value) != value
