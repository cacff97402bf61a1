"""What every reader returns: a stream of batches of one schema, and what was found about the file's layout."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.contract import Contract, Mode
from extractors.held import HeldFault
from extractors.standardise.columns import widths

RowFault = Literal["COLUMN_COUNT", "QUOTE_UNBALANCED", "LINE_LENGTH", "JSON_BROKEN", "ELEMENT_TWICE"]
OP = "op"


def batch_schema(contract: Contract) -> pa.Schema:
    """The columns every reader gives; an empty text is null.

    line_no · fault (reject code of an unreadable row) · row_text (that row) · suspect (its block holds lost characters)
    · op · one text column for each contract column, named by its position (c0, c1, ...).
    """
    texts = [pa.field(f"c{position}", pa.string()) for position in range(len(contract.columns))]
    return pa.schema(
        [
            pa.field("line_no", pa.int64()),
            pa.field("fault", pa.string()),
            pa.field("row_text", pa.string()),
            pa.field("suspect", pa.bool_()),
            pa.field(OP, pa.string()),
            *texts,
        ]
    )


@dataclass
class Reading:
    """A file being read. `new_columns` may grow while batches are consumed (forms without a header)."""

    batches: Iterator[pa.RecordBatch]
    new_columns: list[str] = field(default_factory=list)
    matched: list[str] = field(default_factory=list)

    @classmethod
    def of_empty_file(cls, path: Path) -> Reading:
        """A file of no bytes: refused, because its form needs at least a header or a root."""
        raise HeldFault("EMPTY_FILE", f"{path.name} has no bytes; expected at least a header. Send the file again.")


@dataclass(frozen=True)
class Layout:
    """Where each contract column stands among the columns found; None for an optional one that is absent."""

    positions: tuple[int | None, ...]
    op_position: int | None
    new: tuple[str, ...]
    matched: tuple[str, ...]


def clean_header(text: str) -> str:
    """A header as compared: compatibility forms folded, white space and invisible characters removed."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(ch for ch in folded if not ch.isspace() and unicodedata.category(ch) not in ("Cf", "Cc"))


def compare_layout(contract: Contract, found: Sequence[str], mode: Mode, *, where: str) -> Layout:
    """Match found column names to the contract's. New columns go on; anything else wrong raises HeldFault.

    Raises COLUMN_MISSING, COLUMN_RENAMED (missing and new ones at once), COLUMN_TWICE, FULL_SENT_AS_DELTA,
    DELTA_SENT_AS_FULL. `where` names the file (and sheet) in messages.
    """
    names = [clean_header(name) for name in found]
    wanted = {clean_header(column.source): column for column in contract.columns}
    op_name = clean_header(contract.op)
    known = sum(name in wanted for name in set(names))
    if 2 * known < len(wanted):  # perhaps no header at all: what was found may be values and is not shown
        message = f"{where}: {known} of the {len(wanted)} agreed columns found. Send the file with the agreed header."
        raise HeldFault("COLUMN_MISSING", message)
    twice = sorted({name for name in names if name in wanted and names.count(name) > 1})
    if twice:
        raise HeldFault("COLUMN_TWICE", f"{where}: columns {twice} stand twice; each must stand once.")
    place = {name: position for position, name in enumerate(names) if name}
    new = tuple(name for name in place if name not in wanted and name != op_name)
    missing = [column.source for name, column in wanted.items() if name not in place and not column.optional]
    missing = [source for source in missing if not source.startswith("@")]
    if missing and new:
        message = f"{where}: columns {missing} are missing and {list(new)} are new. Send the agreed names."
        raise HeldFault("COLUMN_RENAMED", message)
    if missing:
        raise HeldFault("COLUMN_MISSING", f"{where}: columns {missing} are missing. Send the file with all columns.")
    check_mode(contract, mode, has_op=op_name in place, where=where)
    positions = tuple(place.get(name) for name in wanted)
    matched = tuple(column.source for name, column in wanted.items() if name in place)
    return Layout(positions, place.get(op_name), new, matched)


def check_mode(contract: Contract, mode: Mode, *, has_op: bool, where: str) -> None:
    """Hold a file whose operation column contradicts its manifest's mode: loading it would delete or keep too much."""
    if mode == "delta" and not has_op:
        message = f"{where}: announced as delta but has no column {contract.op}. Send a delta, or announce it as full."
        raise HeldFault("FULL_SENT_AS_DELTA", message)
    if mode == "full" and has_op:
        message = f"{where}: announced as full but has the column {contract.op}. Announce a delta, or send all rows."
        raise HeldFault("DELTA_SENT_AS_FULL", message)


def fault_batch(schema: pa.Schema, lines: Sequence[int], faults: Sequence[str], texts: Sequence[str]) -> pa.RecordBatch:
    """A batch of unreadable rows: their lines, reject codes and texts."""
    arrays: list[pa.Array] = [
        pa.array(lines, pa.int64()),
        pa.array(faults, pa.string()),
        pa.array(texts, pa.string()),
        pa.repeat(True, len(lines)),
    ]
    arrays += [pa.nulls(len(lines), pa.string()) for _ in range(len(schema) - 4)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _empty_as_null(texts: pa.Array) -> pa.Array:
    if np.count_nonzero(widths(texts) == 0) <= texts.null_count:  # a null has no bytes
        return texts
    return pc.if_else(pc.equal(pc.binary_length(texts), 0), None, texts)


def row_batch(
    schema: pa.Schema, lines: pa.Array, op: pa.Array | None, columns: Sequence[pa.Array | None], *, suspect: bool
) -> pa.RecordBatch:
    """A batch of readable rows from one array a contract column (None where an optional column is absent)."""
    nothing = pa.nulls(len(lines), pa.string())
    arrays = [lines, nothing, nothing, pa.repeat(suspect, len(lines)), nothing if op is None else op]
    arrays += [nothing if column is None else _empty_as_null(column) for column in columns]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
