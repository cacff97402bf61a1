"""python -m runtime replay: land the snapshots anew in an empty database, in the order they landed, and compare.

Everything in the landing schema follows from the snapshots, the contracts and the days the nights stood for. Without
--to and --feed all deliveries are replayed and each landing table, with its history, is compared byte for byte with the
one in force; exit status 1 if one differs. With --to DATE the state after that business date is made and its digests are
shown; --keep leaves the database for a look, or to take over.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tempfile
from pathlib import Path

from extractors.contract import Contract, load_contracts
from extractors.extract import extract
from extractors.manifest import sm3_of
from extractors.snapshot import read_delivery
from runtime.settings import Settings
from runtime.steps.night import StepError
from runtime.steps.replay import night_of
from warehouse import landing
from warehouse.database import Connection, WarehouseError, connect
from warehouse.digest import SCRATCH, digest_of, scratch_database
from warehouse.migrate import migrate


def main(settings: Settings, conn: Connection, arguments: list[str]) -> int:
    """Replay and compare; 0 if all tables are the same, 1 if one is not, 2 if it cannot be done."""
    parser = argparse.ArgumentParser(
        prog="python -m runtime replay", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--feed", action="append", help="only this feed; may be given more than once")
    parser.add_argument("--to", type=dt.date.fromisoformat, help="only deliveries of business dates up to this one")
    parser.add_argument("--keep", action="store_true", help=f"leave the database {SCRATCH} behind")
    asked = parser.parse_args(arguments)
    contracts = load_contracts()
    unknown = [feed for feed in asked.feed or () if feed not in contracts]
    if unknown:
        parser.error(f"no contract for {', '.join(unknown)}; there are {', '.join(contracts)}")
    chosen = [contracts[feed] for feed in asked.feed or contracts]
    try:
        with scratch_database(conn, keep=asked.keep) as url:
            migrate(url, chosen)
            with connect(url) as anew:
                return _replayed(settings, conn, anew, chosen, asked.to)
    except (StepError, WarehouseError, OSError) as fault:
        print(f"yidang: {fault}", file=sys.stderr)
        return 2


def _replayed(
    settings: Settings, conn: Connection, anew: Connection, contracts: list[Contract], to: dt.date | None
) -> int:
    different = 0
    for contract in contracts:
        number = replay_feed(settings, conn, anew, contract, to=to)
        if not number:
            continue
        for table in (contract.feed, f"{contract.feed}_history"):
            made = digest_of(anew, contract, table)
            if to is not None:
                print(f"{table:24} {number:4} deliveries {made[0]:9,} rows  SM3 {made[1]}")
                continue
            there = digest_of(conn, contract, table)
            is_same = made == there
            different += not is_same
            word = "same" if is_same else f"DIFFERS: {there[0]:,} rows there, SM3 {there[1]}"
            print(f"{table:24} {number:4} deliveries {made[0]:9,} rows  SM3 {made[1]}  {word}")
    if different:
        print(
            f"{different} tables are not what their snapshots give: rows were changed by hand, or the contract or the code "
            "that reads it changed since they landed."
        )
    return int(different > 0)


def replay_feed(
    settings: Settings, conn: Connection, anew: Connection, contract: Contract, *, to: dt.date | None = None
) -> int:
    """Land every delivery of a feed that landed in `conn` into `anew`, in the same order; returns how many there were.

    Raises
    ------
    StepError
        A snapshot is not what landed, or is refused now as a whole; the message says which.
    """
    rows = conn.execute(
        "select batch_no, run_id, file_sm3 from ops.delivery where feed = %s and state = 'landed' "
        "and (%s::date is null or business_date <= %s) order by recorded_at, batch_no",
        (contract.feed, to, to),
    ).fetchall()
    for batch_no, run_id, file_sm3 in rows:
        delivery = read_delivery(settings.snapshots, contract.feed, batch_no)
        if file_sm3 is not None and sm3_of(delivery.file) != file_sm3:
            raise StepError(
                f"{contract.feed} {batch_no}: the snapshot's SM3 is not that of the file that landed. It was changed after "
                "it was received; restore it from the backup of the snapshots."
            )
        as_of = night_of(conn, contract.feed, batch_no)
        with tempfile.TemporaryDirectory() as folder:
            extracted = extract(contract, delivery, Path(folder) / "out", as_of=as_of)
            if extracted.held is not None:
                raise StepError(f"{contract.feed} {batch_no}: {extracted.held.code} {extracted.held.message}")
            landing.land(anew, contract, extracted, run_id=run_id)
    return len(rows)
