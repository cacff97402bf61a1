"""Read limits: from the expectations of a feed's contract, and from `quality/limits/` for the master files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from extractors.contract import Expectation
from extractors.fields import read_yaml
from quality.rules import rule_named
from quality.rules.rule import Limit
from quality.verdict import Severity

FOLDER = Path(__file__).parent / "limits"
_KEYS = frozenset({"rule", "field", "limit", "low", "high", "pattern", "severity", "set_by"})


def limits_of(expectations: Iterable[Expectation]) -> tuple[Limit, ...]:
    """The limits a contract's expectations set; `KeyError` for a rule the catalogue does not know."""
    return tuple(
        Limit(
            rule=rule_named(one.rule).id,
            severity=Severity(one.severity),
            set_by=one.set_by,
            field=one.field,
            limit=one.limit,
            low=one.low,
            high=one.high,
            pattern=one.pattern,
        )
        for one in expectations
    )


def limits_of_masters(subject: str, folder: Path = FOLDER) -> tuple[Limit, ...]:
    """The limits on the masters of `person` or `enterprise`, from `<folder>/<subject>.yml`.

    Raises `FileNotFoundError` for an unknown subject and `ValueError` for a line with an unknown or missing key.
    """
    path = folder / f"{subject}.yml"
    return tuple(_limit_of_line(line, path) for line in read_yaml(path))


def limits_from(path: Path) -> tuple[Limit, ...]:
    """The limits in a file: a list of them, or a contract, of which the `expectations` are taken.

    Raises `OSError` for a file that cannot be read, `ValueError` for a line with an unknown or missing key, `KeyError` for an
    unknown rule.
    """
    told = read_yaml(path)
    lines = told.get("expectations") if isinstance(told, Mapping) else told
    if not isinstance(lines, list) or not lines:
        raise ValueError(f"{path.name}: holds no limits; expected a list of rules, or a contract with `expectations`")
    return tuple(_limit_of_line(line, path) for line in lines)


def _limit_of_line(line: Mapping[str, Any], path: Path) -> Limit:
    unknown = sorted(set(line) - _KEYS)
    missing = sorted({"rule", "severity", "set_by"} - set(line))
    if unknown or missing:
        raise ValueError(f"{path.name}: rule {line.get('rule')}: unknown keys {unknown}, missing keys {missing}")
    values = {**line, "rule": rule_named(line["rule"]).id, "severity": Severity(line["severity"])}
    return Limit(**values)
