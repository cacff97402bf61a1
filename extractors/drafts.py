"""Unfinished contracts: places that a person must fill in, and what stands there while a sample file is tried."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

FILL_IN = "FILL IN"
STAND_INS = {
    "title": "?", "title_english": "?", "owner": "?", "purpose": "?", "approval_no": "?", "frequency": "?",
    "subject": "person", "sharing": "not_shared", "deadline": "22:00",
}  # fmt: skip
SPARE_FIELDS = ("employer_no", "assist_no", "member_no", "household_no")  # plain numbers, lent to columns of a draft


def is_open(value: object) -> bool:
    """Whether a text still asks to be filled in."""
    return isinstance(value, str) and value.startswith(FILL_IN)


def open_places(content: Any, place: str = "") -> Iterator[str]:
    """Where a contract's content still says FILL IN: 'owner', 'columns 备注 ignored', 'key' ..."""
    if isinstance(content, dict):
        if "source" in content:
            place = f"{place} {content['source']}".strip()
        for key, value in content.items():
            if is_open(key):
                yield f"{place} {str(value)[:20]}"
            yield from open_places(value, f"{place} {key}".strip())
    elif isinstance(content, list):
        for part in content:
            yield from open_places(part, place)
    elif is_open(content):
        yield place


def with_stand_ins(content: dict[str, Any]) -> dict[str, Any]:
    """The content as far as it is known, loadable: open texts stand in, other open columns are ignored.

    A column whose field is still to be described is read as a number no other column is, so that it can be the key.
    """
    filled = {key: STAND_INS.get(key, value) if is_open(value) else value for key, value in content.items()}
    if is_open(content.get("department")):
        filled["department"] = str(content.get("feed")).split("_")[0]
    columns = content.get("columns") or []
    taken = {column.get("field") for column in columns}
    spare = iter([name for name in SPARE_FIELDS if name not in taken])
    filled["columns"] = [_column(column, spare) for column in columns]
    read_as = [
        new["field"]
        for old, new in zip(columns, filled["columns"], strict=True)
        if is_open(old.get("field")) and "field" in new
    ]
    key = [name for name in content.get("key") or [] if not is_open(name)]
    if len(key) < len(content.get("key") or []):
        key += read_as
    filled["key"] = key or [column["field"] for column in filled["columns"] if "field" in column][:1]
    return filled


def _column(column: dict[str, Any], spare: Iterator[str]) -> dict[str, Any]:
    if is_open(column.get("field")):
        column = {key: value for key, value in column.items() if key not in ("field", "codes", "code_table")}
        name = next(spare, None)
        column |= {"ignored": "to be filled in"} if name is None else {"field": name}
    known = {key: "to be filled in" if is_open(value) else value for key, value in column.items()}
    if isinstance(column.get("codes"), dict):
        known["codes"] = {code: texts for code, texts in column["codes"].items() if not is_open(code)}
    return known
