"""Which deliveries do not come as they should, and when they come after all.

The first three nights are clean. From then on, every ten days: one feed is late (days 3, 13, 23 ...; day 0 is the
first) and one arrives broken (days 5, 15, 25 ...): cut short, then with a renamed header, then with another row count
than its manifest says, and so on in turn. Both come whole with the next day's files, under the batch number and
business date of their own day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from demo.chance import Chance

Fault = Literal["cut", "renamed", "miscounted"]
FAULTS: tuple[Fault, ...] = ("cut", "renamed", "miscounted")
PERIOD, LATE_DAY, BROKEN_DAY = 10, 3, 5
DAILY = ("hrss_card", "ps_person", "nhsa_insured", "mr_entity", "tax_payer")
WITH_HEADER = ("hrss_card", "mr_entity")
FIRST_LATE, FIRST_BROKEN = "tax_payer", "nhsa_insured"  # of the first ten days; later ones are drawn


@dataclass(frozen=True)
class Arrival:
    """A delivery that comes today: of which day it speaks, and what is wrong with its file."""

    feed: str
    day: int
    fault: Fault | None = None


def late_feed(seed: int, day: int) -> str | None:
    """The feed whose delivery of `day` comes a day late, if any."""
    if day % PERIOD != LATE_DAY:
        return None
    return FIRST_LATE if day < PERIOD else _draw(seed, day, "late", DAILY)


def broken_feed(seed: int, day: int) -> tuple[str, Fault] | None:
    """(feed, fault) of the delivery of `day` that arrives broken and comes again, whole, the day after, if any."""
    if day % PERIOD != BROKEN_DAY:
        return None
    fault = FAULTS[day // PERIOD % len(FAULTS)]
    if day < PERIOD:
        return FIRST_BROKEN, fault
    return _draw(seed, day, "broken", WITH_HEADER if fault == "renamed" else DAILY), fault


def arrivals(seed: int, day: int, feeds: Sequence[str]) -> list[Arrival]:
    """What comes on `day`: yesterday's late or repeated deliveries first, then today's own."""
    before, broken_before = late_feed(seed, day - 1), broken_feed(seed, day - 1)
    again = (before, broken_before[0] if broken_before else None)
    late, broken = late_feed(seed, day), broken_feed(seed, day)
    faults: dict[str, Fault] = dict([broken] if broken else [])
    return [Arrival(feed, day - 1) for feed in feeds if feed in again] + [
        Arrival(feed, day, faults.get(feed)) for feed in feeds if feed != late
    ]


def _draw(seed: int, day: int, trouble: str, feeds: Sequence[str]) -> str:
    return feeds[int(Chance(seed).below(f"plan/{trouble}", np.array([day]), len(feeds))[0])]
