"""Enterprises: the standard values, blocks, comparisons and rules of evidence (domain facts, sections 1.6, 4 and 7.1)."""

from __future__ import annotations

from extractors.standardise.companies import EMPTY_WORDS
from matching import (
    company_names,
    company_numbers,
    enterprise_evidence,
    enterprise_fields,
    enterprises,
    names,
    places,
    plain,
    shortcuts,
)
from matching.model import Block, Comparison, Identity, Model, Rule, Tie, Value

NAMED = f"(length(v) > 6 OR NOT regexp_full_match(upper(trim(v)), '{EMPTY_WORDS}'))"
"""SQL: the text is no word for 'none'."""
PERSON = "regexp_replace(name_key(v), '[?？＊□■]', '?', 'g')"
PERSON_ID = "CASE WHEN id_is_valid(cleaned_person_id) THEN cleaned_person_id END"

MODEL = Model(
    name="enterprise",
    version="1",
    prefix="E",
    required=(
        "department", "name", "former_name", "uscc", "registration_no", "organisation_code", "legal_rep_name",
        "legal_rep_id", "phone", "address", "area_code", "enterprise_type", "parent_uscc",
    ),
    values=(
        *company_numbers.number_values(),
        Value("is_registry", "department", "CASE WHEN lower(v) = 'mr' THEN '1' END"),
        Value("company", "name", f"CASE WHEN NOT regexp_full_match(v, '[0-9A-Z]{{18}}') AND {NAMED} THEN company_text(v) END", "company"),
        Value("company_in_uscc", "uscc", f"CASE WHEN regexp_matches(v, '[一-龥]{{2}}') AND NOT regexp_matches(v, '[0-9A-Za-z]{{9}}') AND {NAMED} THEN company_text(v) END", "company"),
        Value("former_company", "former_name", "company_text(v)", "company"),
        Value("former_in_name", "name", "CASE WHEN v LIKE '%原%' OR v LIKE '%曾%' THEN company_text(company_former_name(v)) END", "company"),
        Value("legal_rep", "legal_rep_name", PERSON),
        Value("cleaned_person_id", "legal_rep_id", "std_id(v)", is_kept=False),
        Value("legal_rep_id", "legal_rep_id", PERSON_ID, layer=1),
        Value("phone", "phone", "std_phone(v)"),
        Value("address", "address", "address_key(v)"),
        Value("area", "area_code", "substr(std_area(v), 1, 6)"),
        Value(
            "by_type",
            "enterprise_type",
            "CASE WHEN regexp_full_match(v, '95[0-9]{2}') THEN 'true' WHEN regexp_full_match(v, '[1-7][0-9]{3}') THEN 'false' END",
        ),
    ),
    derive=enterprises.derive,
    identity=Identity(
        number="code",
        same=("trade", "tail"),
        rules=(
            Rule("other_branch", "apart", enterprise_evidence.is_other_branch, "a branch reports under its parent's code"),
            Rule("one_name", "same", enterprise_evidence.has_same_name, "same valid code, and the names are one name"),
            Rule("supported", "same", enterprise_evidence.has_support, "same valid code and one more thing agrees: renamed"),
            Rule("stranger", "apart", enterprise_evidence.is_stranger, "same valid code, but name, person and place differ"),
            Rule("renamed", "same", enterprise_evidence.anybody, "same valid code: a renamed enterprise keeps it"),
        ),
        support=enterprises.support,
        standing=enterprises.standing,
        related_by=(("phone",), ("address",), ("legal_rep_id",), ("trade", "prefecture")),
        comparison="code",
        told_by=("told_uscc", "told_organisation_code", "told_registration_no", "told_name"),
        named="company",
        parts=("code_end",),
    ),
    comparisons=(
        Comparison("code", company_numbers.compare_codes, company_numbers.CODE_LEVELS, weak=(company_numbers.MASKED,)),
        Comparison("registration", enterprise_fields.compare_registrations, plain.PLAIN_LEVELS, frequency="registration"),
        Comparison("body", company_names.compare_bodies, company_names.BODY_LEVELS, frequency="body"),
        Comparison("holders", enterprise_fields.compare_holders, enterprise_fields.HOLDER_LEVELS),
        Comparison("former", company_names.compare_former, plain.PLAIN_LEVELS, frequency="name"),
        Comparison("form", company_names.compare_forms, company_names.FORM_LEVELS),
        Comparison("branch", company_names.compare_branches, company_names.BRANCH_LEVELS),
        Comparison("outpost", company_names.compare_outposts, plain.PLAIN_LEVELS),
        Comparison("number_word", company_names.compare_numbers_in_names, plain.PLAIN_LEVELS),
        Comparison("place", company_names.compare_places, company_names.PLACE_LEVELS),
        Comparison("kind", enterprise_fields.compare_kinds, plain.PLAIN_LEVELS),
        Comparison("legal_rep", enterprise_fields.compare_legal_reps, names.NAME_LEVELS, frequency="legal_rep"),
        Comparison("legal_rep_id", enterprise_fields.compare_legal_rep_ids, plain.PLAIN_LEVELS, frequency="legal_rep_id"),
        Comparison("phone", enterprise_fields.compare_phones, plain.PHONE_LEVELS, frequency="phone"),
        Comparison("address", places.compare_addresses, places.ADDRESS_LEVELS, frequency="address"),
        Comparison("area", places.compare_areas, places.AREA_LEVELS),
    ),
    blocks=(
        Block("registration number", ("registration",)),
        Block("name and county", ("name", "county"), refine=("legal_rep", "phone")),
        Block("name and prefecture", ("name", "prefecture"), refine=("legal_rep", "county")),
        Block("name", ("name",), refine=("prefecture", "legal_rep", "county")),
        Block("former name", ("former_name",), against=("name",), refine=("county", "legal_rep")),
        Block("trade name and county", ("trade", "county"), refine=("legal_rep", "phone")),
        Block("trade name and legal representative", ("trade", "legal_rep")),
        Block("legal representative and county", ("legal_rep", "county"), refine=("trade", "phone")),
        Block("legal representative's number", ("legal_rep_id",), refine=("trade", "county")),
        Block("telephone", ("phone",), refine=("trade", "legal_rep")),
        Block("address", ("address",), refine=("trade", "legal_rep")),
        Block("end of code", ("code_end",), refine=("trade", "county")),
    ),
    rules=(
        Rule("other_branch", "apart", enterprise_evidence.is_other_branch, "a branch is not its parent, nor another branch"),
        Rule("other_kind", "apart", enterprise_evidence.is_other_kind, "another legal form, number word or place in the name"),
        Rule("converted", "apart", enterprise_evidence.is_converted, "an individual business is not the enterprise it became"),
        Rule("old_number", "same", enterprise_evidence.shares_old_number, "same old registration number and one name"),
        Rule("slipped_code", "same", enterprise_evidence.has_slipped_code, "the code is one slip away from a valid one, one name"),
        Rule("masked_code", "same", enterprise_evidence.has_masked_code, "the masked code fits, same name"),
        Rule("other_name", "apart", enterprise_evidence.has_other_name, "another name, and nothing but the owner or house agrees"),
        Rule("shop_elsewhere", "review", enterprise_evidence.is_shop_elsewhere, "shops of one name at two addresses", kind="no_id_single_evidence"),
        Rule("elsewhere", "apart", enterprise_evidence.is_elsewhere, "one name in two places, nothing more agrees"),
        Rule("own_name", "same", enterprise_evidence.has_name_of_its_own, "a full name that one subject only holds"),
        Rule("name_and_more", "same", enterprise_evidence.has_name_and_more, "same name and place, and one thing more"),
    ),
    adjust=enterprise_evidence.adjust,
    review_kinds=enterprise_evidence.review_kinds,
    population=20_000_000,
    ties=(
        Tie("name", ("name",)),
        Tie("telephone", ("phone",)),
        Tie("registration number", ("registration",)),
        Tie("code of a parent", ("code_of_parent",), against=("code",)),
    ),
    shortcuts=(
        shortcuts.company_names(),
        shortcuts.social_credit_codes(),
        shortcuts.legal_representatives(),
        shortcuts.addresses(),
    ),
)  # fmt: skip
