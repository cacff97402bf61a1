"""Numbers that are right in every way, told by whole columns of bytes: many times faster than the macros of the same law.

Only the yes is used: a number that is not sound here goes to the macros (is_sound_id18, uscc_is_valid, luhn_is_valid), which
know every reason. A test holds that no number is sound here which has a reason there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from extractors.standardise import usual
from extractors.standardise.columns import Bytes, Flags, all_digits, number, of_width, spread
from extractors.standardise.macros import OLDEST_AGE

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = np.frombuffer(b"10X98765432", np.uint8)
USCC_ALPHABET = b"0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORGANISATION_ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
ORGANISATION_CHECKS = np.frombuffer(b"0123456789X", np.uint8)
DEPARTMENTS = np.frombuffer(b"123456789ANY", np.uint8)
MONTH_DAYS = np.array((0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31) + (0,) * 243, np.uint8)
LUHN_DOUBLED = np.array((0, 2, 4, 6, 8, 1, 3, 5, 7, 9) + (0,) * 246, np.uint8)
NONE, ZERO = 255, 48


class Soundness:
    """The checks as of a day, with the last year in force of each division code; null texts may get either answer."""

    def __init__(self, as_of: date, ends: Mapping[str, int]) -> None:
        self.today = int(f"{as_of:%Y%m%d}")
        self.oldest = int(f"{as_of.year - OLDEST_AGE - 1:04d}{as_of:%m%d}")
        self.ends = np.zeros(1_000_000, np.int16)
        self.ends[[int(code) for code in ends]] = list(ends.values())
        self.provinces = np.zeros(100, np.bool_)
        self.provinces[[int(code[:2]) for code in ends if code.endswith("0000")]] = True
        self.checks: dict[str, Callable[[pa.StringArray], Flags]] = {
            "id": self.are_ids,
            "uscc": self.are_usccs,
            "bank_card": are_bank_cards,
            "organisation_code": are_organisation_codes,
            "registration_no": are_registration_numbers,
            **usual.CHECKS,
        }

    def are_ids(self, texts: pa.StringArray) -> Flags:
        """Citizen numbers and permits of 18 places that satisfy everything they can by themselves (domain 1.1)."""
        fits, places = of_width(texts, 18)
        digits = places[:17] - ZERO
        year, month = number(digits[6:10]), number(digits[10:12])
        day, born = number(digits[12:14]), number(digits[6:14])
        is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
        is_sound: Flags = (
            all_digits(digits)
            & (ID_CHECKS[_weighted(digits, ID_WEIGHTS) % 11] == places[17])
            & (self.ends[number(digits[:6]) % 1_000_000] >= year)
            & (day >= 1)
            & (day <= MONTH_DAYS[month % 256] + ((month == 2) & is_leap))
            & (born > self.oldest)
            & (born <= self.today)
            & ((digits[15] != 0) | (digits[16] != 0) | (places[17] != ZERO))  # a spreadsheet's three zeros
        )
        return spread(fits, is_sound)

    def agree(self, texts: pa.StringArray, born: npt.NDArray[np.int64], sex: npt.NDArray[np.int64]) -> Flags:
        """Whether numbers of 18 places say the same as birth dates (as 19850102, 0 not known) and sexes (1, 2, else not known)."""
        fits, places = of_width(texts, 18)
        digits = places[:17] - ZERO
        is_male = digits[16] % 2 == 1
        born, sex = born[fits], sex[fits]
        says_born = (born == 0) | (number(digits[6:14]) == born)
        return spread(fits, says_born & (((sex != 1) & (sex != 2)) | (is_male == (sex == 1))))

    def are_usccs(self, texts: pa.StringArray) -> Flags:
        """Unified social credit codes of a known province whose two check characters are right (domain 1.6)."""
        fits, places = of_width(texts, 18)
        values = _values(USCC_ALPHABET)[places]
        organisation = _values(ORGANISATION_ALPHABET)[places[8:16]]
        division = places[2:8] - ZERO
        check = (31 - _weighted(values[:17], USCC_WEIGHTS) % 31) % 31
        organisation_check = (11 - _weighted(organisation, ORGANISATION_WEIGHTS) % 11) % 11
        is_sound: Flags = (
            (values != NONE).all(axis=0)
            & np.isin(places[0], DEPARTMENTS)
            & all_digits(division)
            & (self.provinces[number(division[:2]) % 100] | (number(division) == 100_000))
            & (values[17] == check)
            & (places[16] == ORGANISATION_CHECKS[organisation_check])
            & (places != places[0]).any(axis=0)  # the same sign all over, or counted up, stands for none
            & (number(division) != 345_678)
        )
        return spread(fits, is_sound)


def are_bank_cards(texts: pa.StringArray) -> Flags:
    """Numbers of 16 to 19 digits that pass the Luhn check (domain 1.5)."""
    found = np.zeros(len(texts), np.bool_)
    for width in range(16, 20):
        fits, places = of_width(texts, width)
        digits = places - ZERO
        total = np.zeros(places.shape[1], np.uint16)
        for place, row in enumerate(digits):
            total += row if (width - place) % 2 else LUHN_DOUBLED[row]
        found |= spread(fits, all_digits(digits) & (total % 10 == 0))
    return found


def are_organisation_codes(texts: pa.StringArray) -> Flags:
    """Codes of nine places whose check character is right (domain 1.6)."""
    fits, places = of_width(texts, 9)
    values = _values(ORGANISATION_ALPHABET)[places]
    check = ORGANISATION_CHECKS[(11 - _weighted(values[:8], ORGANISATION_WEIGHTS) % 11) % 11]
    is_code = (values != NONE).all(axis=0) & (places[8] == check)
    return spread(fits, is_code & (places != places[0]).any(axis=0) & (number(places[:8] - ZERO) != 12_345_678))


def are_registration_numbers(texts: pa.StringArray) -> Flags:
    """Numbers of 13 digits, or of 15 whose last one is right (domain 1.7)."""
    fits, places = of_width(texts, 13)
    digits = places - ZERO
    found = spread(fits, all_digits(digits) & _is_no_filler(digits))
    fits, places = of_width(texts, 15)
    digits = places - ZERO
    rest = np.full(digits.shape[1], 10, np.int32)
    for row in digits[:14]:
        rest = (rest + row) % 10
        rest = np.where(rest == 0, 10, rest) * 2 % 11
    return found | spread(fits, all_digits(digits) & ((rest + digits[14]) % 10 == 1) & _is_no_filler(digits))


def _is_no_filler(digits: Bytes) -> Flags:
    """Not one digit all over, nor counted up."""
    flags: Flags = (digits != digits[:1]).any(axis=0) & (number(digits[:9]) != 123_456_789)
    return flags


def _weighted(digits: Bytes, weights: tuple[int, ...]) -> npt.NDArray[np.int32]:
    total = np.zeros(digits.shape[1], np.int32)
    for row, weight in zip(digits, weights, strict=True):
        total += row.astype(np.int32) * weight
    return total


def _values(alphabet: bytes) -> Bytes:
    values = np.full(256, NONE, np.uint8)
    values[list(alphabet)] = np.arange(len(alphabet))
    return values
