"""What a person sees of one file against its contract: layout, fill, counts, rejects and findings, never a value."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

from extractors.contract import Contract, Mode
from extractors.extract import Extracted, extract
from extractors.held import HeldFault
from extractors.manifest import sm3_of
from extractors.readers import Reading, open_reading
from extractors.readers.decoding import SAMPLE_BYTES, guess_encoding
from extractors.snapshot import Delivery

TOP = 12  # reasons and findings shown


def check_file(contract: Contract, path: Path, *, as_of: dt.date) -> Iterator[str]:
    """Lines of a report on one file; the last says whether it would be taken. Raises OSError if it cannot be read.

    The mode is found from the operation column. The file is read and extracted into a folder that is removed again.
    """
    yield f"feed      {contract.feed} ({contract.title}, {contract.owner})"
    yield f"file      {path.name}, {path.stat().st_size:,} bytes"
    if contract.form.kind != "xlsx":
        with path.open("rb") as stream:
            found = guess_encoding(stream.read(SAMPLE_BYTES))
        yield f"encoding  {found or 'ASCII only'}, agreed {contract.form.encoding}"
    try:
        mode, reading, rows = _read_through(contract, path)
    except HeldFault as fault:
        yield f"HELD      {fault.code}: {fault.message}"
        return
    yield f"mode      {mode}"
    yield f"columns   {len(reading.matched)} matched: {', '.join(reading.matched)}"
    absent = [column.source for column in contract.columns if column.source not in reading.matched]
    absent = [source for source in absent if not source.startswith("@")]
    yield f"          {len(absent)} absent: {', '.join(absent) or '-'}"
    yield f"          {len(reading.new_columns)} new: {', '.join(reading.new_columns) or '-'}"
    with tempfile.TemporaryDirectory() as folder:
        delivery = Delivery(
            feed=contract.feed,
            batch_no="check",
            business_date=as_of,
            mode=mode,
            row_count=rows,
            file=path,
            file_sm3=sm3_of(path),
            sender="check",
            schema_version=contract.version,
        )
        extracted = extract(contract, delivery, Path(folder), as_of=as_of)
        if extracted.held is not None:
            yield f"HELD      {extracted.held.code}: {extracted.held.message}"
            return
        yield from _describe(contract, extracted)
    yield "TAKEN     rows become records as counted above; quality gates judge them next"


def _read_through(contract: Contract, path: Path) -> tuple[Mode, Reading, int]:
    """The mode the file's own columns show, what its reader found, and its rows."""
    mode: Mode = contract.modes[0]
    try:
        reading = open_reading(contract, path, mode)
        return mode, reading, sum(batch.num_rows for batch in reading.batches)
    except HeldFault as fault:
        other: dict[str, Mode] = {"DELTA_SENT_AS_FULL": "delta", "FULL_SENT_AS_DELTA": "full"}
        if other.get(fault.code) not in contract.modes:
            raise
        mode = other[fault.code]
        reading = open_reading(contract, path, mode)
        return mode, reading, sum(batch.num_rows for batch in reading.batches)


def _describe(contract: Contract, extracted: Extracted) -> Iterator[str]:
    yield (
        f"rows      {extracted.read:,} read = {extracted.loaded:,} loaded + {extracted.rejected:,} rejected "
        f"+ {extracted.duplicate:,} duplicate"
    )
    with duckdb.connect() as connection:
        names = [field.name for field in contract.fields]
        filled = ", ".join(f"count({name})" for name in names)
        row = connection.execute(f"SELECT {filled} FROM read_parquet(?)", [str(extracted.records)]).fetchone() or ()
        shares = [f"{name} {count / max(extracted.loaded, 1):.1%}" for name, count in zip(names, row, strict=True)]
        yield f"filled    {', '.join(shares)}"
        rejects = connection.execute(
            "SELECT coalesce(field || ' ', '') || reason, count(*), min(line_no) FROM read_parquet(?) "
            f"GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {TOP}",
            [str(extracted.rejects)],
        ).fetchall()
        findings = connection.execute(
            "SELECT coalesce(field || ' ', '') || code, count(*), min(line_no), mode(value_class) FROM read_parquet(?) "
            f"GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {TOP}",
            [str(extracted.findings)],
        ).fetchall()
    for code, count, line_no in rejects:
        yield f"reject    {count:>9,}  {code}, first in line {line_no}"
    for code, count, line_no, shape in findings:
        place = "" if line_no is None else f", first in line {line_no}"
        yield f"finding   {count:>9,}  {code}{place}{'' if shape is None else f', most often of shape {shape}'}"
