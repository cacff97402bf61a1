"""Large arrays that are seldom looked at stand in files that are mapped into memory: pages not touched take none."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

SHARE = 96
"""An array is moved out when it is larger than this part of the memory a run may use."""


@dataclass(slots=True)
class Spill:
    """Where arrays of more than `largest` bytes go; the files live as long as this does (and what is mapped from them)."""

    largest: int
    _folder: tempfile.TemporaryDirectory[str] | None = None
    _count: int = 0
    moved_bytes: int = field(default=0)

    @classmethod
    def within(cls, memory_bytes: int | None) -> Spill:
        """For a run that may use so much memory (None: nothing is ever moved out)."""
        return cls(memory_bytes // SHARE if memory_bytes else 2**63)

    def texts(self, texts: pa.Array) -> pa.Array:
        """The same texts, in a file if they are large."""
        if texts.nbytes <= self.largest:
            return texts
        path = self._path(texts.nbytes)
        schema = pa.schema([("v", texts.type)])
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
            writer.write_batch(pa.record_batch([texts], schema=schema))
        with pa.memory_map(str(path)) as source:
            return pa.ipc.open_file(source).read_all().column("v").chunk(0)

    def numbers(self, numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
        """The same numbers, in a file if they are large."""
        if numbers.nbytes <= self.largest:
            return numbers
        path = self._path(numbers.nbytes)
        numbers.tofile(path)
        return np.memmap(path, numbers.dtype, "r", shape=numbers.shape)

    def _path(self, size: int) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="yidang-match-")
        self._count += 1
        self.moved_bytes += size
        return Path(self._folder.name) / f"{self._count}.bin"
