"""Deliveries: what of them the warehouse reads, and their line in ops.delivery."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from psycopg import sql

from warehouse.database import Connection, WarehouseError, columns, compose


class ExtractedDelivery(Protocol):
    """What `extractors.extract.extract` gives of one delivery."""

    @property
    def feed(self) -> str: ...
    @property
    def batch_no(self) -> str: ...
    @property
    def mode(self) -> str: ...
    @property
    def business_date(self) -> date: ...
    @property
    def read(self) -> int: ...
    @property
    def loaded(self) -> int: ...
    @property
    def rejected(self) -> int: ...
    @property
    def duplicate(self) -> int: ...
    @property
    def records(self) -> Path: ...
    @property
    def rejects(self) -> Path: ...
    @property
    def findings(self) -> Path: ...


COUNTS = (
    "read",
    "loaded",
    "rejected",
    "duplicate",
    "inserted",
    "updated",
    "deleted",
    "unchanged",
    "superseded",
    "finding_count",
)


@dataclass(frozen=True)
class LandCounts:
    """What became of the rows of a delivery, counted in the tables; read = loaded + rejected + duplicate.

    loaded = inserted + updated + unchanged + superseded + (deltas:) deletions asked for; ``deleted`` counts records
    that ended, by op D or, in a full delivery, by absence. ``is_repeat``: landed before, nothing was done.
    """

    read: int
    loaded: int
    rejected: int
    duplicate: int
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0
    superseded: int = 0
    finding_count: int = 0
    is_repeat: bool = False


def landed_before(conn: Connection, extracted: ExtractedDelivery) -> LandCounts | None:
    """Counts of a batch that was landed before, None if it was not.

    Raises
    ------
    WarehouseError
        It was landed with another file.
    """
    row = conn.execute(
        "select file_sm3, read_count, loaded_count, rejected_count, duplicate_count, inserted_count, updated_count, "
        "deleted_count, unchanged_count, superseded_count, finding_count from ops.delivery "
        "where feed = %s and batch_no = %s and state = 'landed'",
        (extracted.feed, extracted.batch_no),
    ).fetchone()
    if row is None:
        return None
    offered = getattr(extracted, "file_sm3", None)
    if offered is not None and row[0] is not None and offered != row[0]:
        raise WarehouseError(
            f"Batch {extracted.batch_no} of {extracted.feed} was landed with file SM3 {row[0]}, now it comes with "
            f"{offered}. Ask the department to send the new file under a new batch number."
        )
    counted: dict[str, Any] = dict(zip(COUNTS, row[1:], strict=True))
    return replace(LandCounts(**counted), is_repeat=True)


def record_delivery(conn: Connection, extracted: ExtractedDelivery, counts: LandCounts, run_id: str) -> None:
    """Write the line of a landed delivery; lines held under its file's name, or for its source, are no longer needed."""
    conn.execute(
        "delete from ops.delivery where feed = %s and state = 'held' "
        "and (strpos(batch_no, %s) > 0 or strpos(reason, 'SOURCE_') = 1)",
        (extracted.feed, f"_{extracted.batch_no}."),
    )
    values = {
        "feed": extracted.feed,
        "batch_no": extracted.batch_no,
        "state": "landed",
        "run_id": run_id,
        "business_date": extracted.business_date,
        "mode": extracted.mode,
        "file_sm3": getattr(extracted, "file_sm3", None),
        "schema_version": getattr(extracted, "schema_version", None),
        "read_count": counts.read,
        "loaded_count": counts.loaded,
        "rejected_count": counts.rejected,
        "duplicate_count": counts.duplicate,
        "inserted_count": counts.inserted,
        "updated_count": counts.updated,
        "deleted_count": counts.deleted,
        "unchanged_count": counts.unchanged,
        "superseded_count": counts.superseded,
        "finding_count": counts.finding_count,
        "reason": None,
    }
    write_delivery(conn, values)


def write_delivery(conn: Connection, values: dict[str, object]) -> None:
    """Write the line of a delivery in ops.delivery, over an earlier one that was held or stopped."""
    conn.execute(
        compose(
            "insert into ops.delivery ({names}) values ({places}) on conflict (feed, batch_no) do update set "
            "({names}, recorded_at) = row ({excluded}, now())",
            names=columns(list(values)),
            places=sql.SQL(", ").join(sql.Placeholder(n) for n in values),
            excluded=columns(list(values), "excluded"),
        ),
        values,
    )
