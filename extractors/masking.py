"""Masked values for a person's eyes (domain.md 9): enough to recognise a column's content, never a person."""

from __future__ import annotations

import re

from extractors.fields import Field

NUMBERS = ("id", "phone", "uscc", "organisation_code", "registration_no")
COUNTY = re.compile(r"^.{2,}?[县区市州](?=.)")


def mask(field: Field, text: str) -> str:
    """A value as it may be shown: open and internal fields whole, sensitive ones not at all, others in part."""
    if field.protection in ("open", "internal"):
        return text
    if field.protection == "sensitive" or field.kind in ("sex", "ethnicity", "choice", "code"):
        return "*"
    if field.kind in ("person_name", "company_name"):
        return text[:1] + "*" * (len(text) - 1)
    if field.kind in ("date", "timestamp", "month"):
        return text[:4] + "*" * (len(text) - 4) if len(text) > 5 else "*" * len(text)
    if field.kind == "address":
        county = COUNTY.match(text)
        return f"{county[0] if county else text[:3]}***"
    if field.kind in NUMBERS and len(text) >= 10:
        return text[:3] + "*" * (len(text) - 7) + text[-4:]
    if field.kind == "bank_card" and len(text) >= 10:
        return "*" * (len(text) - 4) + text[-4:]
    return mask_key(text)


def mask_key(text: str) -> str:
    """A key, part by part: the first character and the last two, of short parts nothing but their length."""
    return "|".join(
        part[0] + "*" * (len(part) - 3) + part[-2:] if len(part) > 5 else "*" * len(part) for part in text.split("|")
    )
