"""Receive: inbox file and manifest become an immutable snapshot; what cannot be trusted is held, and others go on.

The inbox is left as it is. A delivery is known by its batch number and content, so receiving twice has no effect.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from extractors.contract import Contract, Mode
from extractors.held import Held, HeldFault
from extractors.manifest import SUFFIX, KeptManifest, Manifest, read_manifest, sm3_of

PARTIAL_SUFFIXES = (".part", ".partial", ".tmp", ".filepart", ".crdownload")
SNAPSHOT_MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Delivery:
    """One delivery that was received: its manifest and where its untouched copy lies."""

    feed: str
    batch_no: str
    business_date: dt.date
    mode: Mode
    row_count: int
    file: Path
    file_sm3: str
    sender: str
    schema_version: str

    @property
    def folder(self) -> Path:
        """snapshots/<feed>/<batch_no>, where what is made from the file goes too."""
        return self.file.parent


@dataclass(frozen=True)
class Received:
    """What a feed's part of the inbox held, both lists in the order of batch numbers (or file names)."""

    deliveries: list[Delivery]
    held: list[Held]


def receive(
    contract: Contract,
    inbox: Path,
    snapshots: Path,
    known: Mapping[str, str],
    *,
    business_date_to: dt.date | None = None,
) -> Received:
    """Take a feed's deliveries from the inbox into snapshots/<feed>/<batch_no>/, read-only.

    `known` is batch_no -> file SM3 of what was loaded before. The same content again has no effect (SEEN_BEFORE); held
    are other content under a used number (BATCH_REUSED) and a full file older than the newest loaded batch
    (OLDER_THAN_LOADED: it would set newer records back; a late delta is taken, landing settles it row by row), and a
    delta whose predecessor is missing (BATCH_MISSING: the one before it of its day, or the one its manifest names). What was
    received but never loaded may be corrected under its number. Deliveries of business dates after `business_date_to`
    are left for a later night. Raises OSError where a folder cannot be read or written.
    """
    deliveries: dict[str, Delivery] = {}
    held: list[Held] = []
    for path in _files_of(contract, inbox):
        batch_no = None
        try:
            manifest = _manifest_of(contract, path)
            batch_no = manifest.batch_no
            if business_date_to is not None and manifest.business_date > business_date_to:
                continue
            there = {**known, **{d.batch_no: d.file_sm3 for d in deliveries.values()}}
            _check_known(manifest, path, there)
            _check_gap(manifest, path, there)
            deliveries[batch_no] = _take(contract, manifest, path, snapshots)
        except HeldFault as fault:
            held.append(Held(fault.code, path.name, fault.message, batch_no))
    held += _lonely_manifests(contract, inbox, known, business_date_to)
    return Received([deliveries[batch_no] for batch_no in sorted(deliveries)], held)


def find_unknown_files(contracts: Mapping[str, Contract], inbox: Path) -> list[Held]:
    """Inbox files that belong to no feed with a contract: one FEED_UNKNOWN each, in the order of their names."""
    unknown = []
    for path in sorted(inbox.iterdir()):
        is_known = any(path.name.startswith(f"{feed}_") for feed in contracts)
        if path.is_file() and not path.name.startswith(".") and not is_known:
            message = f"{path.name}: belongs to no feed with a contract. Known feeds: {', '.join(sorted(contracts))}."
            unknown.append(Held("FEED_UNKNOWN", path.name, message))
    return unknown


def read_delivery(snapshots: Path, feed: str, batch_no: str) -> Delivery:
    """The delivery of a snapshot made by `receive`. Raises FileNotFoundError if there is none."""
    folder = snapshots / feed / batch_no
    manifest = KeptManifest.model_validate_json((folder / SNAPSHOT_MANIFEST).read_bytes())
    return _delivery(manifest, folder)


def _files_of(contract: Contract, inbox: Path) -> Iterator[Path]:
    for path in sorted(inbox.iterdir()):
        if path.is_file() and path.name.startswith(f"{contract.feed}_") and not path.name.endswith(SUFFIX):
            yield path


def _manifest_of(contract: Contract, path: Path) -> Manifest:
    if path.suffix.lower() in PARTIAL_SUFFIXES:
        raise HeldFault("STILL_WRITTEN", f"{path.name}: still being written. It is taken when it has its final name.")
    beside = path.with_name(path.name.split(".")[0] + SUFFIX)
    if not beside.exists():
        raise HeldFault("MANIFEST_MISSING", f"{path.name}: has no {beside.name} beside it. Send the manifest.")
    manifest = read_manifest(beside)
    if manifest.feed != contract.feed or manifest.file_name != path.name:
        message = (
            f"{beside.name}: is of feed {manifest.feed}, file {manifest.file_name}, but stands beside {path.name}."
        )
        raise HeldFault("MANIFEST_BROKEN", message)
    if manifest.schema_version not in contract.schema_versions:
        agreed = ", ".join(contract.schema_versions)
        message = f"{path.name}: schema version {manifest.schema_version}, agreed: {agreed}."
        raise HeldFault("SCHEMA_UNKNOWN", message)
    last_day = contract.last_day_of(manifest.schema_version)
    if last_day is not None and manifest.business_date > last_day:
        message = (
            f"{path.name}: schema version {manifest.schema_version} was agreed until {last_day}, business date "
            f"{manifest.business_date}. Send it in version {contract.version}."
        )
        raise HeldFault("SCHEMA_UNKNOWN", message)
    if manifest.mode not in contract.modes:
        message = f"{path.name}: announced as {manifest.mode}, agreed: {', '.join(contract.modes)}."
        raise HeldFault("MODE_NOT_AGREED", message)
    return manifest


