"""What domain 7.1 says of persons: the cases that must meet, and those that never may, whatever the score."""

from __future__ import annotations

from functools import cache

import pytest

from matching.resolve import Resolution
from tests.matching.subjects import Row, citizen, clusters_of, crowd, match, persons

COUNTY = "510107"
FATHER, MOTHER = citizen(COUNTY, "19620305", 901), citizen(COUNTY, "19640917", 902)
SON, DAUGHTER = citizen(COUNTY, "19900611", 903), citizen(COUNTY, "19930224", 904)
TWIN, OTHER_TWIN = citizen(COUNTY, "20010417", 911), citizen(COUNTY, "20010417", 913)
HOME = "四川省成都市武侯区浆洗街12号3栋2单元501号"


def seen(key: str, name: str, number: str | None = None, **more: str | None) -> Row:
    """A record of Public Security's form: birth date and sex as the number tells, unless said otherwise."""
    row: Row = {"record_key": key, "department": "ps", "name": name, "id_number": number, "area_code": COUNTY}
    if number is not None and len(number) == 18 and number[:17].isdigit():
        row |= {"birth_date": number[6:14], "sex": "1" if int(number[16]) % 2 else "2"}
    return {**row, **more}


def variants() -> list[Row]:
    """One valid number; the name as it comes from other departments."""
    number, tibetan = citizen("513301", "19750808", 921), citizen("513321", "19800505", 922)
    return [
        seen("variants:1", "阿依·古丽", number),
        seen("variants:2", "阿依•古丽", number),
        seen("variants:3", "阿依古丽", number),
        seen("variants:4", "阿依?古丽", number),
        seen("variants:5", "阿衣古丽", number),
        seen("variants:6", "阿依古力", number, birth_date=None),
        seen("syllable:1", "泽仁卓玛", tibetan),
        seen("syllable:2", "次仁卓玛", tibetan, birth_date=None, sex=None),
    ]


def families() -> list[Row]:
    """A household; the son's benefit under his father's number; the same by a neighbour of no known household."""
    number = {"household_no": "700000001", "address": HOME}
    return [
        seen("family:father", "钱大海", FATHER, **number),
        seen("family:mother", "冯桂花", MOTHER, **number),
        seen("family:son", "钱志远", SON, **number),
        seen("family:daughter", "钱思远", DAUGHTER, **number),
        seen("family:father:card", "钱大海", FATHER, department="hrss"),
        seen("family:son:benefit", "钱志远", FATHER, birth_date=None, sex=None, department="ca"),
        seen("family:daughter:benefit", "钱思远", SON, birth_date=None, sex=None, department="ca"),
        seen("stranger:benefit", "庞统山", FATHER, birth_date=None, sex=None, department="ca"),
    ]


def twins() -> list[Row]:
    """Twins share everything but number and given name; one record of one of them has lost its number."""
    shared: Row = {"household_no": "700000002", "address": HOME, "phone": "13900001111", "birth_date": "20010417"}
    return [
        seen("twin:one", "易佳明", TWIN, **shared),
        seen("twin:two", "易佳亮", OTHER_TWIN, **shared),
        seen("twin:two:lost", "易佳亮", None, department="nhsa", **shared),
        seen("twin:wrong", "易佳亮", TWIN, department="fin", **{**shared, "household_no": None}),
    ]


def two_numbers() -> list[Row]:
    """Two valid numbers, all else equal: never one file by itself, unless Public Security lists the former number."""
    one, two = citizen(COUNTY, "19580709", 931), citizen(COUNTY, "19580709", 933)
    old, new = citizen(COUNTY, "19581209", 931), citizen(COUNTY, "19581219", 933)
    shared: Row = {"address": HOME, "phone": "13900002222", "household_no": "700000003"}
    return [
        seen("two:1", "滕树根", one, **shared),
        seen("two:2", "滕树根", two, **shared),
        seen("former:1", "滕水生", old, department="hrss"),
        seen("former:2", "滕水生", new, former_id_number=old),
    ]


