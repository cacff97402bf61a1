"""A delivery that cannot be used as a whole: why, and what the department should do. Held deliveries change nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

HeldCode = Literal[
    "BATCH_MISSING",
    "BATCH_REUSED",
    "COLUMNS_SWAPPED",
    "COLUMN_MISSING",
    "COLUMN_RENAMED",
    "COLUMN_SHAPE_WRONG",
    "COLUMN_TWICE",
    "COUNT_WRONG",
    "DELTA_SENT_AS_FULL",
    "EMPTY_FILE",
    "ENCODING_WRONG",
    "FEED_UNKNOWN",
    "FILE_BROKEN",
    "FILE_MISSING",
    "FULL_SENT_AS_DELTA",
    "HASH_WRONG",
    "LINE_LENGTH_WRONG",
    "MANIFEST_BROKEN",
    "MANIFEST_MISSING",
    "MODE_NOT_AGREED",
    "OLDER_THAN_LOADED",
    "SCHEMA_UNKNOWN",
    "SEEN_BEFORE",
    "SOURCE_CHANGED",
    "SOURCE_DOWN",
    "SOURCE_NOT_SET_UP",
    "SOURCE_REFUSED",
    "STILL_WRITTEN",
]


@dataclass(frozen=True)
class Held:
    """One held delivery: a code, the file's name, and a sentence saying what was found, expected and what to do."""

    code: HeldCode
    file_name: str
    message: str
    batch_no: str | None = None

    @property
    def is_grave(self) -> bool:
        """False where nothing is wrong with the feed's state: the same delivery came again."""
        return self.code != "SEEN_BEFORE"


class HeldFault(Exception):  # noqa: N818 - a fault of the delivery, not of the program
    """Raised while reading a file whose fault concerns the whole of it; becomes a Held."""

    def __init__(self, code: HeldCode, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code: HeldCode = code
        self.message = message
