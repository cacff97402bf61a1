"""Persons: the standard values, blocks, comparisons and rules of evidence (domain facts, sections 1.1, 3 and 7.1)."""

from __future__ import annotations

from matching import by_bytes, dates, names, numbers, persons, places, plain, shortcuts
from matching.model import Block, Comparison, Identity, Model, Rule, Tie, Value

UPGRADED = "CASE WHEN id_kind(cleaned) = 'citizen15' THEN id_upgrade(cleaned) ELSE cleaned END"
YOUNGER = """CASE WHEN id_kind(cleaned) = 'citizen15'
    THEN substr(cleaned, 1, 6) || '20' || substr(cleaned, 7, 9)
        || id_check_character(substr(cleaned, 1, 6) || '20' || substr(cleaned, 7, 9)) END"""
"""A 15-digit number that somebody cut from 18: born after 2000 as likely as 100 years before, so it is no whole number."""
EXCEL = (
    "CASE WHEN regexp_full_match(cleaned, '[1-9]\\.[0-9]{2,16}E\\+?1[67]') "
    "THEN rpad(replace(split_part(cleaned, 'E', 1), '.', ''), 18, '*') END"
)
SHOWN = "CASE WHEN id_kind(cleaned) <> 'placeholder' AND length(cleaned) >= 6 THEN cleaned END"
CHILD_OF = "'^(.{2,})之[长次大二三幺小]?[子女儿]$'"
"""A child that has no name yet, called by a parent's (domain 3)."""
NAME = f"CASE WHEN NOT (plain LIKE '%之%' AND regexp_full_match(plain, {CHILD_OF})) THEN translate(plain, '？□■○〇�＊×某', '??????***') END"
PARENT = f"CASE WHEN plain LIKE '%之%' THEN nullif(regexp_extract(plain, {CHILD_OF}, 1), '') END"

