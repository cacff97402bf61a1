"""Why records are where they are, together or apart: the words of the SQL functions, for the console's pages."""

from __future__ import annotations

from typing import Any

from warehouse.database import Connection, WarehouseError
from warehouse.files import MASK, rows

JUDGED = " judged them "
ELSEWHERE = "elsewhere"


def _numbers(conn: Connection, master_id: str) -> dict[str, int]:
    """Record key → its number on the file's page."""
    found = conn.execute(
        "select record_key from core.crosswalk where master_id = %s order by split_part(record_key, ':', 1), record_key",
        (master_id,),
    ).fetchall()
    return {str(row[0]): number for number, row in enumerate(found, 1)}


def _key(numbers: dict[str, int], wanted: int, master_id: str) -> str:
    key = next((k for k, n in numbers.items() if n == wanted), None)
    if key is None:
        raise WarehouseError(f"File {master_id} has no record {wanted} (any more).")
    return key


def _masked(lines: list[dict[str, Any]], *, may_see: bool) -> list[dict[str, Any]]:
    for line in lines:
        if not may_see and JUDGED in line["words"]:
            line["words"] = MASK  # the reason is free text and may hold anything
    return lines


def why_here(conn: Connection, master_id: str, number: int, *, may_see: bool) -> list[dict[str, Any]]:
    """What core.why says of a record, by its number on the file's page: [what, words, other]; other is a number too.

    Raises
    ------
    WarehouseError
        The file has no such record.
    """
    numbers = _numbers(conn, master_id)
    lines = rows(conn, "select what, words, other_key from core.why(%s)", (_key(numbers, number, master_id),))
    for line in lines:
        other = line.pop("other_key")
        line["other"] = numbers.get(other, ELSEWHERE) if other else None
    return _masked(lines, may_see=may_see)


def why_two_together(conn: Connection, master_id: str, left: int, right: int, *, may_see: bool) -> list[dict[str, Any]]:
    """What core.why_together says of two records of a file: [step, words, left, right], records by their numbers.

    Raises
    ------
    WarehouseError
        The file has no such records.
    """
    numbers = _numbers(conn, master_id)
    keys = (_key(numbers, left, master_id), _key(numbers, right, master_id))
    lines = rows(conn, "select step, words, from_key, to_key from core.why_together(%s, %s)", keys)
    for line in lines:
        line["left"], line["right"] = numbers.get(line.pop("from_key")), numbers.get(line.pop("to_key"))
    return _masked(lines, may_see=may_see)


def why_two_apart(conn: Connection, left_key: str, right_key: str, *, may_see: bool) -> list[dict[str, Any]]:
    """What core.why_apart says of two records: [what, words]."""
    return _masked(rows(conn, "select what, words from core.why_apart(%s, %s)", (left_key, right_key)), may_see=may_see)
