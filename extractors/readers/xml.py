"""Nested XML, streamed: decoded here (parsers know few of China's encoding names), declaration dropped, DTDs refused.

Rows that look like the first are taken out of the text by a template; of a file that is not of such rows, lxml reads all.
line_no is the number of the row in the file, because such files often are one line.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from lxml import etree

from extractors.contract import Contract, Mode
from extractors.forms import Encoding, XmlForm
from extractors.held import HeldFault
from extractors.readers import decoding
from extractors.readers.decoding import LONGEST_LINE, check_encoding, decoded, is_suspect, read_text
from extractors.readers.reading import Reading, batch_schema, compare_layout, fault_batch, row_batch
from extractors.readers.xml_bytes import cut_rows
from extractors.readers.xml_template import Template, Unusual, learn, parsed

Lines = npt.NDArray[np.int64]
BATCH_ROWS = 5_000
DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # characters XML 1.0 may not hold
CONTROLS = bytes(range(9)) + b"\x0b\x0c" + bytes(range(0x0E, 0x20))
NO_CHARACTERS = "\ufffe".encode(), "\uffff".encode()


def read(contract: Contract, path: Path, mode: Mode) -> Reading:
    """Read an XML delivery; a column's source is its path below the row, whatever the namespace."""
    form = contract.form
    assert isinstance(form, XmlForm)
    check_encoding(path, form.encoding)
    reading = Reading(iter(()), [], [])
    reading.batches = _read_rows(contract, form, path, mode, reading)
    return reading


def _clean(texts: Iterator[str], *, is_first: bool = True) -> Iterator[str]:
    """The text of a file in blocks, without declaration; characters XML forbids are shown as U+FFFD."""
    for block in texts:
        utf8 = block.encode()
        is_clean = len(utf8.translate(None, CONTROLS)) == len(utf8) and not any(one in utf8 for one in NO_CHARACTERS)
        text = block if is_clean else FORBIDDEN.sub("\ufffd", block)
        declaration = DECLARATION.match(text) if is_first else None
        yield text[declaration.end() :] if declaration else text
        is_first = False


class _Utf8Stream(io.RawIOBase):
    """Texts as UTF-8 bytes, for the parser."""

    def __init__(self, texts: Iterator[str]) -> None:
        self.texts = texts
        self.block = b""
        self.position = 0

    def read(self, size: int = -1) -> bytes:
        while self.position >= len(self.block):
            text = next(self.texts, None)
            if text is None:
                return b""
            self.block, self.position = text.encode(), 0
        end = len(self.block) if size < 0 else self.position + size
        taken = self.block[self.position : end]
        self.position = end
        return taken


def _read_rows(contract: Contract, form: XmlForm, path: Path, mode: Mode, reading: Reading) -> Iterator[pa.RecordBatch]:
    given = 0
    try:
        for batch in _read_alike(contract, form, path, mode, reading):
            given += batch.num_rows
            yield batch
    except Unusual:
        for batch in _read_parsed(contract, form, path, mode, reading):
            yield batch.filter(pc.greater(batch["line_no"], given)) if given else batch


def _read_alike(
    contract: Contract, form: XmlForm, path: Path, mode: Mode, reading: Reading
) -> Iterator[pa.RecordBatch]:
    """Rows by the template of the first one. Raises Unusual, at the latest behind the last row."""
    rows = _Rows(contract, path, mode, reading)
    template: Template | None = None
    end = b""
    rest = b""
    with path.open("rb") as stream:
        while block := stream.read(decoding.BLOCK_BYTES):
            rest += block
            if template is None:
                text = "".join(_clean(iter([decoded(rest, form.encoding).removeprefix("\ufeff")])))
                template = learn(text, form.row.split("/"))
                end = template.end.encode(form.encoding)
                rest = rest[rest.index(template.tags[0].encode(form.encoding)) :]
            cut = rest.rfind(end) + len(end)
            if cut >= len(end):
                rows.add_alike(template, rest[:cut], form.encoding)
                yield from rows.take()
                rest = rest[cut:]
            elif len(rest) > LONGEST_LINE:
                raise Unusual
    if template is None:
        raise Unusual
    parsed(template.head + "".join(_clean(iter([decoded(rest, form.encoding)]), is_first=False)))


def _read_parsed(
    contract: Contract, form: XmlForm, path: Path, mode: Mode, reading: Reading
) -> Iterator[pa.RecordBatch]:
    """Every row by a parser that sees the whole file."""
    ancestors = form.row.split("/")
    rows = _Rows(contract, path, mode, reading)
    container: etree._Element | None = None
    try:
        events = etree.iterparse(
            _Utf8Stream(_clean(read_text(path, form.encoding))),
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
    step: int  # texts a row
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
        self.suspect = True
        self.shapes: dict[tuple[object, ...], _Shape] = {}
        self.faulty: list[tuple[int, str, str]] = []
        self.cut: list[tuple[dict[str, pa.Array], Lines]] = []

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

    def add_alike(self, template: Template, content: bytes, encoding: Encoding) -> None:
        """Take the rows of bytes that end with one: those of the template, and what a parser finds between them."""
        cut = cut_rows(template, content, encoding)
        if cut is not None:
            lines = np.arange(self.count + 1, self.count + 1 + len(cut.columns[0]))
            self.count += len(lines)
            self.cut.append((dict(zip(template.paths, cut.columns, strict=True)), lines))
            self.suspect = cut.is_suspect
            return
        text = "".join(_clean(iter([decoded(content, encoding)]), is_first=False))
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        parts = template.split(text)
        step = len(template.paths) + 1
        taken: list[int] = []
        for place in range(0, len(parts), step):
            between = parts[place]
            if between and not between.isspace():
                root = template.between(between)
                ancestors = template.steps[-2::-1]
                for row in root.iter("{*}" + template.steps[-1]):
                    if _names_above(row) == ancestors:
                        self.add(row)
            if place + 1 < len(parts):
                self.count += 1
                taken.append(self.count)
        places = {path: place for place, path in enumerate(template.paths, 1)}
        self.shapes[(template.pattern,)] = _Shape(places, step, True, taken, parts[: len(taken) * step])
        self.suspect = is_suspect(text.encode())

    def take(self) -> Iterator[pa.RecordBatch]:
        """The rows collected so far as batches, one a shape; the first ones show the layout."""
        self._compare_found()
        if self.faulty:
            yield fault_batch(self.schema, *zip(*self.faulty, strict=True))
        for found, lines in self.cut:
            yield self._batch([found.get(source) for source in self.wanted], pa.array(lines, pa.int64()))
        for shape in self.shapes.values():
            if not shape.lines:
                continue
            columns = [
                pa.array(shape.texts[shape.places[source] :: shape.step], pa.string())
                if source in shape.places
                else None
                for source in self.wanted
            ]
            yield self._batch(columns, pa.array(shape.lines, pa.int64()))
        self.shapes, self.faulty, self.cut = {}, [], []

    def _batch(self, columns: list[pa.Array | None], lines: pa.Array) -> pa.RecordBatch:
        op = columns[-1] if self.mode == "delta" else None
        return row_batch(self.schema, lines, op, columns[:-1], suspect=self.suspect)

    def _compare_found(self) -> None:
        paths = [*(shape.places for shape in self.shapes.values()), *(columns for columns, _ in self.cut)]
        found = sorted({path for some in paths for path in some})
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
    return _Shape(places, len(elements), is_readable)
