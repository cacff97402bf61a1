"""Pull a table whole, then by update time with all keys compared, for a benchmark that watches this process.

python -m benchmarks.pulls_table URL FOLDER PSQL prints rows and seconds of both as JSON. Between the two one row in a hundred is
deleted at the source, by the program PSQL.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import time
from pathlib import Path

from extractors.contract import load_contracts
from extractors.pull import pull
from extractors.snapshot import receive

FEED = "hrss_insured"
DAY = dt.date(2026, 11, 1)
DELETE = "delete from v_hrss_insured where right(\"AAC001\", 2) = '07'"


def main(url: str, folder: str, psql: str) -> None:
    """Two nights of one feed; what the first pulled counts as landed for the second."""
    contract, place, known = load_contracts()[FEED], Path(folder), dict[str, str]()
    told: dict[str, float] = {}
    for step, day in (("whole", DAY), ("keys", DAY + dt.timedelta(days=7))):
        begun = time.monotonic()
        pulled = pull(
            contract, url, inbox=place / "inbox", snapshots=place / "snapshots", workshop=place / "workshop",
            known=known, as_of=day,
        )  # fmt: skip
        told |= {f"{step}_rows": pulled.rows, f"{step}_seconds": time.monotonic() - begun}
        received = receive(contract, place / "inbox", place / "snapshots", known)
        subprocess.run([psql, "-X", "-q", "-d", url, "-c", DELETE], check=True)
        known |= {delivery.batch_no: delivery.file_sm3 for delivery in received.deliveries}
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
