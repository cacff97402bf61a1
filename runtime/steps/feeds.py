"""The steps of one feed: receive, extract, gate, land. Each knows its deliveries by their batch numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from extractors.contract import FEEDS_FOLDER, Contract, load_contract, load_contracts
from extractors.extract import extract as extract_delivery
from extractors.extract import read_extracted
from extractors.held import HeldFault
from extractors.manifest import SUFFIX, read_manifest
from extractors.snapshot import read_delivery
from extractors.snapshot import receive as receive_deliveries
from quality.gates import gate_extracted
from quality.history import FeedHistory
from runtime.settings import read_settings, source_url
from runtime.steps.incidents import settle_stop
from runtime.steps.night import Night, StepError, feed_folder, open_warehouse, recorded
from runtime.steps.sources import Urls, is_pulled, pull_feed, say_held
from warehouse import contracts, incidents, landing, runs

HISTORY_NIGHTS = 30


@cache
def _contract(feed: str) -> Contract:
    """The contract of this feed alone: a task reads no other."""
    path = FEEDS_FOLDER / f"{feed}.yml"
    if not path.is_file():
        known = ", ".join(sorted(one.stem for one in FEEDS_FOLDER.glob("*.yml")))
        raise StepError(f"No contract for feed {feed}. Expected extractors/feeds/{feed}.yml; known: {known}.")
    return load_contract(path)


def waiting(night: Night, urls: Urls = source_url) -> list[str]:
    """Feeds of this night that are pulled, or for which the inbox holds anything that has not landed.

    The others need no step at all.

    Never empty: where nothing waits, the first feed's steps say so, and what follows is not skipped with the feeds.
    A file without a manifest, or with one that cannot be read, counts: `receive` says what is wrong with it.
    """
    settings = read_settings()
    known = load_contracts()
    pulled = {feed for feed in night.feeds if is_pulled(known.get(feed), urls)}
    if pulled:  # which they fill
        night.inbox.mkdir(parents=True, exist_ok=True)
    there = sorted(path.name for path in night.inbox.iterdir() if path.is_file())
    with open_warehouse(settings) as conn:
        found = [
            feed
            for feed in night.feeds
            if feed in pulled
            or has_news(night.inbox, [n for n in there if n.startswith(f"{feed}_")], runs.landed_batches(conn, feed))
        ]
    return found or list(night.feeds[:1])


def has_news(inbox: Path, names: Sequence[str], landed: Mapping[str, str]) -> bool:
    """Whether any of a feed's files or manifests is not of a delivery that has landed as it is."""
    settled = set()
    for name in names:
        if not name.endswith(SUFFIX):
            continue
        try:
            manifest = read_manifest(inbox / name)
        except HeldFault:
            return True
        if landed.get(manifest.batch_no) != manifest.file_sm3.lower():
            return True
        settled |= {name, manifest.file_name}
    return not settled.issuperset(names)


def receive(night: Night, feed: str, urls: Urls = source_url) -> list[str]:
    """Pull this feed if it has a source, then copy its new deliveries into snapshots; returns their numbers in order.

    Raises
    ------
    StepError
        The contract may not follow the one in force: nothing is pulled or taken by it, other feeds go on.
    """
    settings = read_settings()
    if feed not in night.feeds:
        return []
    _check_contract(night, _contract(feed))
    pull_feed(night, _contract(feed), urls)
    with open_warehouse(settings) as conn, recorded(conn, night, "receive", feed) as outcome:
        known = runs.landed_batches(conn, feed)
        received = receive_deliveries(
            _contract(feed), night.inbox, settings.snapshots, known, business_date_to=night.date
        )
        grave = [held for held in received.held if held.is_grave]
        for held in grave:
            runs.record_held(conn, night.run_id, held, feed=feed)
        outcome.rows = sum(d.row_count for d in received.deliveries)
        if grave:
            outcome.state, outcome.note = "held", say_held(grave)
        elif not received.deliveries:
            outcome.note = "no new delivery"
        return [delivery.batch_no for delivery in received.deliveries]


