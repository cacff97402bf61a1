"""Values of numbers that are right in every way, cut from whole columns of bytes: many times faster than the macros."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from extractors.standardise.columns import offsets_of
from extractors.standardise.soundness import Soundness
from extractors.standardise.spells import division_ends
from extractors.standardise.usual import usual_days
from matching.model import ByBytes, Mask

WIDTH = 18
Bytes = npt.NDArray[np.uint8]


def citizen_numbers() -> ByBytes:
    """Sound citizen numbers of 18 places: number, pieces, birth date and sex."""
    return ByBytes("id_number", _tell_citizen_numbers)


def company_numbers(field: str) -> ByBytes:
    """Sound numbers of enterprises in a number field, as `company_numbers.told_by` has them."""
    return ByBytes(field, partial(_tell_company_numbers, f"told_{field}"))


def legal_representatives_numbers() -> ByBytes:
    """Sound citizen numbers of 18 places of legal representatives."""
    return ByBytes("legal_rep_id", _tell_persons)


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


def _tell_company_numbers(name: str, connection: Any, texts: pa.Array) -> tuple[Mask, dict[str, pa.Array]]:
    """Codes of GB 32100 with the organisation code in them, organisation codes, and old registration numbers."""
    checks = _checks_of(connection)
    is_code, is_organisation = checks["uscc"](texts), checks["organisation_code"](texts)
    is_old = checks["registration_no"](texts) & _begins(texts, b"123456")
    codes, organisations, old = (texts.filter(pa.array(mask)) for mask in (is_code, is_organisation, is_old))
    told = (
        pc.binary_join_element_wise(pc.utf8_slice_codeunits(codes, 8, 17), "", codes, "|"),
        pc.binary_join_element_wise(organisations, "", "", "|"),
        pc.binary_join_element_wise("", old, "", "|"),
    )
    rows = np.concatenate([np.flatnonzero(mask) for mask in (is_code, is_organisation, is_old)])
    return is_code | is_organisation | is_old, {name: pa.concat_arrays(told).take(pa.array(np.argsort(rows)))}


def _tell_persons(connection: Any, texts: pa.Array) -> tuple[Mask, dict[str, pa.Array]]:
    is_sound: Mask = _checks_of(connection)["id"](texts)
    return is_sound, {"legal_rep_id": texts.filter(pa.array(is_sound))}


def _begins(texts: pa.Array, signs: bytes) -> Mask:
    """Which texts, none of them empty, begin with one of the signs."""
    content = np.frombuffer(texts.buffers()[2] or b"", np.uint8)
    first = np.minimum(offsets_of(texts)[:-1], max(len(content) - 1, 0))
    found: Mask = np.isin(content[first], list(signs)) if len(content) else np.zeros(len(texts), bool)
    return found


def _sound(connection: Any, kind: str, texts: pa.Array) -> tuple[Mask, Bytes]:
    """Which texts are sound numbers of a kind, and the bytes of these, a row a number."""
    is_sound: Mask = _checks_of(connection)[kind](texts)
    chosen = texts.filter(pa.array(is_sound))
    content = np.frombuffer(chosen.buffers()[2] or b"", np.uint8)[: len(chosen) * WIDTH]
    return is_sound, content.reshape(len(chosen), WIDTH)


def _checks_of(connection: Any) -> dict[str, Callable[[pa.StringArray], Mask]]:
    """The checks as of the connection's day."""
    (as_of,) = connection.execute("FROM ref_as_of").fetchone()
    return _checks(as_of, tuple(division_ends(connection, as_of.year).items())).checks


@lru_cache(4)
def _checks(as_of: Any, ends: Sequence[tuple[str, int]]) -> Soundness:
    return Soundness(as_of, dict(ends))


def _text(places: Bytes) -> pa.Array:
    """Rows of ASCII bytes as texts of one width."""
    rows, width = places.shape
    offsets = np.arange(rows + 1, dtype=np.int32) * width
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(places)))
