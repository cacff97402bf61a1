"""The form of a sample file: kind, encoding, delimiter and header rows, and the names of its columns."""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from lxml import etree

from extractors.contract import SHEET, AnyForm
from extractors.drafts import FILL_IN
from extractors.forms import CsvForm, FixedWidthForm, JsonLinesForm, ParquetForm, XlsForm, XlsxForm, XmlForm
from extractors.held import HeldFault
from extractors.propose.books import read_head
from extractors.propose.widths import guess_widths
from extractors.readers.decoding import SAMPLE_BYTES, guess_encoding
from extractors.readers.excel97 import MAGIC
from extractors.readers.reading import clean_header

DELIMITERS = ",\t|;^~"
SAMPLE_LINES = 300
SAME_WIDTH = 0.8  # share of lines that must split into as many fields as the header
VALUE_LIKE = re.compile(r"\d[\d\-/.: ]{3,}[\dXx]?")
PARQUET = b"PAR1"


class ProposeError(ValueError):
    """A sample file no contract can be proposed for; the message says what was found, what is expected and what to do."""


@dataclass(frozen=True)
class Found:
    """What a file looks like: its form, its columns by source name, byte widths of fixed-width ones, notes for a person."""

    form: AnyForm
    sources: list[str]
    widths: list[int] | None = None
    notes: tuple[str, ...] = ()


def guess_form(path: Path) -> Found:
    """Look at the head of a file. Raises ProposeError, OSError."""
    with path.open("rb") as stream:
        head = stream.read(SAMPLE_BYTES)
    if not head.strip():
        raise ProposeError(f"{path.name}: has no content. Ask the department for a file with at least 100 rows.")
    if head.startswith(b"PK"):
        return _book(path, is_old=False)
    if head.startswith(MAGIC):
        return _book(path, is_old=True)
    if head.startswith(PARQUET):
        return _parquet(path)
    found = guess_encoding(head)
    if found not in (None, "utf-8", "gb18030"):
        message = f"{path.name}: encoding {found}, readable are utf-8 and gb18030. Ask for the file in one of them."
        raise ProposeError(message)
    encoding = found or "utf-8"
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(head).removeprefix("\ufeff")
    if len(head) == SAMPLE_BYTES:
        head = head[: head.rfind(b"\n") + 1]
        text = text[: text.rfind("\n") + 1] or text
    if text.lstrip().startswith("<"):
        return _xml(path, text, encoding)
    if text.lstrip().startswith("{"):
        return _json_lines(path, text)
    return _csv(path, text, head, encoding) or _fixed_width(path, head, encoding)


def _csv(path: Path, text: str, head: bytes, encoding: Any) -> Found | None:
    lines = text.splitlines()[:SAMPLE_LINES]
    best: tuple[int, str, list[str]] | None = None
    for delimiter in DELIMITERS:
        rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
        width = len(rows[0])
        alike = sum(len(row) == width for row in rows)
        if width > 1 and alike >= SAME_WIDTH * len(rows) and (best is None or width > best[0]):
            best = (width, delimiter, rows[0])
    if best is None:
        return None
    _, delimiter, header = best
    values = [name for name in header if VALUE_LIKE.fullmatch(name.strip())]
    if values or not all(name.strip() for name in header):
        message = (
            f"{path.name}, line 1: found {len(values)} values where the names of columns are expected. "
            "Ask the department for a header line, each column with a name; title lines above it must go."
        )
        raise ProposeError(message)
    _refuse_twice(path, header)
    line_end: Any = "crlf" if b"\r\n" in head else "lf"
    form = CsvForm(
        kind="csv", encoding=encoding, bom=head.startswith(codecs.BOM_UTF8), delimiter=delimiter, line_end=line_end
    )
    return Found(form, [clean_header(name) for name in header])


