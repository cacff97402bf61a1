"""Files of an SFTP server, brought into the inbox whole: only finished ones, and a broken download goes on where it broke.

The host key is checked against what the URL names (`known_hosts=FILE` or `host_key=TYPE BASE64`), else against the
account's own ~/.ssh/known_hosts; an unknown server is refused.
"""

from __future__ import annotations

import json
import os
import posixpath
import re
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import paramiko

from extractors.contract import Contract
from extractors.held import HeldFault
from extractors.manifest import SUFFIX, read_manifest
from extractors.pull.address import Address, read_address
from extractors.pull.fault import PullFault, SourceDown, changed, not_set_up, patiently, refused
from extractors.sources import SftpSource

CONNECT_SECONDS = 15
SILENCE_SECONDS = 60
BLOCK_BYTES = 256 << 10
WINDOW_BYTES = 16 << 20  # asked for ahead: bounds what the library keeps in memory
AHEAD = 64  # requests under way
LARGEST_MANIFEST = 64 << 10
SAFE_NAME = re.compile(r"[A-Za-z0-9_.-]+")
MARK = ".of"  # beside a half download: of which file it is


@dataclass(frozen=True)
class Remote:
    """A file on the server."""

    name: str
    size: int
    modified: int


class Folder:
    """The feed's folder on the server."""

    def __init__(self, client: paramiko.SFTPClient, path: str, shown: str) -> None:
        self.client = client
        self.path = path
        self.shown = shown

    def files(self) -> dict[str, Remote]:
        """Its files by name."""
        with _told(self.shown, self.path):
            listed = self.client.listdir_attr(self.path)
        return {
            one.filename: Remote(one.filename, one.st_size or 0, one.st_mtime or 0)
            for one in listed
            if one.st_mode is None or stat.S_ISREG(one.st_mode)
        }

    def fetch(self, remote: Remote, part: Path) -> None:
        """Download into `part`, going on where an earlier attempt broke if the file is still the same one."""
        mark = part.with_name(part.name + MARK)
        of = json.dumps([remote.name, remote.size, remote.modified])
        if not (part.exists() and mark.exists() and mark.read_text() == of and part.stat().st_size <= remote.size):
            part.unlink(missing_ok=True)
            mark.write_text(of)
        there = part.stat().st_size if part.exists() else 0
        with (
            _told(self.shown, remote.name),
            part.open("ab") as out,
            self.client.open(posixpath.join(self.path, remote.name), "rb") as stream,
        ):
            stream.seek(there)
            window = there
            while there < remote.size:
                if there == window:
                    window = min(remote.size, there + WINDOW_BYTES)
                    stream.prefetch(window, AHEAD)
                block = stream.read(min(BLOCK_BYTES, window - there))
                if not block:
                    raise SourceDown(f"{self.shown}: {remote.name} broke off at byte {there} of {remote.size}.")
                out.write(block)
                there += len(block)


def take_files(
    contract: Contract,
    source: SftpSource,
    url: str,
    setting: str,
    inbox: Path,
    workshop: Path,
    known: Mapping[str, str],
    waits: tuple[float, ...],
) -> tuple[list[str], str]:
    """Bring finished files that have not landed into the inbox with the department's manifests.

    Returns their batch numbers and what to say. Raises PullFault.
    """
    return patiently(
        lambda: _take_announced(contract, source, url, setting, inbox, workshop, known), contract.feed, waits
    )


def _take_announced(
    contract: Contract,
    source: SftpSource,
    url: str,
    setting: str,
    inbox: Path,
    workshop: Path,
    known: Mapping[str, str],
) -> tuple[list[str], str]:
    batches = []
    with open_folder(url, setting, source.folder) as folder:
        files = folder.files()
        ours = sorted(name for name in files if name.startswith(f"{contract.feed}_") and SAFE_NAME.fullmatch(name))
        announced = set()
        for name in (name for name in ours if name.endswith(SUFFIX)):
            if files[name].size > LARGEST_MANIFEST:
                raise changed(f"{folder.shown}: {name} has {files[name].size} bytes, which no manifest has.")
            beside = workshop / name
            beside.unlink(missing_ok=True)
            folder.fetch(files[name], beside)
            try:
                manifest = read_manifest(beside)
            except HeldFault:
                _bring(beside, files[name], inbox)  # half sent or wrong: `receive` holds it and says so
                continue
            announced.add(manifest.file_name)
            file = files.get(manifest.file_name) if manifest.file_name in ours else None
            is_landed = known.get(manifest.batch_no) == manifest.file_sm3.lower()
            if file is not None and not is_landed and not _is_there(file, beside, inbox / name, inbox):
                folder.fetch(file, workshop / file.name)
                _bring(workshop / file.name, file, inbox)
                batches.append(manifest.batch_no)
            if not is_landed:
                _bring(beside, files[name], inbox)
            beside.unlink(missing_ok=True)
    alone = [name for name in ours if not name.endswith(SUFFIX) and name not in announced]
    note = (
        f"{len(alone)} files without a manifest are taken when theirs has come: {', '.join(alone[:5])}" if alone else ""
    )
    return batches, note


