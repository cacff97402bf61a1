"""A workbook with one sheet a prefecture, written as its XML parts by whole columns; the same bytes every time."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from demo.texts import Column, either, join, number, plain
from extractors.contract import SHEET, Contract
from extractors.forms import XlsxForm

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_EPOCH = (1980, 1, 1, 0, 0, 0)
NUMBERS = ("amount", "member_no")  # english names of columns kept as numbers
# Values that a spreadsheet made numbers of, by column: ids with their last digits lost, days counted from 1900.
_LOST = r"^\d\.\d+E\+17$|^\d{15}000$"
DAMAGED = {"member_id": _LOST, "id_no": _LOST, "from": r"^\d{5}$"}


def write(
    path: Path, contract: Contract, columns: Mapping[str, Column], sheet_of: Column, op: Column | None = None
) -> None:
    """Write rows to one sheet per distinct value of `sheet_of`, in order of first appearance; `op` as last column."""
    form = contract.form
    if not isinstance(form, XlsxForm):
        raise ValueError(f"{contract.feed}: form is {form.kind}; expected xlsx")
    coded = sheet_of.dictionary_encode()
    which = coded.indices.to_numpy(zero_copy_only=False)
    sheets = coded.dictionary.to_pylist()
    shown = [c for c in contract.columns if c.source != SHEET]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name, text in _frame(sheets).items():
            _add(book, name, text)
        for i in range(len(sheets)):
            rows = np.flatnonzero(which == i)
            taken = {c.english: columns[c.english].take(pa.array(rows)) for c in shown}
            last = None if op is None else op.take(pa.array(rows))
            _add(book, f"xl/worksheets/sheet{i + 1}.xml", _sheet(contract, form, taken, last, len(rows)))


def _add(book: zipfile.ZipFile, name: str, text: str) -> None:
    part = zipfile.ZipInfo(name, date_time=_EPOCH)
    part.compress_type = zipfile.ZIP_DEFLATED
    book.writestr(part, text.encode())


def _frame(sheets: list[str]) -> dict[str, str]:
    """The parts beside the sheets."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{i + 1}.xml" ContentType="{kind}.worksheet+xml"/>'
        for i in range(len(sheets))
    )
    named = "".join(f'<sheet name="{escape(s)}" sheetId="{i + 1}" r:id="rId{i + 1}"/>' for i, s in enumerate(sheets))
    related = "".join(
        f'<Relationship Id="rId{i + 1}" Type="{_REL}/worksheet" Target="worksheets/sheet{i + 1}.xml"/>'
        for i in range(len(sheets))
    )
    return {
        "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>{overrides}</Types>',
        "_rels/.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{_XML}<workbook {_MAIN} xmlns:r="{_REL}"><sheets>{named}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{related}</Relationships>',
    }


def letter(index: int) -> str:
    """Column letter of a position (0 -> A); up to 26 columns."""
    return chr(ord("A") + index)


def _text_cell(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _header(contract: Contract, form: XlsxForm, delta: bool) -> tuple[str, list[str]]:
    """(rows of title and header, merged ranges): a group is merged over its columns, a lone header downwards."""
    shown = [c.source for c in contract.columns if c.source != SHEET] + ([contract.op] if delta else [])
    top, under = form.title_rows + 1, form.title_rows + 2
    rows = [f'<row r="{i + 1}">{_text_cell(f"A{i + 1}", contract.title)}</row>' for i in range(form.title_rows)]
    merges = [f"A{i + 1}:{letter(len(shown) - 1)}{i + 1}" for i in range(form.title_rows)]
    upper, lower, start = "", "", 0
    for i, source in enumerate(shown):
        group, _, leaf = source.rpartition("/")
        follows = i > 0 and group and shown[i - 1].rpartition("/")[0] == group
        if not follows:
            start = i
            upper += _text_cell(f"{letter(i)}{top}", group or leaf)
        if group:
            lower += _text_cell(f"{letter(i)}{under}", leaf)
            last = i + 1 == len(shown) or shown[i + 1].rpartition("/")[0] != group
            if last and i > start:
                merges.append(f"{letter(start)}{top}:{letter(i)}{top}")
        else:
            merges.append(f"{letter(i)}{top}:{letter(i)}{under}")
    return "".join([*rows, f'<row r="{top}">{upper}</row>', f'<row r="{under}">{lower}</row>']), merges


def _sheet(contract: Contract, form: XlsxForm, columns: Mapping[str, Column], op: Column | None, count: int) -> str:
    header, merges = _header(contract, form, op is not None)
    line = number(np.arange(count) + form.title_rows + form.header_rows + 1)
    parts: list[object] = ['<row r="', line, '">']
    shown = [c.english for c in contract.columns if c.source != SHEET]
    for i, english in enumerate(shown):
        parts.append(_cells(english, letter(i), line, columns[english]))
    if op is not None:
        parts.append(_cells("op", letter(len(shown)), line, op))
    lines = join(*parts, "</row>")
    merged = "".join(f'<mergeCell ref="{m}"/>' for m in merges)
    body = "".join(lines.to_pylist())
    return f'{_XML}<worksheet {_MAIN}><sheetData>{header}{body}</sheetData><mergeCells count="{len(merges)}">{merged}</mergeCells></worksheet>'


def _cells(english: str, place: str, line: Column, text: Column) -> Column:
    """Cells of one column: text, numbers, or numbers where a spreadsheet damaged an id; empty texts make no cell."""
    text = plain(pc.fill_null(text, ""))
    safe = pc.replace_substring(
        pc.replace_substring(pc.replace_substring(text, "&", "&amp;"), "<", "&lt;"), ">", "&gt;"
    )
    as_text = join(f'<c r="{place}', line, '" t="inlineStr"><is><t xml:space="preserve">', plain(safe), "</t></is></c>")
    as_number = join(f'<c r="{place}', line, '"><v>', plain(safe), "</v></c>")
    empty = np.asarray(pc.equal(text, "").to_numpy(zero_copy_only=False), dtype=bool)
    numeric = np.full(len(text), english in NUMBERS)
    if english in DAMAGED:
        numeric = pc.match_substring_regex(text, DAMAGED[english]).to_numpy(zero_copy_only=False)
    return either(empty, "", either(np.asarray(numeric, dtype=bool), as_number, as_text))
