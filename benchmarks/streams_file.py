"""Read a file by its feed's contract and throw the rows away, for a benchmark that watches this process.

python -m benchmarks.streams_file FEED FILE prints rows, seconds and the highest memory of this process as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from extractors.contract import load_contracts
from extractors.readers import open_reading


def main(feed: str, file: str) -> None:
    """Every row once, none kept."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        reading = open_reading(load_contracts()[feed], Path(file), "full", Path(scratch))
        rows = sum(batch.num_rows for batch in reading.batches)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"rows": rows, "seconds": time.monotonic() - begun, "peak_bytes": peak}))


if __name__ == "__main__":
    main(*sys.argv[1:])
