"""Judge facts and rows by limits: every limit becomes a check, every check one rule result with its sentences."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from quality import suites
from quality.rules import rule_named
from quality.rules.rule import Facts, Limit, MeasureRule, RowRule, Rule
from quality.suites import NumberCheck, Outcome, RowCheck
from quality.verdict import RuleResult


def judge(limits: Sequence[Limit], rows: pa.Table, facts: Facts) -> tuple[RuleResult, ...]:
    """The results of these limits, in their order.

    `rows` has the columns the row rules look at. A rule with nothing to compare with is not judged and passes.
    Raises `KeyError` for an unknown rule or a missing column, `ValueError` for a limit that lacks what its rule
    needs, `quality.suites.SuiteError` for an expectation that cannot be computed.
    """
    row_checks: list[RowCheck] = []
    number_checks: list[NumberCheck] = []
    columns: dict[str, pa.ChunkedArray] = {}
    for number, limit in enumerate(limits):
        rule = rule_named(limit.rule)
        _check_needs(rule, limit)
        key = _key(number, limit)
        if isinstance(rule, RowRule):
            share = rule.share(limit, facts)
            if share is None:
                continue
            name = rule.column(limit)
            if name not in columns:
                columns[name] = rule.values(limit, rows)
            row_checks.append(
                RowCheck(key, limit.severity, rule.expectation(limit, facts), columns[name], share, rule.counts_absent)
            )
        elif isinstance(rule, MeasureRule):
            measure = rule.measure(limit, facts)
            if measure is not None:
                number_checks.append(
                    NumberCheck(key, limit.severity, measure.number, limit.number, rule.bound, measure.trials)
                )
    outcomes = suites.run(row_checks, number_checks)
    return tuple(_result(limit, outcomes.get(_key(n, limit)), facts) for n, limit in enumerate(limits))


def _key(number: int, limit: Limit) -> str:
    return f"{number}:{limit.rule}:{limit.field or '-'}"


def _check_needs(rule: Rule, limit: Limit) -> None:
    if rule.needs_field and not limit.field:
        raise ValueError(f"rule {rule.id} needs a field; the limit set by {limit.set_by!r} names none")
    if isinstance(rule, MeasureRule) and limit.limit is None:
        raise ValueError(f"rule {rule.id} needs a limit; the one set by {limit.set_by!r} has no number")


def _result(limit: Limit, outcome: Outcome | None, facts: Facts) -> RuleResult:
    rule = rule_named(limit.rule)
    observed = outcome.observed if outcome else None
    words = {
        "field": limit.field or "-",
        "label": facts.labels.get(str(limit.field), limit.field or "-"),
        "code": limit.pattern or "-",
        "observed": written(observed, "share" if rule.unit == "points" and isinstance(rule, RowRule) else rule.unit),
        "limit": written(limit.number, rule.unit),
    }
    judged = outcome is not None and observed is not None
    return RuleResult(
        rule_id=rule.id,
        dimension=rule.dimension,
        severity=limit.severity,
        field=limit.field,
        passed=outcome.passed if outcome else True,
        judged=judged,
        observed=observed,
        limit=limit.number,
        allowed=outcome.allowed if outcome else None,
        unit=rule.unit,
        bound=rule.bound,
        failing=outcome.failing if outcome else None,
        message=rule.message.format(**words) if judged else "nothing to judge or to compare with",
        sentence=rule.sentence.format(**words) if judged else "无可比数据，未作判断。",
        advice=rule.advice,
        set_by=limit.set_by,
        expectation=outcome.expectation if outcome else "",
    )


def written(number: float | None, unit: str) -> str:
    """A number as people read it in its unit: shares and points as `98.70%`, the rest as `1,200` or `4.5`."""
    if number is None:
        return "-"
    if unit in ("share", "points"):
        percent = 100 * number
        text = f"{percent:.2f}" if abs(percent) >= 0.01 or percent == 0 else f"{percent:.4f}"
        if text == "100.00" and number < 1:
            text = f"{percent:.5f}"
        return text.removesuffix(".00") + "%"
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.1f}"
