"""Large arrays stand in files that are mapped into memory: pages that nobody looks at take none, and can be let go."""

from __future__ import annotations

import ctypes
import mmap
import os
import tempfile
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

SHARE = 96
"""An array is moved out when it is larger than this part of the memory a run may use: those that stay add up to half."""
SIDE_BY_SIDE = 230
"""Bytes a record that a run takes with two steps at once and all it can moved out; with less, one step follows another."""
ENGINE = 4
"""The part of the memory that DuckDB may use (the rest is for arrays), but never less than it needs to begin at all."""
LEAST_ENGINE = 256 * 2**20
Number = TypeVar("Number", bound=np.generic)


@dataclass(slots=True)
class Spill:
    """A run's memory: large arrays are moved out of it, into files that are gone with the last array that uses them.

    `memory_bytes`: what the run may use; None: nothing is ever moved out.

    What was moved out can be read, not written. The files stand in the temporary folder (`TMPDIR`), which should be on a
    disk: where it is memory itself, nothing is won.
    """

    memory_bytes: int | None = None
    moved_bytes: int = field(default=0)
    _mapped: list[weakref.ReferenceType[mmap.mmap]] = field(default_factory=list)

    def is_large(self, size: int) -> bool:
        """Whether an array of so many bytes is moved out."""
        return self.memory_bytes is not None and size > self.memory_bytes // SHARE

    def has_room(self, records: int) -> bool:
        """Whether two steps over so many records may run side by side."""
        return self.memory_bytes is None or records * SIDE_BY_SIDE <= self.memory_bytes

    def engine(self) -> dict[str, Any]:
        """DuckDB's part of the memory, and where it goes beyond that, as its configuration."""
        if self.memory_bytes is None:
            return {}
        folder = Path(tempfile.gettempdir()) / f"yidang-match-{os.getpid()}"  # DuckDB makes it when it is needed
        return {
            "memory_limit": f"{max(self.memory_bytes // ENGINE, LEAST_ENGINE)}B",
            "temp_directory": str(folder),
        }

    def texts(self, texts: pa.Array) -> pa.Array:
        """The same texts, in a file if they are large."""
        if not self.is_large(texts.nbytes):
            return texts
        schema = pa.schema([("v", texts.type)])

        def write(path: str) -> None:
            with pa.OSFile(path, "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
                writer.write_batch(pa.record_batch([texts], schema=schema))

        mapped = self._move(write, texts.nbytes)
        return pa.ipc.open_file(pa.BufferReader(pa.py_buffer(mapped))).read_all().column("v").chunk(0)

    def numbers(self, numbers: npt.NDArray[Number]) -> npt.NDArray[Number]:
        """The same numbers, in a file if they are large."""
        if not self.is_large(numbers.nbytes):
            return numbers
        mapped: Any = self._move(numbers.tofile, numbers.nbytes)
        return np.frombuffer(mapped, numbers.dtype).reshape(numbers.shape)

    def let_go(self) -> None:
        """Give back the memory of all pages that were looked at: they are read again when they are wanted again."""
        for reference in list(self._mapped):
            mapped = reference()
            if mapped is not None:
                mapped.madvise(mmap.MADV_DONTNEED)

    def give_back(self) -> None:
        """The same, and room of arrays and texts that are gone goes back to the system: else the next step's comes on top.

        The allocators of Arrow and of the C library keep it: after standardising a million enterprises 300 MB (glibc).
        """
        self.let_go()
        pa.default_memory_pool().release_unused()
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # a C library other than glibc has none
        if trim is not None:
            trim(0)

    def _move(self, write: Callable[[str], Any], size: int) -> mmap.mmap:
        """What `write` puts into a file, as memory. The file has no name by then, so a killed run leaves nothing behind."""
        folder = Path(tempfile.gettempdir())
        try:
            with tempfile.NamedTemporaryFile(prefix="yidang-match-", dir=folder) as file:
                write(file.name)
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            said = f"cannot move {size / 2**20:,.0f} MiB out of memory to {folder} ({error})"
            raise OSError(f"{said}: set TMPDIR to a folder with room, or give a larger --memory-limit") from error
        self.moved_bytes += size
        self._mapped.append(weakref.ref(mapped))
        return mapped
