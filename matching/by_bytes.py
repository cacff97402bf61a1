"""Values of numbers that are right in every way, cut from whole columns of bytes: many times faster than the macros."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from extractors.standardise.soundness import Soundness
from extractors.standardise.spells import division_ends
from extractors.standardise.usual import usual_days
from matching.model import ByBytes, Mask

WIDTH = 18
Bytes = npt.NDArray[np.uint8]


def citizen_numbers() -> ByBytes:
    """Sound citizen numbers of 18 places: number, pieces, birth date and sex."""
    return ByBytes("id_number", _tell_citizen_numbers)


def social_credit_codes() -> ByBytes:
    """Sound codes of GB 32100: the organisation code in it and the code itself, as `company_numbers.told_by` has them."""
    return ByBytes("uscc", _tell_codes)


def dates() -> ByBytes:
    """Days written as eight digits or in ISO form, as std_date gives them at once."""
    return ByBytes("birth_date", _tell_dates)


def _tell_dates(_: Any, texts: pa.Array) -> tuple[Mask, dict[str, pa.Array]]:
    days = usual_days(texts)
    is_day = np.asarray(days.is_valid().to_numpy(zero_copy_only=False), bool)
    return is_day, {"birth": days.drop_null().cast(pa.string())}


def _tell_citizen_numbers(connection: Any, texts: pa.Array) -> tuple[Mask, dict[str, pa.Array]]:
    is_sound, places = _sound(connection, "id", texts)
    whole = _text(places)
    dash = np.full(places.shape[0], ord("-"), np.uint8)
    born = _text(np.column_stack([places[:, 6:10], dash, places[:, 10:12], dash, places[:, 12:14]]))
    sex = np.where(places[:, 16:17] % 2 == 1, np.uint8(ord("1")), np.uint8(ord("2")))
    return is_sound, {
        "number": whole,
        "id": whole,
        "number_birth": born,
        "number_sex": _text(sex),
        "id_head": _text(places[:, :10]),
        "id_tail": _text(places[:, 10:]),
        "id_ends": _text(np.column_stack([places[:, :3], places[:, 14:]])),
        "id_last": _text(places[:, 14:]),
        "id_birth": born,
    }


def _tell_codes(connection: Any, texts: pa.Array) -> tuple[Mask, dict[str, pa.Array]]:
    is_sound, places = _sound(connection, "uscc", texts)
    bar = np.full((places.shape[0], 2), ord("|"), np.uint8)
    return is_sound, {"told_uscc": _text(np.column_stack([places[:, 8:17], bar, places]))}


def _sound(connection: Any, kind: str, texts: pa.Array) -> tuple[Mask, Bytes]:
    """Which texts are sound numbers of a kind, and the bytes of these, a row a number."""
    (as_of,) = connection.execute("FROM ref_as_of").fetchone()
    checks = _checks(as_of, tuple(division_ends(connection, as_of.year).items())).checks
    is_sound: Mask = checks[kind](texts)
    chosen = texts.filter(pa.array(is_sound))
    content = np.frombuffer(chosen.buffers()[2] or b"", np.uint8)[: len(chosen) * WIDTH]
    return is_sound, content.reshape(len(chosen), WIDTH)


@lru_cache(4)
def _checks(as_of: Any, ends: Sequence[tuple[str, int]]) -> Soundness:
    return Soundness(as_of, dict(ends))


def _text(places: Bytes) -> pa.Array:
    """Rows of ASCII bytes as texts of one width."""
    rows, width = places.shape
    offsets = np.arange(rows + 1, dtype=np.int32) * width
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(places)))
