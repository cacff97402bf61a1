"""One JSON object a line; the digits of a number stay as they were sent.

The usual block, whose lines are all whole objects of texts and nulls, is read by Arrow at once; any other, and the first,
which shows the layout, is split and extracted by DuckDB line by line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as arrow_json

from extractors.contract import Contract, Mode
from extractors.readers.decoding import check_encoding, is_suspect, without_nul
from extractors.readers.fixed_width import NEWLINE, find_lines, read_line_blocks
from extractors.readers.reading import (
    Layout,
    Reading,
    batch_schema,
    compare_layout,
    fault_batch,
    row_batch,
)

# A number that a parser would turn into a float, or write in another way.
LONG_NUMBER = r'"\s*:\s*-?(?:[0-9]{19,}|[0-9]+[.eE])'
BLOCK_TIMES = 4  # blocks are so much larger than those of fixed width: the first must show all keys
PARTS, LEAST_PART_BYTES = 4, 1 << 18  # of a block, parsed side by side
OPENING, CLOSING = b"{}"
NUL_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def read(contract: Contract, path: Path, mode: Mode) -> Reading:
    """Read a JSON-lines delivery; line_no is the line of the file.

    A key that no row of the first block has is a missing column: send empty values as null.
    """
    check_encoding(path, contract.form.encoding)
    reading = Reading(iter(()), [], [])
    reading.batches = _read_blocks(contract, path, mode, reading)
    return reading


def _read_blocks(contract: Contract, path: Path, mode: Mode, reading: Reading) -> Iterator[pa.RecordBatch]:
    schema = batch_schema(contract)
    wanted = [column.source for column in contract.columns] + [contract.op]
    connection = duckdb.connect(config={"threads": 1})
    layout: Layout | None = None
    line_no = 1
    for block in read_line_blocks(path, BLOCK_TIMES):
        count = len(find_lines(block)[0])
        numbers = pa.array(np.arange(line_no, line_no + count), pa.int64())
        text = _clean(block.tobytes(), is_first=line_no == 1)
        line_no += count
        suspect = is_suspect(text) or (b"\\" in text and (b"\\ufffd" in text or b"\\uFFFD" in text))
        usual = None if layout is None else _read_usual(text, wanted)
        if usual is not None:
            known = {*wanted, *reading.new_columns}
            reading.new_columns += sorted(key for key in usual.column_names if key not in known)
            columns = [usual[key].combine_chunks() for key in wanted]
            op = columns[-1] if mode == "delta" else None
            yield row_batch(schema, numbers, op, columns[:-1], suspect=suspect)
            continue
        table = _filled_lines(text, numbers)
        table = table.set_column(0, "line", _numbers_as_text(table["line"].combine_chunks()))
        rows = _extract(connection, table, wanted)
        broken = table.filter(pc.invert(rows["is_object"]))
        if broken.num_rows:
            faults = ["JSON_BROKEN"] * broken.num_rows
            yield fault_batch(schema, broken["line_no"].to_pylist(), faults, broken["line"].to_pylist())
        good = rows.filter(rows["is_object"])
        if not good.num_rows:
            continue
        found = _keys(connection, table.filter(rows["is_object"]))
        if layout is None:
            layout = compare_layout(contract, found, mode, where=path.name)
            reading.matched = list(layout.matched)
        known = set(wanted) | set(reading.new_columns)
        reading.new_columns += [key for key in found if key not in known]
        columns = [good[f"v{position}"].combine_chunks() for position in range(len(wanted))]
        op = columns[-1] if mode == "delta" else None
        yield row_batch(schema, good["line_no"].combine_chunks(), op, columns[:-1], suspect=suspect)


def _clean(block: bytes, *, is_first: bool) -> bytes:
    """Valid UTF-8 with plain line ends; NUL, also written as an escape, and what is no UTF-8 as U+FFFD."""
    if is_first or b"\0" in block or (b"\\" in block and b"\\u0000" in block) or not _is_utf8(block):
        text = without_nul(block.decode("utf-8", errors="replace"))
        text = NUL_ESCAPE.sub(r"\1\\ufffd", text) if "\\u0000" in text else text
        block = (text.removeprefix("\ufeff") if is_first else text).encode()
    return block.replace(b"\r\n", b"\n") if b"\r" in block else block


def _is_utf8(block: bytes) -> bool:
    whole = pa.array([0, len(block)], pa.int32()).buffers()[1]
    try:
        pa.StringArray.from_buffers(1, whole, pa.py_buffer(block)).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _filled_lines(text: bytes, numbers: pa.Array) -> pa.Table:
    """The lines that are not blank, each with its number."""
    lines = pa.array(text.decode().removesuffix("\n").split("\n"), pa.string())
    filled = pc.not_equal(pc.utf8_trim_whitespace(lines), "")
    return pa.table({"line": lines, "line_no": numbers}).filter(filled)


def _read_usual(text: bytes, wanted: list[str]) -> pa.Table | None:
    """The rows of a block whose lines are each a whole object with texts or nulls under the wanted keys, else None.

    A line that begins and ends as an object neither shares one with its neighbour nor, by the count, holds two.
    """
    signs = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero(signs == NEWLINE)
    if not len(ends) or ends[-1] != len(text) - 1:
        return None
    starts = np.concatenate(([0], ends[:-1] + 1))
    if not ((signs[starts] == OPENING).all() and (signs[ends - 1] == CLOSING).all()):
        return None
    try:
        rows = arrow_json.read_json(
            pa.BufferReader(text),
            read_options=arrow_json.ReadOptions(block_size=max(len(text) // PARTS, LEAST_PART_BYTES)),
            parse_options=arrow_json.ParseOptions(explicit_schema=pa.schema([(key, pa.string()) for key in wanted])),
        )
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    return rows if rows.num_rows == len(ends) else None


def _numbers_as_text(lines: pa.Array) -> pa.Array:
    """The lines, those with long numbers rewritten so that each number is a string of its digits."""
    is_long = pc.match_substring_regex(lines, LONG_NUMBER)
    if not pc.any(is_long).as_py():
        return lines
    return pc.replace_with_mask(
        lines, is_long, pa.array(map(_rewritten, lines.filter(is_long).to_pylist()), pa.string())
    )


def _rewritten(line: str) -> str:
    try:
        return json.dumps(json.loads(line, parse_int=str, parse_float=str), ensure_ascii=False)
    except (ValueError, RecursionError):  # broken lines are rejected as they are
        return line


def _extract(connection: duckdb.DuckDBPyConnection, table: pa.Table, wanted: list[str]) -> pa.Table:
    """One column v0, v1, ... for each wanted key, and is_object; rows in the order of the lines."""
    paths = ", ".join("'" + '$."' + key.replace("'", "''").replace('"', '\\"') + "\"'" for key in wanted)
    values = ", ".join(f"found[{position + 1}] AS v{position}" for position in range(len(wanted)))
    connection.register("block", table)
    return connection.sql(
        f"""
        WITH checked AS (
            SELECT line_no, CASE WHEN json_valid(line) THEN line END AS line FROM block
        ), split AS (
            SELECT line_no, coalesce(json_type(line) = 'OBJECT', FALSE) AS is_object,
                   json_extract_string(line, [{paths}]) AS found
            FROM checked
        )
        SELECT line_no, is_object, {values} FROM split ORDER BY line_no
        """
    ).to_arrow_table()


def _keys(connection: duckdb.DuckDBPyConnection, table: pa.Table) -> list[str]:
    """The distinct keys of the objects, sorted."""
    connection.register("objects", table)
    shapes = connection.execute("SELECT DISTINCT json_keys(line) FROM objects").fetchall()
    return sorted({key for (keys,) in shapes for key in keys})
