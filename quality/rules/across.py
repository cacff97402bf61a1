"""What a rule over landed records is: one query a feed it is asked of, in SQL that PostgreSQL and DuckDB both read.

This package opens no connection. Records of different departments meet through the crosswalk, so a rule sees one person
where the numbers differ by a typing error, and two where a relative's number was written down. What several rules look
at (`registered`, `dead`, the records of a feed with their files) is written once, in `quality.rules.views`, and is put
before the query that names it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from quality.rules.rule import Rule
from quality.verdict import Severity


@dataclass(frozen=True, slots=True)
class Place:
    """Where the tables are: the schema of the landed feeds and the crosswalk (record_key, master_id)."""

    landing: str = "landing"
    crosswalk: str = "core.crosswalk"


@dataclass(frozen=True, slots=True)
class Question:
    """A rule asked of one feed.

    `broken` is a SELECT of `source_key` (of the record of `feed` that should be looked at), `field` and `other_key`
    (record key of the one that disagrees with it, or null). It may name the views of `quality.rules.views`; `landing.`
    stands for the schema of the landed feeds. `reads` are all feeds it needs.
    """

    feed: str
    reads: tuple[str, ...]
    broken: str


class AcrossRule(Rule):
    """A rule whose query lists the records that break it; each is a finding for the owner of the record's feed."""

    severity: ClassVar[Severity] = Severity.WARN
    unit = "records"
    bound = "at_most"

    @abstractmethod
    def questions(self) -> Iterator[Question]:
        """The rule, asked of each feed it is about."""


class OneFeedRule(AcrossRule):
    """A rule asked of one feed: `field` is what it is about, `feeds` are all the query reads."""

    feed: ClassVar[str]
    field: ClassVar[str]
    feeds: ClassVar[tuple[str, ...]]

    def questions(self) -> Iterator[Question]:
        """One question."""
        broken = f"SELECT source_key, '{self.field}' AS field, other_key FROM ({self.broken()}) AS broken"
        yield Question(self.feed, self.feeds, broken)

    @abstractmethod
    def broken(self) -> str:
        """A SELECT of `source_key` and `other_key`."""
