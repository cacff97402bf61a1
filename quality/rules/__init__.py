"""The catalogue of rules: a new rule is one class in one of these modules, found here by its id."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import isabstract

from quality.rules import (
    arrivals,
    delivery,
    enterprises_across,
    entitlements_across,
    masters,
    records,
    register_numbers,
    register_persons,
    rows,
)
from quality.rules.rule import Rule

_MODULES = (
    rows,
    delivery,
    arrivals,
    masters,
    records,
    register_persons,
    register_numbers,
    entitlements_across,
    enterprises_across,
)


def _declared() -> Iterator[Rule]:
    for module in _MODULES:
        for named in vars(module).values():
            if isinstance(named, type) and issubclass(named, Rule) and "id" in vars(named) and not isabstract(named):
                yield named()


def _by_id() -> dict[str, Rule]:
    catalogue: dict[str, Rule] = {}
    for rule in _declared():
        known = catalogue.setdefault(rule.id, rule)
        if type(known) is not type(rule):
            raise ValueError(f"two rules are called {rule.id}: {type(known).__name__} and {type(rule).__name__}")
    return dict(sorted(catalogue.items()))


RULES: dict[str, Rule] = _by_id()


def rule_named(rule_id: str) -> Rule:
    """The rule with this id; `KeyError` names the ones there are."""
    if rule_id not in RULES:
        raise KeyError(f"no rule is called {rule_id}; known rules: {', '.join(RULES)}")
    return RULES[rule_id]