def _check_contract(night: Night, contract: Contract) -> None:
    """Refuse a contract that would take away the meaning of what landed, or the reader of files that still come."""
    with open_warehouse(read_settings()) as conn:
        refused = contracts.refused_changes(conn, contract, as_of=night.date)
        if refused:
            with recorded(conn, night, "receive", contract.feed):
                listed = "\n".join(refused)
                raise StepError(
                    f"extractors/feeds/{contract.feed}.yml is not compatible with the contract that {contract.feed} landed "
                    f"under:\n{listed}\nMend the contract. If it was planned with department and stewards: "
                    f"python -m runtime accept-contract {contract.feed} --why REASON"
                )


def extract(night: Night, feed: str, batches: Sequence[str]) -> list[str]:
    """Extract each delivery to Parquet; returns the batches that came through.

    A delivery whose whole file is refused is held, and so are the later ones of this feed: they build on it.
    """
    settings = read_settings()
    if not batches:
        return []
    with open_warehouse(settings) as conn, recorded(conn, night, "extract", feed) as outcome:
        contract, good, rows = _contract(feed), [], 0
        for batch_no in batches:
            delivery = read_delivery(settings.snapshots, feed, batch_no)
            extracted = extract_delivery(contract, delivery, feed_folder(settings, feed, batch_no), as_of=night.date)
            rows += extracted.read
            if extracted.held is not None:
                runs.record_held(conn, night.run_id, extracted.held, feed=feed)
                outcome.state, outcome.note = "held", say_held([extracted.held])
                break
            good.append(batch_no)
        outcome.rows = rows
        return good


def gate(night: Night, feed: str, batches: Sequence[str]) -> list[str]:
    """Judge each delivery; returns the batches that may land.

    A stop holds the delivery and the later ones of this feed; yesterday's records of the feed stay. It opens an incident;
    one that an engineer released for this very file is landed with a warning.
    """
    settings = read_settings()
    if not batches:
        return []
    with open_warehouse(settings) as conn, recorded(conn, night, "gate", feed) as outcome:
        contract, good = _contract(feed), []
        history = [FeedHistory.from_dict(v["statistics"]) for v in runs.read_verdicts(conn, feed, limit=HISTORY_NIGHTS)]
        for batch_no in batches:
            extracted = read_extracted(feed_folder(settings, feed, batch_no))
            verdict = gate_extracted(
                contract, extracted, history, as_of=night.date, churn=landing.count_churn(conn, extracted)
            )
            verdict, words = settle_stop(conn, night, verdict, extracted.file_sm3)
            runs.record_verdict(conn, night.run_id, feed, batch_no, verdict.as_dict())
            outcome.rows = (outcome.rows or 0) + extracted.loaded
            if not verdict.may_go_on:
                outcome.state, outcome.note = "stopped", f"batch {batch_no}: {words}"
                break
            if verdict.broken:
                outcome.state, outcome.note = "warn", f"batch {batch_no}: {words}"
            history.append(FeedHistory.from_dict(verdict.as_dict()["statistics"]))
            good.append(batch_no)
        return good


def land(night: Night, feed: str, batches: Sequence[str]) -> None:
    """Land each delivery in one transaction; in a dry run count and take back.

    Raises
    ------
    StepError
        Something of this feed was held or stopped before: what could land has landed, and the feed's last task is red.
    """
    settings = read_settings()
    with open_warehouse(settings) as conn:
        if batches:
            with recorded(conn, night, "land", feed) as outcome:
                for batch_no in batches:
                    extracted = read_extracted(feed_folder(settings, feed, batch_no))
                    counts = landing.land(conn, _contract(feed), extracted, run_id=night.run_id, dry_run=night.dry_run)
                    if not night.dry_run:
                        incidents.settle(conn, feed, batch_no, night.run_id)
                        contracts.put_in_force(conn, _contract(feed), run_id=night.run_id)
                    outcome.rows = (outcome.rows or 0) + counts.loaded
        troubles = [s for s in runs.read_steps(conn, night.run_id) if s.feed == feed and s.state in ("held", "stopped")]
        if troubles:
            raise StepError(" | ".join(f"{s.step} {s.state}: {s.note}" for s in troubles))