def _check_known(manifest: Manifest, path: Path, known: Mapping[str, str]) -> None:
    sm3 = manifest.file_sm3.lower()
    earlier = known.get(manifest.batch_no)
    if earlier is not None and earlier != sm3:
        message = f"{path.name}: batch {manifest.batch_no} came before with other content. Send it under a new number."
        raise HeldFault("BATCH_REUSED", message)
    newest = max(known, default="")
    same = sorted(batch_no for batch_no, known_sm3 in known.items() if known_sm3 == sm3)
    if manifest.bookmark is not None:  # pulled from where the last landed one ended: two like changes are two
        same = []
    elif manifest.mode == "full":  # a department may go back to an earlier state by sending it again, whole
        same = [batch_no for batch_no in same if batch_no in (newest, manifest.batch_no)]
    if same and (manifest.row_count or earlier):
        raise HeldFault("SEEN_BEFORE", f"{path.name}: the same content came before as batch {same[0]}. No effect.")
    if manifest.mode == "full" and manifest.batch_no < newest:
        message = f"{path.name}: batch {manifest.batch_no} is older than {newest}, loaded before. Send today's state."
        raise HeldFault("OLDER_THAN_LOADED", message)


def _check_gap(manifest: Manifest, path: Path, there: Mapping[str, str]) -> None:
    """A delta builds on those before it: numbers run from 001 each day, and a manifest may name its predecessor."""
    day, number = manifest.batch_no.split("-")
    before = [f"{day}-{int(number) - 1:03}"] if int(number) > 1 else []
    before += [manifest.previous_batch_no] if manifest.previous_batch_no else []
    missing = [batch_no for batch_no in before if batch_no not in there]
    if manifest.mode == "delta" and missing:
        message = (
            f"{path.name}: batch {manifest.batch_no} is a delta, but {missing[0]} before it did not come or is held. "
            "Send the missing batch, or all rows as full."
        )
        raise HeldFault("BATCH_MISSING", message)


def _take(contract: Contract, manifest: Manifest, path: Path, snapshots: Path) -> Delivery:
    """Copy into a folder beside the final one, check the copy, then move the folder into place at once."""
    folder = snapshots / contract.feed / manifest.batch_no
    if folder.exists():
        earlier = Manifest.model_validate_json((folder / SNAPSHOT_MANIFEST).read_bytes())
        if earlier == manifest:
            return _delivery(earlier, folder)
    partial = folder.with_name(f".{manifest.batch_no}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True, mode=0o700)
    before = path.stat()
    copy = partial / path.name
    shutil.copyfile(path, copy)
    after = path.stat()
    found = sm3_of(copy)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        shutil.rmtree(partial)
        raise HeldFault("STILL_WRITTEN", f"{path.name}: changed while it was read. It is taken when it stands still.")
    if found != manifest.file_sm3.lower():
        shutil.rmtree(partial)
        message = f"{path.name}: SM3 of its {after.st_size} bytes is not the manifest's. Half a file? Send it again."
        raise HeldFault("HASH_WRONG", message)
    (partial / SNAPSHOT_MANIFEST).write_text(json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False))
    for file in partial.iterdir():
        file.chmod(0o400)
    if folder.exists():
        _set_aside(folder)
    partial.replace(folder)
    return _delivery(manifest, folder)


def _set_aside(folder: Path) -> None:
    """Keep a delivery that was never loaded beside the corrected one that takes its number."""
    number = 1
    while (aside := folder.with_name(f"{folder.name}.replaced-{number}")).exists():
        number += 1
    folder.replace(aside)


def _delivery(manifest: Manifest, folder: Path) -> Delivery:
    return Delivery(
        feed=manifest.feed,
        batch_no=manifest.batch_no,
        business_date=manifest.business_date,
        mode=manifest.mode,
        row_count=manifest.row_count,
        file=folder / manifest.file_name,
        file_sm3=manifest.file_sm3.lower(),
        sender=manifest.sender,
        schema_version=manifest.schema_version,
    )


def _lonely_manifests(
    contract: Contract, inbox: Path, known: Mapping[str, str], business_date_to: dt.date | None
) -> list[Held]:
    held = []
    for path in sorted(inbox.glob(f"{contract.feed}_*{SUFFIX}")):
        try:
            manifest = read_manifest(path)
        except HeldFault as fault:
            stem = path.name.removesuffix(SUFFIX)
            if not any(other.name != path.name for other in inbox.glob(f"{stem}.*")):
                held.append(Held(fault.code, path.name, fault.message))
            continue
        is_later = business_date_to is not None and manifest.business_date > business_date_to
        is_loaded = known.get(manifest.batch_no) == manifest.file_sm3.lower()
        if not is_later and not is_loaded and not (inbox / manifest.file_name).exists():
            message = f"{path.name}: announces {manifest.file_name}, which is not there. Send the file."
            held.append(Held("FILE_MISSING", path.name, message, manifest.batch_no))
    return held
