"""Files given on the command line: Parquet or CSV to text columns, with errors that name file, column and row."""

from __future__ import annotations

import csv as rows_of
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv

from matching.profiles import InputError
from matching.received import Received

EXACT = 2**53
"""Whole numbers above it lose digits when a program holds them as floating point."""

FEW_BYTES = 3
"""Bytes a row (before compression) below which a column of text is one of places in a dictionary: it is read as that."""


def read_records(paths: list[Path], *, is_two_sided: bool = False) -> pa.Table:
    """All files as one table of text columns; a column one file lacks is null there. InputError says what is wrong.

    `is_two_sided`: exactly two files are linked; column `side` tells 1 for the records of the first, 2 for the second's.
    """
    if is_two_sided and len(paths) != 2:
        raise InputError(f"the model links two tables, but {len(paths)} file(s) were given: give exactly two")
    tables = [_texts(read_table(path), path) for path in paths]
    if is_two_sided:
        for table, path in zip(tables, paths, strict=True):
            if "side" in table.column_names:
                raise InputError(
                    f"{path.name}: column 'side' is taken: the model links two tables and tells them apart by it; rename it"
                )
        tables = [
            table.append_column("side", pa.repeat(pa.scalar(str(number)), table.num_rows))
            for number, table in enumerate(tables, start=1)
        ]
    return pa.concat_tables(tables, promote_options="default") if len(tables) > 1 else tables[0]


def open_records(paths: list[Path], *, is_two_sided: bool = False) -> Received:
    """The same, but each column of a Parquet file is read when it is wanted, so that no file ever stands in memory whole."""
    if (
        is_two_sided
        or len({path.suffix.lower() for path in paths} & {".csv", ".txt"})
        or not all(map(Path.exists, paths))
    ):
        return Received.of(read_records(paths, is_two_sided=is_two_sided))
    heads = [_head(path) for path in paths]
    names = tuple(dict.fromkeys(name for known, _, _ in heads for name in known))
    repeated = frozenset.intersection(*(few for _, _, few in heads)) - {"record_key"}

    def read(name: str) -> pa.ChunkedArray:
        parts = []
        for path, (known, rows, _) in zip(paths, heads, strict=True):
            few = [name] if name in repeated else None
            with pq.ParquetFile(path, read_dictionary=few) as file:  # read_table would import pandas for nothing
                one = file.read(columns=[name]) if name in known else pa.table({name: pa.nulls(rows)})
            parts.append(one if few else _texts(one, path))
        whole = pa.concat_tables(parts, promote_options="default") if len(parts) > 1 else parts[0]
        return whole.column(name)

    return Received(names, sum(rows for _, rows, _ in heads), read)


def _head(path: Path) -> tuple[list[str], int, frozenset[str]]:
    """Names of the columns and number of rows of a Parquet file; and which columns of text are written as dictionaries."""
    try:
        found, schema = pq.read_metadata(path), pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise _no_parquet(path, error) from error
    _check_names(list(schema.names), path)
    size: dict[str, int] = {}
    for group in map(found.row_group, range(found.num_row_groups)):
        for column in map(group.column, range(group.num_columns)):
            size[column.path_in_schema] = size.get(column.path_in_schema, 0) + column.total_uncompressed_size
    texts = [field.name for field in schema if pa.types.is_string(field.type)]
    few = frozenset(name for name in texts if size.get(name, 0) < FEW_BYTES * found.num_rows)
    return list(schema.names), found.num_rows, few


def _no_parquet(path: Path, error: Exception) -> InputError:
    why = "it is empty" if path.is_file() and not path.stat().st_size else str(error).splitlines()[0]
    return InputError(f"{path.name} is not a Parquet file ({why}): send Parquet, or CSV named .csv")


def _check_names(names: list[str], path: Path) -> None:
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise InputError(f"{path.name}: column {min(twice)!r} stands there more than once: keep one")


def read_table(path: Path) -> pa.Table:
    """One Parquet or CSV file as it is. InputError if it is not there, or is neither."""
    if not path.exists():
        raise InputError(f"no file {path}: expected Parquet, or CSV in UTF-8, with the canonical columns")
    if path.suffix.lower() in (".csv", ".txt"):
        table = _read_csv(path)
    else:
        try:
            table = pq.read_table(path)
        except (pa.ArrowException, OSError) as error:
            raise _no_parquet(path, error) from error
    _check_names(table.column_names, path)
    return table