MODEL = Model(
    name="person",
    version="1",
    prefix="P",
    required=(
        "name", "former_name", "sex", "ethnicity", "birth_date", "id_number", "phone", "address", "area_code",
        "household_no", "card_number",
    ),
    optional=("former_id_number",),
    values=(
        Value("sent", "id_number", "std_id(v)", is_kept=False),
        Value("cleaned", "id_number", numbers.READ, layer=1, is_kept=False),
        Value("upgraded", "id_number", UPGRADED, layer=2, is_kept=False),
        Value("younger", "id_number", YOUNGER, layer=2, is_kept=False),
        Value("cut", "id_number", "CASE WHEN id_is_valid(younger) THEN substr(younger, 1, 17) || '*' END", layer=3, is_kept=False),
        Value("number", "id_number", "CASE WHEN cut IS NULL AND id_is_valid(upgraded) THEN upgraded END", "id", 4),
        Value("id", "id_number", f"coalesce(number, cut, {EXCEL}, {SHOWN})", "id", 5),
        Value("number_birth", "id_number", "id_birth_date(number)", "date", 5),
        Value("number_sex", "id_number", "id_sex(number)", "sex", 5),
        Value("id_head", "id_number", "substr(id, 1, 10)", layer=6),
        Value("id_tail", "id_number", "right(id, 8)", layer=6),
        Value("id_ends", "id_number", "substr(id, 1, 3) || right(id, 4)", layer=6),
        Value("id_last", "id_number", "CASE WHEN right(id, 4) NOT LIKE '%*%' THEN right(id, 4) END", layer=6),
        Value("id_birth", "id_number", "CAST(try_strptime(substr(id, 7, 8), '%Y%m%d') AS DATE)", "date", 6),
        Value("former_cleaned", "former_id_number", "std_id(v)", is_kept=False),
        Value("former_number", "former_id_number", "CASE WHEN id_is_valid(former_cleaned) THEN former_cleaned END", "id", 1),
        Value("core", "name", "core_name(v)", is_kept=False),
        Value("folded", "name", "core_folded(core)", layer=1, is_kept=False),
        Value("syllables", "name", "syllables(core)", layer=1, is_kept=False),
        Value("plain", "name", "core_key(folded)", layer=2, is_kept=False),
        Value("name", "name", NAME, "name", 3),
        Value("parent_name", "name", PARENT, "name", 3),
        Value("sound", "name", "CASE WHEN name IS NOT NULL THEN spoken_core(core, syllables) END", layer=4),
        Value("surname", "name", "CASE WHEN name[1] NOT IN ('?', '*') THEN name[1] END", layer=4),
        Value("former_name", "former_name", "v", "name", like="name"),
        Value("sex_code", "sex", "std_sex(v)", is_kept=False),
        Value("sex", "sex", "CASE WHEN sex_code IN ('1', '2') THEN sex_code END", "sex", 1),
        Value("birth", "birth_date", "std_date(v)", "date"),
        Value("phone", "phone", "std_phone(v)"),
        Value("card", "card_number", "upper(std_id(v))"),
        Value("household", "household_no", "upper(std_id(v))"),
        Value("address", "address", "address_key(v)"),
        Value("area", "area_code", "substr(std_area(v), 1, 6)"),
        Value("ethnic_group", "ethnicity", "std_ethnicity(v)"),
    ),
    prepare=persons.swap_back,
    derive=persons.derive,
    identity=Identity(
        number="number",
        same=("name", "parent_name"),
        rules=(
            Rule("of_family", "apart", persons.is_of_family, "same valid number, but the name of another of the household"),
            Rule("one_name", "same", persons.has_same_name, "same valid number, and the names are one name"),
            Rule("hidden_name", "same", persons.has_hidden_name, "same valid number, name hidden or missing", False),
            Rule("one_sign_off", "same", persons.has_one_sign_off, "same valid number, one sign of the name differs", False),
        ),
        support=persons.support,
        standing=persons.standing,
        related_by=(("phone",), ("household",), ("address",)),
        former="former_number",
        comparison="number",
        told_by=("number",),
        lends="household",
        named="name",
        is_explained=persons.is_of_household,
        parts=("id_head", "id_tail", "id_ends", "id_last", "id_birth", "number_birth", "number_sex"),
    ),
    comparisons=(
        Comparison("number", numbers.compare_numbers, numbers.NUMBER_LEVELS, weak=(numbers.MASKED,), is_partial=numbers.has_masked_digit, by_chance=numbers.agreement_by_chance),
        Comparison("valid_numbers", numbers.compare_valid_numbers, numbers.VALID_LEVELS),
        Comparison("name", names.compare_names, names.NAME_LEVELS, "name", names.name_floor, (names.MASKED, names.HIDDEN), names.has_hidden_sign, True),
        Comparison("birth", dates.compare_births, dates.DATE_LEVELS),
        Comparison("sex", dates.compare_sexes, dates.SEX_LEVELS),
        Comparison("phone", plain.compare_phones, plain.PHONE_LEVELS, frequency="phone"),
        Comparison("card", plain.compare_cards, plain.PHONE_LEVELS, frequency="card"),
        Comparison("household", plain.compare_households, plain.PLAIN_LEVELS, frequency="household"),
        Comparison("lender", plain.compare_lenders, plain.PLAIN_LEVELS),
        Comparison("family", plain.compare_families, plain.PLAIN_LEVELS),
        Comparison("address", places.compare_addresses, places.ADDRESS_LEVELS, frequency="address"),
        Comparison("area", places.compare_areas, places.AREA_LEVELS, frequency="county", is_stored=True),
        Comparison("ethnic_group", plain.compare_ethnic_groups, plain.PLAIN_LEVELS, frequency="ethnic_group", is_stored=True),
    ),
    blocks=(
        Block("card", ("card",), refine=("surname", "name")),
        Block("telephone", ("phone",), refine=("surname", "name")),
        Block("household", ("household",), refine=("surname", "name")),
        Block("address and name", ("address", "name")),
        Block("address and surname", ("address", "surname"), refine=("sex", "birth")),
        Block("name and birth date", ("name", "birth")),
        Block("sound and birth date", ("sound", "birth")),
        Block("name and birth date in number", ("name", "birth"), against=("name", "id_birth")),
        Block("sound and birth dates in numbers", ("sound", "id_birth")),
        Block("name and county", ("bare_name", "county"), against=("name", "county"), refine=("sex",)),
        Block("name in the lender's household", ("name", "lent"), against=("name", "household")),
        Block("sound in the lender's household", ("sound", "lent"), against=("sound", "household")),
        Block("former name and birth date", ("former_name", "birth"), against=("name", "birth")),
        Block("former name and phone", ("former_name", "phone"), against=("name", "phone")),
        Block("start of number and name", ("id_head", "name")),
        Block("end of number and sound", ("id_tail", "sound")),
        Block("end of number and surname", ("id_tail", "surname")),
        Block("both ends of number, surname and county", ("id_ends", "surname", "county")),
        Block("last of number and name", ("id_last", "name")),
        Block("last of number and birth date", ("id_last", "birth")),
        Block("last of number and birth date in number", ("id_last", "birth"), against=("id_last", "number_birth")),
        Block("name and telephone", ("name", "phone"), among="all"),
        Block("name and household", ("name", "household"), among="all"),
        Block("name and address", ("name", "address"), among="all"),
        Block("name, birth date in number and county", ("name", "number_birth", "county"), among="all"),
    ),
    rules=(
        Rule("two_ids", "review", persons.looks_like_two_registrations, "two valid numbers for what looks like one person", kind="two_ids"),
        Rule("two_births", "review", persons.looks_like_another_birth, "two valid numbers of two birth dates, one name, one home", kind="two_ids", is_always=True),
        Rule("two_numbers", "apart", persons.has_two_numbers, "two different valid numbers"),
        Rule("relatives_number", "same", persons.gives_relatives_number, "the name, in the household of the number's owner"),
        Rule("name_and_birth", "review", persons.has_name_and_birth_only, "name and birth date, from elsewhere", kind="no_id_single_evidence"),
        Rule("name_only", "apart", persons.has_name_only, "a name, and no more than sex, ethnic group and area"),
    ),
    adjust=persons.adjust,
    review_kinds=persons.review_kinds,
    population=90_000_000,
    ties=(
        Tie("number as sent", ("id",)),
        Tie("card", ("card",)),
        Tie("name in a household", ("household", "name"), within=True),
    ),
    shortcuts=(shortcuts.person_names(), by_bytes.citizen_numbers(), by_bytes.dates(), shortcuts.addresses()),
    longest=frozenset({"name", "address"}),
)  # fmt: skip