def damaged() -> list[Row]:
    """15 digits, a slip with more evidence, a spreadsheet's zeros, a mask, columns swapped, a sex typed wrong."""
    number = citizen(COUNTY, "19710203", 947)
    slip = number[:12] + str((int(number[12]) + 4) % 10) + number[13:]
    short = number[:6] + number[8:17]
    shared: Row = {"phone": "13900003333"}
    return [
        seen("damaged:whole", "宣文斌", number, card_number="K12345678", **shared),
        seen("damaged:15", "宣文斌", short, birth_date=None, sex="1"),
        seen("damaged:slip", "宣文斌", slip, birth_date="19710203", **shared),
        seen("damaged:excel", "宣文斌", number[:15] + "000", birth_date=None, sex=None),
        seen("damaged:mask", "宣**", number[:4] + "*" * 10 + number[14:], birth_date="19710203", sex="1", **shared),
        seen("damaged:swapped", number, "宣文斌", birth_date="19710203", sex="1"),
        seen("damaged:sex", "宣文斌", number, sex="2"),
        seen("slip:other", "费玉清", slip, birth_date=None, sex=None),
        *masked_beside_two_spellings(),
    ]


def masked_beside_two_spellings() -> list[Row]:
    """A masked name fits the name of a file of which one record is misspelt."""
    number = citizen(COUNTY, "20080823", 946)
    masked = number[:3] + "*" * 11 + number[14:]
    return [
        seen("spelt:right", "陈敬刚", number),
        seen("spelt:wrong", "阵敬刚", number),
        seen("spelt:mask", "陈**", masked, birth_date="20080823", sex=None),
        seen("spelt:mask:other", "李**", masked, birth_date="20080823", sex=None),
    ]


def written_otherwise() -> list[Row]:
    """A name in Latin letters under a valid number; a number of a young person cut to 15; letters in a number."""
    one, child = citizen(COUNTY, "19660528", 941), citizen(COUNTY, "20180523", 942)
    ending_x = next(n for n in (citizen(COUNTY, "19790607", serial) for serial in range(901, 990)) if n.endswith("X"))
    short = child[:6] + child[8:17]
    return [
        seen("latin:han", "汪蔓小", one),
        seen("latin:words", "WANG MANXIAO", one, birth_date=None),
        seen("latin:turned", "Manxiao Wang", one, birth_date=None, sex=None),
        seen("latin:slash", "WANG/MANXIAO", one, birth_date=None, sex=None),
        seen("latin:other", "LI MANXIAO", one, birth_date=None, sex=None),
        seen("young:whole", "黎文鸥", child),
        seen("young:15", "黎文鸥", short, birth_date=None, sex=None),
        seen("young:15:other", "冉春晖", short, birth_date=None, sex=None),
        seen("letters:whole", "郗望舒", ending_x),
        seen("letters:x", "郗望舒", ending_x.lower(), birth_date=None, sex=None),
        seen("letters:wide", "郗望舒", ending_x[:17] + "Ｘ", birth_date=None, sex=None),
        seen("letters:roman", "郗 望 舒", ending_x[:17] + "Ⅹ", birth_date=None, sex=None),
        seen("letters:gap", "郗望舒", f"{ending_x[:6]} {ending_x[6:14]} {ending_x[14:]}", birth_date=None, sex=None),
        seen("letters:o", "郗望舒", ending_x.replace("0", "O", 1), birth_date="19790607"),
    ]


def dates_of_birth() -> list[Row]:
    """The right number, another birth date: default day, lunar day, two digits wrong, another form."""
    number = citizen(COUNTY, "19530918", 944)
    return [
        seen("born:right", "卞长庚", number),
        seen("born:default", "卞长庚", number, birth_date="19530101"),
        seen("born:lunar", "卞长庚", number, birth_date="1953-08-11"),
        seen("born:typo", "卞长庚", number, birth_date="19350918"),
        seen("born:form", "卞长庚", number, birth_date="1953年9月18日"),
    ]


