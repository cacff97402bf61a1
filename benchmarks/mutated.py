"""Golden files of every reader, mutations of their bytes, and the judgement of what a reader makes of one.

A reader may refuse a file as a whole or give batches; then every line, element or row of the file must be accounted, by
a count that does not use the reader. Anything else is a fault: another exception, a hang, a lost or doubled row, a batch
that is not valid, a NUL in a text.
"""

from __future__ import annotations

import gzip
import io
import random
import signal
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from lxml import etree

from extractors.contract import Contract, load_contracts
from extractors.forms import ParquetForm, XlsForm
from extractors.held import HeldFault
from extractors.readers import open_reading
from runtime.settings import ROOT

DAY = "2026-11-01"
PERSONS = 400
LINES = 30
HANG_SECONDS = 10
OF_FORM = {"csv": "hrss_card", "fixed": "ps_person", "json": "nhsa_insured", "xml": "tax_payer", "xlsx": "ca_assist"}
XLS = ROOT / "tests" / "extractors" / "readers" / "golden" / "three_sheets.xls"
TOKENS = (
    b'"', b",", b"\n", b"\r", b"\r\n", b"\x00", b"\xff", b"\x81", b"\x84\x31\xa4\x37", b"\xef\xbb\xbf", b"\\u0000", b"\\ud800", b"{", b"}", b"[",
    b"null", b"1e999", b"<", b">", b"</", b"&", b"&#0;", b"&x;", b"<!DOCTYPE a>", b"<!--", b"<![CDATA[", b"]]>", b"]", b"-1", b"99999999999999999999",
    b' r="0"', b' t="s"', b' s="99"', b"PK\x03\x04", b"\x1f\x8b", b"PAR1", " ".encode("utf-16-le"), "锟斤拷".encode(), "张".encode("gb18030"),
)  # fmt: skip


@dataclass(frozen=True)
class Golden:
    """A sound file: its contract, its bytes, and how mutated bytes become the file (packed, if it is an archive)."""

    name: str
    contract: Contract
    content: bytes
    packed: Callable[[bytes], bytes] = bytes

    @property
    def file_name(self) -> str:
        """As a department names it."""
        return f"{self.contract.feed}_20261101_20261101-001.{self.contract.form.extension}"


def golden_files() -> list[Golden]:
    """One small file for each reader and archive, from a pretend province and the stored Excel-97 workbook."""
    contracts = load_contracts()
    with tempfile.TemporaryDirectory() as made:
        inbox = Path(made) / "inbox"
        command = [sys.executable, "-m", "demo", "deliver", "--date", DAY, "--first", DAY, "--persons", str(PERSONS)]
        subprocess.run([*command, "--seed", "7", "--inbox", str(inbox), "--truth", made], check=True, cwd=ROOT)
        sent = {
            form: next(path for path in inbox.glob(f"{feed}_*") if path.suffix != ".json").read_bytes()
            for form, feed in OF_FORM.items()
        }
    of = {form: contracts[feed] for form, feed in OF_FORM.items()}
    lines = {form: b"".join(sent[form].splitlines(keepends=True)[:LINES]) for form in ("csv", "fixed", "json")}
    xml = _first_rows(sent["xml"], str(getattr(of["xml"].form, "row", "")))
    parquet = of["csv"].model_copy(update={"form": ParquetForm(kind="parquet")})
    return [
        *(Golden(form, of[form], lines[form]) for form in lines),
        Golden("xml", of["xml"], xml),
        Golden("xlsx", of["xlsx"], sent["xlsx"]),
        Golden("xlsx sheet", of["xlsx"], _sheet(sent["xlsx"]), lambda sheet: _with_sheet(sent["xlsx"], sheet)),
        Golden("xls", _small_contract(contracts["hrss_card"]), XLS.read_bytes()),
        Golden("parquet", parquet, _as_parquet(of["csv"], lines["csv"])),
        Golden("gz", of["json"], gzip.compress(lines["json"], mtime=0)),
        Golden("zip", of["fixed"], _zipped(lines["fixed"])),
    ]


def _first_rows(content: bytes, row: str) -> bytes:
    *above, name = row.split("/")
    end = b"</" + name.encode() + b">"
    rows = content.split(end)[:LINES]
    return end.join(rows) + end + b"".join(b"</" + one.encode() + b">" for one in reversed(above))


SHEET_PART = "xl/worksheets/sheet1.xml"


def _sheet(book: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(book)) as package:
        return package.read(SHEET_PART)