def _read_csv(path: Path) -> pa.Table:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = rows_of.reader(lines)
            names, has_rows = next(rows, []), next(rows, None) is not None
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name} is not UTF-8: save it as UTF-8 (GB 18030 is for the extractors)") from error
    if not names:
        raise InputError(f"{path.name} is empty: expected a first row with the names of the columns")
    if not has_rows:
        return pa.table({name: pa.array([], pa.string()) for name in names})
    convert = csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
    )
    wrong: list[tuple[int, int, int]] = []

    def note(row: csv.InvalidRow) -> str:
        wrong.append((row.number or 0, row.actual_columns, row.expected_columns))
        return "error" if len(wrong) > 1 else "skip"

    parse = csv.ParseOptions(newlines_in_values=True, invalid_row_handler=note)
    try:
        table = csv.read_csv(path, csv.ReadOptions(use_threads=False), parse, convert)
    except pa.ArrowInvalid as error:
        if not wrong:
            bad = "a value that is not UTF-8" if "UTF8" in str(error) else "a row that cannot be read"
            raise InputError(f"{path.name}: {bad}{_column_in(str(error), names)}: save it as CSV in UTF-8") from error
    if wrong:
        row, found, expected = wrong[0]
        raise InputError(
            f"{path.name}: row {row} has {found} column(s), expected {expected}: a comma or a quote is missing or too many"
        )
    return table


def _column_in(message: str, names: list[str]) -> str:
    """The column an Arrow message numbers; the rest of the message may quote a value and is not told."""
    found = message.partition("column #")[2].partition(":")[0]
    number = int(found) if found.isdigit() else -1
    return f" in column {names[number]!r}" if 0 <= number < len(names) else ""


def _texts(table: pa.Table, path: Path) -> pa.Table:
    """Columns of numbers and dates as text, whole numbers held as floating point without their '.0'."""
    for place, name in enumerate(table.column_names):
        column = table.column(name)
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if pa.types.is_null(column.type) or pa.types.is_large_string(column.type):
            column = column.cast(pa.string())
        elif pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
            column = _decoded(column, name, path)
        elif pa.types.is_floating(column.type):
            column = _from_floating(column.cast(pa.float64()), name, path)
        elif pa.types.is_integer(column.type) or pa.types.is_decimal(column.type):
            column = column.cast(pa.string())
        if column is not table.column(name):
            table = table.set_column(place, name, column)
    if "record_key" in table.column_names and pa.types.is_string(table.schema.field("record_key").type):
        _check_keys(table.column("record_key"), path)
    return table


def _check_keys(keys: pa.ChunkedArray, path: Path) -> None:
    """A key is written out again and looked up, so it must be whole text; other values may be broken."""
    try:
        keys.validate(full=True)
    except pa.ArrowInvalid as error:
        for row, key in enumerate(keys.cast(pa.binary()).to_pylist(), start=1):
            try:
                str(key or b"", "utf-8")
            except UnicodeDecodeError:
                said = f"{path.name}: column 'record_key' is not UTF-8 in row {row} (a lone surrogate or broken bytes)"
                raise InputError(f"{said}: send keys as text") from error
        raise


def _decoded(column: pa.ChunkedArray, name: str, path: Path) -> pa.ChunkedArray:
    try:
        return column.cast(pa.string())
    except pa.ArrowInvalid as error:
        for row, value in enumerate(column.to_pylist(), start=1):
            try:
                str(value or b"", "utf-8")
            except UnicodeDecodeError:
                raise InputError(f"{path.name}: column {name!r} is not UTF-8 in row {row}: send it as text") from error
        raise


def _from_floating(column: pa.ChunkedArray, name: str, path: Path) -> pa.ChunkedArray:
    lost = pc.fill_null(pc.greater(pc.abs(column), EXACT), False)
    if pc.any(lost).as_py():
        row = pc.index(lost, True).as_py() + 1
        raise InputError(
            f"{path.name}: column {name!r} is {column.type} and row {row} has a number of more than 15 digits, "
            "so its last digits are lost: send the column as text"
        )
    whole = pc.and_(pc.equal(column, pc.round(column)), pc.is_finite(column))
    as_whole = pc.if_else(whole, column, None).cast(pa.int64()).cast(pa.string())
    return pc.if_else(
        pc.fill_null(whole, False), as_whole, pc.if_else(pc.is_nan(column), None, column).cast(pa.string())
    )
