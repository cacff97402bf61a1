"""Run rules as a Great Expectations suite. The only module which imports it, and only when a suite runs.

Results are asked for without any value of a row (no list of unexpected values, no index), and only counts are taken
out of them. An expectation which could not be computed raises `SuiteError`: a gate that cannot judge must not pass.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import floor
from typing import Any

import pandas as pd
import pyarrow as pa

from quality.rules.rule import Bound, Expectation
from quality.verdict import Severity

_SEVERITY = {Severity.STOP: "critical", Severity.WARN: "warning", Severity.INFORM: "info"}
_NO_VALUES = {"result_format": "BASIC", "partial_unexpected_count": 0, "exclude_unexpected_values": True}

# A share over few rows misses its limit by chance. A delivery fails only if so many failing rows would occur in fewer
# than one of a thousand deliveries that are exactly as good as the limit asks.
CHANCE_OF_FALSE_ALARM = 0.001


class SuiteError(RuntimeError):
    """An expectation could not be computed. Names the rule and the kind of error, never a value."""


@dataclass(frozen=True, slots=True)
class RowCheck:
    """One expectation on a column of `values`, kept by at least `share` of the judged rows."""

    key: str
    severity: Severity
    expectation: Expectation
    values: pa.ChunkedArray
    share: float
    counts_absent: bool


@dataclass(frozen=True, slots=True)
class NumberCheck:
    """One expectation on a number: at least or at most `limit`; `trials` as in `quality.rules.rule.Measure`."""

    key: str
    severity: Severity
    number: float
    limit: float
    bound: Bound
    trials: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out of one check: whether it passed, what was observed, what was allowed, how many rows failed, by which
    expectation of the library."""

    passed: bool
    observed: float | None
    allowed: float
    failing: int | None
    expectation: str = ""


def run(row_checks: Sequence[RowCheck], number_checks: Sequence[NumberCheck]) -> dict[str, Outcome]:
    """Judge all checks; the answer has one outcome for each check's key.

    Raises `SuiteError` if an expectation cannot be computed (a missing column, a type that does not fit).
    """
    return {**_run_rows(row_checks), **_run_numbers(number_checks)}


def allowed_failures(share: float, rows: int) -> int:
    """How many of `rows` may fail where `share` of them must not, chance allowed for.

    None may fail where all must keep the rule, however many rows there are.
    """
    if rows == 0 or share >= 1:
        return 0
    if share <= 0:
        return rows
    from scipy.stats import binom

    return max(floor(rows * (1 - share)), int(binom.ppf(1 - CHANCE_OF_FALSE_ALARM, rows, 1 - share)))


def _run_rows(checks: Sequence[RowCheck]) -> dict[str, Outcome]:
    columns: dict[str, pa.ChunkedArray] = {}
    configured, judged = [], {}
    for check in checks:
        # One column a distinct array, so that rules on the same field share it and its computed metrics.
        name = next((known for known, values in columns.items() if values is check.values), f"column_{len(columns)}")
        columns[name] = check.values
        rows = len(check.values) - (0 if check.counts_absent else check.values.null_count)
        failures = allowed_failures(check.share, rows)
        mostly = (rows - failures) / rows if rows else 1.0
        judged[check.key] = (rows, mostly)
        arguments = {"column": name, "mostly": mostly, **check.expectation.arguments}
        configured.append(_configured(check.key, check.severity, check.expectation.type, arguments))
    if not configured:
        return {}
    results = _validate(_frame(columns), configured)
    outcomes = {}
    for key, result in results.items():
        rows, mostly = judged[key]
        failing = int(result["result"]["unexpected_count"])
        observed = 1 - failing / rows if rows else None
        outcomes[key] = Outcome(bool(result["success"]), observed, mostly, failing, result["type"])
    return outcomes


