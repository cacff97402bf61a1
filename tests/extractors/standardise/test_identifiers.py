"""Numbers of persons: every vector of domain section 11 and the tables of 1.1 and 1.3."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors import standardise
from tests.extractors.standardise.conftest import Each

Table = Callable[[str, dict[str, Any]], None]
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
SOUND = (
    "510104198501029010", "510105199003079040", "51010419851102909X",
    "513001197006159030",  # abolished code (Dachuan)
    "512301196307189058", "511202199501059023", "513523198808089062",  # today's Chongqing
    "511102197001019012",  # the code is younger than the person
    "810000199408239026", "820000197604059033", "830000199201309027",  # permits of Hong Kong, Macao, Taiwan
    "911124198108030024",  # foreign permanent resident
    "510104200002299016",  # leap day
    "11010519491231002X",  # sample of GB 11643
)  # fmt: skip


def check_character(body: str) -> str:
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


def test_sound_numbers_have_no_reason(table: Table) -> None:
    table("id_reasons(std_id(v), NULL, NULL)", {number: [] for number in SOUND})
    table("id_is_valid(std_id(v))", dict.fromkeys(SOUND, True))


def test_every_reason_is_given(table: Table) -> None:
    expected = {
        "510104198510029010": ["CHECK"],  # neighbours swapped
        "510104198002309018": ["DATE"],
        "51010419000229901X": ["DATE"],
        "51010420310101901X": ["FUTURE"],
        "510104189912319018": ["AGE"],
        "519900198002039018": ["DIVISION"],  # never existed, check right
        "510104198501029000": ["CHECK", "EXCEL_000"],
        "5.10104198501029E+17": ["LEN", "CHARS", "EXCEL_000"],
        "5.1E+17": ["LEN", "CHARS", "EXCEL_000"],
        "51010419850102901": ["LEN"],
        "5101041985010290100": ["LEN"],
        "5101O4198501029010": ["CHARS"],  # letter O, never repaired
        "51010419850l029010": ["CHARS"],
        "510***********9010": ["MASKED"],
        "无": ["PLACEHOLDER"],
        "不详": ["PLACEHOLDER"],
        "暂无": ["PLACEHOLDER"],
        "111111111111111111": ["DIVISION", "AGE", "CHECK", "PLACEHOLDER"],
        "123456789012345678": ["DIVISION", "DATE", "CHECK", "PLACEHOLDER"],
        "E12345678": ["TYPE_MISMATCH"],
        "H12345678": ["TYPE_MISMATCH"],
        "A510012345": ["TYPE_MISMATCH"],
        "9144030071526726XG": ["CHARS", "TYPE_MISMATCH"],  # a social credit code
        "510104850102901": [],  # 15 places
        "510104850230901": ["DATE"],
        "519900850102901": ["DIVISION"],
        "CHN123456789012": [],
    }
    table("id_reasons(std_id(v), NULL, NULL)", expected)
    table("id_is_valid(std_id(v))", {number: reasons == [] for number, reasons in expected.items()})


def test_a_number_that_ends_in_000_is_suspect_even_if_its_check_passes(table: Table) -> None:
    body = next(
        body for n in range(100, 1000, 100) if check_character(body := f"51010419850{n // 100}02{n:03}"[:17]) == "0"
    )
    assert body.endswith("00")
    table("id_reasons(v, NULL, NULL)", {body + "0": ["EXCEL_000"]})


def test_sex_and_birth_date_beside_the_number_are_compared(each: Each) -> None:
    number = SOUND[0]
    ask = "id_reasons('{}', {}, {})"
    assert each(ask.format(number, "DATE '1985-01-02'", "'1'"), [None]) == [[]]
    assert each(ask.format(number, "DATE '1985-01-03'", "'2'"), [None]) == [["SEX_MISMATCH", "DOB_MISMATCH"]]
    assert each(ask.format(number, "NULL", "'9'"), [None]) == [[]]
    assert each(ask.format("510104850102901", "DATE '1986-01-02'", "'2'"), [None]) == [["SEX_MISMATCH", "DOB_MISMATCH"]]
    # Sequences 996-999 of 15 places may belong to the 1800s: the century is not known.
    assert each(ask.format("510104850102996", "DATE '1885-01-02'", "NULL"), [None]) == [[]]


def test_forms_of_one_number_clean_to_it(table: Table) -> None:
    written = [
        "51010419851102909x", "51010419851102909Ｘ", "51010419851102909ｘ", "51010419851102909Ⅹ", "51010419851102909×",
        "51010419851102909Х", "51010419851102909*", "５１０１０４１９８５１１０２９０９Ｘ", " 510104 19851102 909X", "'51010419851102909X",
        '="51010419851102909X"', "510104-19851102-909X", "\ufeff51010419851102909X\t", "5101041985\u200b1102909X",
    ]  # fmt: skip
    table("std_id(v)", dict.fromkeys(written, "51010419851102909X"))
    # A star stays where the computed check character is not X; letters are never taken for digits.
    table(
        "std_id(v)", {"51010419850102901*": "51010419850102901*", "5101O4198501029010": "5101O4198501029010", " ": None}
    )


def test_kinds_by_form(table: Table) -> None:
    table(
        "id_kind(std_id(v))",
        {
            "510104198501029010": "citizen18", "510104850102901": "citizen15", "810000199408239026": "permit18",
            "911124198108030024": "foreign18", "CHN123456789012": "foreign15", "H12345678": "hm_travel",
            "m1234567801": "hm_travel", "87654321": "tw_travel", "1234567890(A)": "tw_travel", "1234567890（b）": "tw_travel",
            "E12345678": "passport", "EA1234567": "passport", "G12345678": "passport", "P510012345": "birth_certificate",
            "510***********9010": "masked", "5101041985XXXX9010": "masked", "无": "placeholder", "12345678": "placeholder",
            "00000000": "placeholder", "测试": "placeholder", "张某": "other", "5.1E+17": "other",
        },
    )  # fmt: skip


def test_a_number_of_15_places_is_a_candidate_for_one_of_18(table: Table) -> None:
    table(
        "id_upgrade(v)",
        {
            "510104850102901": "510104198501029010", "510104198501029010": None,
            "510104850102996": None, "510104850102999": None, "51010485010290": None,
        },
    )  # fmt: skip


def test_what_the_number_says(table: Table) -> None:
    born = {"510104198501029010": date(1985, 1, 2), "510104850102901": date(1985, 1, 2), "510104198002309018": None}
    table("id_birth_date(v)", born | {"E12345678": None})
    table(
        "id_sex(v)", {"510104198501029010": "1", "510105199003079040": "2", "510104850102901": "1", "H12345678": None}
    )
    table(
        "id_check_character(v)",
        {"51010419851102909": "X", "11010519491231002": "X", "51010419850102901": "0", "x": None},
    )


def test_the_day_decides_what_is_future_and_who_is_too_old() -> None:
    def reasons(number: str, as_of: date) -> Any:
        with standardise.connect(as_of=as_of) as connection:
            return connection.execute("SELECT id_reasons(?, NULL, NULL)", [number]).fetchall()[0][0]

    assert reasons("51010420310101901X", date(2031, 1, 1)) == []
    assert reasons("51010420310101901X", date(2030, 12, 31)) == ["FUTURE"]
    body = "51010419051101901"
    assert reasons(body + check_character(body), date(2026, 10, 31)) == []  # 120 years old
    assert reasons(body + check_character(body), date(2026, 11, 1)) == ["AGE"]


@pytest.mark.parametrize(
    ("code", "year", "fits"),
    [
        ("513402", "1950", True),  # Huili city, since 2021, of a person born earlier
        ("513425", "2020", True), ("513425", "2025", False),  # Huili county, to 2020 with two years of grace
        ("510202", "1998", True), ("510202", "1999", False),  # left Sichuan in 1997
        ("512201", "1985", True), ("519900", "1990", False), ("999999", "1990", False),
    ],
)  # fmt: skip
def test_a_division_must_have_been_in_force_since_the_birth(each: Each, code: str, year: str, fits: bool) -> None:
    assert each(f"id_division_fits('{code}', '{year}')", [None]) == [fits]


def test_the_automaton_of_codes_says_what_the_list_says(each: Each) -> None:
    """id_division_fits against its definition over every code there ever was and some there never were."""
    found = each(
        """(WITH asked_code AS (SELECT DISTINCT code FROM ref_division
                UNION SELECT (110000 + n * 37)::VARCHAR FROM range(16000) r(n)),
            asked_year AS (SELECT unnest(['1899', '1950', '1983', '1984', '1987', '1998', '1999', '2012', '2023', '2026']) AS y),
            spell AS (SELECT code, least(max(to_year) + 2, 9999) AS last FROM ref_division WHERE from_year <= 2028 GROUP BY code)
        SELECT count_if(id_division_fits(code, y) <> coalesce(last >= greatest(y::INT, 1984), false))
        FROM asked_code CROSS JOIN asked_year LEFT JOIN spell USING (code))""",
        [None],
    )
    assert found == [0]


BODY = st.builds(
    lambda day, sequence: f"510104{day:%Y%m%d}{sequence:03}",
    st.dates(date(1930, 1, 1), date(2025, 12, 31)),
    st.integers(900, 995),
)


@settings(max_examples=8, deadline=None)
@given(st.lists(BODY, min_size=20, max_size=20))
def test_the_check_catches_every_wrong_digit_and_every_swap_of_neighbours(each: Each, bodies: list[str]) -> None:
    numbers = [body + check_character(body) for body in bodies]
    wrong = [
        number[:place] + digit + number[place + 1 :]
        for number in numbers[:4]
        for place in range(17)
        for digit in "0123456789"
        if digit != number[place]
    ]
    wrong += [
        number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        for number in numbers
        for place in range(16)
        if number[place] != number[place + 1]
    ]
    assert all(each("id_is_valid(v) OR id_reasons(v, NULL, NULL) = ['EXCEL_000']", numbers))
    assert not any(each("id_is_valid(v)", wrong))
    assert all("CHECK" in reasons for reasons in each("id_reasons(v, NULL, NULL)", wrong))


@settings(max_examples=8, deadline=None)
@given(st.lists(BODY, min_size=1, max_size=30))
def test_the_short_form_upgrades_to_the_long_one(each: Each, bodies: list[str]) -> None:
    old = [body for body in bodies if body[6:8] == "19"]
    assert each("id_upgrade(v)", [body[:6] + body[8:] for body in old]) == [
        body + check_character(body) for body in old
    ]


def test_parts_of_the_number_macros(table: Table) -> None:
    table("clean_id(v)", {" 51010419851102909x ": "51010419851102909X", " ": None})
    table("is_sound_id18(v)", {"510104198501029010": True, "510104198501029011": False, "510104850102901": False})
    table(
        "id_facts(v, 'citizen18', NULL::DATE, NULL).checks",
        {"510104198501029010": True, "510104198501029011": False, "x": True},
    )
    table(
        "id_reasons_of_kind(v, 'citizen18', NULL::DATE, NULL)",
        {"510104198501029010": [], "510104198501029011": ["CHECK"]},
    )
    table("has_id_layout(id_facts(v, id_kind(v), NULL::DATE, NULL))", {"510104198501029010": True, "E12345678": False})
