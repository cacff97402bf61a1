"""Archives: a delivery of any form may come as gz, or as a zip of one file, whose name may be GBK.

The archive is told by its first bytes, not by its name, and unpacked block by block into a folder of its own that is
removed when the file has been read. What unpacks to more than LARGEST_BYTES, or to more than HIGHEST_RATIO times its
own size, is a bomb and refused before it fills the disk.
"""

from __future__ import annotations

import errno
import gzip
import lzma
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from extractors.held import HeldFault

BLOCK_BYTES = 1 << 20
LARGEST_BYTES = 64 << 30
HIGHEST_RATIO = 200  # exports of text shrink to a twentieth, padded fixed-width ones to a hundredth
RATIO_FREE_BYTES = 64 << 20  # so much may always be unpacked
GZIP = b"\x1f\x8b"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
WORKBOOK_PART = "[Content_Types].xml"  # an xlsx is a zip too, with this inside
BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, gzip.BadGzipFile, NotImplementedError,
          RuntimeError, UnicodeDecodeError)  # fmt: skip


def is_archive(path: Path) -> bool:
    """Whether a file is a gz or a zip; a workbook is neither. Raises OSError."""
    with path.open("rb") as stream:
        start = stream.read(4)
    return start.startswith(GZIP) or (start in ZIP and not _is_workbook(path))


@contextmanager
def unpacked(path: Path, extension: str | None = None, scratch: Path | None = None) -> Iterator[Path]:
    """The delivered file as its form's reader takes it: unpacked into `scratch` if it is an archive, else itself.

    `extension` is that of the file within, where one was agreed.

    Raises HeldFault(FILE_BROKEN) for an archive that is damaged, encrypted, a bomb, holds another number of files than
    one, or holds an archive; OSError where `scratch` cannot be written. What was unpacked is removed at the end.
    """
    if not is_archive(path):
        yield path
        return
    folder = Path(tempfile.mkdtemp(prefix="unpacked-", dir=scratch))
    try:
        target = folder / path.name  # messages name the file as it was delivered
        try:
            _unpack(extension, path, target)
        except BROKEN as fault:
            message = (
                f"{path.name}: the archive cannot be unpacked ({type(fault).__name__}). Send the whole file again."
            )
            raise HeldFault("FILE_BROKEN", message) from None
        except OSError as fault:
            if fault.errno != errno.EINVAL:  # not of the disk: the archive points before its own beginning
                raise
            message = f"{path.name}: the archive cannot be unpacked (wrong places). Send the whole file again."
            raise HeldFault("FILE_BROKEN", message) from None
        if target.stat().st_size and is_archive(target):
            raise HeldFault("FILE_BROKEN", f"{path.name}: an archive within an archive. Pack the file once.")
        yield target
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unpack(extension: str | None, path: Path, target: Path) -> None:
    with path.open("rb") as stream:
        is_gzip = stream.read(2) == GZIP
    if is_gzip:
        with gzip.open(path, "rb") as packed:
            _copy(packed, path, target)
        return
    with _open_zip(path) as archive, archive.open(_only_member(extension, archive, path)) as packed:
        _copy(packed, path, target)


def _open_zip(path: Path) -> zipfile.ZipFile:
    """Names without the UTF-8 mark are GBK, as Chinese systems write them; where they are not, they are shown wrong."""
    try:
        return zipfile.ZipFile(path, metadata_encoding="gb18030")
    except UnicodeDecodeError:
        return zipfile.ZipFile(path)


def _only_member(extension: str | None, archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    files = [member for member in archive.infolist() if not member.is_dir()]
    files = [member for member in files if not member.filename.startswith("__MACOSX/")]
    if len(files) != 1:
        endings = ", ".join(sorted(PurePosixPath(member.filename).suffix or "none" for member in files)[:10])
        message = (
            f"{path.name}: holds {len(files)} files (endings: {endings or '-'}), expected one"
            f"{f', .{extension}' if extension else ''}. Send one archive a file."
        )
        raise HeldFault("FILE_BROKEN", message)
    if files[0].flag_bits & 0x1:
        raise HeldFault("FILE_BROKEN", f"{path.name}: the archive is encrypted. Send it without a password.")
    return files[0]


def _copy(packed: gzip.GzipFile | IO[bytes], path: Path, target: Path) -> None:
    allowed = min(LARGEST_BYTES, max(RATIO_FREE_BYTES, HIGHEST_RATIO * path.stat().st_size))
    written = 0
    with target.open("wb") as out:
        while block := packed.read(BLOCK_BYTES):
            written += len(block)
            if written > allowed:
                message = (
                    f"{path.name}: unpacks to more than {allowed} bytes from {path.stat().st_size}, which is refused. "
                    "Send the file unpacked, or in parts."
                )
                raise HeldFault("FILE_BROKEN", message)
            out.write(block)


def _is_workbook(path: Path) -> bool:
    try:
        with _open_zip(path) as archive:
            return WORKBOOK_PART in archive.namelist()
    except BROKEN:
        return False
    except OSError as fault:
        if fault.errno != errno.EINVAL:
            raise
        return False