def _frame(columns: Mapping[str, pa.ChunkedArray]) -> pd.DataFrame:
    """Numbers as plain floats and texts over Arrow: the library loops in Python over every other type."""
    return pd.DataFrame(
        {
            name: values.to_numpy()
            if pa.types.is_floating(values.type)
            else values.to_pandas(types_mapper=pd.ArrowDtype)
            for name, values in columns.items()
        },
        copy=False,
    )


def _run_numbers(checks: Sequence[NumberCheck]) -> dict[str, Outcome]:
    if not checks:
        return {}
    configured, allowed = [], {}
    for number, check in enumerate(checks):
        limit = allowing_for_chance(check.limit, check.trials, check.bound)
        allowed[check.key] = limit
        side = {"min_value": limit} if check.bound == "at_least" else {"max_value": limit}
        arguments = {"column": f"number_{number}", **side}
        configured.append(_configured(check.key, check.severity, "expect_column_values_to_be_between", arguments))
    frame = pd.DataFrame({f"number_{n}": [float(check.number)] for n, check in enumerate(checks)})
    results = _validate(frame, configured)
    return {
        c.key: Outcome(bool(results[c.key]["success"]), c.number, allowed[c.key], None, results[c.key]["type"])
        for c in checks
    }


def allowing_for_chance(limit: float, trials: int | None, bound: Bound) -> float:
    """The limit on a share of `trials` rows, moved by what chance alone explains; as it is where it is on no share.

    None and all stay none and all, however many rows there are.
    """
    if not trials or not 0 < limit < 1:
        return limit
    if bound == "at_most":
        return max(limit, allowed_failures(1 - limit, trials) / trials)
    return min(limit, 1 - allowed_failures(limit, trials) / trials)


def _configured(key: str, severity: Severity, kind: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": kind, "kwargs": dict(arguments), "meta": {"key": key}, "severity": _SEVERITY[severity]}


@cache
def _whole_frames() -> tuple[Any, Any]:
    """The library's source of whole frames and its batch definition, made once a process: half of a small suite's cost."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "False")
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    # A failing metric is logged by the library with its traceback, which may quote values: SuiteError says it instead.
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = context.data_sources.add_pandas("rows")
    return source, source.add_dataframe_asset("rows").add_batch_definition_whole_dataframe("rows")


def _validate(frame: pd.DataFrame, configured: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    import great_expectations as gx

    source, definition = _whole_frames()
    batch = definition.get_batch({"dataframe": frame})
    suite = gx.ExpectationSuite(name="gate", expectations=list(configured))
    try:
        told = batch.validate(suite, result_format=_NO_VALUES).results
    finally:  # the rows are let go of, not the source
        known = source.get_execution_engine().batch_manager
        known.reset_batch_cache()
        known.batch_data_cache.clear()
    results: dict[str, dict[str, Any]] = {}
    for result in told:
        expectation = result.expectation_config
        if expectation is None or not expectation.meta:
            raise SuiteError("a result came back without its expectation: no rule can be judged")
        key = str(expectation.meta["key"])
        if result.exception_info and _raised(result.exception_info):
            raise SuiteError(
                f"rule {key} could not be judged: {expectation.type} raised "
                f"{_kind_of_error(result.exception_info)}; look at the column's type in the contract and the frame"
            )
        results[key] = {"success": result.success, "result": dict(result.result), "type": expectation.type}
    return results


def _raised(exception: Mapping[str, Any]) -> bool:
    if "raised_exception" in exception:
        return bool(exception["raised_exception"])
    return any(bool(one.get("raised_exception")) for one in exception.values() if isinstance(one, Mapping))


def _kind_of_error(exception: Mapping[str, Any]) -> str:
    """The last line of the traceback up to its colon: the name of the error, without its text."""
    ones = [exception] if "raised_exception" in exception else [one for one in exception.values() if one]
    for one in ones:
        trace = str(one.get("exception_traceback") or "").strip()
        if trace:
            return trace.rsplit("\n", 1)[-1].split(":", 1)[0].strip()[:80]
    return "an error"
