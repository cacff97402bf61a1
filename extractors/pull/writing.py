"""Pulled rows as a file in the form its contract agrees on, batch after batch."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import IO

import duckdb
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from extractors.contract import Contract, Mode
from extractors.forms import CsvForm
from extractors.standard_form import quote

BOM = b"\xef\xbb\xbf"


class _CsvWriter:
    def __init__(self, path: Path, schema: pa.Schema, form: CsvForm) -> None:
        self.file: IO[bytes] = path.open("wb")
        self.file.write(BOM if form.bom else b"")
        options = arrow_csv.WriteOptions(delimiter=form.delimiter, quoting_style="needed")
        self.writer = arrow_csv.CSVWriter(self.file, schema, write_options=options)

    def write_table(self, table: pa.Table) -> None:
        self.writer.write_table(table)

    def close(self) -> None:
        self.writer.close()
        self.file.close()


class _JsonWriter:
    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.file = path.open("wb")
        pairs = ", ".join(f'{quote(name)}, "{name.replace(chr(34), chr(34) * 2)}"' for name in schema.names)
        self.query = f"SELECT json_object({pairs})::VARCHAR AS line FROM pulled"
        self.connection = duckdb.connect()

    def write_table(self, table: pa.Table) -> None:
        self.connection.register("pulled", table)
        found: pa.Table = self.connection.sql(self.query).to_arrow_table()
        lines = found.column("line").to_pylist()
        self.file.write("".join(line + "\n" for line in lines).encode())

    def close(self) -> None:
        self.connection.close()
        self.file.close()


class RowFile:
    """A file being written. `rows` counts what was written; columns are the contract's, then `op` in a delta."""

    def __init__(self, contract: Contract, mode: Mode, path: Path) -> None:
        names = [column.source for column in contract.columns] + ([contract.op] if mode == "delta" else [])
        self.schema = pa.schema([(name, pa.string()) for name in names])
        self.rows = 0
        self._writer: pq.ParquetWriter | _CsvWriter | _JsonWriter
        if contract.form.kind == "parquet":
            self._writer = pq.ParquetWriter(path, self.schema, compression="zstd")
        elif isinstance(contract.form, CsvForm):
            self._writer = _CsvWriter(path, self.schema, contract.form)
        else:
            self._writer = _JsonWriter(path, self.schema)

    def __enter__(self) -> RowFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    def write(self, columns: list[pa.Array]) -> None:
        """Append a batch: one text array a column of the schema."""
        batch = pa.RecordBatch.from_arrays(columns, schema=self.schema)
        self.rows += batch.num_rows
        self._writer.write_table(pa.Table.from_batches([batch]))
