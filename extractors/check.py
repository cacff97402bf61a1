"""What a person sees of one file against its contract: layout, fill, codes, counts, rejects, findings, masked samples."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from extractors.advice import advice
from extractors.contract import Contract, Mode
from extractors.extract import Extracted, extract
from extractors.fields import Field
from extractors.held import HeldFault
from extractors.manifest import sm3_of
from extractors.masking import mask, mask_key
from extractors.propose.form import ProposeError, guess_form
from extractors.readers import Reading, open_reading
from extractors.readers.archives import unpacked
from extractors.readers.decoding import SAMPLE_BYTES, guess_encoding
from extractors.readers.reading import clean_header
from extractors.results import MANY
from extractors.snapshot import Delivery

TOP = 12  # reasons and findings shown
TOP_CODES = 6
SAMPLES = 3  # masked rows, and rows of each reject reason
TEXTS = ("csv", "fixed_width", "json_lines", "xml")
CODED = ("sex", "ethnicity", "code", "choice", "area")


def check_file(contract: Contract, path: Path, *, as_of: dt.date) -> Iterator[str]:
    """Lines of a report on one file; the last says whether it would be taken. Raises OSError if it cannot be read.

    The mode is found from the operation column. The file is read and extracted into a folder that is removed again.
    """
    yield f"feed      {contract.feed} ({contract.title}, {contract.owner}), layout version {contract.version}"
    yield f"file      {path.name}, {path.stat().st_size:,} bytes"
    try:
        with unpacked(path, contract.form.extension) as file:
            yield from _seen(contract, file, is_packed=file != path)
        mode, reading, rows = read_through(contract, path)
    except HeldFault as fault:
        yield f"HELD      {fault.code}: {fault.message}"
        return
    yield f"mode      {mode}"
    yield f"new       {len(reading.new_columns)}: {', '.join(reading.new_columns) or '-'}"
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
        yield from _describe(contract, extracted, path.name)
    yield "TAKEN     rows become records as counted above; quality gates judge them next"


def _seen(contract: Contract, path: Path, *, is_packed: bool) -> Iterator[str]:
    """Encoding, delimiter and columns as they look, whether or not the file can be read as agreed."""
    form = contract.form
    if is_packed:
        yield f"unpacked  {path.stat().st_size:,} bytes"
    if form.kind in TEXTS:
        with path.open("rb") as stream:
            found = guess_encoding(stream.read(SAMPLE_BYTES))
        yield f"encoding  found {found or 'ASCII only'}, agreed {form.encoding}"
    if form.kind == "fixed_width":
        yield f"columns   {len(contract.columns)} by width, {sum(column.width or 0 for column in contract.columns)} bytes a row"
        return
    try:
        seen = guess_form(path)
    except ProposeError as fault:
        yield f"form      agreed {form.kind}; {fault}"
        return
    if seen.form.kind != form.kind:
        yield f"form      found {seen.form.kind}, agreed {form.kind}"
    if form.kind == "csv" and seen.form.kind == "csv":
        yield f"delimiter found {seen.form.delimiter!r}, agreed {form.delimiter!r}"
    names = {clean_header(source) for source in seen.sources}
    agreed = [column.source for column in contract.columns if not column.source.startswith("@")]
    matched = [source for source in agreed if clean_header(source) in names]
    absent = [source for source in agreed if clean_header(source) not in names]
    known = {clean_header(source) for source in [*agreed, contract.op]}
    more = [source for source in seen.sources if clean_header(source) not in known and not source.startswith("@")]
    yield f"columns   {len(matched)} matched: {', '.join(matched) or '-'}"
    yield f"          {len(absent)} absent: {', '.join(absent) or '-'}"
    if 2 * len(matched) < len(agreed):  # perhaps no header at all: what was found may be values and is not shown
        yield f"          {len(more)} unmatched, not shown: are they names of columns?"
    else:
        yield f"          {len(more)} unmatched: {', '.join(more) or '-'}"


def read_through(contract: Contract, path: Path) -> tuple[Mode, Reading, int]:
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


def _describe(contract: Contract, extracted: Extracted, file_name: str) -> Iterator[str]:
    yield (
        f"rows      {extracted.read:,} read = {extracted.loaded:,} loaded + {extracted.rejected:,} rejected "
        f"+ {extracted.duplicate:,} duplicate"
    )
    with duckdb.connect() as connection:
        for name in ("records", "rejects", "findings"):
            file = str(getattr(extracted, name)).replace("'", "''")
            connection.execute(f"CREATE VIEW {name} AS FROM read_parquet('{file}')")
        yield from _fill(connection, contract, extracted.loaded)
        yield from _codes(connection, contract, extracted.loaded)
        yield from _faults(connection, "reject", "rejects", "reason", file_name)
        yield from _faults(connection, "finding", "findings", "code", file_name)
        yield from _samples(connection, contract)


def _fill(connection: duckdb.DuckDBPyConnection, contract: Contract, loaded: int) -> Iterator[str]:
    names = [field.name for field in contract.fields]
    filled = ", ".join(f"count({name})" for name in names)
    row = connection.execute(f"SELECT {filled} FROM records").fetchone() or ()
    shares = [f"{name} {count / max(loaded, 1):.1%}" for name, count in zip(names, row, strict=True)]
    yield f"filled    {', '.join(shares)}"


def _codes(connection: duckdb.DuckDBPyConnection, contract: Contract, loaded: int) -> Iterator[str]:
    """The most frequent values of each coded column, and the received codes nobody has explained yet."""
    for field in contract.fields:
        if field.kind not in CODED or not loaded:
            continue
        top = connection.execute(
            f"SELECT {field.name}, count(*) FROM records WHERE {field.name} IS NOT NULL GROUP BY 1 "
            f"ORDER BY 2 DESC, 1 LIMIT {TOP_CODES}"
        ).fetchall()
        unknown = connection.execute(
            f"SELECT json_extract_string(received, '$.{field.name}') AS sent, count(*) FROM records "
            f"WHERE {field.name} IS NULL AND sent IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {TOP_CODES}"
        ).fetchall()
        shown = [f"{_named(field, code)} {count / loaded:.1%}" for code, count in top]
        shown += [f"NOT KNOWN {_safe(sent, count)} {count / loaded:.1%}" for sent, count in unknown]
        yield f"codes     {field.name}: {', '.join(shown) or '-'}"


def _named(field: Field, code: str) -> str:
    return f"{code} {field.values[code]}" if code in field.values else code


def _safe(sent: str, count: int) -> str:
    is_code = len(sent) <= 3 and sent.isascii()
    return repr(sent) if is_code or (count >= MANY and len(sent) <= 20) else f"a text of {len(sent)} characters"


def _faults(connection: duckdb.DuckDBPyConnection, word: str, table: str, code: str, file_name: str) -> Iterator[str]:
    """Each reason with its count, first lines, keys (masked), shape found, what was expected and what to do."""
    rows: list[Any] = connection.execute(
        f"SELECT {code}, field, count(*), min(line_no), mode(value_class), "
        f"list(line_no || coalesce(chr(31) || source_key, '') ORDER BY line_no)[:{SAMPLES}] "
        f"FROM {table} GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT {TOP}"
    ).fetchall()
    for reason, field, count, line_no, shape, places in rows:
        first = "" if line_no is None else f", first in line {line_no}"
        named = f"{field} {reason}" if field else reason
        yield f"{word:<9} {count:>9,}  {named}{first}"
        expected, do = advice(reason)
        found = f"found shape {shape}, " if shape else ""
        yield f"{'':21}{found}expected {expected}; {do}"
        if places:
            shown = []
            for place in places:
                line, _, key = str(place).partition("\x1f")
                shown.append(f"line {line}{f' key {mask_key(key)}' if key else ''}")
            yield f"{'':21}{file_name}: {', '.join(shown)}"


def _samples(connection: duckdb.DuckDBPyConnection, contract: Contract) -> Iterator[str]:
    names = [field.name for field in contract.fields]
    rows = connection.execute(
        f"SELECT line_no, {', '.join(f'{name}::VARCHAR' for name in names)} FROM records ORDER BY line_no LIMIT {SAMPLES}"
    ).fetchall()
    for line_no, *values in rows:
        shown = [
            f"{field.name} {mask(field, value)}"
            for field, value in zip(contract.fields, values, strict=True)
            if value is not None
        ]
        yield f"sample    line {line_no}: {', '.join(shown)}"
