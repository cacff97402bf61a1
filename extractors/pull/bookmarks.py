"""How far pulling went: the bookmark of the newest pulled delivery that has landed, and no other.

A bookmark travels in the manifest of its delivery. So it moves in the very transaction in which the delivery lands: a
night that is killed, held or stopped before it pulls the same rows again, and one that is killed after it does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from extractors.manifest import Bookmark, Manifest, read_manifest
from extractors.snapshot import SNAPSHOT_MANIFEST


@dataclass(frozen=True)
class Landed:
    """What has landed of a feed: its bookmark in force, and the deliveries since (and with) the last full one."""

    bookmark: Bookmark | None
    chain: tuple[Manifest, ...] | None  # None where a snapshot of it is missing: what keys landed is not known
    folder: Path

    def file_of(self, manifest: Manifest) -> Path:
        """Where the untouched file of a landed delivery lies."""
        return self.folder / manifest.batch_no / manifest.file_name


def read_landed(snapshots: Path, feed: str, known: Mapping[str, str]) -> Landed:
    """What the snapshots tell of the landed batches `known` (batch number to SM3).

    Without the snapshot of any pulled delivery there is no bookmark, and the next pull takes everything.
    """
    folder = snapshots / feed
    bookmark: Bookmark | None = None
    chain: list[Manifest] = []
    is_whole = True
    for batch_no in sorted(known, reverse=True):
        path = folder / batch_no / SNAPSHOT_MANIFEST
        if not path.exists():
            is_whole = False
            continue
        manifest = read_manifest(path)
        if bookmark is None:
            bookmark = manifest.bookmark
        if is_whole:
            chain.insert(0, manifest)
        if manifest.mode == "full":
            break
    else:
        is_whole = False
    return Landed(bookmark, tuple(chain) if is_whole else None, folder)


def next_batch_no(day: str, known: Mapping[str, str], inbox: Path, feed: str) -> str:
    """The number after the last of a day (YYYYMMDD) that has landed or waits in the inbox.

    One that was received and never landed is used again: numbers run without a gap, and `receive` takes the new content.
    """
    waiting = [path.name.split("_")[-1].split(".")[0] for path in inbox.glob(f"{feed}_*")]
    numbers = [int(name[9:]) for name in (*known, *waiting) if name.startswith(f"{day}-") and name[9:].isdigit()]
    return f"{day}-{max(numbers, default=0) + 1:03d}"
