"""What a rule is: one class with its dimension, its sentences and the way it is judged.

Two kinds exist. A `RowRule` is about the rows of a frame and becomes an expectation on one column of it. A
`MeasureRule` is about one number (of this delivery, or of this delivery against its history) and becomes an
expectation on that number. Neither imports Great Expectations: they only say which expectation they are.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Literal

import pyarrow as pa

from quality.history import FeedHistory, MasterStats
from quality.verdict import Dimension, Severity

Unit = Literal["share", "rows", "days", "factor", "records", "points"]
Bound = Literal["at_least", "at_most"]


@dataclass(frozen=True, slots=True)
class Limit:
    """One line of a contract's expectations: a rule, where it applies, its limit, and how that limit was set."""

    rule: str
    severity: Severity
    set_by: str
    field: str | None = None
    limit: float | None = None
    low: str | float | None = None
    high: str | float | None = None
    pattern: str | None = None

    @property
    def number(self) -> float:
        """The limit, which is 1 for a share nobody set otherwise: all of the rows."""
        return 1.0 if self.limit is None else self.limit


@dataclass(frozen=True, slots=True)
class FeedFacts:
    """What rules may look at beside the rows of a delivery.

    `labels` gives the department's own name of a field, `coded` the fields that hold codes, `findings` the
    number of findings of the extraction by (field, code), `usual` the usual size of a delta on such a day and
    `usual_churn` the usual churn of a delivery of this mode on such a day.
    """

    now: FeedHistory
    last: FeedHistory | None
    usual: float | None
    as_of: date
    labels: Mapping[str, str]
    coded: frozenset[str]
    findings: Mapping[tuple[str, str], int]
    usual_churn: float | None = None


@dataclass(frozen=True, slots=True)
class MasterFacts:
    """What rules on masters may look at beside the masters: tonight's numbers and those of the last published night.

    `records_without_master` and `masters_without_record` are counted on the crosswalk.
    """

    now: MasterStats
    last: MasterStats | None
    as_of: date
    labels: Mapping[str, str]
    records_without_master: int
    masters_without_record: int


Facts = FeedFacts | MasterFacts


@dataclass(frozen=True, slots=True)
class Measure:
    """One number to be judged; `trials` is the number of rows it is a share of, if chance is to be allowed for."""

    number: float
    trials: int | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """The expectation a row rule is: its type in Great Expectations and the arguments beside column and `mostly`."""

    type: str
    arguments: Mapping[str, Any]


class Rule(ABC):
    """One rule of quality. Its docstring's first line says what it asks; the class attributes are what people read.

    `message` (for engineers) and `sentence` (for the owner of the feed) may use `{field}`, `{label}`, `{observed}`,
    `{limit}`; `advice` says what the owner does about it.
    """

    id: ClassVar[str]
    dimension: ClassVar[Dimension]
    unit: ClassVar[Unit] = "share"
    bound: ClassVar[Bound] = "at_least"
    needs_field: ClassVar[bool] = False
    message: ClassVar[str]
    sentence: ClassVar[str]
    advice: ClassVar[str]


class RowRule(Rule):
    """A rule on the rows of one column: the limit is the share of the rows that must keep it."""

    needs_field: ClassVar[bool] = True
    counts_absent: ClassVar[bool] = False

    def column(self, limit: Limit) -> str:
        """The name of the column this rule looks at."""
        return f"{limit.field}"

    def values(self, limit: Limit, rows: pa.Table) -> pa.ChunkedArray:
        """The values this rule looks at; absent ones are not judged unless `counts_absent`."""
        return rows.column(self.column(limit))

    def share(self, limit: Limit, facts: Facts) -> float | None:  # noqa: ARG002 - most shares are the contract's
        """The share of rows that must keep the rule; None if there is nothing to compare with."""
        return limit.number

    @abstractmethod
    def expectation(self, limit: Limit, facts: Facts) -> Expectation:
        """The expectation to put on the column."""


class MeasureRule(Rule):
    """A rule on one number."""

    @abstractmethod
    def measure(self, limit: Limit, facts: Facts) -> Measure | None:
        """The number to be judged against the limit, or None if there is nothing to judge or compare with."""


class FeedMeasureRule(MeasureRule):
    """A rule on one number of a delivery."""

    def measure(self, limit: Limit, facts: Facts) -> Measure | None:
        """The number to be judged; `TypeError` if the facts are not those of a feed."""
        if not isinstance(facts, FeedFacts):
            raise TypeError(f"rule {self.id} judges deliveries of a feed; it stands in the limits of masters")
        return self.of_feed(limit, facts)

    @abstractmethod
    def of_feed(self, limit: Limit, facts: FeedFacts) -> Measure | None:
        """The number of this delivery."""


class MasterMeasureRule(MeasureRule):
    """A rule on one number of a night's masters."""

    def measure(self, limit: Limit, facts: Facts) -> Measure | None:
        """The number to be judged; `TypeError` if the facts are not those of masters."""
        if not isinstance(facts, MasterFacts):
            raise TypeError(f"rule {self.id} judges masters; it stands in the contract of a feed")
        return self.of_masters(limit, facts)

    @abstractmethod
    def of_masters(self, limit: Limit, facts: MasterFacts) -> Measure | None:
        """The number of this night's masters."""
