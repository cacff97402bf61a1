"""Whole-file checks on the staged rows: columns whose values are plainly another column's, and lost characters.

A single bad value is a finding; a column most of whose values cannot be what its name says is a fault of the export,
and loading it would replace good records by wrong ones.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from extractors.contract import Column, Contract
from extractors.held import HeldFault
from extractors.standard_form import quote

WRONG_SHARE = 0.5  # a column more than half of whose values misfit is wrong as a whole
ENOUGH_VALUES = 10  # fewer filled values than this are judged one by one
DAMAGED_SHARE = 0.1
SAMPLE_ROWS = 5_000  # of a chunk
# What any value of a kind looks like, good or bad; only kinds whose values cannot be mistaken for each other.
SHAPES = {
    "id": r"[^\p{Han}]*\d[^\p{Han}]{4,}",
    "uscc": r"[0-9A-Za-z\s\-]{8,20}",
    "organisation_code": r"[0-9A-Za-z\s\-]{8,20}",
    "person_name": r"\D*\d{0,3}\D*",
    "company_name": r"\D*[^0-9].*\D.*|\D+",
    "date": r"\D{0,3}\d{1,4}(\D.{0,20}|\d{4})?",
    "timestamp": r"\D{0,3}\d{4}.{0,26}",
    "phone": r"[^\p{Han}]*\d{4}.*",
    "bank_card": r"[\d\s*]{8,30}",
}


def _shaped(contract: Contract) -> list[tuple[int, Column, str]]:
    return [
        (position, column, SHAPES[contract.field_of(column).kind])
        for position, column in enumerate(contract.columns)
        if column.field is not None and contract.field_of(column).kind in SHAPES
    ]


def sample_of(rows: pa.Table) -> pa.Table:
    """An even sample of a chunk of rows, about SAMPLE_ROWS of them."""
    step = max(1, rows.num_rows // SAMPLE_ROWS)
    return rows.filter(pa.array(rows["line_no"].to_numpy() % step == 0))


def shape_sql(contract: Contract, rows: int) -> str:
    """SELECT giving a row of counts: of an even `sample` filled and misfit values, then the rows of the chunk."""
    counts = [
        f"count(c{place}) AS filled_{place}, "
        f"count_if(NOT regexp_full_match(c{place}, {quote(shape)})) AS misfit_{place}"
        for place, _, shape in _shaped(contract)
    ]
    return f"SELECT {', '.join([*counts, f'{rows}::BIGINT AS row_count'])} FROM sample"


def check_shape(connection: duckdb.DuckDBPyConnection, contract: Contract, file_name: str) -> None:
    """Raise HeldFault COLUMNS_SWAPPED, COLUMN_SHAPE_WRONG or ENCODING_WRONG if the file as a whole is wrong.

    Reads the views `shape`, one row a chunk, and `odd`. Columns with fewer than ENOUGH_VALUES filled values are not judged.
    """
    shaped = _shaped(contract)
    counts = [f"sum(filled_{place}), sum(misfit_{place})" for place, _, _ in shaped]
    *row, rows, damaged = connection.execute(
        f"SELECT {', '.join([*counts, 'sum(row_count)', '(SELECT count(*) FROM odd WHERE is_damaged_row)'])} FROM shape"
    ).fetchall()[0]
    if rows >= ENOUGH_VALUES and damaged > DAMAGED_SHARE * rows:
        message = f"{file_name}: {damaged} of {rows} rows hold lost characters. Send it in {contract.form.encoding}."
        raise HeldFault("ENCODING_WRONG", message)
    wrong = [
        column.source
        for (_, column, _), filled, misfit in zip(shaped, row[::2], row[1::2], strict=True)
        if filled >= ENOUGH_VALUES and misfit > WRONG_SHARE * filled
    ]
    if len(wrong) > 1:
        message = f"{file_name}: the values of columns {wrong} are not theirs; are they swapped? Send it again."
        raise HeldFault("COLUMNS_SWAPPED", message)
    if wrong:
        message = f"{file_name}: most values of column {wrong[0]} cannot be what its name says. Send it again."
        raise HeldFault("COLUMN_SHAPE_WRONG", message)
