"""Which findings answer which planted kind of defect, so that a finding for another reason is no find."""

from __future__ import annotations

_NAME = ("name_against_register", "name_against_others", "company_name_against_register")
_NUMBER = ("number_against_register", "number_of_another", "review:shared_id")
_ID = ("ID_*", *_NUMBER, "review:typo_id")
_BIRTH = ("ID_DOB_MISMATCH", "birth_against_register", "DATE_*")
_WRITTEN = ("written_otherwise",)
# Their sentences say that name or number is wrong; so nothing led to the registration there is.
_LOST = ("not_in_register", "enterprise_not_registered")

ANSWERS: dict[str, tuple[str, ...]] = {
    "id_missing": ("number_missing",),
    "id_placeholder": ("ID_*",),
    "id_15": ("old_number_form",),
    "id_typo": _ID,
    "id_excel": _ID,
    "id_relative": (*_NUMBER, "ID_SEX_MISMATCH", "ID_DOB_MISMATCH", "name_against_register"),
    "id_shared": (*_NUMBER, "ID_SEX_MISMATCH", "ID_DOB_MISMATCH", "name_against_register"),
    "id_second": (*_NUMBER, "former_number_used", "review:two_ids", "not_in_register", "duplicate_not_linked"),
    "id_masked": ("ID_MASKED",),
    "id_form": _WRITTEN,
    "id_name_swapped": ("reject:COLUMNS_SHIFTED", "COLUMNS_SHIFTED"),
    "columns_shifted": ("reject:COLUMN_COUNT", "reject:COLUMNS_SHIFTED"),
    "sex_wrong": ("ID_SEX_MISMATCH", "sex_against_register", "CODE_UNMAPPED"),
    "birth_default": _BIRTH,
    "birth_lunar": _BIRTH,
    "birth_typo": _BIRTH,
    "birth_missing": ("DATE_*",),
    "date_form": ("written_otherwise", "DATE_*", "MONTH_UNREADABLE"),
    "name_interpunct": (*_WRITTEN, *_NAME, "NAME_*"),
    "name_form": _WRITTEN,
    "name_note": ("NAME_*", "note_in_name", *_NAME),
    "name_former": ("former_name_used", *_NAME),
    "name_private_use": (*_WRITTEN, "NAME_*", *_NAME),  # one that has an assigned character by now is put right
    "name_rare": ("NAME_*", *_NAME),
    "name_masked": ("NAME_MASKED",),
    "name_renamed": ("former_company_name_used", *_NAME, *_LOST),
    **dict.fromkeys(
        ("name_homophone", "name_look_alike", "name_traditional", "name_syllable", "name_swapped", "name_dropped",
         "name_doubled", "name_short", "name_variant"),
        (*_NAME, *_LOST, "number_of_another", "review:*"),
    ),
    "phone_shared": ("shared_phone",),
    "code_unmapped": ("CODE_UNMAPPED", "AREA_UNKNOWN"),
    "duplicate_row": ("DUPLICATE_ROW",),
    "key_conflict": ("KEY_CONFLICT", "reject:KEY_CONFLICT"),
    "two_cards": ("two_active_cards",),
    "dead_but_active": ("dead_*", "legal_representative_dead"),
    "two_insurances": ("two_insurances_in_force", "two_pensions_in_force"),
    "bank_card_wrong": ("BANK_CARD_*",),
    "account_inactive": ("account_not_activated", "paid_into_inactive_account"),
    "mojibake": ("LOST_CHARACTER", "TRUNCATED_CHARACTER"),
    "truncated": ("TRUNCATED_CHARACTER",),
    "uscc_missing": ("number_missing",),
    "uscc_old_number": ("USCC_*",),
    "uscc_typo": ("USCC_*", "code_against_register", "credit_code_twice"),
    "uscc_form": _WRITTEN,
    "branch_as_parent": ("branch_under_parent_code", "code_against_register", "credit_code_twice"),
    "legal_rep_old": ("representative_against_register",),
    "status_old": ("deregistered_but_taxed",),
    "parent_missing": ("branch_without_parent",),
}  # fmt: skip
"""Planted kind → codes of findings that name it; `*` stands for any ending."""

OUT_OF_DATE = {
    "phone_old": "a true number of before: no other department sends one to hold against it",
    "address_moved": "a true address of before; addresses are written too freely to hold against each other",
}
"""Kinds that domain.md does not count as defects and no rule can see: facts that were right once."""

TOLD_BY_TRUTH = {"not_registered": ("not_in_register", "enterprise_not_registered")}
"""What is true of a row without having been planted in it: its subject stands in no register."""


def patterns() -> list[tuple[str, str]]:
    """(kind, SQL LIKE pattern of a finding's code) of all answers."""
    pairs = [*ANSWERS.items(), *TOLD_BY_TRUTH.items()]
    return [
        (kind, code.replace("_", r"\_").replace("*", "%")) for kind, codes in pairs for code in dict.fromkeys(codes)
    ]
