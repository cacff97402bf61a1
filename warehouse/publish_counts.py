"""What a publication changed, counted from the rows written."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class SubjectCounts:
    """What publishing changed for one subject, counted from the rows written."""

    new: int = 0
    changed: int = 0
    merged: int = 0
    split: int = 0
    retired: int = 0
    records_moved: int = 0
    review_opened: int = 0
    review_gone: int = 0
    masters: int = 0
    records: int = 0
    review_open: int = 0
    rows_written: int = 0


@dataclass(frozen=True)
class PublishCounts:
    """What publishing changed, by subject and list. ``is_repeat``: this run was published before, nothing happened."""

    subjects: dict[str, SubjectCounts] = field(default_factory=dict)
    facts: dict[str, int] = field(default_factory=dict)
    findings: int = 0
    is_repeat: bool = False

    def _sum(self, what: str) -> int:
        return sum(int(getattr(s, what)) for s in self.subjects.values())

    @property
    def cards_changed(self) -> int:
        """Cards that are new, other than before, or gone."""
        return self.facts.get("card", 0)

    @property
    def new(self) -> int:
        """Files that were not there before."""
        return self._sum("new")

    @property
    def changed(self) -> int:
        """Files whose golden record is another one now."""
        return self._sum("changed")

    @property
    def merged(self) -> int:
        """Files that were retired into another one."""
        return self._sum("merged")

    @property
    def retired(self) -> int:
        """Files no longer live, merged ones among them."""
        return self._sum("retired")

    @property
    def changed_rows(self) -> int:
        """Rows written to the live tables."""
        return self._sum("rows_written") + sum(self.facts.values()) + self.findings
