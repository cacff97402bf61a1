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
    list of everything wrong with a number, `is_usual` a condition. `plain` is a condition that is quick to test, under
    which the standard form is `plain_form` and nothing is found; `{k}` in it is the answer of the check `sound`.
    """

    standard: str
    findings: str = ""
    is_usual: str = "{r} = {s}"
    reasons: str = ""
    is_by_value: bool = False  # worked out once a distinct text, because texts repeat or the form is dear
    is_endless: bool = False  # new texts never end, so that what was worked out is kept for one chunk only
    plain: str = ""
    plain_form: str = "{r}"
    sound: str = ""


def unreadable(code: str) -> str:
    """A finding where a text that says something has no standard form."""
    return "CASE WHEN {s} IS NULL AND std_text({r}) <> '' THEN ['" + code + "'] END"


def _prefixed(prefix: str, codes: str) -> str:
    return f"list_transform({codes}, lambda code: '{prefix}_' || code)"


def _listed(first: str, second: str) -> str:
    return f"list_concat({first}, {second})"


def _number(macro: str, reasons: str, prefix: str, plain: str, sound: str = "") -> Form:
    return Form(macro + "({r})", _prefixed(prefix, "{reasons}"), reasons=reasons, plain=plain, sound=sound)


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

_AGREES = (
    "({b} IS NULL OR strftime({b}, '%Y%m%d') = substr({r}, 7, 8)) AND ({x} IS NULL OR {x} NOT IN ('1', '2') "
    "OR (substr({r}, 17, 1) IN ('1', '3', '5', '7', '9')) = ({x} = '1'))"
)

KINDS: dict[str, Form] = {
    "id": _number("std_id", "id_reasons({s}, {b}, {x})", "ID", "{k} AND " + _AGREES, "id"),
    "uscc": _number("std_uscc", "uscc_reasons({s})", "USCC", "{k}", "uscc"),
    "organisation_code": _number(
        "std_org_code", "org_code_reasons({s})", "ORGANISATION_CODE", "org_code_is_valid({r})"
    ),
    "registration_no": _number(
        "std_registration_no", "registration_no_reasons({s})", "REGISTRATION_NO", "registration_no_is_valid({r})"
    ),
    "person_name": Form(
        "std_name({r})",
        _prefixed("NAME", "name_flags({r})"),
        is_by_value=True,
        is_endless=True,
        plain="is_usual_name({r})",
    ),
    "company_name": Form(
        "std_company_name({r})",
        _listed(unreadable("NAME_EMPTY_WORD"), _PRIVATE_USE),
        is_by_value=True,
        is_endless=True,
        plain="is_usual_company_name({r})",
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
        plain="usual_timestamp({r}) IS NOT NULL",
        plain_form="usual_timestamp({r})",
    ),
    "month": Form(_MONTH, unreadable("MONTH_UNREADABLE"), is_by_value=True),
    "phone": Form(
        "std_phone({r})",
        _prefixed("PHONE", "phone_reasons({r})"),
        plain="is_mobile({r}) AND len(mobile_reasons({r})) = 0",
    ),
    "sex": Form("std_sex({r})", unreadable("CODE_UNMAPPED"), is_by_value=True),
    "ethnicity": Form("std_ethnicity({r})", unreadable("CODE_UNMAPPED"), is_by_value=True),
    "area": Form("std_area({r})", unreadable("AREA_UNKNOWN"), is_by_value=True),
    "address": Form("std_address({r})", _PRIVATE_USE, plain="is_usual_address({r}) AND length({r}) > 8"),
    "bank_card": Form("std_bank_card({r})", _BANK_CARD, plain="{k}", sound="bank_card"),
    "amount": Form(
        _AMOUNT,
        unreadable("NOT_A_NUMBER"),
        "regexp_full_match({r}, '" + TWO_PLACES + "')",
        plain=r"regexp_full_match({r}, '-?\d{1,15}(\.\d{1,2})?')",
        plain_form="TRY_CAST({r} AS DECIMAL(18,2))",
    ),
    "number_text": Form(_NUMBER_TEXT, plain="regexp_full_match({r}, '[0-9A-Z]+')"),
    "text": Form("std_text({r})", _PRIVATE_USE, is_by_value=True, is_endless=True, plain="is_plain({r})"),
}