def minority_names() -> list[Row]:
    """Yi and Tibetan names under one number: signs of one sound, the clan left out, the short form of Han use."""
    yi, tibetan = citizen("513431", "19900909", 945), citizen("513332", "19911111", 946)
    return [
        seen("yi:1", "吉克曲布", yi, ethnicity="07"),
        seen("yi:2", "吉克取布", yi, ethnicity="彝族"),
        seen("yi:3", "吉克•曲布", yi),
        seen("yi:clan", "曲布", yi),
        seen("tibetan:1", "次仁多吉", tibetan, ethnicity="04"),
        seen("tibetan:2", "才仁多杰", tibetan, ethnicity="藏族"),
        seen("tibetan:3", "次仁", tibetan),
    ]


def numberless() -> list[Row]:
    """A name alone is nothing, name and birth date of a common name are nothing; with phone and card they are."""
    number = citizen(COUNTY, "19831130", 951)
    bare: Row = {"area_code": "510100", "birth_date": None, "sex": None}
    return [
        seen("lost:whole", "汤玉宝", number, phone="13900004444", address=HOME, card_number="L87654321"),
        seen("lost:two", "汤玉宝", None, birth_date="19831130", sex="1", phone="13900004444", address=HOME),
        seen("lost:card", "汤玉宝", None, card_number="L87654321"),
        seen("bare:whole", "王伟", citizen(COUNTY, "19851010", 953)),
        seen("bare:1", "王伟", None, department="ca", **bare),
        seen("bare:2", "王伟", None, department="ca", **bare),
        seen("bare:county", "王伟", None, department="ca"),
        seen("born:whole", "李芳", citizen("511302", "19771011", 954), area_code="511302"),
        seen("born:lost", "李芳", None, birth_date="19771011", area_code="513401"),
    ]


def hidden() -> list[Row]:
    """A hidden name joins one bearer of its number, and two bearers do not meet through it."""
    number = citizen(COUNTY, "19440101", 961)
    return [
        seen("hidden:1", "柳如是", number, department="ps"),
        seen("hidden:2", "柳如是", number, department="hrss", phone="13900005555"),
        seen("hidden:3", "柳*", number, department="fin", birth_date=None, sex=None),
        seen("hidden:4", "柳敬亭", number, department="ca", birth_date=None, sex=None),
        seen("hidden:5", None, number, department="ct", birth_date=None, sex=None),
        seen("one:1", "甄宝钗", citizen(COUNTY, "19440202", 962)),
        seen("one:2", "甄宝玉", citizen(COUNTY, "19440202", 962), birth_date=None, sex=None),
        seen("one:3", "甄黛玉", citizen(COUNTY, "19440202", 962), birth_date=None, sex=None),
    ]  # fmt: skip


def unreadable() -> list[Row]:
    """A number nobody can read says nothing; two valid ones stay a case; a name of one sign, a name of mother's child."""
    number, twin = citizen(COUNTY, "20260310", 931), citizen(COUNTY, "20260310", 932)
    mother = citizen(COUNTY, "19980120", 946)
    home: Row = {"address": HOME, "phone": "13900006666", "household_no": "700000009"}
    return [
        seen("read:whole", "辛稼轩", number, **home),
        seen("read:scan", "辛稼轩", number.replace("1", "l"), birth_date=None, sex=None),
        seen("read:passport", "辛稼轩", "E12345678", birth_date="20260310", sex="1", **home),
        seen("read:surname", "辛", number, birth_date=None, sex=None),
        seen("read:somebody", "辛某某", number, birth_date=None, sex=None),
        seen("child:mother", "柏春晓", mother, **home),
        seen("child:own", "柏春晓之子", number, birth_date="20260310", sex="1"),
        seen("child:hers", "柏春晓之子", mother, birth_date=None, sex=None),
        seen("child:fathers", "钱大海之女", twin, birth_date=None, sex=None),
        seen("child:named", "柏秋霜", twin, **home),
    ]


