"""Findings across departments: which rules can be asked of the feeds there are, and the SQL that asks them.

This module opens no connection. The warehouse runs the query after a publish, compares the rows with the findings it
holds and writes what is new or gone.
"""

from __future__ import annotations

from collections.abc import Collection

from quality.rules import RULES
from quality.rules.across import AcrossRule, Place

COLUMNS = ("code", "severity", "feed", "source_key", "field", "other_key")


def rules_across(feeds: Collection[str] | None = None) -> tuple[AcrossRule, ...]:
    """The rules across departments in order of their ids; with `feeds`, those that need no other feed."""
    rules = (rule for rule in RULES.values() if isinstance(rule, AcrossRule))
    return tuple(rule for rule in rules if feeds is None or set(rule.feeds) <= set(feeds))


def query_of(rule: AcrossRule, place: Place | None = None) -> str:
    """The SELECT of all that breaks a rule now, with the columns of `COLUMNS`.

    `code` is the rule's id, `source_key` names the record of `feed` that should be looked at, `other_key` the record
    key of the one that disagrees with it. Both keys are personal: they stay in the warehouse. The SQL is read by
    PostgreSQL 15+ and DuckDB.
    """
    return (
        f"SELECT '{rule.id}' AS code, '{rule.severity}' AS severity, '{rule.feed}' AS feed, broken.source_key,"
        f" '{rule.field}' AS field, broken.other_key FROM ({rule.broken(place or Place())}) AS broken"
    )


def query_of_all(feeds: Collection[str], place: Place | None = None) -> str | None:
    """One SELECT of everything that breaks any rule these feeds allow to ask; None if there is no such rule."""
    queries = [query_of(rule, place) for rule in rules_across(feeds)]
    return "\nUNION ALL\n".join(queries) if queries else None
