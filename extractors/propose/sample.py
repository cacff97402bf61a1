"""The rows of a sample file as a table of texts, read by the reader that will read the deliveries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from extractors import standardise
from extractors.contract import Column, Contract, Mode
from extractors.held import HeldFault
from extractors.propose.form import Found, ProposeError
from extractors.readers import open_reading
from extractors.readers.reading import batch_schema

SAMPLE_ROWS = 20_000
OPERATIONS = ("操作标志", "操作类型", "op", "czbz", "operation")


@dataclass(frozen=True)
class Sample:
    """Rows of the file in the table `sample` of a connection that has all macros: line_no, c0, c1, ... as text."""

    found: Found
    sources: list[str]
    op: str | None  # the column that says I, U or D, in a delta file
    rows: int
    unreadable: int
    connection: duckdb.DuckDBPyConnection

    def ask(self, sql: str) -> list[Any]:
        """The first row of a query."""
        return list(self.connection.execute(sql).fetchall()[0])


@contextmanager
def read_sample(path: Path, found: Found, *, as_of: dt.date) -> Iterator[Sample]:
    """Read up to SAMPLE_ROWS rows. Raises ProposeError where the reader holds the file."""
    op = next((source for source in found.sources if source.lower() in OPERATIONS), None)
    sources = [source for source in found.sources if source != op]
    columns = tuple(
        Column(
            source=source,
            english="?",
            ignored="not matched yet",
            optional=True,
            width=found.widths[place] if found.widths else None,
        )
        for place, source in enumerate(sources)
    )
    draft = Contract.model_construct(form=found.form, columns=columns, op=op or OPERATIONS[0])
    mode: Mode = "delta" if op else "full"
    batches: list[pa.RecordBatch] = []
    rows = 0
    try:
        for batch in open_reading(draft, path, mode).batches:
            batches.append(batch)
            rows += batch.num_rows
            if rows >= SAMPLE_ROWS:
                break
    except HeldFault as fault:
        raise ProposeError(f"{fault.message} ({fault.code})") from fault
    if not rows:
        raise ProposeError(f"{path.name}: has columns but no row. Ask for a sample with at least 100 rows.")
    with standardise.connect(as_of=as_of, threads=2) as connection:
        connection.register("batches", pa.Table.from_batches(batches, batch_schema(draft)))
        connection.execute("CREATE TABLE sample AS SELECT * FROM batches WHERE fault IS NULL")
        readable = int(connection.execute("SELECT count(*) FROM sample").fetchall()[0][0])
        yield Sample(found, sources, op, readable, rows - readable, connection)
