"""Which fields of a feed hold codes, which codes those are in standard form, and what a field is called in Chinese."""

from __future__ import annotations

from datetime import date
from functools import cache

from extractors.contract import Column, Contract
from extractors.fields import Subject, load_fields

SEX = frozenset({"0", "1", "2", "9"})
ETHNICITY = frozenset({*(f"{number:02d}" for number in range(1, 57)), "97", "98"})


def coded_fields(contract: Contract) -> dict[str, frozenset[str]]:
    """The codes of each coded field of a feed: sex, ethnic group, choices and national code tables."""
    return {
        str(column.field): codes for column in contract.columns if column.field and (codes := _codes(contract, column))
    }


def labels_of(subject: Subject) -> dict[str, str]:
    """The Chinese name of each standard field for `person` or `enterprise`."""
    return {name: field.chinese for name, field in load_fields(subject).items()}


@cache
def national_codes(code_table: str) -> frozenset[str]:
    """The codes of a national code table, `relation` (GB/T 4761) for example; `KeyError` if there is no such table."""
    from extractors.standardise import connect

    connection = connect(as_of=date(2000, 1, 1))  # the tables do not depend on the day
    try:
        found = connection.execute("SELECT DISTINCT code FROM ref_code WHERE code_table = ?", [code_table]).fetchall()
    finally:
        connection.close()
    if not found:
        raise KeyError(f"no national code table is called {code_table}; see extractors/reference")
    return frozenset(str(code) for (code,) in found)


def _codes(contract: Contract, column: Column) -> frozenset[str]:
    field = contract.field_of(column)
    if column.codes:
        return frozenset(column.codes)
    if field.kind == "choice":
        return frozenset(field.values)
    if field.kind == "code" and column.code_table:
        return national_codes(column.code_table)
    return {"sex": SEX, "ethnicity": ETHNICITY}.get(field.kind, frozenset())