def _fixed_width(path: Path, head: bytes, encoding: Any) -> Found:
    lines = [line for line in head.replace(b"\r\n", b"\n").split(b"\n") if line][:SAMPLE_LINES]
    length, count = Counter(map(len, lines)).most_common(1)[0]
    if count < SAME_WIDTH * len(lines) or length < 10:
        message = (
            f"{path.name}: neither workbook, XML nor JSON lines; no delimiter out of {' '.join(DELIMITERS)!r} splits its "
            "lines alike, and they are of different length. Ask the department which form it is."
        )
        raise ProposeError(message)
    widths = guess_widths([line for line in lines if len(line) == length], encoding)
    form = FixedWidthForm(
        kind="fixed_width", encoding=encoding, line_end="crlf" if b"\r\n" in head else "lf", extension="txt"
    )
    note = (
        f"{FILL_IN}: compare the widths with the department's layout; a file without header shows only where blanks are"
    )
    return Found(form, [f"列{number}" for number in range(1, len(widths) + 1)], widths, (note,))


def _json_lines(path: Path, text: str) -> Found:
    keys: dict[str, None] = {}
    nested: set[str] = set()
    lines = [line for line in text.splitlines() if line.strip()][:SAMPLE_LINES]
    for line_no, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
        except ValueError:
            if line_no == 1:
                message = f"{path.name}, line 1: no JSON object on one line. Ask for JSON lines: one object a line."
                raise ProposeError(message) from None
            continue
        keys |= dict.fromkeys(row)
        nested |= {key for key, value in row.items() if isinstance(value, dict | list)}
    notes = tuple(f"{FILL_IN}: {key} holds objects or lists and is read as one text" for key in sorted(nested))
    return Found(JsonLinesForm(kind="json_lines"), list(keys), notes=notes)


def _xml(path: Path, text: str, encoding: Any) -> Found:
    declared = re.match(r"\s*<\?xml[^>]*encoding=[\"']([^\"']+)", text)
    parser = etree.XMLParser(recover=True, resolve_entities=False, load_dtd=False, no_network=True)
    body = re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1)
    root = etree.fromstring(body.encode(), parser)
    paths: Counter[str] = Counter()
    rows: dict[str, etree._Element] = {}
    for element in root.iterdescendants(tag=etree.Element) if root is not None else ():
        names = [etree.QName(parent).localname for parent in element.iterancestors()]
        place = "/".join([*reversed(names), etree.QName(element).localname])
        paths[place] += len(element) > 0
        if len(element) and (place not in rows or len(list(element.iter())) > len(list(rows[place].iter()))):
            rows[place] = element
    if not rows:
        raise ProposeError(f"{path.name}: no rows with columns below them found in the XML. Ask for a whole file.")
    row = min(rows, key=lambda place: (paths[place] < 2, place.count("/") if paths[place] > 1 else -place.count("/")))
    sources = _leaves(rows[row])
    form = XmlForm(kind="xml", encoding=encoding, declared=declared[1] if declared else encoding, row=row)
    return Found(form, sources)


def _leaves(row: etree._Element) -> list[str]:
    found: dict[str, None] = {}
    for element in row.iterdescendants(tag=etree.Element):
        if not len(element):
            names = [etree.QName(element).localname]
            for parent in element.iterancestors():
                if parent is row:
                    break
                names.append(etree.QName(parent).localname)
            found["/".join(reversed(names))] = None
    return list(found)


def _book(path: Path, *, is_old: bool) -> Found:
    try:
        head = read_head(path)
    except HeldFault as fault:
        raise ProposeError(f"{fault.message} ({fault.code})") from fault
    if head is None:
        raise ProposeError(f"{path.name}: no sheet holds a row. Ask for the file again.")
    named = [clean_header(name) for name in head.names]
    _refuse_twice(path, named)
    above = head.title_rows, head.header_rows
    found = (
        XlsForm(kind="xls", title_rows=above[0], header_rows=above[1])
        if is_old
        else XlsxForm(kind="xlsx", title_rows=above[0], header_rows=above[1])
    )
    return Found(found, [SHEET, *named] if head.sheets > 1 else named)


def _parquet(path: Path) -> Found:
    try:
        names = pq.ParquetFile(path).schema_arrow.names
    except (pa.ArrowException, OSError, ValueError) as fault:
        message = f"{path.name}: begins like Parquet but cannot be read ({type(fault).__name__}). Ask for it again."
        raise ProposeError(message) from None
    _refuse_twice(path, names)
    return Found(ParquetForm(kind="parquet"), [clean_header(name) for name in names])


def _refuse_twice(path: Path, header: list[str]) -> None:
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise ProposeError(f"{path.name}: columns {twice} stand twice. Ask for a name of its own for each column.")
