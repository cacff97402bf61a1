"""An xlsx package read as a stream: cells as texts, row after row, whatever the size of a sheet.

Texts that cells share are written to an unlinked file and read from there; numbers keep the 15 significant digits a
spreadsheet has; serial numbers become days where the cell's format is one of days.
"""

from __future__ import annotations

import datetime as dt
import mmap
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import IO

import pyarrow as pa
from lxml import etree

BLOCK = 1 << 20
SHARED_BATCH = 50_000
SIGNIFICANT_DIGITS = 15
LARGEST_PART = 64 << 30
LARGEST_SMALL_PART = 64 << 20  # styles, names of sheets
MOST_COLUMNS, MOST_ROWS = 16_384, 1_048_576  # a spreadsheet has no more
# Numbers of built-in formats of days and times, those of East Asia among them (ECMA-376 part 1, 18.8.30).
DAY_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
FORMAT_TEXT = re.compile(r'"[^"]*"|\\.|\[(?![hms]+\])[^\]]*\]|_.|\*.')  # what a format shows as it stands
EPOCHS = {False: dt.datetime(1899, 12, 30), True: dt.datetime(1904, 1, 1)}  # noqa: DTZ001 - sheets know no zone
MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)"')
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
Row = tuple[int, list[str | None]]
Merge = tuple[int, int, int]  # row, first and last column of a merged area's top row, from 0
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, etree.XMLSyntaxError, KeyError, ValueError, IndexError,
          NotImplementedError, RuntimeError, OverflowError)  # fmt: skip


@dataclass(frozen=True)
class Page:
    """One sheet: its name, and where its cells lie in the package."""

    name: str
    part: str


class Workbook:
    """The sheets of an xlsx package. Every method raises one of BROKEN where the package is not as the standard says."""

    def __init__(self, path: Path) -> None:
        self.package = zipfile.ZipFile(path)
        book = self._tree("xl/workbook.xml")
        targets = {
            str(link.get("Id")): str(PurePosixPath("xl") / str(link.get("Target")).removeprefix("/xl/"))
            for link in self._tree("xl/_rels/workbook.xml.rels")
        }
        self.pages = [
            Page(str(sheet.get("name")), targets[str(link)])
            for sheet in book.iterfind(".//{*}sheet")
            for link in [next(value for key, value in sheet.attrib.items() if str(key).endswith("}id"))]
        ]
        properties = book.find("{*}workbookPr")
        self.epoch = EPOCHS[properties is not None and properties.get("date1904") in ("1", "true")]
        names = set(self.package.namelist())
        self.day_styles = self._day_styles() if "xl/styles.xml" in names else set()
        self.shared = self._shared_texts() if "xl/sharedStrings.xml" in names else pa.chunked_array([[]], pa.string())

    def close(self) -> None:
        """Close the package."""
        self.package.close()

    def merges(self, page: Page, below: int) -> list[Merge]:
        """Areas merged over several columns that begin above row `below`; they stand behind the cells of a sheet."""
        found: list[Merge] = []
        rest = b""
        with self._open(page.part) as stream:
            while block := stream.read(BLOCK):
                block = rest + block
                end = 0
                for hit in MERGE.finditer(block):
                    end = hit.end()
                    left, top, right = column_of(hit[1].decode()), int(hit[2]) - 1, column_of(hit[3].decode())
                    if top < below and right > left:
                        found.append((top, left, right))
                rest = block[max(end, len(block) - 200) :]
        return found

    def rows(self, page: Page, batch: int) -> Iterator[list[Row]]:
        """Rows as (number from 1, texts), in batches; rows and cells that are not stored are left out or None."""
        with self._open(page.part) as stream:
            cells = _Cells(self)
            previous = 0
            for _, row in etree.iterparse(
                stream, events=("end",), tag="{*}row", resolve_entities=False, load_dtd=False
            ):
                if not previous and row.getroottree().docinfo.internalDTD is not None:
                    raise ValueError("a DTD")
                number = int(row.get("r") or previous + 1)
                if not previous < number <= MOST_ROWS:
                    raise ValueError("rows out of order")
                previous = number
                cells.add(number, row)
                if len(cells.rows) >= batch:
                    yield cells.take()
                    parent = row.getparent()  # rows behind this one are parsed but not yet given out
                    del parent[: parent.index(row)]
            if cells.rows:
                yield cells.take()

    def _open(self, part: str) -> IO[bytes]:
        if self.package.getinfo(part).file_size > LARGEST_PART:
            raise ValueError("too large a part")
        return self.package.open(part)

    def _tree(self, part: str) -> etree._Element:
        if self.package.getinfo(part).file_size > LARGEST_SMALL_PART:
            raise ValueError("too large a part")
        parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
        return etree.fromstring(self.package.read(part), parser)

    def _day_styles(self) -> set[int]:
        styles = self._tree("xl/styles.xml")
        days = set(DAY_FORMATS)
        for form in styles.iterfind(".//{*}numFmts/{*}numFmt"):
            shown = FORMAT_TEXT.sub("", str(form.get("formatCode"))).lower()
            number = int(str(form.get("numFmtId")))
            days.discard(number)
            if shown != "general" and re.search("[ymdhs]|上午|年|月|日", shown):
                days.add(number)
        formats = styles.iterfind(".//{*}cellXfs/{*}xf")
        return {place for place, form in enumerate(formats) if int(form.get("numFmtId") or 0) in days}

    def _shared_texts(self) -> pa.ChunkedArray:
        """Every shared text by its number, in a file of its own without a name."""
        kept = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the map of it
        schema = pa.schema([("text", pa.string())])
        with self._open("xl/sharedStrings.xml") as stream, pa.ipc.new_file(kept, schema) as writer:
            texts: list[str] = []
            for _, one in etree.iterparse(stream, events=("end",), tag="{*}si", resolve_entities=False, load_dtd=False):
                texts.append(_rich_text(one))
                if len(texts) >= SHARED_BATCH:
                    del one.getparent()[: one.getparent().index(one)]
                    writer.write_batch(pa.record_batch([pa.array(texts, pa.string())], schema))
                    texts = []
            writer.write_batch(pa.record_batch([pa.array(texts, pa.string())], schema))
        kept.flush()
        mapped = mmap.mmap(kept.fileno(), 0, access=mmap.ACCESS_READ)
        kept.close()
        return pa.ipc.open_file(pa.py_buffer(mapped)).read_all()["text"]


