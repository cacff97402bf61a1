"""Pull a feed from where its department keeps it, as an ordinary delivery in the inbox; all that follows is one way.

`pull` is the only door. What it takes and how far it goes depends on what has landed, and on nothing else: pulled
twice, or killed anywhere, nothing is lost and nothing counts double.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from extractors.contract import Contract
from extractors.held import HeldFault
from extractors.manifest import SUFFIX, Manifest, read_manifest, sm3_of
from extractors.pull.bookmarks import next_batch_no, read_landed
from extractors.pull.fault import WAITS, PullFault, not_set_up, patiently
from extractors.pull.files import take_files
from extractors.pull.pages import take_pages
from extractors.pull.tables import Taken, take_table
from extractors.sources import DatabaseSource, SftpSource

SENDER = "pulled"


@dataclass(frozen=True)
class Pulled:
    """What a pull brought into the inbox: batch numbers in order (none where nothing is new), rows, and what to say."""

    batches: tuple[str, ...]
    rows: int
    note: str


def setting_of(contract: Contract) -> str:
    """How messages name the setting of a feed's connection."""
    assert contract.source is not None
    name = contract.source.connection
    return f"YIDANG_SOURCE_{name.upper()} (or the Airflow connection yidang_{name})"


def pull(
    contract: Contract,
    url: str | None,
    *,
    inbox: Path,
    snapshots: Path,
    workshop: Path,
    known: Mapping[str, str],
    as_of: dt.date,
    waits: tuple[float, ...] = WAITS,
) -> Pulled:
    """Bring what is new at a feed's source into the inbox, with manifests.

    Parameters
    ----------
    url
        Of the contract's connection; None where it is not set.
    workshop
        Folder for what is only half here.
    known
        Batch number → SM3 of every landed delivery of the feed, as `receive` takes it.
    as_of
        Business date of what is pulled.
    waits
        Seconds before each further attempt while the source is down.

    Raises
    ------
    PullFault
        The feed has no source, it is not set up, down, refuses us, or is not as the contract says.
    """
    if contract.source is None:
        raise not_set_up(f"{contract.feed}: its contract names no source. Its files are laid into the inbox.")
    if url is None:
        raise not_set_up(f"{contract.feed}: {setting_of(contract)} is not set. Expected the URL of its source.")
    source, setting = contract.source, setting_of(contract)
    folder = workshop / contract.feed
    inbox.mkdir(parents=True, exist_ok=True)
    with _alone(folder, contract.feed):
        if isinstance(source, SftpSource):
            batches, note = take_files(contract, source, url, setting, inbox, folder, known, waits)
            return Pulled(tuple(batches), 0, note)
        landed = read_landed(snapshots, contract.feed, known)
        if isinstance(source, DatabaseSource):
            scratch = folder / "table"
            taken = patiently(
                lambda: take_table(contract, source, url, setting, landed, scratch, as_of), contract.feed, waits
            )
        else:
            taken = take_pages(contract, source, url, setting, landed, folder / "pages", waits)
        _withdraw(contract, inbox)
        number = next_batch_no(f"{as_of:%Y%m%d}", known, inbox, contract.feed)
        try:
            if taken.rows == 0 and taken.mode == "delta":
                return Pulled((), 0, f"nothing new. {taken.note}".strip())
            deliver(contract, taken, inbox, number, as_of)
        finally:
            shutil.rmtree(taken.file.parent, ignore_errors=True)
        return Pulled((number,), taken.rows, taken.note)


def deliver(contract: Contract, taken: Taken, inbox: Path, batch_no: str, as_of: dt.date) -> None:
    """Move a pulled file into the inbox, its manifest last."""
    stem = f"{contract.feed}_{as_of:%Y%m%d}_{batch_no}"
    manifest = Manifest(
        feed=contract.feed,
        batch_no=batch_no,
        business_date=as_of,
        mode=taken.mode,
        row_count=taken.rows,
        file_name=f"{stem}.{contract.form.extension}",
        file_sm3=sm3_of(taken.file),
        sender=SENDER,
        schema_version=contract.version,
        bookmark=taken.bookmark,
    )
    part = inbox / f".{stem}.part"
    shutil.move(taken.file, part)
    part.replace(inbox / manifest.file_name)
    part.write_text(json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False), encoding="utf-8")
    part.replace(inbox / f"{stem}{SUFFIX}")


def _withdraw(contract: Contract, inbox: Path) -> None:
    """Take back what earlier pulls laid into the inbox: it has landed, or what was pulled now holds it too."""
    for path in sorted(inbox.glob(f"{contract.feed}_*{SUFFIX}")):
        try:
            manifest = read_manifest(path)
        except HeldFault:
            continue  # a department's; `receive` says what is wrong with it
        if manifest.bookmark is not None:
            path.unlink()
            (inbox / manifest.file_name).unlink(missing_ok=True)


@contextmanager
def _alone(folder: Path, feed: str) -> Iterator[None]:
    """Nobody else pulls this feed meanwhile."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "lock").open("w") as guard:
        try:
            fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PullFault("SOURCE_DOWN", f"{feed}: is being pulled by another process. Wait until it ends.") from None
        yield


__all__ = ["PullFault", "Pulled", "pull", "setting_of"]
