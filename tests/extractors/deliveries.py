"""Writes small deliveries in every form from a contract, for the tests of this folder."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import xlsxwriter

from extractors.contract import Contract

Row = Mapping[str, object]  # source column -> value; 'op' for deltas; '@sheet' names the sheet


def render(contract: Contract, rows: Sequence[Row], *, mode: str = "full", encoding: str | None = None) -> bytes:
    """The bytes of a delivery of these rows (values by source column, missing ones empty)."""
    columns = [column.source for column in contract.columns if not column.source.startswith("@")]
    names = columns + ([contract.op] if mode == "delta" else [])
    table = [[row.get(name, row.get("op") if name == contract.op else None) for name in names] for row in rows]
    encoding = encoding or contract.form.encoding
    match contract.form.kind:
        case "csv":
            return render_csv(contract, names, table, encoding)
        case "fixed_width":
            widths = [int(column.width or 0) for column in contract.columns] + [1]
            lines = [
                b"".join(pad(text, width, encoding) for text, width in zip(row, widths, strict=False)) for row in table
            ]
            return b"".join(line + b"\r\n" for line in lines)
        case "json_lines":
            return "".join(
                json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) + "\n" for row in table
            ).encode()
        case "xlsx":
            return render_xlsx(contract, names, rows)
        case "xml":
            return render_xml(contract, names, table, encoding)


def pad(text: object, width: int, encoding: str) -> bytes:
    """A fixed-width cell: cut and padded on bytes, as exports do it."""
    return ("" if text is None else str(text)).encode(encoding)[:width].ljust(width)


def render_csv(contract: Contract, names: Sequence[str], table: Sequence[Sequence[object]], encoding: str) -> bytes:
    """Header and rows, quoted where needed."""
    form = contract.form
    assert form.kind == "csv"
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=form.delimiter, lineterminator="\r\n" if form.line_end == "crlf" else "\n")
    writer.writerow(names)
    writer.writerows(table)
    return (b"\xef\xbb\xbf" if form.bom else b"") + stream.getvalue().encode(encoding)


def render_xlsx(contract: Contract, names: Sequence[str], rows: Sequence[Row]) -> bytes:
    """One sheet for each value of '@sheet' in the rows, title and header rows as the contract says."""
    form = contract.form
    assert form.kind == "xlsx"
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"created": dt.datetime(2026, 11, 1, tzinfo=dt.UTC)})  # the same rows are the same bytes
    for sheet_name in dict.fromkeys(str(row.get("@sheet", "成都市")) for row in rows):
        sheet = book.add_worksheet(sheet_name)
        if form.title_rows:
            sheet.merge_range(0, 0, 0, len(names) - 1, "名册")
        _write_headers(sheet, names, form.title_rows, form.header_rows)
        taken = [row for row in rows if str(row.get("@sheet", "成都市")) == sheet_name]
        for line, row in enumerate(taken, form.title_rows + form.header_rows):
            for position, name in enumerate(names):
                if row.get(name) is not None:
                    sheet.write(line, position, row[name])
    book.close()
    return stream.getvalue()


def _write_headers(sheet: xlsxwriter.worksheet.Worksheet, names: Sequence[str], top: int, rows: int) -> None:
    if rows == 1:
        sheet.write_row(top, 0, names)
        return
    for position, name in enumerate(names):
        group, _, header = name.partition("/")
        if not header:
            sheet.merge_range(top, position, top + 1, position, group)
            continue
        sheet.write(top + 1, position, header)
        same = [place for place, other in enumerate(names) if other.startswith(group + "/")]
        if position == same[0]:
            if len(same) > 1:
                sheet.merge_range(top, same[0], top, same[-1], group)
            else:
                sheet.write(top, position, group)


def render_xml(contract: Contract, names: Sequence[str], table: Sequence[Sequence[object]], encoding: str) -> bytes:
    """Rows below their parents; nested children follow the paths of the columns."""
    form = contract.form
    assert form.kind == "xml"
    parents = form.row.split("/")
    rows = []
    for values in table:
        parts, open_group = [], ""
        for name, value in zip(names, values, strict=True):
            group, _, leaf = name.rpartition("/")
            if group != open_group:
                parts.append((f"</{open_group}>" if open_group else "") + (f"<{group}>" if group else ""))
                open_group = group
            parts.append(f"<{leaf}>{escape('' if value is None else str(value))}</{leaf}>")
        parts.append(f"</{open_group}>" if open_group else "")
        rows.append(f"<{parents[-1]}>{''.join(parts)}</{parents[-1]}>")
    body = "".join(f"<{name}>" for name in parents[:-1]) + "\n" + "\n".join(rows) + "\n"
    body += "".join(f"</{name}>" for name in reversed(parents[:-1]))
    return f'<?xml version="1.0" encoding="{form.declared}"?>\n{body}\n'.encode(encoding)


def write(path: Path, content: bytes) -> Path:
    """Write a file and give its path back."""
    path.write_bytes(content)
    return path
