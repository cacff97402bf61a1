"""Rows of text columns as bytes in the form a contract agrees on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from demo.feeds.ps_person import CUT
from demo.feeds.spoilt import COMMA
from demo.texts import Column, join, plain, put, take
from extractors.contract import Contract
from extractors.forms import CsvForm, FixedWidthForm, JsonLinesForm, XmlForm

CUT_BYTES = "号1".encode("gb18030") + b"\xb3"  # as long as CUT in GB18030: the field ends in half a character
# What UTF-8 bytes and characters tell of the GB18030 length: 3-byte characters of these ranges take 2 bytes there.
_TWO_BYTES = re.compile("^[\\x00-\\x7f\u4e00-\u9fa5\u3000-\u3002\uff01-\uff5e·]*$")


def head(contract: Contract, renamed: Mapping[str, str], delta: bool) -> bytes:
    """Bytes before the first row; `renamed` source columns stand under another name."""
    form = contract.form
    if isinstance(form, CsvForm):
        names = [renamed.get(c.source, c.source) for c in contract.columns] + ([contract.op] if delta else [])
        text = ("\ufeff" if form.bom else "") + ",".join(names) + _line_end(form)
        return text.encode(form.encoding)
    if isinstance(form, XmlForm):
        above = form.row.split("/")[:-1]
        return (
            f'<?xml version="1.0" encoding="{form.declared}"?>\n' + "".join(f"<{tag}>" for tag in above) + "\n"
        ).encode(form.encoding)
    return b""


def tail(contract: Contract) -> bytes:
    """Bytes after the last row."""
    form = contract.form
    if isinstance(form, XmlForm):
        above = form.row.split("/")[:-1]
        return ("".join(f"</{tag}>" for tag in reversed(above)) + "\n").encode(form.encoding)
    return b""


def rows(contract: Contract, columns: Mapping[str, Column], op: Column | None) -> bytes:
    """The bytes of rows; `op` is the operation column of a delta."""
    form = contract.form
    if isinstance(form, JsonLinesForm):  # a key may be absent where the contract says so
        sent = [c for c in contract.columns if c.english in columns or not c.optional]
        return _json([columns[c.english] for c in sent], [c.source for c in sent], op, contract.op).encode()
    texts = [plain(pc.fill_null(columns[c.english], "")) for c in contract.columns if not c.source.startswith("@")]
    names = [c.source for c in contract.columns]
    if isinstance(form, CsvForm):
        return _csv(texts if op is None else [*texts, op], _line_end(form)).replace(COMMA, ",").encode(form.encoding)
    if isinstance(form, FixedWidthForm):
        widths = [c.width or 0 for c in contract.columns]
        return _fixed(texts, widths, op, _line_end(form))
    if isinstance(form, XmlForm):
        return _xml(texts, names, form.row.split("/")[-1], op, contract.op).encode(form.encoding)
    raise ValueError(
        f"{contract.feed}: form {form.kind} is not written by rows; expected csv, fixed_width, json_lines or xml"
    )


def _line_end(form: CsvForm | FixedWidthForm) -> str:
    return "\r\n" if form.line_end == "crlf" else "\n"


def _whole(lines: Column) -> str:
    """All lines as one text; the buffer of an Arrow string column is that text already."""
    array = lines if lines.offset == 0 else pa.concat_arrays([lines])
    offsets, values = array.buffers()[1:]
    if values is None or len(array) == 0:
        return ""
    end = int(np.frombuffer(offsets, dtype=np.int32, count=len(array) + 1)[-1])
    return bytes(memoryview(values)[:end]).decode()


def _csv(texts: Iterable[Column], line_end: str) -> str:
    parts: list[object] = []
    for text in texts:
        odd = np.flatnonzero(pc.match_substring_regex(text, '[,"\r\n]').to_numpy(zero_copy_only=False))
        if len(odd):
            quoted = join('"', plain(pc.replace_substring(text.take(pa.array(odd)), '"', '""')), '"')
            text = put(text, odd, quoted)
        parts += [",", text] if parts else [text]
    return _whole(join(*parts, line_end))


def byte_widths(text: Column) -> np.ndarray:
    """Bytes of each text in GB18030."""
    letters = pc.utf8_length(text).to_numpy(zero_copy_only=False).astype(np.int64)
    size = pc.binary_length(text).to_numpy(zero_copy_only=False).astype(np.int64)
    width = letters + (size - letters) // 2
    odd = np.flatnonzero(~pc.match_substring_regex(text, _TWO_BYTES.pattern).to_numpy(zero_copy_only=False))
    if len(odd):
        distinct, which = np.unique(np.asarray(text.take(pa.array(odd)).to_pylist(), dtype=object), return_inverse=True)
        lengths = np.array([len(word.encode("gb18030")) for word in distinct], dtype=np.int64)
        width[odd] = lengths[which]
    if len(width) and letters.max(initial=0) < size.max(initial=0):
        dotted = np.flatnonzero(pc.match_substring(text, "·").to_numpy(zero_copy_only=False))
        if len(dotted):
            distinct, which = np.unique(
                np.asarray(text.take(pa.array(dotted)).to_pylist(), dtype=object), return_inverse=True
            )
            width[dotted] = np.array([len(word.encode("gb18030")) for word in distinct], dtype=np.int64)[which]
    return width


def _fit(text: Column, width: int) -> Column:
    """Each text cut and padded to exactly `width` GB18030 bytes; texts ending in CUT keep that mark at the end."""
    size = byte_widths(text)
    long = np.flatnonzero(size > width)
    if len(long):
        distinct, which = np.unique(
            np.asarray(text.take(pa.array(long)).to_pylist(), dtype=object), return_inverse=True
        )
        text = put(text, long, take([_shortened(word, width) for word in distinct], which))
        size[long] = byte_widths(text.take(pa.array(long)))
    return join(text, take([" " * n for n in range(width + 1)], width - size))


def _shortened(word: str, width: int) -> str:
    mark = CUT if word.endswith(CUT) else ""
    kept = word.removesuffix(CUT)
    while len(kept.encode("gb18030")) + 4 * len(mark) > width:
        kept = kept[:-1]
    missing = width - len(kept.encode("gb18030")) - 4 * len(mark)
    return kept + "1" * (missing if mark else 0) + mark


def _fixed(texts: Iterable[Column], widths: list[int], op: Column | None, line_end: str) -> bytes:
    fields = [_fit(text, width) for text, width in zip(texts, widths, strict=True)]
    lines = join(*fields, *([] if op is None else [op]), line_end)
    return _whole(lines).encode("gb18030").replace(CUT.encode("gb18030"), CUT_BYTES)


def _json(columns: list[Column], names: list[str], op: Column | None, op_name: str) -> str:
    parts: list[object] = []
    for i, (name, text) in enumerate(zip(names, columns, strict=True)):
        odd = np.flatnonzero(
            pc.fill_null(pc.match_substring_regex(text, '["\\\\\\x00-\\x1f]'), False).to_numpy(zero_copy_only=False)
        )
        if len(odd):
            clean = pc.replace_substring(pc.replace_substring(text.take(pa.array(odd)), "\\", "\\\\"), '"', '\\"')
            text = put(text, odd, plain(pc.replace_substring(clean, "\t", "\\t")))
        quoted = plain(pc.fill_null(join('"', text, '"'), "null"))
        parts += [("{" if i == 0 else ", ") + f'"{name}": ', quoted]
    if op is not None:
        parts += [f', "{op_name}": "', op, '"']
    return _whole(join(*parts, "}\n"))


def _xml(texts: list[Column], names: list[str], row: str, op: Column | None, op_name: str) -> str:
    parts: list[object] = [f"<{row}>"]
    opened = ""
    for name, text in zip(names, texts, strict=True):
        group, _, leaf = name.rpartition("/")
        if group != opened:
            parts.append((f"</{opened}>" if opened else "") + (f"<{group}>" if group else ""))
            opened = group
        safe = pc.replace_substring(
            pc.replace_substring(pc.replace_substring(text, "&", "&amp;"), "<", "&lt;"), ">", "&gt;"
        )
        parts += [f"<{leaf}>", plain(safe), f"</{leaf}>"]
    if opened:
        parts.append(f"</{opened}>")
    if op is not None:
        parts += [f"<{op_name}>", op, f"</{op_name}>"]
    return _whole(join(*parts, f"</{row}>\n"))
