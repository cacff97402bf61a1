"""Persons: the standard values, blocks, comparisons and rules of evidence (domain facts, sections 1.1, 3 and 7.1)."""

from __future__ import annotations

from matching import dates, names, numbers, persons, places, plain
from matching.model import Block, Comparison, Identity, Model, Rule, Value

NUMBER = (
    "CASE WHEN id_is_valid(std_id({v})) THEN std_id({v}) "
    "WHEN id_kind(std_id({v})) = 'citizen15' AND id_is_valid(id_upgrade(std_id({v}))) THEN id_upgrade(std_id({v})) END"
)
NUMBER_OF_ID = NUMBER.format(v="v")
KNOWN_ID = f"coalesce({NUMBER_OF_ID}, CASE WHEN id_kind(std_id(v)) <> 'placeholder' AND length(std_id(v)) >= 6 THEN std_id(v) END)"
NAME = "regexp_replace(name_key(v), '[?？＊□■]', '?', 'g')"
LOOKS_LIKE_NUMBER = "regexp_full_match(v, '\\s*\\d{14,17}[0-9Xx]\\s*')"

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
        Value("number", "id_number", NUMBER_OF_ID, "id"),
        Value("id", "id_number", KNOWN_ID, "id"),
        Value("number_birth", "id_number", f"id_birth_date({NUMBER_OF_ID})", "date"),
        Value("number_sex", "id_number", f"id_sex({NUMBER_OF_ID})", "sex"),
        Value("id_head", "id_number", f"substr({KNOWN_ID}, 1, 10)"),
        Value("id_tail", "id_number", f"right({KNOWN_ID}, 8)"),
        Value("id_ends", "id_number", f"substr({KNOWN_ID}, 1, 3) || right({KNOWN_ID}, 4)"),
        Value("id_birth", "id_number", f"CAST(try_strptime(substr({KNOWN_ID}, 7, 8), '%Y%m%d') AS DATE)", "date"),
        Value("name_in_number", "id_number", f"CASE WHEN regexp_matches(v, '^\\s*[一-龥]{{2,}}') THEN {NAME} END", "name"),
        Value("former_number", "former_id_number", NUMBER_OF_ID, "id"),
        Value("name", "name", NAME, "name"),
        Value("sound", "name", "name_pinyin(v)"),
        Value("surname", "name", "substr(name_key(v), 1, 1)"),
        Value("number_in_name", "name", f"CASE WHEN {LOOKS_LIKE_NUMBER} THEN {NUMBER_OF_ID} END", "id"),
        Value("birth_in_name", "name", f"CASE WHEN {LOOKS_LIKE_NUMBER} THEN id_birth_date({NUMBER_OF_ID}) END", "date"),
        Value("sex_in_name", "name", f"CASE WHEN {LOOKS_LIKE_NUMBER} THEN id_sex({NUMBER_OF_ID}) END", "sex"),
        Value("former_name", "former_name", NAME, "name"),
        Value("sex", "sex", "CASE WHEN std_sex(v) IN ('1', '2') THEN std_sex(v) END", "sex"),
        Value("birth", "birth_date", "std_date(v)", "date"),
        Value("phone", "phone", "std_phone(v)"),
        Value("card", "card_number", "upper(std_id(v))"),
        Value("household", "household_no", "upper(std_id(v))"),
        Value("address", "address", "address_key(v)"),
        Value("area", "area_code", "substr(std_area(v), 1, 6)"),
        Value("ethnic_group", "ethnicity", "std_ethnicity(v)"),
    ),
    derive=persons.derive,
    identity=Identity(
        number="number",
        same=("name",),
        rules=(
            Rule("compatible_name", "same", persons.has_same_name, "same valid number, and the names are one name"),
            Rule("one_sign_off", "same", persons.has_one_sign_off, "same valid number, one sign of the name differs"),
        ),
        support=persons.support,
        is_trusted=persons.is_trusted,
        related_by=(("phone",), ("household",), ("address",)),
        former="former_number",
        comparison="number",
    ),
    comparisons=(
        Comparison("number", numbers.compare_numbers, numbers.NUMBER_LEVELS),
        Comparison("name", names.compare_names, names.NAME_LEVELS, frequency="name"),
        Comparison("birth", dates.compare_births, dates.DATE_LEVELS),
        Comparison("sex", dates.compare_sexes, dates.SEX_LEVELS),
        Comparison("phone", plain.compare_phones, plain.PHONE_LEVELS, frequency="phone"),
        Comparison("card", plain.compare_cards, plain.PHONE_LEVELS, frequency="card"),
        Comparison("household", plain.compare_households, plain.PLAIN_LEVELS, frequency="household"),
        Comparison("address", places.compare_addresses, places.ADDRESS_LEVELS, frequency="address"),
        Comparison("area", plain.compare_areas, plain.PLAIN_LEVELS, frequency="area"),
        Comparison("ethnic_group", plain.compare_ethnic_groups, plain.PLAIN_LEVELS, frequency="ethnic_group"),
    ),
    blocks=(
        Block("card", ("card",), refine=("surname", "name")),
        Block("phone and name", ("phone", "name")),
        Block("phone and surname", ("phone", "surname"), refine=("sex", "birth")),
        Block("household and surname", ("household", "surname"), refine=("sex", "birth")),
        Block("household and birth date", ("household", "birth")),
        Block("household and name", ("household", "name")),
        Block("address and name", ("address", "name")),
        Block("address and surname", ("address", "surname"), refine=("sex", "birth")),
        Block("name and birth date", ("name", "birth")),
        Block("sound and birth date", ("sound", "birth")),
        Block("name and birth date in number", ("name", "birth"), against=("name", "id_birth")),
        Block("sound and birth dates in numbers", ("sound", "id_birth")),
        Block("phone and birth date", ("phone", "birth")),
        Block("former name and birth date", ("former_name", "birth"), against=("name", "birth")),
        Block("former name and phone", ("former_name", "phone"), against=("name", "phone")),
        Block("start of number and name", ("id_head", "name")),
        Block("end of number and sound", ("id_tail", "sound")),
        Block("end of number and surname", ("id_tail", "surname")),
        Block("both ends of number and surname", ("id_ends", "surname")),
        Block("name, birth date and telephone", ("name", "birth", "phone"), among="all"),
        Block("name, birth date and household", ("name", "birth", "household"), among="all"),
        Block("name, birth date and address", ("name", "birth", "address"), among="all"),
    ),
    rules=(
        Rule("two_ids", "review", persons.looks_like_two_registrations, "two different valid numbers, all else agrees"),
    ),
    adjust=persons.adjust,
    review_kinds=persons.review_kinds,
)  # fmt: skip
