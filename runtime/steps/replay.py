"""Replaying: rejected rows land once they are corrected, by the code that landed everything else."""

from __future__ import annotations

import datetime as dt

from extractors.contract import Contract
from extractors.extract import extract
from extractors.replayed import origin_of, write_replay
from extractors.snapshot import read_delivery
from runtime.settings import Settings
from runtime.steps.night import StepError, feed_folder
from warehouse import landing, rejects, runs
from warehouse.database import Connection, transaction
from warehouse.database import lock as lock_for
from warehouse.deliveries import LandCounts
from warehouse.rejects import Choice

SENDER = "replay of rejected rows"


def night_of(conn: Connection, feed: str, batch_no: str) -> dt.date:
    """The logical date of the night that landed a delivery: the day its rules looked from. Raises StepError."""
    row = conn.execute(
        "select r.logical_date from ops.delivery d join ops.run r using (run_id) where d.feed = %s and d.batch_no = %s "
        "and d.state = 'landed'",
        (feed, origin_of(batch_no)),
    ).fetchone()
    if row is None:
        raise StepError(f"{feed} {batch_no} has not landed by any night in ops.run, so nobody knows as of which day.")
    day: dt.date = row[0]
    return day


def replay_rejects(
    settings: Settings, conn: Connection, contract: Contract, choice: Choice, *, as_they_are: bool
) -> list[tuple[LandCounts, str]]:
    """Land the chosen rejects that wait, a delivery of its own for each one they came with; (counts, batch number).

    Each is one transaction: its rows land, its rejects are marked, all or nothing. The next night matches what changed.

    Raises
    ------
    StepError
        A night is running (it would publish what it has not matched), or a replay was refused as a whole.
    WarehouseError
        Another replay took the same rows up.
    """
    done = []
    for batch_no in rejects.open_batches(conn, choice):
        origin_no = origin_of(batch_no)
        origin = read_delivery(settings.snapshots, contract.feed, batch_no)
        if origin.schema_version not in contract.schema_versions:
            raise StepError(
                f"{contract.feed} {batch_no} came in layout version {origin.schema_version}, which the contract no longer "
                "knows. Put its columns back under 'earlier' to replay it."
            )
        layout = contract.layout_of(origin.schema_version)
        sources = [column.source for column in layout.columns if not column.source.startswith("@absent/")]
        of_batch = Choice(choice.feed, batch_no, choice.reason, choice.reject_ids)
        rows = rejects.waiting_rows(conn, of_batch, sources, layout.op, as_they_are=as_they_are)
        if not rows.num_rows:
            continue
        number = rejects.next_replay_no(conn, contract.feed, origin_no)
        delivery = write_replay(settings.snapshots, origin, number, rows.drop_columns(["reject_id"]), SENDER)
        as_of = night_of(conn, contract.feed, origin_no)
        extracted = extract(contract, delivery, feed_folder(settings, contract.feed, number), as_of=as_of)
        if extracted.held is not None:
            raise StepError(f"{contract.feed} {number}: {extracted.held.code} {extracted.held.message}")
        with transaction(conn, f"replaying {contract.feed} {number}"):
            lock_for(conn, "at_once")
            if (running := runs.running_run(conn)) is not None:
                raise StepError(f"Run {running} is not finished. Replay when it is; nothing of {number} was kept.")
            counts = landing.land(conn, contract, extracted, run_id=f"replay-{number}")
            rejects.take_up(conn, contract.feed, number, rows["reject_id"].combine_chunks(), origin_no)
        done.append((counts, number))
    return done