def _is_there(file: Remote, manifest: Path, inbox_manifest: Path, inbox: Path) -> bool:
    """Whether the inbox holds this very file with this very manifest."""
    there = inbox / file.name
    if not there.exists() or not inbox_manifest.exists():
        return False
    found = there.stat()
    is_same = (found.st_size, int(found.st_mtime)) == (file.size, file.modified)
    return is_same and inbox_manifest.read_bytes() == manifest.read_bytes()


def _bring(part: Path, remote: Remote, inbox: Path) -> None:
    """Move what came into the inbox, with the time it has on the server."""
    waiting = inbox / f".{part.name}.part"
    shutil.move(part, waiting)
    part.with_name(part.name + MARK).unlink(missing_ok=True)
    os.utime(waiting, (remote.modified, remote.modified))
    waiting.replace(inbox / part.name)


@contextmanager
def open_folder(url: str, setting: str, folder: str) -> Iterator[Folder]:
    """The folder of a server whose key is known. Raises PullFault."""
    address = read_address(url, setting, ("sftp",))
    path = posixpath.normpath(posixpath.join(address.path.lstrip("/") or ".", folder))
    path = "/" + path if address.path.startswith("//") else path  # as in sftp URLs: one slash is the login's own folder
    client = paramiko.SSHClient()
    _trust(client, address, setting)
    key = address.options.get("key")
    try:
        with _told(address.shown, "the login"):
            client.connect(
                address.host,
                port=address.port or 22,
                username=address.user,
                password=address.password,
                key_filename=key,
                passphrase=address.password if key else None,
                allow_agent=False,
                look_for_keys=False,
                timeout=CONNECT_SECONDS,
                banner_timeout=CONNECT_SECONDS,
                auth_timeout=CONNECT_SECONDS,
                channel_timeout=CONNECT_SECONDS,
            )
            session = client.open_sftp()
            session.get_channel().settimeout(SILENCE_SECONDS)  # type: ignore[union-attr]
        yield Folder(session, path, address.shown)
    finally:
        client.close()


def _trust(client: paramiko.SSHClient, address: Address, setting: str) -> None:
    """Trust the keys that the URL names, or else those of the account's own known_hosts, and no other."""
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    named, listed = address.options.get("host_key"), address.options.get("known_hosts")
    try:
        if named is not None:
            place = address.host if address.port in (None, 22) else f"[{address.host}]:{address.port}"
            entry = paramiko.hostkeys.HostKeyEntry.from_line(f"{place} {named}")
            if entry is None or entry.key is None:
                raise ValueError("no key")
            client.get_host_keys().add(place, entry.key.get_name(), entry.key)
        elif listed is not None:
            client.load_host_keys(listed)
        else:
            client.load_system_host_keys()
    except (OSError, ValueError, paramiko.SSHException, paramiko.hostkeys.InvalidHostKey):
        raise not_set_up(
            f"{setting}: its host key cannot be read. Expected host_key=TYPE BASE64 (as ssh-keyscan prints it, "
            "with %20 and %2B) or known_hosts=FILE."
        ) from None


@contextmanager
def _told(shown: str, what: str) -> Iterator[None]:
    """Faults of the library as faults of the source."""
    try:
        yield
    except PullFault:
        raise
    except paramiko.BadHostKeyException:
        raise refused(
            f"{shown}: shows another host key than the known one. Nothing was sent. Ask the department whether "
            "it changed its key, over another channel, before trusting the new one."
        ) from None
    except paramiko.AuthenticationException as fault:
        raise refused(f"{shown}: refused the login ({type(fault).__name__}). Check user and password or key.") from None
    except paramiko.SSHException as fault:
        if "not found in known_hosts" in str(fault):
            raise refused(
                f"{shown}: its host key is not known here. Get it from the department and put it into the URL."
            ) from None
        raise SourceDown(f"{shown}: broke off at {what} ({type(fault).__name__}).") from None
    except PermissionError:
        raise refused(f"{shown}: may not read {what}. Ask for the right.") from None
    except FileNotFoundError:
        raise changed(f"{shown}: has no {what}. Check 'folder' in the contract.") from None
    except (OSError, EOFError) as fault:
        raise SourceDown(f"{shown}: does not answer or broke off at {what} ({type(fault).__name__}).") from None
