"""A replay is a delivery of its own: rejected rows, corrected or not, kept as a snapshot and read like any other.

Its number is that of the delivery it repeats with ``.r001``, ``.r002`` ... behind it, so that it stands right after that
one and before the next; its file is Parquet of the source columns, its mode always a delta.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from extractors.contract import Contract
from extractors.forms import ParquetForm
from extractors.manifest import sm3_of
from extractors.snapshot import SNAPSHOT_MANIFEST, Delivery, read_delivery

MARK = re.compile(r"\.r\d{3}$")


def is_replay(batch_no: str) -> bool:
    """Whether a batch number is of a replay."""
    return MARK.search(batch_no) is not None


def origin_of(batch_no: str) -> str:
    """The number of the delivery that a replay repeats; of any other, its own."""
    return MARK.sub("", batch_no)


def as_read(contract: Contract, batch_no: str) -> Contract:
    """The contract as the file of a delivery is read: a replay is Parquet, whatever the feed's form."""
    if not is_replay(batch_no):
        return contract
    return contract.model_copy(update={"form": ParquetForm(kind="parquet")})


def write_replay(snapshots: Path, origin: Delivery, batch_no: str, rows: pa.Table, sender: str) -> Delivery:
    """Keep rows (one text column a source column, and the operation column) as the snapshot of a replay.

    A snapshot of the same number that never landed is replaced. Raises OSError where it cannot be written.
    """
    folder = snapshots / origin.feed / batch_no
    partial = folder.with_name(f".{batch_no}.partial")
    for old in (partial, folder):
        shutil.rmtree(old, ignore_errors=True)
    partial.mkdir(parents=True, mode=0o700)
    file = partial / f"{origin.feed}_{batch_no}.parquet"
    pq.write_table(rows, file)
    manifest = {
        "feed": origin.feed, "batch_no": batch_no, "business_date": origin.business_date.isoformat(), "mode": "delta",
        "row_count": rows.num_rows, "file_name": file.name, "file_sm3": sm3_of(file), "sender": sender,
        "schema_version": origin.schema_version,
    }  # fmt: skip
    (partial / SNAPSHOT_MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    for written in partial.iterdir():
        written.chmod(0o400)
    partial.replace(folder)
    return read_delivery(snapshots, origin.feed, batch_no)
