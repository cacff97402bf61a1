"""Texts that stand in their usual form already, told by whole columns of bytes: many times faster than the macros.

As in `soundness`, only the yes is used: what is not usual here goes to the macros of the same law. A test holds that
nothing is usual here that has another standard form there, or in which they find anything.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from extractors.standardise.columns import Bytes, Flags, all_digits, number, of_width, offsets_of, spread, widths
from extractors.standardise.companies import CLOSED

# One character of every word that makes a name a note or no name (has_name_words, is_no_name), and of is_empty_word.
NAME_SIGNS = "故亡销离去领办复废名户锟拷之某测略无不未没待空缺"
EMPTY_SIGNS = "无不未暂没空缺待略测码"
LONGEST_EMPTY_WORD = 18  # bytes
NOT_ISSUED = (142, 143, 154, 161, 164, 194)  # as mobile_reasons
FIRST_STAMP, LAST_STAMP = 1900, 2099  # years
AMOUNT = r"^-?[0-9]{1,15}(?:\.[0-9]{1,2})?$"
STAMPS = {  # places of a usual timestamp by the contract's format: the digits, and the signs between them
    "%Y%m%d%H%M%S": (14, tuple(range(14)), {}),
    "%Y-%m-%d %H:%M:%S": (
        19,
        (0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18),
        {4: b"-", 7: b"-", 10: b" ", 13: b":", 16: b":"},
    ),
}


def _allowed(signs: bytes, *, han: bool) -> npt.NDArray[np.bool_]:
    table = np.zeros(256, np.bool_)
    table[list(signs)] = True
    if han:
        table[0x80:0xC0] = table[0xE4:0xEA] = True
    return table


UPPER = bytes(range(ord("A"), ord("Z") + 1))
LOWER = UPPER.lower()
DIGITS = b"0123456789"
HAN = _allowed(b"", han=True)
COMPANY = _allowed(DIGITS + UPPER, han=True)
ADDRESS = _allowed(DIGITS + UPPER + LOWER + b"#-", han=True)
PRINTED = _allowed(bytes(range(0x21, 0x7F)), han=True)
NUMBER = _allowed(DIGITS + UPPER, han=False)


def are_names(texts: pa.StringArray) -> Flags:
    """Two to four Han characters, none of which may belong to a note or stand for no name."""
    width = widths(texts)
    return _made_of(texts, HAN) & (width >= 6) & (width <= 12) & ~_have_sign(texts, NAME_SIGNS)


def are_company_names(texts: pa.StringArray) -> Flags:
    """Han characters, digits and capitals, without a closing note, that are no word for nothing."""
    is_usual = _made_of(texts, COMPANY)
    is_short = widths(texts) <= LONGEST_EMPTY_WORD
    if is_short.any():
        is_usual &= ~is_short | (_have_han(texts) & ~_have_sign(texts, EMPTY_SIGNS))
    closed: Flags = pc.fill_null(pc.match_substring_regex(texts, f"{CLOSED}$"), True).to_numpy(zero_copy_only=False)
    return is_usual & ~closed


def are_addresses(texts: pa.StringArray) -> Flags:
    """More than eight Han characters, digits and letters."""
    is_long: Flags = widths(texts) > 24
    if not is_long.all():
        is_long = pc.fill_null(pc.greater(pc.utf8_length(texts), 8), False).to_numpy(zero_copy_only=False)
    return _made_of(texts, ADDRESS) & is_long


def are_plain(texts: pa.StringArray) -> Flags:
    """Printed ASCII signs and Han characters."""
    return _made_of(texts, PRINTED)


def are_number_texts(texts: pa.StringArray) -> Flags:
    """Digits and capitals."""
    return _made_of(texts, NUMBER)


def are_mobiles(texts: pa.StringArray) -> Flags:
    """Mobile numbers that may be somebody's (domain 1.5)."""
    fits, places = of_width(texts, 11)
    digits = places - 48
    return spread(
        fits,
        all_digits(digits)
        & (digits[0] == 1)
        & (digits[1] >= 3)
        & (digits[3:] != digits[3]).any(axis=0)
        & ~np.isin(number(digits[:3]), NOT_ISSUED),
    )


def usual_stamps(texts: pa.StringArray, form: str) -> pa.Array:
    """The moment (microseconds) of each text in this format, null for any other text."""
    width, digit_places, signs = STAMPS[form]
    fits, places = of_width(texts, width)
    digits = places[list(digit_places)] - 48
    year, month, day = number(digits[:4]), number(digits[4:6]), number(digits[6:8])
    hour, minute, second = number(digits[8:10]), number(digits[10:12]), number(digits[12:])
    found = (
        all_digits(digits) & (year >= FIRST_STAMP) & (year <= LAST_STAMP) & (hour < 24) & (minute < 60) & (second < 60)
    )
    for place, sign in signs.items():
        found &= places[place] == sign[0]
    days, is_day = day_numbers(year, month, day)
    moments = np.zeros(len(texts), np.int64)
    moments[fits] = (days * 86_400 + hour * 3_600 + minute * 60 + second) * 1_000_000
    is_found = spread(fits, found & is_day)
    return pa.array(moments, pa.int64(), mask=~is_found).cast(pa.timestamp("us"))


