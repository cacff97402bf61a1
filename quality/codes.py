"""Which fields of a feed hold codes, which codes those are in standard form, and what a field is called in Chinese."""

from __future__ import annotations

from extractors.contract import Column, Contract
from extractors.fields import Subject, load_fields

SEX = frozenset({"0", "1", "2", "9"})
ETHNICITY = frozenset({*(f"{number:02d}" for number in range(1, 57)), "97", "98"})
CODED_KINDS = ("sex", "ethnicity", "choice", "code")


def coded_fields(contract: Contract) -> frozenset[str]:
    """The fields of a feed the extraction maps to codes; what it cannot map it leaves empty, with a finding."""
    return frozenset(field.name for field in contract.fields if field.kind in CODED_KINDS)


def named_codes(contract: Contract) -> dict[str, frozenset[str]]:
    """The codes of the fields whose codes are few: sex, ethnic group and choices; long national tables are left out."""
    return {
        str(column.field): codes for column in contract.columns if column.field and (codes := _codes(contract, column))
    }


def labels_of(subject: Subject) -> dict[str, str]:
    """The Chinese name of each standard field for `person` or `enterprise`."""
    return {name: field.chinese for name, field in load_fields(subject).items()}


def _codes(contract: Contract, column: Column) -> frozenset[str]:
    field = contract.field_of(column)
    if column.codes:
        return frozenset(column.codes)
    return {"sex": SEX, "ethnicity": ETHNICITY, "choice": frozenset(field.values)}.get(field.kind, frozenset())