def conflicts() -> list[Row]:
    """A stranger's number on one record of a woman with a file of her own; second registrations told by little."""
    hers, strangers = citizen(COUNTY, "19770707", 902), citizen("511302", "19510515", 905)
    one, two = citizen(COUNTY, "19690909", 907), citizen("510104", "19700101", 909)
    here, there = citizen(COUNTY, "19480808", 911), citizen("510104", "19480808", 913)
    number_of_one = citizen(COUNTY, "19770423", 911)
    elsewhere: Row = {
        "card_number": "K77777772",
        "phone": "13900007773",
        "address": "宜宾市叙州区横江镇锦华路57号1栋1单元1801号",
    }
    return [
        seen("conflict:hers", "娄月桂", hers, phone="13900007771", card_number="M10000001"),
        seen(
            "conflict:wrong",
            "娄月桂",
            strangers,
            birth_date=None,
            sex=None,
            phone="13900007771",
            card_number="M10000001",
        ),
        seen("conflict:his", "屠大山", strangers, area_code="511302", household_no="700000031"),
        seen("moved:one", "鄢树春", one, address=HOME, phone="13900007772"),
        seen("moved:two", "鄢树春", two, address=HOME, phone="13900007772", department="hrss"),
        seen("rare:one", "璩光昭", here),
        seen("rare:two", "璩光昭", there, department="hrss", birth_date=None),
        seen("common:one", "王伟", citizen(COUNTY, "19850505", 911)),
        seen("common:two", "王伟", citizen("510104", "19850505", 913)),
        seen("doubted:one", "王伟", citizen(COUNTY, "19840404", 911)),
        seen("doubted:two", "王伟", citizen("510104", "19840616", 913), birth_date="19840404"),
        seen("bridge:one", "多吉旺修", number_of_one, household_no="700000051"),
        seen("bridge:one:card", "多吉旺修", number_of_one, department="hrss"),
        seen("bridge:between", "多基翁修", number_of_one, **elsewhere),
        seen("bridge:two", "多吉旺修", citizen("510104", "19770301", 913), **{**elsewhere, "birth_date": "19770423"}),
    ]


@cache
def resolved() -> Resolution:
    return match(persons([row for case in CASES for row in case()] + crowd()))


CASES = (
    variants, families, twins, two_numbers, damaged, numberless, hidden, written_otherwise, dates_of_birth, minority_names,
    unreadable, conflicts,
)  # fmt: skip


SAME = [
    ["variants:1", "variants:2", "variants:3", "variants:4", "variants:5", "variants:6"],
    ["syllable:1", "syllable:2"],
    ["family:father", "family:father:card"],
    ["family:son", "family:son:benefit"],
    ["family:daughter", "family:daughter:benefit"],
    ["twin:two", "twin:two:lost"],
    ["former:1", "former:2"],
    ["damaged:whole", "damaged:15"],
    ["damaged:whole", "damaged:slip"],
    ["damaged:whole", "damaged:excel"],
    ["damaged:whole", "damaged:mask"],
    ["spelt:right", "spelt:wrong", "spelt:mask"],
    ["damaged:whole", "damaged:swapped"],
    ["damaged:whole", "damaged:sex"],
    ["lost:whole", "lost:two"],
    ["lost:whole", "lost:card"],
    ["hidden:1", "hidden:2", "hidden:3", "hidden:5"],
    ["one:1", "one:2"],
    ["latin:han", "latin:words", "latin:turned", "latin:slash"],
    ["young:whole", "young:15"],
    ["letters:whole", "letters:x", "letters:wide", "letters:roman", "letters:gap"],
    ["letters:whole", "letters:o"],
    ["born:right", "born:default", "born:lunar", "born:typo", "born:form"],
    ["yi:1", "yi:2", "yi:3", "yi:clan"],
    ["tibetan:1", "tibetan:2", "tibetan:3"],
    ["read:whole", "read:scan", "read:passport", "read:surname", "read:somebody"],
    ["read:whole", "child:own"],
    ["conflict:hers", "conflict:wrong"],
]
APART = [
    ["family:father", "family:son:benefit"],
    ["family:father", "stranger:benefit"],
    ["family:mother", "family:father"],
    ["family:son", "family:daughter"],
    ["twin:one", "twin:two"],
    ["twin:one", "twin:wrong"],
    ["two:1", "two:2"],
    ["damaged:whole", "slip:other"],
    ["spelt:right", "spelt:mask:other"],
    ["bare:1", "bare:2"],
    ["bare:whole", "bare:1"],
    ["bare:whole", "bare:county"],
    ["born:whole", "born:lost"],
    ["hidden:1", "hidden:4"],
    ["hidden:3", "hidden:4"],
    ["latin:han", "latin:other"],
    ["young:whole", "young:15:other"],
    ["child:mother", "child:hers"],
    ["child:mother", "child:own"],
    ["child:named", "child:fathers"],
    ["conflict:hers", "conflict:his"],
    ["moved:one", "moved:two"],
    ["rare:one", "rare:two"],
    ["common:one", "common:two"],
    ["doubted:one", "doubted:two"],
    ["bridge:one", "bridge:two"],
]


