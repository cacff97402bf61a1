"""Which feeds have sent nothing by their contract's deadline, and how grave that is.

A night begins after the deadline of the day before (the contract's `deadline` is a time of that evening), so a whole day
is what can be missing. A feed that never sent anything is not connected yet: it is told of, and owes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from extractors.contract import Contract
from quality.rules import rule_named
from quality.rules.arrivals import DeliveryOverdue
from quality.thresholds import FOLDER, limits_from
from quality.verdict import Severity

# Days between two deliveries of a feed, by the first word of its contract's frequency; hot feeds deliver every day.
EVERY = {"daily": 1, "hourly": 1, "weekly": 7, "monthly": 31, "yearly": 366}


def late_feeds(contracts: Mapping[str, Contract], last_seen: Mapping[str, date], night: date) -> list[tuple[str, int]]:
    """Feeds whose next delivery is overdue on this night with the days it is late, latest first; -1 if none ever came."""
    found = []
    for feed, contract in contracts.items():
        every = EVERY.get(contract.frequency.split()[0], 1)
        last = last_seen.get(feed)
        if last is None:
            found.append((feed, -1))
        elif (days := (night - (last + timedelta(days=every))).days) >= (0 if every > 1 else 1) and last < night:
            found.append((feed, days))
    return sorted(found, key=lambda pair: (pair[1] != -1, -pair[1], pair[0]))


def overdue(contracts: Mapping[str, Contract], last_seen: Mapping[str, date], night: date) -> dict[str, Severity]:
    """Feeds that owe a delivery, each with the gravest limit of `quality/limits/arrivals.yml` that it breaks.

    `last_seen` is the business date of each feed's last landed delivery. Raises `ValueError` for a limit of another rule.
    """
    limits = limits_from(FOLDER / "arrivals.yml")
    strange = [limit.rule for limit in limits if not isinstance(rule_named(limit.rule), DeliveryOverdue)]
    if strange:
        raise ValueError(f"arrivals.yml: {strange} do not judge arrivals; expected {DeliveryOverdue.id}")
    gravest = sorted(limits, key=lambda limit: -limit.number)
    found = {}
    for feed, days in late_feeds(contracts, last_seen, night):
        broken = next((limit.severity for limit in gravest if days > limit.number), None)
        if broken is not None:
            found[feed] = broken
    return found
