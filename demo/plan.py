"""Which deliveries do not come as they should, and when they come after all.

The first three nights are clean. From then on, every ten days: one feed is late (days 3, 13, 23 ...) and one arrives
cut short (days 5, 15, 25 ...; day 0 is the first). Both come whole with the next day's files, under the batch number
and business date of their own day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from demo.chance import Chance

PERIOD, LATE_DAY, CUT_DAY = 10, 3, 5
DAILY = ("hrss_card", "ps_person", "nhsa_insured", "mr_entity", "tax_payer")
FIRST_LATE, FIRST_CUT = "tax_payer", "nhsa_insured"  # of the first ten days; later ones are drawn


@dataclass(frozen=True)
class Arrival:
    """A delivery that comes today: of which day it speaks, and whether its file is cut short."""

    feed: str
    day: int
    is_cut: bool = False


def late_feed(seed: int, day: int) -> str | None:
    """The feed whose delivery of `day` comes a day late, if any."""
    return _drawn(seed, day, "late", FIRST_LATE) if day % PERIOD == LATE_DAY else None


def cut_feed(seed: int, day: int) -> str | None:
    """The feed whose delivery of `day` arrives cut short and comes again, whole, the day after, if any."""
    return _drawn(seed, day, "cut", FIRST_CUT) if day % PERIOD == CUT_DAY else None


def arrivals(seed: int, day: int, feeds: Sequence[str]) -> list[Arrival]:
    """What comes on `day`: yesterday's late or repeated deliveries first, then today's own."""
    before = [feed for feed in (late_feed(seed, day - 1), cut_feed(seed, day - 1)) if feed]
    late, cut = late_feed(seed, day), cut_feed(seed, day)
    return [Arrival(feed, day - 1) for feed in feeds if feed in before] + [
        Arrival(feed, day, feed == cut) for feed in feeds if feed != late
    ]


def _drawn(seed: int, day: int, trouble: str, first: str) -> str:
    if day < PERIOD:
        return first
    return DAILY[int(Chance(seed).below(f"plan/{trouble}", np.array([day]), len(DAILY))[0])]