@pytest.mark.parametrize("keys", SAME, ids=lambda keys: keys[-1])
def test_one_person(keys: list[str]) -> None:
    cluster = clusters_of(resolved())
    assert len({cluster[key] for key in keys}) == 1


@pytest.mark.parametrize("keys", APART, ids="+".join)
def test_two_persons(keys: list[str]) -> None:
    cluster = clusters_of(resolved())
    assert cluster[keys[0]] != cluster[keys[1]]


def test_nobody_else_is_drawn_in() -> None:
    cluster = clusters_of(resolved())
    for row in crowd():
        key = str(row["record_key"])
        assert cluster[key] == key[:-1] + "a"


def reviews() -> set[tuple[str, frozenset[str]]]:
    found = resolved().reviews.to_pylist()
    return {(row["review_kind"], frozenset((row["left_key"], row["right_key"]))) for row in found}


def test_two_subjects_are_one_case_of_a_kind() -> None:
    assert len(reviews()) == resolved().reviews.num_rows


def test_two_numbers_with_all_else_equal_are_a_case_for_a_steward() -> None:
    assert ("two_ids", frozenset(("two:1", "two:2"))) in reviews()


def test_a_number_of_two_strangers_is_a_case_for_a_steward() -> None:
    assert any(kind == "shared_id" and "stranger:benefit" in keys for kind, keys in reviews())


def test_a_strangers_number_is_a_case_though_its_bearer_has_a_file() -> None:
    assert ("shared_id", frozenset(("conflict:wrong", "conflict:his"))) in reviews()


def test_second_registrations_are_cases_and_namesakes_are_none() -> None:
    """Another birth date, with telephone and house; one birth date and county, with a rare name; not with a common one."""
    assert ("two_ids", frozenset(("moved:one", "moved:two"))) in reviews()
    assert ("two_ids", frozenset(("rare:one", "rare:two"))) in reviews()
    assert not any("common:one" in keys for _, keys in reviews())


def test_a_number_against_its_own_records_date_is_a_case_with_who_has_that_date() -> None:
    assert ("two_ids", frozenset(("doubted:one", "doubted:two"))) in reviews()


def test_a_relatives_number_that_the_household_explains_is_no_case() -> None:
    assert not any("family:son:benefit" in keys for _, keys in reviews())


def test_common_bare_names_are_no_cases() -> None:
    assert not any(key.startswith("bare:") for _, keys in reviews() for key in keys)


def test_every_record_has_one_cluster_named_by_its_smallest_key() -> None:
    cluster = clusters_of(resolved())
    assert len(cluster) == len(crowd()) + sum(len(case()) for case in CASES)
    for name in set(cluster.values()):
        assert name == min(key for key, held in cluster.items() if held == name)


def test_every_scored_link_says_why() -> None:
    links = resolved().links.to_pylist()
    assert links
    for link in links:
        assert (link["reasons"] is None) == (link["score"] is None)
        assert link["reasons"] is None or "name" in link["reasons"] or "number" in link["reasons"]
