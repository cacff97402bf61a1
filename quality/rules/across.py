"""What a rule across departments is: one query over landed records and the files they belong to.

The rule says it in SQL that PostgreSQL and DuckDB both read; this package opens no connection. Records of different
departments meet through the crosswalk, so a rule sees one person where the numbers differ by a typing error, and two
where a relative's number was written down.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from quality.rules.rule import Rule
from quality.verdict import Severity


@dataclass(frozen=True, slots=True)
class Place:
    """Where the tables are: the schema of the landed feeds and the crosswalk (record_key, master_id)."""

    landing: str = "landing"
    crosswalk: str = "core.crosswalk"

    def of(self, feed: str) -> str:
        """A table expression of a feed's current records, each with the `master_id` of its file."""
        return (
            f"(SELECT crossed.master_id, landed.* FROM {self.landing}.{feed} AS landed"
            f" JOIN {self.crosswalk} AS crossed ON crossed.record_key = '{feed}:' || landed.source_key)"
        )


class AcrossRule(Rule):
    """A rule on records of one or more feeds: what its query returns breaks it.

    `feed` is the one whose owner is asked to act and `field` what it is about; `feeds` are all the query reads.
    """

    severity: ClassVar[Severity] = Severity.WARN
    feed: ClassVar[str]
    field: ClassVar[str]
    feeds: ClassVar[tuple[str, ...]]
    unit = "records"
    bound = "at_most"

    @abstractmethod
    def broken(self, place: Place) -> str:
        """A SELECT of `source_key` and `other_key` (record key of the record that disagrees, or null)."""