class _Cells:
    """Rows being collected; shared texts are put in for a whole batch at once."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.rows: list[Row] = []
        self.numbers: list[int] = []  # of shared texts
        self.places: list[tuple[list[str | None], int]] = []  # where each goes

    def add(self, number: int, row: etree._Element) -> None:
        texts: list[str | None] = []
        place = -1
        for cell in row:
            name = cell.get("r")
            column = place + 1 if name is None else column_of(name.rstrip("0123456789"))
            if not place < column < MOST_COLUMNS:
                raise ValueError("cells out of order")
            if column > place + 1:
                texts += [None] * (column - place - 1)
            place = column
            kind = cell.get("t")
            if kind == "s":
                value = _value(cell)
                texts.append(None)
                if value:
                    self.numbers.append(int(value))
                    self.places.append((texts, column))
            elif kind == "inlineStr":
                runs = cell[0] if len(cell) == 1 else cell
                plain = len(runs) == 1 and not len(runs[0])
                texts.append((_unescaped(runs[0].text or "") if plain else _rich_text(cell)) or None)
            else:
                texts.append(self._plain(cell, kind))
        self.rows.append((number, texts))

    def _plain(self, cell: etree._Element, kind: str | None) -> str | None:
        value = _value(cell)
        if not value:
            return None
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if kind == "d":
            return value.replace("T", " ").removesuffix(" 00:00:00")
        if kind not in (None, "n"):  # the text of a formula, or a fault such as #N/A
            return _unescaped(value)
        style = cell.get("s")
        if style is not None and int(style) in self.book.day_styles:
            return day_text(float(value), self.book.epoch)
        return (
            value
            if len(value) <= SIGNIFICANT_DIGITS and value.isdecimal() and value.isascii()
            else number_text(float(value))
        )

    def take(self) -> list[Row]:
        if self.numbers:
            if min(self.numbers) < 0 or max(self.numbers) >= len(self.book.shared):
                raise ValueError("a shared text that is not there")
            found = self.book.shared.take(pa.array(self.numbers, pa.int64())).to_pylist()
            for (texts, column), text in zip(self.places, found, strict=True):
                texts[column] = text or None
        rows, self.rows, self.numbers, self.places = self.rows, [], [], []
        return rows


def _value(cell: etree._Element) -> str | None:
    for child in cell:
        if isinstance(child.tag, str) and child.tag.endswith("}v"):
            return child.text
    return None


def _rich_text(element: etree._Element) -> str:
    """The texts of all runs; not the phonetic guides beside them."""
    parts = [text.text or "" for text in element.iter("{*}t") if next(text.iterancestors("{*}rPh"), None) is None]
    return _unescaped("".join(parts))


def _unescaped(text: str) -> str:
    return ESCAPED.sub(lambda hit: chr(int(hit[1], 16)), text) if "_x" in text else text


@lru_cache(20_000)
def column_of(letters: str) -> int:
    """The place of a column from 0: A is 0, AA is 26. Raises ValueError."""
    number = 0
    for letter in letters:
        if not "A" <= letter <= "Z":
            raise ValueError("no column")
        number = number * 26 + ord(letter) - 64
        if number > MOST_COLUMNS:
            raise ValueError("too many columns")
    return number - 1


def number_text(number: float) -> str:
    """A number with at most 15 significant digits, never with an exponent. Raises ValueError for one that is none."""
    if number != number or number in (float("inf"), float("-inf")):
        raise ValueError("no number")
    return format(Decimal(f"{number:.{SIGNIFICANT_DIGITS}g}"), "f")


def day_text(serial: float, epoch: dt.datetime) -> str:
    """A serial number in a cell of days: the day, with the time where there is one, or the time alone below one day.

    A number that is no day of a calendar stays a number.
    """
    if not 0 <= serial < 2_958_466:
        return number_text(serial)
    if epoch == EPOCHS[False] and serial < 60:  # before 1900-03-01 the count has a day that never was
        serial += 1 if serial >= 1 else 0
    moment = epoch + dt.timedelta(seconds=round(serial * 86_400))
    if serial < 1:
        return moment.time().isoformat(timespec="seconds")
    return moment.date().isoformat() if moment.time() == dt.time() else moment.isoformat(sep=" ", timespec="seconds")
