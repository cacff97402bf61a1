"""What was measured on earlier deliveries and nights, and which of it a new one may be compared with.

A feed is judged against its own past. Two things matter there: a delivery that was stopped is no measure for the
next one (or the second short file in a row would pass), and like is compared with like (a full file with full files,
a month's end with month ends).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from statistics import median
from typing import Any, Protocol

FEWEST_COMPARABLE = 3


@dataclass(frozen=True, slots=True)
class FeedHistory:
    """The numbers of one delivery.

    `records` counts the rows that became records, deletions of a delta left out; `deletions` counts those.
    `fill` is, by field, the share of records with a value; `valid` the share of valid ones among the filled;
    `shares`, by coded field, the share of each code among all records (codes of the code table only, the rest under
    `other`, absent values under `none`). `accepted` is False for a delivery the gate stopped. `churn` is how many records it
    begins, changes or ends as a share of those that were current before; None where there were none, or nobody counted.
    """

    feed: str
    batch_no: str
    mode: str
    business_date: str
    read: int
    records: int
    deletions: int
    rejected: int
    duplicate: int
    fill: dict[str, float] = field(default_factory=dict)
    valid: dict[str, float] = field(default_factory=dict)
    shares: dict[str, dict[str, float]] = field(default_factory=dict)
    accepted: bool = True
    churn: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """These numbers as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> FeedHistory:
        """Read back what `as_dict` wrote; raises `TypeError` if it is something else."""
        return cls(**plain)


class Totals(Protocol):
    """Masters, their records, the most records one has, waiting cases, and how many masters have each golden field."""

    @property
    def masters(self) -> int: ...
    @property
    def records(self) -> int: ...
    @property
    def largest(self) -> int: ...
    @property
    def reviews(self) -> int: ...
    @property
    def filled(self) -> Mapping[str, int]: ...


@dataclass(frozen=True, slots=True)
class MasterStats:
    """The numbers of one night's masters of one subject (`persons` or `enterprises`).

    `events` counts the night's identity events by kind (created, joined, merged, split, redirected, retired) and, as
    records_moved, the records that mergers and splits took to another file;
    `reviews` the pairs waiting for a person's decision.
    """

    subject: str
    masters: int
    records: int
    largest: int
    reviews: int
    events: dict[str, int] = field(default_factory=dict)
    fill: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """These numbers as plain JSON values."""
        return asdict(self)

    def beside(self, others: Totals) -> MasterStats:
        """The numbers of all masters, where these are of the masters a night looked at and `others` of all the rest."""
        total = self.masters + others.masters
        fill = {
            name: round((share * self.masters + others.filled.get(name, 0)) / total, 6) if total else 0.0
            for name, share in self.fill.items()
        }
        return replace(
            self,
            masters=total,
            records=self.records + others.records,
            largest=max(self.largest, others.largest),
            reviews=self.reviews + others.reviews,
            fill=fill,
        )

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> MasterStats:
        """Read back what `as_dict` wrote; raises `TypeError` if it is something else."""
        return cls(**plain)


def last_accepted(
    history: Sequence[FeedHistory], *, mode: str, before: str, business_date: date | None = None
) -> FeedHistory | None:
    """The newest accepted delivery of this mode with a batch number before `before`, or None.

    Of deltas it is the newest of the same kind of day as `business_date`, where there is one: what a month's end sends is
    unlike what a working day sends. Batch numbers of a feed count up and sort as text, so the order of `history` does not
    matter.
    """
    earlier = [one for one in history if one.accepted and one.mode == mode and one.batch_no < before]
    if mode == "delta" and business_date is not None:
        earlier = _alike(history, mode, before, business_date) or earlier
    return max(earlier, key=lambda one: one.batch_no, default=None)


def kind_of_day(business_date: date) -> str:
    """`month_end` (the last two days of a month and the first two), `weekend` or `weekday`.

    Monthly closings swell the deltas of many departments on those days and few people are registered at weekends.
    """
    if business_date.day <= 2 or (business_date + timedelta(days=2)).month != business_date.month:
        return "month_end"
    return "weekend" if business_date.weekday() >= 5 else "weekday"


def usual_size(history: Sequence[FeedHistory], *, before: str, business_date: date) -> float | None:
    """The median number of rows read in earlier accepted deltas of the same kind of day.

    None if there are fewer than three of them: then nothing is usual yet.
    """
    return _usual([float(one.read) for one in _alike(history, "delta", before, business_date)])


def usual_churn(history: Sequence[FeedHistory], *, mode: str, before: str, business_date: date) -> float | None:
    """The median churn of earlier accepted deliveries of this mode on the same kind of day; None as for `usual_size`."""
    alike = _alike(history, mode, before, business_date)
    return _usual([one.churn for one in alike if one.churn is not None])


def _alike(history: Sequence[FeedHistory], mode: str, before: str, business_date: date) -> list[FeedHistory]:
    kind = kind_of_day(business_date)
    return [
        one
        for one in history
        if one.accepted
        and one.mode == mode
        and one.batch_no < before
        and kind_of_day(date.fromisoformat(one.business_date)) == kind
    ]


def _usual(numbers: Sequence[float]) -> float | None:
    return float(median(numbers)) if len(numbers) >= FEWEST_COMPARABLE else None
