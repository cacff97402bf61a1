"""Dates and times: the mixed forms of domain section 6, and no day or hour that was not said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.extractors.standardise.conftest import Each

Table = Callable[[str, dict[str, Any]], None]
DAY = date(2024, 1, 31)
at = datetime.fromisoformat


def test_every_form_of_one_day(table: Table) -> None:
    forms = [
        "20240131", "2024/1/31", "2024/01/31", "2024-01-31", "2024-1-31", "2024.1.31", "31-JAN-24", "31-Jan-2024", "31JAN2024", "45322",
        "45322.0", "45322.75", "2024年1月31日", "2024年01月31", "二〇二四年一月三十一日", "二零二四年一月卅一日", "20240131 ", "２０２４０１３１",
        "'20240131", "2024-01-31 00:00:00", "2024-01-31T08:30:00", "2024/1/31 8:30", "20240131083000", "2024 01 31", "2024-1-31 上午 8:30",
    ]  # fmt: skip
    table("std_date(v)", dict.fromkeys(forms, DAY))
    table("date_reasons(v)", {form: ["TWO_DIGIT_YEAR"] if form == "31-JAN-24" else [] for form in forms})


def test_what_is_no_day_says_why(table: Table) -> None:
    expected = {
        "00000000": ["PLACEHOLDER"], "19000101": ["PLACEHOLDER"], "1900-01-01": ["PLACEHOLDER"], "0001-01-01": ["PLACEHOLDER"],
        "1900/1/1": ["PLACEHOLDER"], "1900-01-01 00:00:00": ["PLACEHOLDER"], "无": ["PLACEHOLDER"], "0": ["PLACEHOLDER"],
        "99991231": ["NO_END"], "9999-12-31": ["NO_END"], "长期": ["NO_END"], "20991231": ["NO_END"],
        "20240230": ["NO_SUCH_DAY"], "2023-02-29": ["NO_SUCH_DAY"], "2024/13/1": ["NO_SUCH_DAY"], "19850100": ["NO_SUCH_DAY"],
        "1985": ["UNREADABLE"], "198501": ["UNREADABLE"], "12/31/2024": ["UNREADABLE"], "1.20240131E7": ["UNREADABLE"],
        "2024-01-31 某时": ["NO_SUCH_DAY"], "正月初一": ["UNREADABLE"], "99999": ["UNREADABLE"], "32-JAN-24": ["UNREADABLE"],
    }  # fmt: skip
    table("std_date(v)", dict.fromkeys(expected))
    table("date_reasons(v)", expected)
    table("std_date(v)", {"": None, " ": None})
    table("date_reasons(v)", {"": None, " ": None})


def test_two_digit_years_are_of_the_last_hundred_years(table: Table) -> None:
    table("std_date(v)", {"02-JAN-85": date(1985, 1, 2), "02-JAN-26": date(2026, 1, 2), "02-JAN-27": date(1927, 1, 2)})


def test_two_digit_years_of_days_to_come_are_of_this_century(table: Table) -> None:
    table(
        "std_date_ahead(v)",
        {"31-JAN-30": date(2030, 1, 31), "31-JAN-76": date(2076, 1, 31), "31-JAN-77": date(1977, 1, 31),
         "2030-01-31": date(2030, 1, 31)},
    )  # fmt: skip
    table("std_date_upto(v, '10')", {"31-JAN-10": date(2010, 1, 31), "31-JAN-11": date(1911, 1, 31)})
    table("date_reasons_of(v, DATE '2030-01-31')", {"31-JAN-30": ["TWO_DIGIT_YEAR"], "31-JAN-2030": []})


def test_times_of_day(table: Table) -> None:
    morning = at("2024-01-31 09:05")
    table("std_timestamp(v)", dict.fromkeys(["20240131090500", "2024-01-31 09:05:00", "2024-01-31T09:05:00", "2024/1/31 9:05", "202401310905",
        "2024年1月31日 9时5分", "2024年1月31日9时5分0秒", "2024-01-31T01:05:00Z", "2024-01-31T01:05:00+00:00", "2024-01-31T09:05:00+08:00",
        "2024-01-31T01:05:00.000Z", "31-JAN-24 9:05"], morning))  # fmt: skip
    table(
        "std_timestamp(v)",
        {
            "2024-01-31 09:05:00.250": morning + timedelta(milliseconds=250), "45322.5": at("2024-01-31 12:00"),
            "20240131": at("2024-01-31"), "2024-01-31": at("2024-01-31"), "45322": at("2024-01-31"),
        },
    )  # fmt: skip


def test_a_time_that_is_not_read_is_not_midnight(table: Table) -> None:
    table("std_timestamp(v)", dict.fromkeys(["2024-01-31 25:00:00", "2024-01-31 25:00", "2024-01-31 下午3:00", "2024-1-31 9:75", "x", "20240230090500",
        "2024-01-31T09:05:00+09:00", "00000000000000", "无", ""]))  # fmt: skip


def test_greenwich_midnight_is_the_next_morning_in_beijing(table: Table) -> None:
    table("std_date(v)", {"1985-01-01T16:00:00.000Z": date(1985, 1, 2), "1985-01-01T15:59:00Z": date(1985, 1, 1)})


@pytest.mark.parametrize("form", ["%Y%m%d", "%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%d-%b-%Y"])
@settings(max_examples=15, deadline=None)
@given(days=st.lists(st.dates(date(1900, 1, 2), date(2098, 12, 31)), min_size=20, max_size=20))
def test_any_day_is_read_in_any_form(each: Each, form: str, days: list[date]) -> None:
    assert each("std_date(v)", [day.strftime(form) for day in days]) == days


@settings(max_examples=15, deadline=None)
@given(days=st.lists(st.dates(date(1927, 5, 18), date(2098, 12, 31)), min_size=20, max_size=20))
def test_any_serial_day_of_a_spreadsheet_is_read(each: Each, days: list[date]) -> None:
    assert each("std_date(v)", [str((day - date(1899, 12, 30)).days) for day in days]) == days


def test_parts_of_the_date_macros(table: Table) -> None:
    table("date_reasons_of(v, NULL::DATE)", {"20240230": ["NO_SUCH_DAY"]})
    table("clean_date(v)", {" '2024 ": "2024", "": None})
    table("parse_date(v)", {"2024-1-31": DAY, "无": None})
    table("parse_timestamp(v)", {"2024-1-31 9:05": at("2024-01-31 09:05")})
    table(
        "chinese_number(v)",
        {"十": "10", "二十": "20", "十二": "12", "廿三": "23", "卅": "30", "三十一": "31", "七": "7", "〇五": "05"},
    )
    table("chinese_date(v)", {"二〇二四年一月三十一日": DAY})
    table("english_date(v)", {"31-JAN-24": DAY, "31JAN2024": DAY})
    table("is_unknown_date(v)", {"00000000": True, "19000100": True, "20240131": False})
    table("is_open_end(v)", {"99991231": True, "长期有效": True, "20240131": False})
    table("is_greenwich(v)", {"00:00Z": True, "00:00": False})
    table("day_of(v, '1', '31')", {"2024": DAY, "x": None})
    table("day_from_parts(string_split(v, '-'))", {"2024-1-31": DAY, "24-1-31": None, "2024-1": None})
    table("seconds_of(v, '5', '')", {"9": 32700, "24": None, "": 0})
