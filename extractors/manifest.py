"""The manifest beside every delivered file: what was sent, of which day, how many rows, and the file's SM3."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from extractors.contract import Mode
from extractors.held import HeldFault

SUFFIX = ".manifest.json"
HASH_BLOCK = 1 << 20


class Bookmark(BaseModel):
    """How far a pull went. It counts once its delivery has landed; the next pull goes on from there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    by: str  # as the contract's source said then
    position: str | int | None = None  # newest update time (ISO) or sequence number that was pulled
    keys_compared: dt.date | None = None  # business date of the last pull that saw all keys of the source


class Manifest(BaseModel):
    """One delivery as its sender announces it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    feed: str = Field(pattern=r"^[a-z]+(_[a-z]+)+$")
    batch_no: str = Field(pattern=r"^\d{8}-\d{3}$")  # unique within the feed
    business_date: dt.date
    mode: Mode
    row_count: int = Field(ge=0, strict=True)
    file_name: str = Field(pattern=r"^[A-Za-z0-9_.-]+$")
    file_sm3: str = Field(pattern=r"^[0-9a-fA-F]{64}$")
    sender: str
    schema_version: str
    previous_batch_no: str | None = Field(
        default=None, pattern=r"^\d{8}-\d{3}$"
    )  # what the sender sent before, if told
    bookmark: Bookmark | None = None  # of what the project pulled itself: how far that went


class KeptManifest(Manifest):
    """The manifest in a snapshot, which may be of a replay."""

    batch_no: str = Field(pattern=r"^\d{8}-\d{3}(\.r\d{3})?$")


def read_manifest(path: Path) -> Manifest:
    """Read a manifest. Raises HeldFault(MANIFEST_BROKEN) naming the keys that are wrong, never their values."""
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except ValidationError as fault:
        wrong = sorted({".".join(str(part) for part in error["loc"]) or "JSON" for error in fault.errors()})
        message = f"{path.name}: not a valid manifest, wrong: {', '.join(wrong)}. Send it again, all keys filled."
        raise HeldFault("MANIFEST_BROKEN", message) from None


def sm3_of(path: Path) -> str:
    """SM3 (GB/T 32905) of a file's bytes as 64 lower-case hexadecimal digits."""
    digest = hashes.Hash(hashes.SM3())
    with path.open("rb") as stream:
        while block := stream.read(HASH_BLOCK):
            digest.update(block)
    return digest.finalize().hex()
