"""Nested XML, streamed: decoded here (parsers know few of China's encoding names), declaration dropped, DTDs refused.

line_no is the number of the row in the file, because such files often are one line.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
from lxml import etree

from extractors.contract import Contract, Mode
from extractors.forms import XmlForm
from extractors.held import HeldFault
from extractors.readers.decoding import check_encoding, read_text
from extractors.readers.reading import (
    Reading,
    batch_schema,
    compare_layout,
    fault_batch,
    row_batch,
)

BATCH_ROWS = 5_000
DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # characters XML 1.0 may not hold


def read(contract: Contract, path: Path, mode: Mode) -> Reading:
    """Read an XML delivery; a column's source is its path below the row, whatever the namespace."""
    form = contract.form
    assert isinstance(form, XmlForm)
    check_encoding(path, form.encoding)
    reading = Reading(iter(()), [], [])
    reading.batches = _read_rows(contract, form, path, mode, reading)
    return reading


class _Utf8Stream(io.RawIOBase):
    """The file as UTF-8 bytes without declaration, for the parser; characters XML forbids are shown as U+FFFD."""

    def __init__(self, texts: Iterator[str]) -> None:
        self.texts = texts
        self.block = b""
        self.position = 0
        self.is_first = True

    def read(self, size: int = -1) -> bytes:
        while self.position >= len(self.block):
            text = next(self.texts, None)
            if text is None:
                return b""
            if self.is_first:
                text = DECLARATION.sub("", text, count=1)
                self.is_first = False
            self.block, self.position = FORBIDDEN.sub("\ufffd", text).encode(), 0
        end = len(self.block) if size < 0 else self.position + size
        taken = self.block[self.position : end]
        self.position = end
        return taken


def _read_rows(contract: Contract, form: XmlForm, path: Path, mode: Mode, reading: Reading) -> Iterator[pa.RecordBatch]:
    ancestors = form.row.split("/")
    rows = _Rows(contract, path, mode, reading)
    container: etree._Element | None = None
    try:
        events = etree.iterparse(
            _Utf8Stream(read_text(path, form.encoding)),
            events=("end",),
            tag="{*}" + ancestors[-1],
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            encoding="utf-8",
        )
        for _, element in events:
            if element.getparent() is not container:
                if _names_above(element) != ancestors[-2::-1]:
                    continue
                container = element.getparent()
                _refuse_dtd(element, path)
            rows.add(element)
            if rows.is_full:
                yield from rows.take()
                del container[: container.index(element)]  # those after it are parsed but not yet given out
        root = etree.QName(events.root).localname if events.root is not None else None
    except etree.XMLSyntaxError as fault:
        line, column = fault.position
        message = f"{path.name}: not well-formed XML at line {line}, column {column}. Send the whole file again."
        raise HeldFault("FILE_BROKEN", message) from fault
    if root != ancestors[0]:
        raise HeldFault("FILE_BROKEN", f"{path.name}: root element {root}, agreed is {ancestors[0]}.")
    _refuse_dtd(events.root, path)
    yield from rows.take()


def _names_above(element: etree._Element) -> list[str]:
    return [etree.QName(parent).localname for parent in element.iterancestors()]


def _refuse_dtd(element: etree._Element, path: Path) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise HeldFault("FILE_BROKEN", f"{path.name}: holds a DTD, which is refused. Send the file without it.")


@dataclass
class _Shape:
    """Rows with the same elements in the same order: where each leaf stands, and the texts of all rows end to end."""

    places: dict[str, int]
    is_readable: bool
    lines: list[int] = field(default_factory=list)
    texts: list[str | None] = field(default_factory=list)


class _Rows:
    """Collects rows by shape and gives them out as batches; a file nearly always has one or few shapes, so paths are

    worked out once a shape, not once a row.
    """

    def __init__(self, contract: Contract, path: Path, mode: Mode, reading: Reading) -> None:
        self.contract = contract
        self.path = path
        self.mode = mode
        self.wanted = [column.source for column in contract.columns] + [contract.op]
        self.reading = reading
        self.schema = batch_schema(contract)
        self.has_layout = False
        self.count = 0
        self.shapes: dict[tuple[object, ...], _Shape] = {}
        self.faulty: list[tuple[int, str, str]] = []

    @property
    def is_full(self) -> bool:
        return self.count % BATCH_ROWS == 0

    def add(self, row: etree._Element) -> None:
        """Take one row element. A row with the same leaf twice is unreadable: which of the two holds is not known."""
        self.count += 1
        elements = list(row.iter())
        signature = (len(row), *[element.tag for element in elements])
        shape = self.shapes.get(signature)
        if shape is None:
            shape = self.shapes[signature] = _learn_shape(elements)
        if shape.is_readable:
            shape.lines.append(self.count)
            shape.texts += [element.text for element in elements]
        else:
            text = etree.tostring(row, encoding="unicode", with_tail=False)
            self.faulty.append((self.count, "ELEMENT_TWICE", text))

    def take(self) -> Iterator[pa.RecordBatch]:
        """The rows collected so far as batches, one a shape; the first ones show the layout."""
        self._compare_found()
        if self.faulty:
            yield fault_batch(self.schema, *zip(*self.faulty, strict=True))
        for signature, shape in self.shapes.items():
            if not shape.lines:
                continue
            step = len(signature) - 1
            columns = [
                pa.array(shape.texts[shape.places[source] :: step], pa.string()) if source in shape.places else None
                for source in self.wanted
            ]
            op = columns[-1] if self.mode == "delta" else None
            yield row_batch(self.schema, pa.array(shape.lines, pa.int64()), op, columns[:-1], suspect=True)
        self.shapes, self.faulty = {}, []

    def _compare_found(self) -> None:
        found = sorted({path for shape in self.shapes.values() for path in shape.places})
        if found and not self.has_layout:
            layout = compare_layout(self.contract, found, self.mode, where=self.path.name)
            self.reading.matched = list(layout.matched)
            self.has_layout = True
        known = {*self.wanted, *self.reading.new_columns}
        self.reading.new_columns += [path for path in found if path not in known]


def _learn_shape(elements: list[etree._Element]) -> _Shape:
    paths: dict[etree._Element | None, str] = {elements[0]: ""}
    places: dict[str, int] = {}
    is_readable = True
    for position, element in enumerate(elements[1:], 1):
        if not isinstance(element.tag, str):  # a comment
            continue
        path = f"{paths[element.getparent()]}/{etree.QName(element).localname}".removeprefix("/")
        paths[element] = path
        if not len(element):
            is_readable &= path not in places
            places[path] = position
    return _Shape(places, is_readable)
