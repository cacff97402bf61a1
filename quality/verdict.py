"""What a gate answers: one result a rule, and the state that follows from them.

Everything here is plain and serialisable as JSON, so that a verdict can travel through a task's return value, be kept
in the warehouse and be drawn on a page. It holds names of rules and fields, numbers and sentences, and never a value
of a row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any


class Dimension(StrEnum):
    """The dimensions of data quality of GB/T 36344-2018, and uniqueness, which that standard counts as accuracy."""

    CONFORMITY = "conformity"
    COMPLETENESS = "completeness"
    ACCURACY = "accuracy"
    CONSISTENCY = "consistency"
    TIMELINESS = "timeliness"
    UNIQUENESS = "uniqueness"


class Severity(StrEnum):
    """What a broken rule does: `stop` holds delivery or publish, `warn` is to be looked at, `inform` is noted."""

    STOP = "stop"
    WARN = "warn"
    INFORM = "inform"


class State(StrEnum):
    """The answer of a gate."""

    PASS = "pass"
    WARN = "warn"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class RuleResult:
    """How one rule with one limit came out.

    `observed` is the number the rule looked at and `limit` the number the contract sets, both in `unit` (`share` 0..1,
    `rows`, `days`, `factor`, `records`); `allowed` is the limit after chance in a small delivery is allowed for;
    `bound` says which side of it is good. `judged` is False where there was nothing to compare with (a first
    delivery): such a result has passed and observed nothing. `failing` counts the rows against the rule, if it is
    about rows. `expectation` names the one of Great Expectations that judged. `message` is for engineers, `sentence` and `advice` are for the department that owns the feed.
    """

    rule_id: str
    dimension: Dimension
    severity: Severity
    field: str | None
    passed: bool
    judged: bool
    observed: float | None
    limit: float | None
    allowed: float | None
    unit: str
    bound: str
    failing: int | None
    message: str
    sentence: str
    advice: str
    set_by: str
    expectation: str = ""

    def as_dict(self) -> dict[str, Any]:
        """This result as a dictionary of text, numbers and None."""
        plain = asdict(self)
        return {key: str(value) if isinstance(value, StrEnum) else value for key, value in plain.items()}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> RuleResult:
        """Read back what `as_dict` wrote; raises `KeyError` or `ValueError` if it is something else."""
        known = dict(plain)
        known["dimension"] = Dimension(known["dimension"])
        known["severity"] = Severity(known["severity"])
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of one gate.

    `gate` is `feed` or `masters`; `subject` the feed's code, or `persons` / `enterprises`; `batch_no` the delivery
    (empty for masters). `statistics` is what was measured, to be kept and given back as history on the next night.
    """

    gate: str
    subject: str
    batch_no: str
    state: State
    results: tuple[RuleResult, ...] = ()
    statistics: dict[str, Any] = field(default_factory=dict)

    @property
    def may_go_on(self) -> bool:
        """Whether the delivery may be landed, or the masters published. After a stop yesterday's state stays."""
        return self.state is not State.STOP

    @property
    def broken(self) -> tuple[RuleResult, ...]:
        """The results that did not pass, gravest first."""
        order = {Severity.STOP: 0, Severity.WARN: 1, Severity.INFORM: 2}
        return tuple(sorted((r for r in self.results if not r.passed), key=lambda r: (order[r.severity], r.rule_id)))

    def released(self) -> Verdict:
        """The verdict after an engineer let it pass: its results as they are, a warning, good to compare the next with."""
        statistics = {**self.statistics, "accepted": True} if "accepted" in self.statistics else self.statistics
        return replace(self, state=State.WARN, statistics=statistics)

    def as_dict(self) -> dict[str, Any]:
        """This verdict as plain JSON values."""
        return {
            "gate": self.gate,
            "subject": self.subject,
            "batch_no": self.batch_no,
            "state": str(self.state),
            "results": [result.as_dict() for result in self.results],
            "statistics": self.statistics,
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Verdict:
        """Read back what `as_dict` wrote; raises `KeyError` or `ValueError` if it is something else."""
        return cls(
            gate=plain["gate"],
            subject=plain["subject"],
            batch_no=plain["batch_no"],
            state=State(plain["state"]),
            results=tuple(RuleResult.from_dict(result) for result in plain["results"]),
            statistics=dict(plain["statistics"]),
        )


def decide(results: Iterable[RuleResult]) -> State:
    """The state that follows from rule results: the gravest severity among the broken ones.

    A broken rule of severity `inform` leaves the state at pass.
    """
    return state_of({result.severity for result in results if not result.passed})


def state_of(broken: Collection[Severity]) -> State:
    """The state that follows from the severities of what is broken."""
    if Severity.STOP in broken:
        return State.STOP
    return State.WARN if Severity.WARN in broken else State.PASS
