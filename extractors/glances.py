"""What the usual texts of codes, days and places stand for, known without asking the macros of the same law."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.by_value import Glance
from extractors.plain import told_usual
from extractors.standard_form import FieldSql
from extractors.standardise.columns import all_digits, number, of_width, spread
from extractors.standardise.soundness import Soundness
from extractors.standardise.tables import code_variants
from extractors.standardise.usual import VALUES, usual_days

MONTH = "^(?:19|20)[0-9][0-9](?:0[1-9]|1[0-2])$"


def glances_of(columns: Sequence[FieldSql], soundness: Soundness) -> dict[str, Glance]:
    """A glance for each table of repeating texts that has one."""
    found: dict[str, Glance] = {}
    for column in columns:
        if column.lookup is not None:
            glance = _usual_glance(column, soundness) if column.lookup.is_endless else _glance(column, soundness)
            if glance is not None:
                found[column.lookup.table] = glance
    return found


def _glance(column: FieldSql, soundness: Soundness) -> Glance | None:
    if column.column.codes:
        return _listed({text: value for value, texts in column.column.codes.items() for text in texts})
    kind = column.field.kind
    if kind in ("sex", "ethnicity"):
        return _listed(_variants()[kind])
    if kind == "code":
        return _listed(_variants()[str(column.column.code_table)])
    return {"date": usual_days, "month": _usual_months, "area": lambda texts: _usual_areas(texts, soundness)}.get(kind)


def _usual_glance(column: FieldSql, soundness: Soundness) -> Glance | None:
    """Of texts without end, those that are their own standard form."""
    if column.plain in VALUES:
        return VALUES[column.plain]
    if column.plain not in soundness.checks:
        return None
    return lambda texts: pc.if_else(pa.array(told_usual(column, texts, soundness)), texts, None)


@cache
def _variants() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for table, variant, code, _ in code_variants():
        found.setdefault(table, {})[variant] = code
    return found


def _listed(values: Mapping[str, str]) -> Glance:
    texts, standard = pa.array(values.keys(), pa.string()), pa.array(values.values(), pa.string())
    return lambda received: pc.take(standard, pc.index_in(received, value_set=texts))


def _usual_months(texts: pa.StringArray) -> pa.Array:
    return pc.if_else(pc.match_substring_regex(texts, MONTH), texts, None)


def _usual_areas(texts: pa.StringArray, soundness: Soundness) -> pa.Array:
    """Codes of Sichuan that are or were in force."""
    fits, places = of_width(texts, 6)
    digits = places - 48
    code = number(digits) % 1_000_000
    is_area = spread(fits, all_digits(digits) & (code // 10_000 == 51) & (soundness.ends[code] > 0))
    return pc.if_else(pa.array(is_area & np.asarray(pc.is_valid(texts))), texts, None)
