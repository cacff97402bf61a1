"""Bytes to text, never stopping: what cannot be decoded, and NUL, becomes U+FFFD and is found and counted later.

Always the gb18030 codec, never gbk: gbk fails on characters of real names (domain.md 3).
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from extractors.forms import Encoding
from extractors.held import HeldFault

BLOCK_BYTES = 4 << 20
SAMPLE_BYTES = 1 << 18
LONGEST_LINE = 16 << 20  # a file with a longer one has lost its line ends, and would have to be held whole in memory
BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
# U+FFFD, and what a wrong conversion leaves behind.
LOST_MARKS = ("\ufffd", "锟斤拷", "ï¿½", "烫烫烫", "屯屯屯")
LOST_BYTES = tuple(mark.encode() for mark in LOST_MARKS)
AFTER_LAST = (
    b"\n" * 3
)  # where fewer than four bytes follow, a broken four-byte character takes the mark behind it along
RARE = (0xC3, 0xEF)  # first bytes of marks that few texts hold at all
ENOUGH_WIDE = 8  # so many non-ASCII bytes at least, before a file that is no whole UTF-8 is judged
FEW_FAULTS = 0.2  # GB 18030 text read as UTF-8 has more than twice this share
FIRST_OF_THREE_BYTES = 0x800  # two-byte UTF-8 may be GB 18030 by chance


def read_text(path: Path, encoding: Encoding) -> Iterator[str]:
    """The decoded text of a file in blocks of about 4 MiB of bytes, without a byte order mark."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    with path.open("rb") as stream:
        first = True
        while block := stream.read(BLOCK_BYTES):
            text = without_nul(decoder.decode(block))
            yield text.removeprefix("\ufeff") if first else text
            first = False
    yield decoder.decode(b"", final=True)


def without_nul(text: str) -> str:
    """The text with every NUL as U+FFFD: no database takes it, and it is never part of a value."""
    return text.replace("\x00", "\ufffd") if "\x00" in text else text


def decoded(content: bytes, encoding: Encoding) -> str:
    """The text of bytes that end between characters, or are cut behind ASCII."""
    return (content + AFTER_LAST).decode(encoding, errors="replace")[: -len(AFTER_LAST)]


def check_encoding(path: Path, encoding: Encoding) -> None:
    """Hold a file whose first 256 KiB are plainly in another encoding than the contract's. Raises HeldFault(ENCODING_WRONG).

    UTF-8 is self-checking: text that decodes as UTF-8 throughout is UTF-8, and GB 18030 text practically never does.
    """
    with path.open("rb") as stream:
        sample = stream.read(SAMPLE_BYTES)
    sent = guess_encoding(sample)
    if sent not in (None, encoding):
        message = f"{path.name}: announced encoding {encoding}, found {sent}. Send it again in {encoding}."
        raise HeldFault("ENCODING_WRONG", message)


def check_line(length: int, file_name: str) -> None:
    """Hold a file with a line beyond LONGEST_LINE (bytes or characters). Raises HeldFault(FILE_BROKEN)."""
    if length > LONGEST_LINE:
        message = f"{file_name}: a line is longer than {LONGEST_LINE >> 20} MiB; are its line ends lost? Send it again."
        raise HeldFault("FILE_BROKEN", message)


def is_suspect(utf8: bytes) -> bool:
    """Whether a text holds any mark of lost characters, so that its rows must be looked at one by one.

    As UTF-8, in which a search is many times faster than in a text of Han characters, and one for a rare sign than for more.
    """
    signs = np.frombuffer(utf8, np.uint8)
    return any(mark in utf8 for mark in LOST_BYTES if mark[0] not in RARE or (signs == mark[0]).any())


def guess_encoding(sample: bytes) -> str | None:
    """'utf-8', 'gb18030', 'utf-16' or 'unknown' from a file's first bytes; None if there is too little to tell.

    Han text in GB 18030 is never whole UTF-8 with Han characters, so two of them are enough; everything else needs
    ENOUGH_WIDE bytes.
    """
    for bom, name in BOMS.items():
        if sample.startswith(bom):
            return name
    wide = len(sample) - len(sample.decode("ascii", errors="ignore"))
    text = codecs.getincrementaldecoder("utf-8")(errors="replace").decode(sample)
    faults = text.count("\ufffd")
    han = int((np.frombuffer(text.encode("utf-32-le"), np.uint32) >= FIRST_OF_THREE_BYTES).sum()) - faults
    if faults == 0:
        return "utf-8" if han else None
    if wide < ENOUGH_WIDE:
        return None
    if faults < FEW_FAULTS * wide and han > faults:
        return "utf-8"
    faults = codecs.getincrementaldecoder("gb18030")(errors="replace").decode(sample).count("\ufffd")
    return "gb18030" if faults < FEW_FAULTS * wide else "unknown"
