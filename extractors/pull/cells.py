"""What a database driver gives, as Arrow columns, and those as the texts that readers take."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from extractors.pull.fault import changed
from extractors.readers.parquet import as_text

PLAIN = (str, int, Decimal, dt.date, dt.datetime)
UNREADABLE = (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError)


def as_column(name: str, values: Sequence[Any]) -> pa.Array:
    """One column of a batch. Numbers with places keep the places they came with, so they are texts already.

    Raises PullFault(SOURCE_CHANGED) for values that are no single texts, numbers, days or moments.
    """
    kinds = {type(value) for value in values} - {type(None)}
    if kinds == {Decimal}:
        return pa.array([None if value is None else format(value, "f") for value in values], pa.string())
    if len(kinds) > 1 and all(issubclass(kind, PLAIN) for kind in kinds):  # such as MariaDB's 0000-00-00 among days
        return pa.array([None if value is None else str(value) for value in values], pa.string())
    try:
        column = pa.array(values)
    except UNREADABLE:
        column = None
    if column is None or pa.types.is_nested(column.type) or pa.types.is_duration(column.type):
        kind = ", ".join(sorted(kind.__name__ for kind in kinds))
        raise changed(f"column {name}: holds {kind}. Expected texts, numbers, days or moments: cast it to text.")
    return column


def as_texts(column: pa.Array, zone: str) -> pa.Array:
    """A column as texts; moments that carry a zone are shown as the clock in `zone` says."""
    if pa.types.is_timestamp(column.type) and column.type.tz:
        column = column.cast(pa.timestamp("us", zone))
    if pa.types.is_null(column.type):
        return column.cast(pa.string())
    return as_text(column)


def highest(column: pa.Array) -> dt.datetime | dt.date | int | None:
    """The highest value of a column, None if it is empty."""
    found = pc.max(column).as_py() if len(column) and not pa.types.is_null(column.type) else None
    return found if found is None or isinstance(found, dt.date | int) else None
