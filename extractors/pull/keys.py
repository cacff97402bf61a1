"""Which keys are gone from a source: all its keys beside those of the deliveries that have landed.

A row that is deleted leaves no update time behind. The comparison runs in DuckDB on a file of its own, so that it needs
no more memory for a hundred million keys than for a thousand.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from extractors.contract import Contract
from extractors.pull.bookmarks import Landed
from extractors.readers import open_reading

MEMORY_LIMIT = "400MB"
GONE_ROWS = 20_000


def key_places(contract: Contract) -> list[int]:
    """Where the columns of the key stand among the contract's columns."""
    return [place for place, column in enumerate(contract.columns) if column.field in contract.key]


class KeyComparison:
    """Keys that landed, keys that the source has, keys of the rows just pulled."""

    def __init__(self, contract: Contract, scratch: Path) -> None:
        self.contract = contract
        self.places = key_places(contract)
        self.names = ", ".join(f"k{place}" for place in self.places)
        self.connection = duckdb.connect(str(scratch / "keys.duckdb"))
        self.connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
        self.connection.execute("SET preserve_insertion_order = false")
        columns = ", ".join(f"k{place} VARCHAR" for place in self.places)
        for table in ("present", "pulled"):
            self.connection.execute(f"CREATE TABLE {table} ({columns})")
        self.connection.execute(f"CREATE TABLE landed (batch INTEGER, line BIGINT, op VARCHAR, {columns})")

    def __enter__(self) -> KeyComparison:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def add(self, table: str, columns: list[pa.Array]) -> None:
        """Add keys to `present` or `pulled`: one text array a column of the key."""
        batch = pa.table(columns, names=[f"k{place}" for place in self.places])
        self.connection.register("batch", batch)
        self.connection.execute(f"INSERT INTO {table} SELECT * FROM batch")

    def add_landed(self, landed: Landed, scratch: Path) -> None:
        """Read the keys of the landed deliveries from their snapshots. `landed.chain` must be known."""
        for number, manifest in enumerate(landed.chain or ()):
            layout = self.contract.layout_of(manifest.schema_version)
            places = ", ".join(f"c{place} AS k{place}" for place in key_places(layout))
            for batch in open_reading(layout, landed.file_of(manifest), manifest.mode, scratch).batches:
                self.connection.register("batch", pa.Table.from_batches([batch]))
                self.connection.execute(f"INSERT INTO landed SELECT {number}, line_no, op, {places} FROM batch")

    def settle(self) -> tuple[int, float]:
        """Work out which landed keys are gone: (keys of the source that were never pulled, share of keys gone)."""
        self.connection.execute(
            f"""
            CREATE TABLE alive AS SELECT {self.names} FROM landed GROUP BY ALL
            HAVING coalesce(upper(trim(arg_max(coalesce(op, 'I'), batch * 1000000000000 + line))), '') <> 'D'
            """
        )
        self.connection.execute(
            f"CREATE TABLE gone AS (SELECT {self.names} FROM alive EXCEPT SELECT {self.names} FROM present) "
            f"EXCEPT SELECT {self.names} FROM pulled"
        )
        missed = (
            f"SELECT count(*) FROM ((SELECT {self.names} FROM present EXCEPT SELECT {self.names} FROM alive) "
            f"EXCEPT SELECT {self.names} FROM pulled)"
        )
        counts = f"SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM alive), ({missed})"
        gone, alive, never = self.connection.execute(counts).fetchall()[0]
        return int(never), gone / alive if alive else 0.0

    def gone(self) -> Iterator[list[pa.Array]]:
        """The keys that are gone, in their order: one array a column of the key."""
        reader: pa.RecordBatchReader = self.connection.sql("SELECT * FROM gone ORDER BY ALL").to_arrow_reader(GONE_ROWS)
        for batch in reader:
            yield list(batch.columns)
