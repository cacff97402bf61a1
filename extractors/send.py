"""Put a file into an inbox as its department would: under the agreed name, with a manifest that fits it."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

from extractors.check import read_through
from extractors.contract import Contract
from extractors.manifest import SUFFIX, sm3_of


def send_file(contract: Contract, file: Path, inbox: Path, *, day: dt.date, number: int = 1) -> Path:
    """Copy a file into an inbox and write the manifest beside it, last; returns the copy.

    Rows are counted, and the mode is found, by reading the file as its contract says.

    Raises
    ------
    HeldFault
        It would be held as a whole.
    FileExistsError
        A delivery of this number lies there already.
    """
    batch_no = f"{day:%Y%m%d}-{number:03}"
    mode, _, rows = read_through(contract, file)
    inbox.mkdir(parents=True, exist_ok=True)
    packed = {".gz": f"{contract.form.extension}.gz", ".zip": "zip"}
    extension = packed.get(file.suffix.lower(), contract.form.extension)
    copy = inbox / f"{contract.feed}_{day:%Y%m%d}_{batch_no}.{extension}"
    manifest = copy.with_name(copy.name.split(".")[0] + SUFFIX)
    if copy.exists() or manifest.exists():
        raise FileExistsError(f"{copy} or its manifest is there already; give --number {number + 1}")
    shutil.copyfile(file, copy)
    content = {
        "feed": contract.feed, "batch_no": batch_no, "business_date": day.isoformat(), "mode": mode, "row_count": rows,
        "file_name": copy.name, "file_sm3": sm3_of(copy), "sender": contract.owner, "schema_version": contract.version,
    }  # fmt: skip
    manifest.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    return copy
