"""Every SQL example of docs/review-and-history.md runs on a warehouse of today."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from warehouse.database import Connection

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "review-and-history.md"
BLOCKS = re.findall(r"```sql\n(.*?)```", PAGE.read_text(), re.DOTALL)
EXAMPLES = [s.strip() for block in BLOCKS for s in re.sub(r"--.*", "", block).split(";") if s.strip()]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_runs(conn: Connection, example: str) -> None:
    assert conn.execute(example.encode()).description


def test_the_page_has_examples() -> None:
    assert len(EXAMPLES) >= 10
