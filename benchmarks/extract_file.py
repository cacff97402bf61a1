"""Extract one delivery, for a benchmark that watches this process: prints rows, seconds and processor seconds as JSON.

python -m benchmarks.extract_file FEED INBOX OUT
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from extractors.contract import load_contracts
from extractors.extract import ExtractError, extract
from extractors.manifest import Manifest, read_manifest
from extractors.snapshot import Delivery


def delivery_of(feed: str, inbox: Path) -> tuple[Delivery, Manifest]:
    """A feed's only delivery in an inbox, read where it lies. Raises FileNotFoundError."""
    beside = next(inbox.glob(f"{feed}_*.manifest.json"), None)
    if beside is None:
        raise FileNotFoundError(f"no delivery of {feed} in {inbox}")
    manifest = read_manifest(beside)
    told = manifest.model_dump(exclude={"file_name", "bookmark", "previous_batch_no"})
    return Delivery(file=inbox / manifest.file_name, **told), manifest


def main(feed: str, inbox: str, out: str) -> None:
    """From file to standardised Parquet and rejects, accounted."""
    contract = load_contracts()[feed]
    delivery, manifest = delivery_of(feed, Path(inbox))
    begun, used = time.monotonic(), time.process_time()
    extracted = extract(contract, delivery, Path(out), as_of=manifest.business_date)
    if extracted.held is not None:
        raise ExtractError(f"{feed} was held: {extracted.held.message}")
    seconds = time.monotonic() - begun
    print(json.dumps({"rows": extracted.read, "seconds": seconds, "processor": time.process_time() - used}))


if __name__ == "__main__":
    main(*sys.argv[1:])
