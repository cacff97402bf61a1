"""Check characters of the numbers the province issues, on whole matrices of digits (rules: GB 11643, 11714, 32100, GS 15)."""

from __future__ import annotations

import numpy as np

from demo.chance import Ints
from demo.texts import Digits, digits

_ID_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_ID_CHECKS = np.frombuffer(b"10X98765432", dtype=np.uint8)
_USCC_ALPHABET = np.frombuffer(b"0123456789ABCDEFGHJKLMNPQRTUWXY", dtype=np.uint8)
_USCC_WEIGHTS = np.array([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28])
_ORG_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])
_USCC_VALUES = np.zeros(128, dtype=np.int64)
_USCC_VALUES[_USCC_ALPHABET] = np.arange(31)
_ORG_VALUES = np.zeros(128, dtype=np.int64)
_ORG_VALUES[np.frombuffer(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", dtype=np.uint8)] = np.arange(36)


def calendar_numbers(days: Ints) -> Ints:
    """Days since 1970-01-01 as YYYYMMDD numbers."""
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    year = months.astype(np.int64) // 12 + 1970
    month = months.astype(np.int64) % 12 + 1
    day = (dates - months.astype("datetime64[D]")).astype(np.int64) + 1
    return np.asarray(year * 10000 + month * 100 + day)


def years(days: Ints) -> Ints:
    """Calendar years of days since 1970-01-01."""
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def with_id_check(body: Digits) -> Digits:
    """Citizen numbers (rows, 18) from their first 17 digits, ISO 7064 MOD 11-2."""
    total = (body.astype(np.int64) - 48) @ _ID_WEIGHTS
    return np.hstack([body, _ID_CHECKS[total % 11][:, None]])


def citizen_numbers(address_codes: Ints, birth_days: Ints, sequences: Ints) -> Digits:
    """Valid citizen numbers as a digit matrix (rows, 18)."""
    body = np.hstack([digits(address_codes, 6), digits(calendar_numbers(birth_days), 8), digits(sequences, 3)])
    return with_id_check(body)


def first_generation(numbers: Digits) -> Digits:
    """The 15-digit form of citizen numbers (rows, 18): century and check dropped."""
    return np.hstack([numbers[:, :6], numbers[:, 8:17]])


def with_org_check(body: Digits) -> Digits:
    """Organisation codes (rows, 9) from eight characters, GB 11714."""
    rest = (11 - _ORG_VALUES[body] @ _ORG_WEIGHTS % 11) % 11
    check = np.where(rest == 10, ord("X"), rest + 48).astype(np.uint8)
    return np.hstack([body, check[:, None]])


def with_uscc_check(body: Digits) -> Digits:
    """Unified codes (rows, 18) from seventeen characters, GB 32100."""
    rest = (31 - _USCC_VALUES[body] @ _USCC_WEIGHTS % 31) % 31
    return np.hstack([body, _USCC_ALPHABET[rest][:, None]])


def with_registration_check(body: Digits) -> Digits:
    """Business registration numbers (rows, 15) from fourteen digits, ISO 7064 MOD 11,10 (GS 15-2006)."""
    rest = np.full(len(body), 10, dtype=np.int64)
    for place in range(body.shape[1]):
        total = (rest + body[:, place].astype(np.int64) - 48) % 10
        rest = np.where(total == 0, 10, total) * 2 % 11
    return np.hstack([body, ((11 - rest) % 10 + 48).astype(np.uint8)[:, None]])


def with_luhn_check(body: Digits) -> Digits:
    """Bank card numbers with their Luhn digit appended."""
    values = body.astype(np.int64) - 48
    doubled = values[:, ::-1][:, ::2] * 2
    total = (doubled // 10 + doubled % 10).sum(axis=1) + values[:, ::-1][:, 1::2].sum(axis=1)
    return np.hstack([body, ((10 - total % 10) % 10 + 48).astype(np.uint8)[:, None]])
