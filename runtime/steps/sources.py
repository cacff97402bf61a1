"""The step before receiving: what is new at a feed's source is pulled into the inbox, an ordinary delivery from then on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from extractors.contract import Contract
from extractors.held import Held
from extractors.pull import PullFault, pull, setting_of
from runtime.settings import read_settings
from runtime.steps.night import Night, open_warehouse, recorded
from warehouse import runs

log = logging.getLogger("yidang.night")
Urls = Callable[[str], str | None]  # the URL of a contract's connection; None where it is not set


def say_held(held: Sequence[Held]) -> str:
    """Held deliveries in one line of a step's note."""
    return "; ".join(f"{h.code} {h.file_name}: {h.message}" for h in held)


def is_pulled(contract: Contract | None, urls: Urls) -> bool:
    """Whether a feed has a source whose connection is set; without it only files laid into the inbox are taken."""
    if contract is None or contract.source is None:
        return False
    if urls(contract.source.connection) is None:
        log.info("%s: %s is not set, so it is not pulled", contract.feed, setting_of(contract))
        return False
    return True


def pull_feed(night: Night, contract: Contract, urls: Urls) -> None:
    """Bring what is new at a feed's source into the inbox; a source that cannot be pulled from holds this feed."""
    if contract.source is None or not is_pulled(contract, urls):
        return
    settings, feed = read_settings(), contract.feed
    with open_warehouse(settings) as conn, recorded(conn, night, "pull", feed) as outcome:
        try:
            pulled = pull(
                contract,
                urls(contract.source.connection),
                inbox=night.inbox,
                snapshots=settings.snapshots,
                workshop=settings.workshop,
                known=runs.landed_batches(conn, feed),
                as_of=night.date,
            )
        except PullFault as fault:
            held = Held(fault.code, f"source of {feed}", fault.message)
            runs.record_held(conn, night.run_id, held, feed=feed)
            outcome.state, outcome.note = "held", say_held([held])
        else:
            outcome.rows, outcome.note = pulled.rows, pulled.note or None
