"""Which fields of the standard hold codes, which codes those are, and what a field is called in Chinese.

All of it comes from `extractors/fields.yml`, where each field of the standard is described once.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import extractors
import yaml

SEX = frozenset({"0", "1", "2", "9"})
ETHNICITY = frozenset({*(f"{number:02d}" for number in range(1, 57)), "97", "98"})


@cache
def _fields() -> dict[str, dict[str, Any]]:
    path = Path(next(iter(extractors.__path__))) / "fields.yml"
    fields: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return fields


@cache
def coded_fields() -> dict[str, frozenset[str]]:
    """The codes of each field whose codes are few: sex, ethnic group and the fields with a list of choices."""
    codes = {}
    for name, described in _fields().items():
        if described["kind"] == "sex":
            codes[name] = SEX
        elif described["kind"] == "ethnicity":
            codes[name] = ETHNICITY
        elif described["kind"] == "choice":
            codes[name] = frozenset(str(value) for value in described["values"])
    return codes


def labels_of(subject: str) -> dict[str, str]:
    """The Chinese name of each field for feeds of this subject, `person` or `enterprise`."""
    labels = {}
    for name, described in _fields().items():
        chinese = described["chinese"]
        labels[name] = str(chinese.get(subject, name) if isinstance(chinese, dict) else chinese)
    return labels
