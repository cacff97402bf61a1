"""The rows of a delivery in chunks, read by a thread of its own one chunk ahead of those who ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa

from extractors.contract import Contract
from extractors.held import HeldFault
from extractors.readers import Reading, open_reading
from extractors.readers.reading import batch_schema
from extractors.replayed import as_read
from extractors.snapshot import Delivery

FIRST_CHUNK, CHUNK_ROWS = 16_000, 64_000  # rows; small ones first, so that their staging begins soon


class RowsAhead:
    """A delivery being read; the first chunk is read at once. What is wrong with the file is raised when it is asked for."""

    def __init__(self, contract: Contract, delivery: Delivery, scratch: Path) -> None:
        self._reader = ThreadPoolExecutor(1)
        self._opened = self._reader.submit(_open, contract, delivery, scratch)
        self._coming = self._reader.submit(self._next)
        self._given: Iterator[pa.Table] | None = None

    def layout(self) -> Contract:
        """The contract as the delivery's version was agreed. Raises HeldFault where the file cannot be read."""
        return self._opened.result()[0]

    @property
    def new_columns(self) -> list[str]:
        """Columns that the contract does not know; complete once all chunks were taken."""
        return self._opened.result()[1].new_columns

    def chunks(self) -> Iterator[pa.Table]:
        """All rows (readers' schema). Raises HeldFault where the file as a whole cannot be used."""
        while (chunk := self._coming.result()) is not None:
            self._coming = self._reader.submit(self._next)
            yield chunk

    def close(self) -> None:
        """Stop reading."""
        self._reader.shutdown(cancel_futures=True)

    def _next(self) -> pa.Table | None:
        if self._given is None:
            layout, reading = self._opened.result()
            self._given = _put_together(reading, batch_schema(layout))
        return next(self._given, None)


def _open(contract: Contract, delivery: Delivery, scratch: Path) -> tuple[Contract, Reading]:
    layout = _layout(contract, delivery)
    return layout, open_reading(layout, delivery.file, delivery.mode, scratch)


def _layout(contract: Contract, delivery: Delivery) -> Contract:
    """The contract as the delivery's version was agreed; a replayed one may be older than any layout still kept."""
    if delivery.schema_version not in contract.schema_versions:
        agreed = ", ".join(contract.schema_versions)
        message = (
            f"{delivery.file.name}: schema version {delivery.schema_version}, agreed: {agreed}. "
            "Put its columns back under 'earlier' in the contract to read it."
        )
        raise HeldFault("SCHEMA_UNKNOWN", message)
    return as_read(contract.layout_of(delivery.schema_version), delivery.batch_no)


def _put_together(reading: Reading, schema: pa.Schema) -> Iterator[pa.Table]:
    """The batches of a reading in chunks of FIRST_CHUNK rows, growing to CHUNK_ROWS; an empty one if there are none."""
    batches: list[pa.RecordBatch] = []
    rows, wanted = 0, FIRST_CHUNK
    for batch in reading.batches:
        batches.append(batch)
        rows += batch.num_rows
        if rows >= wanted:
            yield pa.Table.from_batches(batches, schema)
            batches, rows, wanted = [], 0, min(2 * wanted, CHUNK_ROWS)
    yield pa.Table.from_batches(batches, schema)
