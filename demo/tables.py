"""Tables of equally long arrays, kept in dataclasses; rows are only ever added at the end."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")


def extend(table: T, **columns: Any) -> None:
    """Add rows in place; a column not given is filled with its type's empty value (-1 for integers, 0 for text and bits)."""
    count = max(len(values) for values in columns.values())
    for one in fields(table):  # type: ignore[arg-type]
        old = getattr(table, one.name)
        new = columns.get(one.name)
        if new is None:
            empty = -1 if old.dtype == np.int64 else 0
            new = np.full((count, *old.shape[1:]), empty, dtype=old.dtype)
        setattr(table, one.name, np.concatenate([old, np.asarray(new, dtype=old.dtype)]))
