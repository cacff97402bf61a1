"""What other limits would have done on past nights, from what was measured then: no delivery is read again.

Numbers that a verdict keeps (sizes, fill, valid shares, code shares) are judged anew, each against the past as it would
have been under the new limits. Where only the outcome of a rule was kept, that outcome is held against the new limit.
What was not measured then cannot be judged, and the table says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol

from extractors.contract import Contract
from quality.codes import coded_fields, labels_of
from quality.history import FeedHistory, last_accepted, usual_churn, usual_size
from quality.rules import rule_named
from quality.rules.rule import FeedFacts, Limit, MeasureRule, RowRule
from quality.suites import allowed_failures, allowing_for_chance
from quality.verdict import RuleResult, Severity, State, Verdict, state_of

# Rules on numbers that the extraction counts and no verdict keeps: only their outcome is known.
BY_OUTCOME = frozenset({"finding_rate", "in_code_table"})
SHARES = {"filled": "fill", "fill_against_last": "fill", "valid_id": "valid", "valid_against_last": "valid"}


class Judged(Protocol):
    """A verdict as it was kept, and the logical date of its run."""

    @property
    def day(self) -> date: ...
    @property
    def detail(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Replayed:
    """One delivery: what the gate said then, what it says with the new limits, and by which rules.

    `broken` are the rules broken now as `rule field: observed, allowed`; `unknown` those that were not measured then.
    """

    day: date
    batch_no: str
    read: int
    then: State
    now: State
    broken: tuple[str, ...]
    unknown: tuple[str, ...]


def replay(contract: Contract, limits: Sequence[Limit], nights: Iterable[Judged]) -> list[Replayed]:
    """The verdicts on a feed's deliveries under these limits, oldest first. Raises `KeyError` for an unknown rule."""
    ordered = sorted(nights, key=lambda one: (one.day, str(one.detail["batch_no"])))
    past: list[FeedHistory] = []
    replayed = []
    for one in ordered:
        verdict = Verdict.from_dict(one.detail)
        measured = FeedHistory.from_dict(verdict.statistics)
        business_date = date.fromisoformat(measured.business_date)
        facts = FeedFacts(
            now=measured,
            last=last_accepted(past, mode=measured.mode, before=measured.batch_no, business_date=business_date),
            usual=usual_size(past, before=measured.batch_no, business_date=business_date),
            as_of=one.day,
            labels=labels_of(contract.subject),
            coded=coded_fields(contract),
            findings={},
            usual_churn=usual_churn(past, mode=measured.mode, before=measured.batch_no, business_date=business_date),
        )
        state, broken, unknown = _judge(limits, facts, verdict.results)
        past.append(replace(measured, accepted=state is not State.STOP))
        replayed.append(
            Replayed(one.day, verdict.batch_no, measured.read, verdict.state, state, tuple(broken), tuple(unknown))
        )
    return replayed


def render(replayed: Sequence[Replayed]) -> str:
    """The table as a person reads it in a terminal, its sum in the last line."""
    lines = [f"{'night':12}{'batch':16}{'rows':>11}  {'then':6}{'now':6}"]
    for one in replayed:
        mark = "" if one.then is one.now else "  <- changed"
        lines.append(f"{one.day.isoformat():12}{one.batch_no:16}{one.read:>11,}  {one.then:6}{one.now:6}{mark}")
        lines += [f"{'':14}{words}" for words in one.broken]
    unknown = sorted({words for one in replayed for words in one.unknown})
    lines += [f"not measured then, not judged: {words}" for words in unknown]
    told = ", ".join(
        f"{state} {sum(one.then is state for one in replayed)} -> {sum(one.now is state for one in replayed)}"
        for state in (State.STOP, State.WARN, State.PASS)
    )
    lines.append(f"{len(replayed)} deliveries: {told}; {sum(one.then is not one.now for one in replayed)} changed")
    return "\n".join(lines) + "\n"


def _judge(
    limits: Sequence[Limit], facts: FeedFacts, results: Sequence[RuleResult]
) -> tuple[State, list[str], list[str]]:
    severities: set[Severity] = set()
    broken, unknown = [], []
    for limit in limits:
        found = _outcome(limit, facts, results)
        words = f"{limit.rule} {limit.field or ''}".strip()
        if found is None:
            continue
        if isinstance(found, str):
            unknown.append(words)
            continue
        observed, allowed, passed = found
        if not passed:
            severities.add(limit.severity)
            broken.append(f"{limit.severity} {words}: {observed:.6g}, allowed {allowed:.6g}")
    return state_of(severities), broken, unknown


def _outcome(limit: Limit, facts: FeedFacts, results: Sequence[RuleResult]) -> tuple[float, float, bool] | str | None:
    """(observed, allowed, passed); None where there was nothing to judge or compare with; a text if it is not known."""
    rule = rule_named(limit.rule)
    if isinstance(rule, RowRule):
        share = rule.share(limit, facts)
        if share is None or not facts.now.records:
            return None
        observed = _share(limit, facts, results)
        if observed is None:
            return "unknown"
        filled = 1.0 if rule.counts_absent else facts.now.fill.get(str(limit.field), 1.0)
        rows = round(facts.now.records * filled)
        failures = allowed_failures(share, rows)
        allowed = (rows - failures) / rows if rows else 1.0
        return observed, allowed, round(rows * (1 - observed)) <= failures
    if isinstance(rule, MeasureRule) and limit.rule not in BY_OUTCOME:
        measure = rule.measure(limit, facts)
        if measure is None:
            return None
        bound = allowing_for_chance(limit.number, measure.trials, rule.bound)
        return measure.number, bound, _keeps(measure.number, bound, rule.bound)
    kept = _kept(limit, results)
    if kept is None or kept.observed is None:
        return "unknown" if kept is None else None
    bound = allowing_for_chance(limit.number, facts.now.read, rule.bound)
    return kept.observed, bound, _keeps(kept.observed, bound, rule.bound)


def _keeps(number: float, bound: float, side: str) -> bool:
    return number <= bound if side == "at_most" else number >= bound


def _share(limit: Limit, facts: FeedFacts, results: Sequence[RuleResult]) -> float | None:
    measured = getattr(facts.now, SHARES[limit.rule], None) if limit.rule in SHARES else None
    if measured is not None and str(limit.field) in measured:
        return float(measured[str(limit.field)])
    kept = _kept(limit, results)
    return kept.observed if kept else None


def _kept(limit: Limit, results: Sequence[RuleResult]) -> RuleResult | None:
    """The outcome of the same rule on the same field; `low`, `high` and `pattern` are taken to be those of then."""
    same = [one for one in results if (one.rule_id, one.field) == (limit.rule, limit.field)]
    return next((one for one in same if one.judged), same[0] if same else None)
