"""Numbers of enterprises: public codes of domain section 1.6, the vectors of section 11, and what can be wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.extractors.standardise.conftest import Each

Table = Callable[[str, dict[str, Any]], None]
PUBLIC = {
    "914403001922038216": "enterprise", "9144030071526726XG": "enterprise", "91330100799655058B": "enterprise",
    "911100007109250324": "enterprise", "91110000802100433B": "enterprise", "91510700205412308D": "enterprise",
    "91510000207305821R": "enterprise", "91510000709151981F": "enterprise", "91100000100003962T": "enterprise",
    "9152000071430580XT": "enterprise", "12100000400002259P": "public_institution", "12100000485001086E": "public_institution",
    "N2510113MF900001XQ": "village_collective", "92510104MA6X90015E": "individual_business",
}  # fmt: skip
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def organisation_code(body: str) -> str:
    return body + "0123456789X"[(11 - sum(int(c, 36) * w for c, w in zip(body, ORG_WEIGHTS, strict=True)) % 11) % 11]


def credit_code(head: str, body: str) -> str:
    code = head + organisation_code(body)
    return code + ALPHABET[-sum(ALPHABET.index(c) * 3**place for place, c in enumerate(code)) % 31]


def test_public_codes_are_sound_with_their_inner_code(table: Table, each: Each) -> None:
    table("uscc_reasons(std_uscc(v))", {code: [] for code in PUBLIC})
    table("uscc_kind(v)", PUBLIC)
    assert each("org_code_reasons(substr(v, 9, 9))", list(PUBLIC)) == [[]] * len(PUBLIC)
    assert each("uscc_check_character(v) = substr(v, 18, 1)", list(PUBLIC)) == [True] * len(PUBLIC)


def test_kinds_of_bodies(table: Table) -> None:
    table(
        "uscc_kind(v || '510104MA6X90015E')",
        {
            "91": "enterprise", "93": "farmers_cooperative", "11": "organ", "13": "mass_organisation", "19": "staffing_other",
            "31": "law_firm", "51": "social_association", "52": "private_non_enterprise", "53": "foundation",
            "54": "villagers_committee", "71": "religious_site", "81": "trade_union", "N1": "group_collective",
            "N3": "township_collective", "Y1": "other", "I1": None,
        },
    )  # fmt: skip


def test_what_can_be_wrong_with_a_credit_code(table: Table) -> None:
    table(
        "uscc_reasons(std_uscc(v))",
        {
            "914403001922038215": ["CHECK"],
            "91440300192203821O": ["CHARS"],  # O and I cannot occur: a suggestion for people, never a repair
            "9144O3001922038216": ["CHARS"],
            "91440300192203821": ["LEN"],
            "440301103097413": ["LEN", "TYPE_MISMATCH"],  # a registration number
            "71526726-X": ["LEN", "TYPE_MISMATCH"],  # an organisation code
            "510104198501029010": ["DIVISION", "CHECK", "ORG_CHECK", "TYPE_MISMATCH"],  # a person's number
            credit_code("91990100", "71526726"): ["DIVISION"],
            credit_code("B1510100", "71526726"): ["DEPARTMENT"],
            "无": ["PLACEHOLDER"],
            "000000000000000000": ["DEPARTMENT", "DIVISION", "PLACEHOLDER"],
            "91440300*******216": ["MASKED"],
            "某某公司": ["LEN", "CHARS", "TYPE_MISMATCH"],
            " ": None,
        },
    )


def test_forms_of_one_code_clean_to_it(table: Table) -> None:
    written = [
        "9144030071526726xg",
        "９１４４０３００７１５２６７２６ＸＧ",
        " 91440300 71526726XG",
        "91440300-71526726-XG",
        "'9144030071526726XG",
    ]
    table("std_uscc(v)", dict.fromkeys(written, "9144030071526726XG"))
    table(
        "std_org_code(v)",
        dict.fromkeys(["71526726-X", "71526726X", "71526726x", "71526726－Ｘ", "71526726-×"], "71526726X"),
    )
    table(
        "std_registration_no(v)",
        dict.fromkeys(["440301103097413", "440301103097413号", "4403 0110 3097 413"], "440301103097413"),
    )
    table("std_bank_card(v)", dict.fromkeys(["6222021234567890128", "6222 0212 3456 7890 128"], "6222021234567890128"))
    table("is_uscc_form(v)", {"9144030071526726XG": True, "9144030071526726XO": False, "x": False})


def test_organisation_and_registration_numbers(table: Table) -> None:
    table(
        "org_code_reasons(std_org_code(v))",
        {
            "71526726-X": [], "192203821": [], "71526726-1": ["CHECK"], "7152672": ["LEN"], "71526726Z": ["CHARS"], "无": ["PLACEHOLDER"],
            "7152***6-X": ["MASKED"], "9144030071526726XG": ["LEN", "TYPE_MISMATCH"],
        },
    )  # fmt: skip
    table("org_check_character(v)", {"71526726": "X", "19220382": "1", "MF900001": "X"})
    table(
        "registration_no_reasons(std_registration_no(v))",
        {
            "440301103097413": [], "440301103097414": ["CHECK"], "5101001234567": [], "44030110309741": ["LEN"],
            "川蓉字第0001号": ["LEN", "CHARS"], "9144030071526726XG": ["LEN", "CHARS", "TYPE_MISMATCH"], "无": ["PLACEHOLDER"],
            "44030110309****": ["MASKED"],
        },
    )  # fmt: skip
    table("mod_11_10_rest(v)", {"44030110309741": 8})


def test_bank_cards(table: Table) -> None:
    table(
        "luhn_is_valid(v)",
        {"6222021234567890128": True, "6222021234567890129": False, "": False, "x": False, "18": True},
    )
    table(
        "bank_card_reasons(std_bank_card(v))",
        {"6222021234567890128": [], "6222021234567890129": ["LUHN"], "123": ["LEN"], "无": ["PLACEHOLDER"], "6222****0128": ["MASKED"],
         "六二二二": ["LEN", "CHARS"]},
    )  # fmt: skip


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["91510104", "92510100", "N2513401", "12100000"]), st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=8, max_size=8)), min_size=1, max_size=10))  # fmt: skip
def test_any_code_that_is_built_by_the_standard_is_sound_and_no_other_last_character_is(
    each: Each, parts: list[tuple[str, str]]
) -> None:
    codes = [credit_code(head, body) for head, body in parts]
    reasons = each("uscc_reasons(v)", codes)
    assert reasons == [[]] * len(codes)
    others = [code[:17] + other for code in codes for other in ALPHABET if other != code[17]]
    assert all("CHECK" in reasons for reasons in each("uscc_reasons(v)", others))


@settings(max_examples=8, deadline=None)
@given(st.lists(st.text("0123456789", min_size=15, max_size=18), min_size=1, max_size=30))
def test_luhn_takes_exactly_one_last_digit(each: Each, bodies: list[str]) -> None:
    for body in bodies[:3]:
        assert each("luhn_is_valid(v)", [body + str(digit) for digit in range(10)]).count(True) == 1


def test_parts_of_the_number_macros(table: Table) -> None:
    table("clean_number(v)", {" 7152-6726x": "71526726X", "-": None})
    table("uscc_digit(v, 1)", {"0": 0, "A": 10, "Y": 30, "I": -1})
    table("org_digit(v, 1)", {"0": 0, "A": 10, "I": 18, "Z": 35})


@settings(max_examples=8, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.builds(credit_code, st.sampled_from(["91510104", "92990100", "N2100000", "X2000000"]), st.text(ALPHABET, min_size=8, max_size=8)),
            st.text(ALPHABET, min_size=8, max_size=8).map(organisation_code),
            st.text("0123456789X*", min_size=8, max_size=18),
            st.sampled_from([*PUBLIC, "0" * 18, "1" * 9, "无", "510100000012345", "5101001234567", "111111111111111"]),
            st.text("0123456789", min_size=15, max_size=15),
        ),
        min_size=20,
        max_size=60,
    )
)  # fmt: skip
def test_a_number_is_valid_exactly_if_no_reason_holds_against_it(each: Each, numbers: list[str]) -> None:
    assert each("uscc_is_valid(v)", numbers) == each("len(uscc_reasons(v)) = 0", numbers)
    assert each("org_code_is_valid(v)", numbers) == each("len(org_code_reasons(v)) = 0", numbers)
    assert each("registration_no_is_valid(v)", numbers) == each("len(registration_no_reasons(v)) = 0", numbers)
