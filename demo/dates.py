"""Dates as departments write them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from demo.chance import Chance, Floats, Ints
from demo.identifiers import calendar_numbers
from demo.kinds import BIT
from demo.texts import NULL, Column, either, join, number, plain, put, take

DIGITS, DASHES, SLASHES, DOTS, WORDS, SERIAL, ENGLISH = range(7)
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def write(numbers: Ints, form: int) -> Column:
    """YYYYMMDD numbers in one form; SERIAL counts days as spreadsheets do, ENGLISH is 31-JAN-84 (31-JAN-1924)."""
    year, month, day = numbers // 10000, numbers // 100 % 100, numbers % 100
    if form == DIGITS:
        return number(numbers, 8)
    if form == SLASHES:
        return join(number(year), "/", number(month), "/", number(day))
    if form == WORDS:
        return join(number(year), "年", number(month), "月", number(day), "日")
    if form == SERIAL:
        first = ((year - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (month - 1)).astype("datetime64[D]")
        return number(first.astype(np.int64) + day - 1 + 25569)
    if form == ENGLISH:
        short = either((year > 1930) & (year < 2026), number(year % 100, 2), number(year, 4))
        return join(number(day, 2), "-", take(list(MONTHS), (month - 1) % 12), "-", short)
    mark = "-" if form == DASHES else "."
    return join(number(year), mark, number(month, 2), mark, number(day, 2))


def mixed(
    chance: Chance, keys: Ints, numbers: Ints, form: int, rate: float | Floats, flags: Ints, forms: int = SERIAL + 1
) -> Column:
    """Numbers in the department's own form, a share `rate` in one of the first `forms` others (bit date_form)."""
    text = write(numbers, form)
    other = np.flatnonzero(chance.hit("date/other", keys, rate))
    kinds = chance.below("date/form", keys[other], forms)
    for value in range(forms):
        rows = other[kinds == value]
        if value != form and len(rows):
            text = put(text, rows, write(numbers[rows], value))
            flags[rows] |= BIT["date_form"]
    return text


def of_days(days: Ints, form: int) -> Column:
    """Days since 1970-01-01 in one form; null for -1."""
    missing = days == -1
    return either(missing, NULL, write(calendar_numbers(np.where(missing, 0, days)), form))


def stamps(seconds: Ints, digits: bool = False) -> Column:
    """Seconds since 1970-01-01 00:00:00 as 2026-11-01 08:30:00, or 20261101083000."""
    text = pc.cast(pa.array(seconds.astype("datetime64[s]")), pa.string())
    if not digits:
        return plain(text)
    parts = [pc.utf8_slice_codeunits(text, a, b) for a, b in ((0, 4), (5, 7), (8, 10), (11, 13), (14, 16), (17, 19))]
    return join(*parts)