def _with_sheet(book: bytes, sheet: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as package, zipfile.ZipFile(out, "w") as made:
        for part in package.namelist():
            made.writestr(part, sheet if part == SHEET_PART else package.read(part))
    return out.getvalue()


def _zipped(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("户籍.txt", content)
    return out.getvalue()


def _as_parquet(contract: Contract, content: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as made:
        path = Path(made) / "csv"
        path.write_bytes(content)
        table = pa.Table.from_batches(list(open_reading(contract, path, "full").batches))
    columns = {column.source: table[f"c{place}"] for place, column in enumerate(contract.columns)}
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, row_group_size=10)
    return out.getvalue()


def _small_contract(like: Contract) -> Contract:
    sources = {"@sheet": "address", "户主/姓名": "name", "户主/卡号": "card_number", "备注": "bank_code"}
    columns = [{"source": source, "english": field, "field": field} for source, field in sources.items()]
    told: dict[str, Any] = like.model_dump(include={"feed", "title", "title_english", "owner", "department", "subject",
        "purpose", "sharing", "approval_no", "frequency", "deadline"})  # fmt: skip
    form = XlsForm(kind="xls", title_rows=1, header_rows=2)
    return Contract.model_validate(told | {"key": ["card_number"], "form": form.model_dump(), "columns": columns})


def mutate(content: bytes, chance: random.Random) -> bytes:
    """One to six changes: bits, bytes, slices cut, doubled, moved or replaced, tokens that readers may stumble over."""
    out = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        start = chance.randrange(len(out) + 1)
        length = min(chance.choice((1, 1, 2, 4, 16, 200)), len(out) - start)
        match chance.randrange(8):
            case 0 if start < len(out):
                out[start] ^= 1 << chance.randrange(8)
            case 1 if start < len(out):
                out[start] = chance.randrange(256)
            case 2:
                del out[start : start + length]
            case 3:
                out[start:start] = out[start : start + length]
            case 4:
                other = chance.randrange(len(out) + 1)
                out[start : start + length] = out[other : other + length]
            case 5:
                out[start:start] = chance.choice(TOKENS)
            case 6:
                out[start : start + length] = chance.choice(TOKENS)
            case 7 if chance.random() < 0.2:
                del out[start:]
            case _:
                out[start:start] = bytes(chance.randrange(256) for _ in range(length))
    return bytes(out)


class Hang(Exception):  # noqa: N818 - told by its name
    """Raised by the alarm where reading takes longer than HANG_SECONDS."""


@contextmanager
def alarm() -> Iterator[None]:
    """Raise Hang in this thread, the main one, after HANG_SECONDS."""

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(HANG_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def judge(golden: Golden, content: bytes, folder: Path) -> tuple[str, str | None]:
    """What the reader makes of a file ('held CODE' or 'read'), and the fault it shows, if any."""
    path = folder / golden.file_name
    path.write_bytes(content)
    try:
        with alarm():
            batches = list(open_reading(golden.contract, path, "full", folder).batches)
    except HeldFault as held:
        return f"held {held.code}", None
    except Exception as fault:  # noqa: BLE001 - every exception but HeldFault is what is looked for
        return "fault", f"{type(fault).__name__}: {str(fault)[:200]}"
    return "read", _fault_of(golden, path, batches)


def _fault_of(golden: Golden, path: Path, batches: Sequence[pa.RecordBatch]) -> str | None:
    lines: list[int] = []
    for batch in batches:
        try:
            batch.validate(full=True)
        except pa.ArrowInvalid as fault:
            return f"invalid batch: {fault}"
        lines += batch["line_no"].to_pylist()
        for column in batch.columns:
            if pa.types.is_string(column.type) and any("\x00" in text for text in column.to_pylist() if text):
                return "a NUL in a text"
    if len(set(lines)) < len(lines):
        return "a line number twice"
    counted = COUNTS.get(golden.name)
    return counted(golden, path, batches) if counted else None


def _decoded(golden: Golden, path: Path) -> str:
    return path.read_bytes().decode(golden.contract.form.encoding, errors="replace").removeprefix("\ufeff")


def _by_line(golden: Golden, path: Path, batches: Sequence[pa.RecordBatch]) -> str | None:
    """Each line that is not blank is a row of its own number."""
    lines = path.read_bytes().split(b"\n")
    if golden.name == "json":
        wanted = {n for n, line in enumerate(_decoded(golden, path).split("\n"), 1) if line.replace("\0", "?").strip()}
    else:
        wanted = {n for n, line in enumerate(lines, 1) if line.removesuffix(b"\r")}
    found = {line for batch in batches for line in batch["line_no"].to_pylist()}
    return None if found == wanted else f"lines unaccounted: {len(wanted - found)}, invented: {len(found - wanted)}"


def _by_quoted_line(golden: Golden, path: Path, batches: Sequence[pa.RecordBatch]) -> str | None:
    """Each line after the header that is not blank belongs to exactly one row, which may span lines."""
    lines = _decoded(golden, path).replace("\r\n", "\n").split("\n")
    covered: list[int] = []
    for batch in batches:
        for row in batch.to_pylist():
            texts = [row["row_text"]] if row["fault"] else [row[name] for name in batch.schema.names[4:]]
            ends = sum(text.count("\n") for text in texts if text)
            covered += range(row["line_no"], row["line_no"] + ends + 1)
    blank = {n for n, line in enumerate(lines, 1) if line in ("", "\r")}
    if len(covered) != len(set(covered)):
        return "a line belongs to two rows"
    left = set(range(2, len(lines) + 1)) - set(covered) - blank
    return f"lines unaccounted: {len(left)}" if left else None


def _by_element(golden: Golden, path: Path, batches: Sequence[pa.RecordBatch]) -> str | None:
    """As many rows as elements at the path of a row, by a parser that holds the whole document."""
    text = _decoded(golden, path)
    text = "".join("\ufffd" if (ch < " " and ch not in "\t\n\r") or ch in "\ufffe\uffff" else ch for ch in text)
    begin = text.find("?>") + 2 if text.lstrip().startswith("<?xml") else 0
    steps = str(getattr(golden.contract.form, "row", "")).split("/")
    root = etree.fromstring(text[begin:].strip().encode(), etree.XMLParser(resolve_entities=False, huge_tree=True))
    wanted: Any = root.xpath("/" + "".join(f"/*[local-name()='{step}']" for step in steps)[1:])
    rows = sum(batch.num_rows for batch in batches)
    return None if rows == len(wanted) else f"{rows} rows of {len(wanted)} elements"


COUNTS: dict[str, Callable[[Golden, Path, Sequence[pa.RecordBatch]], str | None]] = {
    "csv": _by_quoted_line, "fixed": _by_line, "json": _by_line, "xml": _by_element,
}  # fmt: skip