def usual_days(texts: pa.StringArray) -> pa.Array:
    """The day of each text of eight digits or ISO form, as std_date gives it at once; null for any other text."""
    days = np.zeros(len(texts), np.int32)
    is_found = np.zeros(len(texts), np.bool_)
    for width, digit_places in ((8, range(8)), (10, (0, 1, 2, 3, 5, 6, 8, 9))):
        fits, places = of_width(texts, width)
        digits = places[list(digit_places)] - 48
        year, month, day = number(digits[:4]), number(digits[4:6]), number(digits[6:8])
        found, is_day = day_numbers(year, month, day)
        is_day &= all_digits(digits) & (year >= FIRST_STAMP) & (year <= LAST_STAMP)
        is_day &= ~np.isin(number(digits), (19000101, 20991231))  # no day known, no end
        if width == 10:
            is_day &= (places[4] == 45) & (places[7] == 45)
        days[fits] = found
        is_found |= spread(fits, is_day)
    return pa.array(days, pa.int32(), mask=~is_found).cast(pa.date32())


def day_numbers(
    year: npt.NDArray[np.int32], month: npt.NDArray[np.int32], day: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.int64], Flags]:
    """Days since 1970 and whether there is such a day."""
    is_day: Flags = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    months = (year.astype(np.int64) - 1970) * 12 + np.where(is_day, month, 1) - 1
    first = months.astype("M8[M]").astype("M8[D]").astype(np.int64)
    following = (months + 1).astype("M8[M]").astype("M8[D]").astype(np.int64)
    found = first + day - 1
    return found, is_day & (found < following)


def usual_amounts(texts: pa.StringArray) -> pa.Array:
    """The amount of each text of digits with at most two decimals, null for any other text."""
    is_usual = pc.match_substring_regex(texts, AMOUNT)
    return pc.if_else(is_usual, texts, None).cast(pa.decimal128(18, 2))


def _made_of(texts: pa.StringArray, allowed: npt.NDArray[np.bool_]) -> Flags:
    """Whether a text has at least one byte and only allowed ones; Han are U+4E00 to U+9FFF."""
    ends, content = _content(texts)
    flags: Flags = np.diff(ends) > 0
    bad = ~allowed[content]
    if allowed[0xE4]:
        low = np.flatnonzero(content[:-1] == 0xE4)
        bad[low[content[low + 1] < 0xB8]] = True
    flags[_rows_of(np.flatnonzero(bad), ends)] = False
    return flags


def _have_sign(texts: pa.StringArray, signs: str) -> Flags:
    """Whether a text holds one of these Han characters."""
    ends, content = _content(texts)
    leads = np.flatnonzero((content >= 0xE4) & (content <= 0xE9))
    first, second, third = (content[leads + place].astype(np.int32) for place in range(3))
    points = (first & 15) << 12 | (second & 63) << 6 | third & 63
    wanted = np.zeros(1 << 16, np.bool_)
    wanted[[ord(sign) for sign in signs]] = True
    flags = np.zeros(len(texts), np.bool_)
    flags[_rows_of(leads[wanted[points]], ends)] = True
    return flags


def _have_han(texts: pa.StringArray) -> Flags:
    ends, content = _content(texts)
    flags = np.zeros(len(texts), np.bool_)
    flags[_rows_of(np.flatnonzero(content >= 0xE4), ends)] = True
    return flags


def _content(texts: pa.StringArray) -> tuple[npt.NDArray[np.int32], Bytes]:
    """Where each text begins and the last one ends, and the bytes of all of them."""
    ends, content = offsets_of(texts), texts.buffers()[2]
    data = np.frombuffer(content, np.uint8) if content is not None and content.size else np.zeros(0, np.uint8)
    return ends - ends[0], data[ends[0] : ends[-1]]


def _rows_of(places: npt.NDArray[np.int64], ends: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    return np.searchsorted(ends[1:], places, side="right")


CHECKS: dict[str, Callable[[pa.StringArray], Flags]] = {
    "person_name": are_names,
    "company_name": are_company_names,
    "address": are_addresses,
    "text": are_plain,
    "number_text": are_number_texts,
    "phone": are_mobiles,
}
VALUES: dict[str, Callable[[pa.StringArray], pa.Array]] = {
    "amount": usual_amounts,
    **{f"timestamp {form}": partial(usual_stamps, form=form) for form in STAMPS},
}
