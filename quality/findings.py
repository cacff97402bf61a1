"""Findings over landed records: which rules can be asked of the feeds there are, and the SQL that asks them.

This module opens no connection. The warehouse runs the query after a publish, compares the rows with the findings it
holds and writes what is new or gone.
"""

from __future__ import annotations

from collections.abc import Collection

from quality.rules import RULES
from quality.rules.across import AcrossRule, Place, Question
from quality.rules.views import contracts, with_views

COLUMNS = ("code", "severity", "feed", "source_key", "field", "other_key")


def rules_across() -> tuple[AcrossRule, ...]:
    """The rules over landed records in order of their ids."""
    return tuple(rule for rule in RULES.values() if isinstance(rule, AcrossRule))


def questions_of(rule: AcrossRule, feeds: Collection[str] | None = None) -> tuple[Question, ...]:
    """What a rule asks of which feed; with `feeds`, the questions that need no other feed."""
    asked = tuple(rule.questions())
    return asked if feeds is None else tuple(one for one in asked if {one.feed, *one.reads} <= set(feeds))


def query_of(rule: AcrossRule, place: Place | None = None, feeds: Collection[str] | None = None) -> str | None:
    """The SELECT of all that breaks a rule now, with the columns of `COLUMNS`; None if these feeds cannot be asked.

    `code` is the rule's id, `source_key` names the record of `feed` that should be looked at, `other_key` the record
    key of the one that disagrees with it. Both keys are personal: they stay in the warehouse. The SQL is read by
    PostgreSQL 15+ and DuckDB.
    """
    there = frozenset(contracts() if feeds is None else feeds)
    selects = [_select(rule, one) for one in questions_of(rule, there)]
    return with_views("\nUNION ALL\n".join(selects), place or Place(), there) if selects else None


def query_of_all(feeds: Collection[str], place: Place | None = None) -> str | None:
    """One SELECT of everything that breaks any rule these feeds allow to ask; None if there is no such rule."""
    there = frozenset(feeds)
    selects = [_select(rule, one) for rule in rules_across() for one in questions_of(rule, there)]
    return with_views("\nUNION ALL\n".join(selects), place or Place(), there) if selects else None


def _select(rule: AcrossRule, question: Question) -> str:
    return (
        f"SELECT '{rule.id}' AS code, '{rule.severity}' AS severity, '{question.feed}' AS feed, found.source_key,"
        f" found.field, found.other_key FROM ({question.broken}) AS found"
    )
