"""The rows of a delivery on disk, chunk by chunk, so that memory does not grow with it: received texts and records.

A chunk leaves its received texts, and a record for each row, which holds for the plain ones. The records of the odd rows
of several chunks lie in a file of their own; `in_order` puts them back between the plain ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from extractors.by_value import no_reasons
from extractors.standardise.columns import one_piece

Lines = npt.NDArray[np.int64]


class ChunkFiles:
    """Files of one delivery in a folder; several workers may write at once, each its own chunk."""

    def __init__(self, folder: Path, received: pa.Schema, record: pa.Schema) -> None:
        self.folder = folder
        self.received_schema = received
        self.record_schema = record
        self.chunks = self.batches = 0
        self._batch_of: dict[int, int] = {}  # in which batch the odd rows of a chunk are

    def keep_received(self, number: int, rows: pa.Table) -> None:
        """The rows of a chunk as they were received."""
        self._write(f"received_{number}", rows)

    def keep_records(self, number: int, records: pa.Table, is_plain: npt.NDArray[np.bool_]) -> None:
        """A record for each row of a chunk, of which those of plain rows hold; only `line_no` if there are none."""
        self._write(f"plain_{number}", records.append_column("is_plain", pa.array(is_plain)))

    def keep_odd(self, batch: int, chunks: Sequence[int], records: pa.Table) -> None:
        """The records that the odd rows of these chunks became, in any order."""
        self._write(f"odd_{batch}", records.cast(self.record_schema))
        self._batch_of |= dict.fromkeys(chunks, batch)

    def received(self, lines: pa.Array) -> pa.Table:
        """The received rows of these lines, in the order of the file."""
        files = [f"received_{number}" for number in range(self.chunks)]
        return self._of_lines(files, lines, self.received_schema)

    def records(self, lines: pa.Array, columns: Sequence[str]) -> pa.Table:
        """Some columns of the records of these lines."""
        schema = pa.schema([self.record_schema.field(name) for name in columns])
        files = [f"plain_{number}" for number in range(self.chunks)] + [
            f"odd_{number}" for number in range(self.batches)
        ]
        return self._of_lines(files, lines, schema)

    def in_order(self, lost: Lines) -> Iterator[pa.Table]:
        """All records but those of the `lost` lines, a chunk at a time, in the order of the file."""
        for number in range(self.chunks):
            table = self._merged(number, lost)
            if table.num_rows:
                yield table

    def _merged(self, number: int, lost: Lines) -> pa.Table:
        with self._open(f"plain_{number}") as plain, self._open(f"odd_{self._batch_of[number]}") as odd:
            rows, records = plain.read_all(), odd.read_all()
            lines = rows["line_no"].to_numpy()
            is_plain = rows["is_plain"].to_numpy()
            others = np.flatnonzero(~is_plain)
            found = pc.index_in(pa.array(lines[others]), value_set=records["line_no"])
            became = pc.is_valid(found).to_numpy(zero_copy_only=False)
            records = records.take(found.drop_null())
            order = np.where(is_plain, np.arange(len(lines)), -1)
            base = len(lines) if is_plain.any() else 0
            order[others[became]] = base + np.arange(len(records))
            order = order[(order >= 0) & ~np.isin(lines, lost)]
            both = [self._whole(rows), records] if base else [records]
            return one_piece(pa.concat_tables(both)).take(pa.array(order))

    def _whole(self, rows: pa.Table) -> pa.Table:
        """Plain records with the reasons, of which there are none."""
        none = no_reasons(len(rows))
        columns = [rows[name] if name in rows.column_names else none for name in self.record_schema.names]
        return pa.table(columns, self.record_schema)

    def _of_lines(self, files: Sequence[str], lines: pa.Array, schema: pa.Schema) -> pa.Table:
        found = []
        for name in files:
            with self._open(name) as source:
                table = source.read_all()
                chosen = pc.is_in(table["line_no"], value_set=lines)
                if "is_plain" in table.column_names:
                    chosen = pc.and_(chosen, table["is_plain"])
                if pc.any(chosen).as_py():
                    found.append(table.select(schema.names).filter(chosen))
        return pa.concat_tables(found) if found else schema.empty_table()

    def _write(self, name: str, rows: pa.Table) -> None:
        with pa.OSFile(str(self.folder / f"{name}.arrow"), "wb") as sink, pa.ipc.new_file(sink, rows.schema) as writer:
            writer.write_table(rows)

    def _open(self, name: str) -> pa.ipc.RecordBatchFileReader:
        return pa.ipc.open_file(pa.memory_map(str(self.folder / f"{name}.arrow")))
