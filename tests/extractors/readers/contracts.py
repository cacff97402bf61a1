"""Small contracts of every form, and a reader's rows as plain Python, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from extractors.contract import Contract, Mode
from extractors.held import HeldFault
from extractors.readers import Reading, open_reading

# Every GBK character whose second byte is a backslash or a pipe, and one in a hundred of the four-byte characters of
# GB18030 whose bytes hold ASCII digits: what splits or cuts on bytes breaks in one of them.
TRAPS = [
    text
    for lead in range(0x81, 0xFF)
    for trail in (0x5C, 0x7C)
    if not (text := bytes([lead, trail]).decode("gbk", errors="ignore")).isascii()
]
FOUR_BYTES = [chr(point) for point in range(0x20000, 0x2A6D0, 100)]

FIELDS = ("name", "card_number", "address", "phone")


def contract(form: dict[str, Any], sources: Sequence[str], **more: Any) -> Contract:
    """A contract of up to four columns named by `sources`; widths with `widths`, optional ones with `optional`."""
    widths = more.pop("widths", [None] * len(sources))
    optional = more.pop("optional", ())
    columns = [
        {"source": source, "english": source, "field": field, "width": width, "optional": source in optional}
        for source, field, width in zip(sources, FIELDS, widths, strict=False)
    ]
    settings = {
        "feed": "hrss_small", "title": "小", "title_english": "Small", "owner": "某厅", "department": "hrss", "subject": "person", "purpose": "测试",
        "sharing": "conditional", "approval_no": "1", "frequency": "daily", "deadline": "22:00", "key": ["card_number"], "form": form,
        "columns": columns,
    }  # fmt: skip
    return Contract.model_validate(settings | more)


def read(of: Contract, path: Path, content: bytes, mode: Mode = "full") -> tuple[list[tuple[Any, ...]], Reading]:
    """(line, fault, texts...) of every row in the order of lines, and the reading. `op` comes first in a delta."""
    path.write_bytes(content)
    reading = open_reading(of, path, mode)
    rows = [row for batch in reading.batches for row in batch.to_pylist()]
    found = []
    for row in sorted(rows, key=lambda row: row["line_no"]):
        texts = tuple(row[f"c{place}"] for place in range(len(of.columns)))
        op = (row["op"],) if mode == "delta" else ()
        found.append(
            (row["line_no"], row["fault"], *op, *texts)
            if row["fault"] is None
            else (row["line_no"], row["fault"], row["row_text"])
        )
    return found, reading


def held(of: Contract, path: Path, content: bytes, mode: Mode = "full") -> HeldFault:
    """The fault for which the whole file is refused."""
    with pytest.raises(HeldFault) as fault:
        read(of, path, content, mode)
    return fault.value
