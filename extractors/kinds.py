"""How a text of each kind of field becomes its standard form, as DuckDB expressions: one row of KINDS a kind.

The macros (std_id, std_name, ...) come from extractors.standardise. Each kind says how the standard form is made, which
findings the received text gives, and when the received text is the usual form, so that nothing besides need be kept.
"""

from __future__ import annotations

from dataclasses import dataclass

TWO_PLACES = r"-?\d+(\.\d{1,2})?"


@dataclass(frozen=True)
class Form:
    """SQL of one kind: `{r}` is the received text (null if empty), `{s}` the standard form.

    `{b}` and `{x}` are the standard birth date and sex of the same person; `findings` is a list of codes, `reasons` the
    list of everything wrong with a number, `is_usual` a condition. `plain` names what tells by whole columns that a text
    is its own standard form and nothing is found: a check of `Soundness`, or one of `usual.VALUES`, whose value it has.
    """

    standard: str
    findings: str = ""
    is_usual: str = "{r} = {s}"
    reasons: str = ""
    is_by_value: bool = False  # worked out once a distinct text, because texts repeat or the form is dear
    is_endless: bool = False  # new texts never end, so that what was worked out is kept for one chunk only
    plain: str = ""


def unreadable(code: str) -> str:
    """A finding where a text that says something has no standard form."""
    return "CASE WHEN {s} IS NULL AND std_text({r}) <> '' THEN ['" + code + "'] END"


def _prefixed(prefix: str, codes: str) -> str:
    return f"list_transform({codes}, lambda code: '{prefix}_' || code)"


def _listed(first: str, second: str) -> str:
    return f"list_concat({first}, {second})"


def _number(macro: str, reasons: str, prefix: str, plain: str) -> Form:
    standard, findings = macro + "({r})", _prefixed(prefix, "{reasons}")
    return Form(standard, findings, reasons=reasons, is_by_value=True, is_endless=True, plain=plain)


_PRIVATE_USE = r"CASE WHEN regexp_matches({s}, '[\x{E000}-\x{F8FF}]') THEN ['PRIVATE_USE'] END"
_MONTH = (
    r"CASE WHEN regexp_full_match({r}, '(19|20)\d\d(0[1-9]|1[0-2])') THEN {r} "
    r"WHEN regexp_full_match(std_text({r}), '(19|20)\d\d\s*[-/.年]\s*(0?[1-9]|1[0-2])\s*月?') "
    r"THEN regexp_extract(std_text({r}), '\d{4}') "
    r"|| lpad(regexp_extract(std_text({r}), '[-/.年]\s*(\d{1,2})', 1), 2, '0') "
    r"ELSE strftime(std_date({r}), '%Y%m') END"
)
_AMOUNT = (
    r"coalesce(TRY_CAST({r} AS DECIMAL(18,2)), "
    r"TRY_CAST(regexp_replace(half_width({r}), '[,¥元\s]', '', 'g') AS DECIMAL(18,2)))"
)
_NUMBER_TEXT = (
    r"CASE WHEN regexp_full_match({r}, '[0-9A-Z]+') THEN {r} "
    r"ELSE nullif(upper(regexp_replace(half_width(std_text({r})), '^[''=]+|\s', '', 'g')), '') END"
)
_BANK_CARD = (
    "CASE WHEN {s} IS NULL THEN " + unreadable("BANK_CARD_UNREADABLE") + " "
    "WHEN NOT luhn_is_valid({s}) THEN ['BANK_CARD_LUHN'] END"
)

KINDS: dict[str, Form] = {
    "id": _number("std_id", "id_reasons({s}, {b}, {x})", "ID", "id"),
    "uscc": _number("std_uscc", "uscc_reasons({s})", "USCC", "uscc"),
    "organisation_code": _number("std_org_code", "org_code_reasons({s})", "ORGANISATION_CODE", "organisation_code"),
    "registration_no": _number(
        "std_registration_no", "registration_no_reasons({s})", "REGISTRATION_NO", "registration_no"
    ),
    "person_name": Form(
        "std_name({r})",
        _prefixed("NAME", "name_flags({r})"),
        is_by_value=True,
        is_endless=True,
        plain="person_name",
    ),
    "company_name": Form(
        "std_company_name({r})",
        _listed(unreadable("NAME_EMPTY_WORD"), _PRIVATE_USE),
        is_by_value=True,
        is_endless=True,
        plain="company_name",
    ),
    "date": Form(
        "std_date({r})",
        _prefixed("DATE", "date_reasons_of({r}, {s})"),
        "{r} = strftime({s}, '%Y-%m-%d')",
        is_by_value=True,
    ),
    "timestamp": Form(
        "std_timestamp({r})",
        unreadable("TIMESTAMP_UNREADABLE"),
        "{r} = strftime({s}, '%Y-%m-%d %H:%M:%S')",
        is_by_value=True,
        is_endless=True,
        plain="timestamp",
    ),
    "month": Form(_MONTH, unreadable("MONTH_UNREADABLE"), is_by_value=True),
    "phone": Form(
        "std_phone({r})",
        _prefixed("PHONE", "phone_reasons({r})"),
        is_by_value=True,
        is_endless=True,
        plain="phone",
    ),
    "sex": Form("std_sex({r})", unreadable("CODE_UNMAPPED"), is_by_value=True),
    "ethnicity": Form("std_ethnicity({r})", unreadable("CODE_UNMAPPED"), is_by_value=True),
    "area": Form("std_area({r})", unreadable("AREA_UNKNOWN"), is_by_value=True),
    "address": Form("std_address({r})", _PRIVATE_USE, is_by_value=True, is_endless=True, plain="address"),
    "bank_card": Form("std_bank_card({r})", _BANK_CARD, is_by_value=True, is_endless=True, plain="bank_card"),
    "amount": Form(
        _AMOUNT,
        unreadable("NOT_A_NUMBER"),
        "regexp_full_match({r}, '" + TWO_PLACES + "')",
        is_by_value=True,
        is_endless=True,
        plain="amount",
    ),
    "number_text": Form(_NUMBER_TEXT, is_by_value=True, is_endless=True, plain="number_text"),
    "text": Form("std_text({r})", _PRIVATE_USE, is_by_value=True, is_endless=True, plain="text"),
}
