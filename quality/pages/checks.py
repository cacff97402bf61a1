"""Data Docs of a night: every suite, its expectations, what was observed, the limits and the verdicts, on one page.

The stock pages of Great Expectations load styles, scripts and a picture from the internet; this one is a single file
with its style inside and charts as inline SVG. It shows numbers and the sentences of rules, never a value of a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from html import escape

from quality.history import FeedHistory
from quality.judge import written
from quality.pages.frame import chip, page
from quality.verdict import RuleResult, Severity, Verdict, decide
from quality.wording import DIMENSIONS, SUBJECTS


def render_night(
    verdicts: Sequence[Verdict],
    *,
    night: date,
    titles: Mapping[str, str],
    histories: Mapping[str, Sequence[FeedHistory]] | None = None,
) -> str:
    """The page of a night as one HTML text.

    `titles` gives each feed's Chinese title; `histories` the numbers of earlier deliveries by feed, for a line of
    sizes.
    """
    state = decide(result for verdict in verdicts for result in verdict.results)
    parts = [
        f"<h1>质量检查明细 {chip(state)}</h1>",
        f'<p class="soft">业务日期 {night.isoformat()} · {len(verdicts)} 个检查对象 · '
        f"{sum(len(v.results) for v in verdicts)} 条规则 · "
        f"拦截 {_count(verdicts, Severity.STOP)} · 预警 {_count(verdicts, Severity.WARN)} · "
        f"提示 {_count(verdicts, Severity.INFORM)}</p>",
        _overview(verdicts, titles),
        *(_section(verdict, titles, (histories or {}).get(verdict.subject, ())) for verdict in verdicts),
    ]
    return page("data-docs", f"质量检查明细 {night.isoformat()}", "".join(parts))


def _count(verdicts: Sequence[Verdict], severity: Severity) -> int:
    return sum(1 for verdict in verdicts for result in verdict.broken if result.severity is severity)


def _name(verdict: Verdict, titles: Mapping[str, str]) -> str:
    if verdict.gate == "masters":
        return SUBJECTS.get(verdict.subject, verdict.subject)
    return titles.get(verdict.subject, verdict.subject)


def _anchor(verdict: Verdict) -> str:
    return escape(f"{verdict.subject}-{verdict.batch_no}" if verdict.batch_no else verdict.subject)


def _overview(verdicts: Sequence[Verdict], titles: Mapping[str, str]) -> str:
    head = "".join(f"<th>{label}</th>" for label in DIMENSIONS.values())
    rows = []
    for verdict in verdicts:
        cells = []
        for dimension in DIMENSIONS:
            results = [r for r in verdict.results if r.dimension is dimension and r.judged]
            passed = sum(r.passed for r in results)
            cells.append(f"<td>{chip(decide(results), f'{passed}/{len(results)}') if results else chip(None)}</td>")
        name = f'<a href="#{_anchor(verdict)}">{escape(_name(verdict, titles))}</a>'
        rows.append(f"<tr><td>{name}</td><td>{chip(verdict.state)}</td>{''.join(cells)}</tr>")
    return (
        f'<section><div class="scroll"><table><tr><th>对象</th><th>结论</th>{head}</tr>{"".join(rows)}</table></div>'
        '<p class="soft">每格为通过的规则数/已判断的规则数。</p></section>'
    )


def _section(verdict: Verdict, titles: Mapping[str, str], history: Sequence[FeedHistory]) -> str:
    facts = verdict.statistics
    if verdict.gate == "feed":
        numbers = (
            f"批次 {verdict.batch_no} · 读取 {facts.get('read', 0):,} · 入库 {facts.get('records', 0):,} · "
            f"退回 {facts.get('rejected', 0):,} · 重复 {facts.get('duplicate', 0):,}"
        )
    else:
        numbers = (
            f"主档 {facts.get('masters', 0):,} · 记录 {facts.get('records', 0):,} · 待复核 {facts.get('reviews', 0):,}"
        )
    advice = "".join(
        f'<div class="advice {_state_of(r)}"><p>{escape(r.sentence)}</p><p class="soft">{escape(r.advice)}</p></div>'
        for r in _gravest(verdict)
    )
    rows = "".join(_row(result) for result in verdict.results)
    return (
        f'<section id="{_anchor(verdict)}"><header class="of"><h2>{escape(_name(verdict, titles))}</h2>'
        f'{chip(verdict.state)}<span class="soft">{escape(verdict.subject)} · {escape(numbers)}</span>'
        f"{_sizes(history)}</header>{advice}"
        f"<details{' open' if verdict.broken else ''}><summary>全部规则</summary>"
        '<div class="scroll"><table><tr><th>规则</th><th>字段</th><th>期望</th><th>维度</th><th>结果</th>'
        '<th class="number">观测</th><th class="number">阈值</th><th></th><th>阈值依据</th></tr>'
        f"{rows}</table></div></details></section>"
    )


def _gravest(verdict: Verdict) -> list[RuleResult]:
    """The broken rules, each once for a field: a limit for stopping says all that the one for warning says."""
    first: dict[tuple[str, str | None], RuleResult] = {}
    for result in verdict.broken:
        first.setdefault((result.rule_id, result.field), result)
    return list(first.values())


def _state_of(result: RuleResult) -> str:
    if not result.judged:
        return "none"
    if result.passed:
        return "pass"
    return {Severity.STOP: "stop", Severity.WARN: "warn", Severity.INFORM: "none"}[result.severity]


def _row(result: RuleResult) -> str:
    words = {"pass": "通过", "warn": "预警", "stop": "拦截", "none": "提示" if result.judged else "未判断"}
    state = _state_of(result)
    is_fall = result.unit == "points" and result.bound == "at_least"  # observed is a share, the limit its fall
    sign = "降幅 ≤" if is_fall else "≥" if result.bound == "at_least" else "≤"
    return (
        f"<tr><td>{escape(result.rule_id)}</td><td>{escape(result.field or '')}</td>"
        f'<td class="soft">{escape(result.expectation)}</td>'
        f"<td>{DIMENSIONS[result.dimension]}</td>"
        f'<td><span class="chip {state}">{words[state]}</span></td>'
        f'<td class="number">{written(result.observed, "share" if is_fall else result.unit)}</td>'
        f'<td class="number">{sign} {written(result.limit, result.unit)}</td>'
        f'<td>{_bar(result)}</td><td class="soft reason">{escape(result.set_by)}</td></tr>'
    )


def _bar(result: RuleResult) -> str:
    """A share as a bar with its allowed value as a mark; nothing for other units."""
    if result.unit != "share" or result.observed is None or result.allowed is None:
        return ""
    observed, allowed = min(1.0, result.observed) * 100, min(1.0, result.allowed) * 100
    return (
        '<svg width="104" height="14" viewBox="-2 0 104 14" aria-hidden="true">'
        '<rect class="base" x="0" y="4" width="100" height="6" rx="3"/>'
        f'<rect class="good" x="0" y="4" width="{observed:.1f}" height="6" rx="3"/>'
        f'<line class="limit" x1="{allowed:.1f}" x2="{allowed:.1f}" y1="1" y2="13" stroke-width="1.5"/></svg>'
    )


def _sizes(history: Sequence[FeedHistory]) -> str:
    """The sizes of the last thirty deliveries as a line; refused ones as red dots."""
    known = sorted(history, key=lambda one: one.batch_no)[-30:]
    if len(known) < 2:
        return ""
    top = max(1, *(one.read for one in known))
    points = [(4 + 112 * n / (len(known) - 1), 26 - 22 * one.read / top) for n, one in enumerate(known)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(
        f'<circle class="{"taken" if one.accepted else "refused"}" cx="{x:.1f}" cy="{y:.1f}" r="2"/>'
        for one, (x, y) in zip(known, points, strict=True)
    )
    label = f"近{len(known)}批行数，最大 {top:,}"
    return f'<svg width="120" height="30" role="img" aria-label="{label}"><polyline points="{line}"/>{dots}</svg>'
