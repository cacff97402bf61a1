"""Birth dates, identity numbers and other short codes: slips of the hand, defaults, masks and damage."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import dates, numbers, places
from tests.matching.subjects import citizen, shared

DATES = [
    ("1985-01-02", "1985-02-01", dates.SLIP),
    ("1985-01-02", "1985-01-12", dates.SLIP),
    ("1985-01-02", "1986-01-02", dates.SLIP),
    ("1985-06-17", "1985-01-01", dates.NEAR),
    ("1985-06-17", "1985-05-01", dates.NEAR),
    ("1985-01-20", "1984-12-05", dates.NEAR),
    ("1985-06-17", "1985-11-28", dates.YEAR),
    ("1985-06-17", "1972-11-28", dates.DIFFERENT),
]


@pytest.mark.parametrize(("one", "two", "level"), DATES)
def test_date_level(one: str, two: str, level: int) -> None:
    assert dates.DATE_LEVELS[int(dates.compare_date_texts([one], [two])[0])] == dates.DATE_LEVELS[level]


DAYS = st.dates(date(1920, 1, 1), date(2026, 10, 31))


@settings(max_examples=200, deadline=None)
@given(DAYS, DAYS)
def test_dates_compare_alike_from_both_sides(one: date, two: date) -> None:
    left, right = one.isoformat(), two.isoformat()
    if left != right:
        assert dates.compare_date_texts([left], [right])[0] == dates.compare_date_texts([right], [left])[0]


@settings(max_examples=100, deadline=None)
@given(DAYS, st.integers(60, 300))
def test_a_lunar_date_is_near_and_two_months_are_not(day: date, more: int) -> None:
    other = day + timedelta(days=more)
    if other.strftime("%m%d") != "0101" and day.strftime("%m%d") != "0101":
        assert dates.compare_date_texts([day.isoformat()], [other.isoformat()])[0] != dates.NEAR


WHOLE = citizen("510104", "19850102", 937)
NUMBERS = [
    (WHOLE[:10] + "9" + WHOLE[11:], numbers.ONE_EDIT),
    (WHOLE[:10] + WHOLE[11] + WHOLE[10] + WHOLE[12:], numbers.ONE_EDIT),
    (WHOLE[:-1], numbers.ONE_EDIT),
    (WHOLE[:4] + "8" + WHOLE[5:10] + "9" + WHOLE[11:], numbers.TWO_EDITS),
    (WHOLE[:15] + "000", numbers.DAMAGED),
    (WHOLE[:15] + "***", numbers.DAMAGED),
    (WHOLE[:3] + "***********" + WHOLE[14:], numbers.MASKED),
    ("511" + "***********" + WHOLE[14:], numbers.DIFFERENT),
    ("51****************", -1),
    (citizen("511304", "19620817", 955), numbers.DIFFERENT),
]


@pytest.mark.parametrize(("other", "level"), NUMBERS)
def test_number_level(other: str, level: int) -> None:
    for pair in ((WHOLE, other), (other, WHOLE)):
        found = int(numbers.compare_number_texts([pair[0]], [pair[1]])[0])
        assert found == level


SENT = {
    "5l0l04l985010Z937" + WHOLE[17]: WHOLE,
    f"{WHOLE}.0": WHOLE,
    f"{WHOLE}（钱大海）": WHOLE,
    f"身份证{WHOLE}。": WHOLE,
    WHOLE[:14] + "XXXX": WHOLE[:14] + "****",
    WHOLE[:6] + "＃＃＃＃＃＃＃＃" + WHOLE[14:]: WHOLE[:6] + "********" + WHOLE[14:],
    WHOLE[:6] + "••••••••" + WHOLE[14:]: WHOLE[:6] + "********" + WHOLE[14:],
    "E12345678": "E12345678",
    "DZA510104850102": "DZA510104850102",
    "XXXXXXXXXXXXXXXXXX": "XXXXXXXXXXXXXXXXXX",
    WHOLE[:6] + "********901X": WHOLE[:6] + "********901X",
}


@pytest.mark.parametrize("sent", SENT, ids=lambda text: text.replace(WHOLE, "N"))
def test_what_a_received_number_reads_as(sent: str) -> None:
    found = shared().execute(f"SELECT {numbers.READ} FROM (SELECT std_id(?::VARCHAR) AS sent)", [sent]).fetchall()
    assert found == [(SENT[sent],)]


def test_what_is_shown_of_a_number_is_its_weight() -> None:
    """Four last digits are worth 12 bits, the birth date 14; a mask that shows three digits is worth nothing."""
    masks = [
        WHOLE[:6] + "********" + WHOLE[14:],
        WHOLE[:14] + "****",
        WHOLE[:15] + "000",
        "***" + "*" * 12 + WHOLE[15:],
    ]
    last, born, cut, three = (numbers.shown_bits([WHOLE], [mask])[0] / 100 for mask in masks)
    assert 10 < last < 13.4
    assert 13 < born - numbers.COUNTY_BITS < 15
    assert cut == pytest.approx(born + 3.3, abs=0.02)
    assert three < last


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_wrong_digit_is_one_edit(place: int, sign: str) -> None:
    slipped = WHOLE[:place] + sign + WHOLE[place + 1 :]
    if slipped != WHOLE and not slipped.endswith("000"):
        assert numbers.compare_number_texts([WHOLE], [slipped])[0] == numbers.ONE_EDIT


ADDRESSES = [
    ("锦江区春熙路12号3栋2单元501号", "四川省成都市锦江区春熙路12号3栋2单元501号", places.HOUSE),
    ("锦江区春熙路12号3栋2单元501号", "锦江区春熙路12号3栋2单元502号", places.NEIGHBOURS),
    ("昭觉县则普乡瓦西村3组12号", "昭觉县则普乡瓦西村3组99号", places.NEIGHBOURS),
    ("锦江区春熙路12号", "昭觉县则普乡瓦西村3组", places.DIFFERENT),
]


@pytest.mark.parametrize(("one", "two", "level"), ADDRESSES)
def test_address_level(one: str, two: str, level: int) -> None:
    for pair in ((one, two), (two, one)):
        found = int(places.compare_address_texts([pair[0]], [pair[1]])[0])
        assert places.ADDRESS_LEVELS[found] == places.ADDRESS_LEVELS[level]
