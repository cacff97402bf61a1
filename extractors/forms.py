"""The forms a delivery can have: what a contract must say about each so that its reader needs no further knowledge."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict
from pydantic import Field as Setting

Encoding = Literal["gb18030", "utf-8"]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CsvForm(_Form):
    """Delimited text with a header line; fields may be quoted with '"' (doubled inside) and hold line ends."""

    kind: Literal["csv"]
    extension: str = "csv"
    encoding: Encoding
    bom: bool = False
    delimiter: str = Setting(default=",", min_length=1, max_length=1)
    line_end: Literal["crlf", "lf"] = "crlf"


class FixedWidthForm(_Form):
    """Lines of fixed length without a header; widths are bytes of the encoding, padded right with spaces."""

    kind: Literal["fixed_width"]
    extension: str = "txt"
    encoding: Encoding
    line_end: Literal["crlf", "lf"] = "crlf"


class JsonLinesForm(_Form):
    """One JSON object a line."""

    kind: Literal["json_lines"]
    extension: str = "jsonl"
    encoding: Literal["utf-8"] = "utf-8"


class BookForm(_Form):
    """Workbook whose sheets share one layout: `title_rows` above `header_rows` header rows (groups merged), then rows.

    A column's source is 'group/header' under a merged group cell, or the header alone where it is merged downwards.
    """

    encoding: Literal["utf-8"] = "utf-8"
    title_rows: int = Setting(default=0, ge=0)
    header_rows: int = Setting(default=1, ge=1, le=2)


class XlsxForm(BookForm):
    """Workbook of today."""

    kind: Literal["xlsx"]
    extension: str = "xlsx"


class XlsForm(BookForm):
    """Workbook of Excel-97."""

    kind: Literal["xls"]
    extension: str = "xls"


class ParquetForm(_Form):
    """Parquet of flat columns, whatever their types: each value is taken as the text it has in print."""

    kind: Literal["parquet"]
    extension: str = "parquet"
    encoding: Literal["utf-8"] = "utf-8"


class XmlForm(_Form):
    """Nested XML; `row` is the path of a row from the root, columns are paths below the row."""

    kind: Literal["xml"]
    extension: str = "xml"
    encoding: Encoding
    declared: str  # encoding name in the XML declaration
    row: str = Setting(pattern=r"^[^/]+(/[^/]+)+$")
