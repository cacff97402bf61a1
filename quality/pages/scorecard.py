"""The scorecard: by department, feed and dimension, tonight and over time, with what each department has to correct."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from quality.pages.charts import findings_over_time, scores_over_time
from quality.pages.frame import Html, chip, page, section, table
from quality.wording import DEPARTMENTS, DIMENSIONS, SEVERITIES, STATES, SUBJECTS, wording

Row = Mapping[str, Any]
GOOD, FAIR = 99.9, 90.0


def render_scorecard(
    *, night: date, scores: Sequence[Row], findings: Sequence[Row], days: Sequence[Row], titles: Mapping[str, str]
) -> str:
    """The page.

    Parameters
    ----------
    scores
        Lines of mart.quality_score up to this night.
    findings
        Lines of mart.finding_state.
    days
        Lines of mart.finding_day of the last weeks.
    titles
        Chinese title of each feed.
    """
    body = [
        f'<h1>质量评分</h1><p class="soft">业务日期 {night} · 评分 = 达标规则数 / 已判断规则数</p>',
        section("各数据源（最近一次检查）", _by_feed(scores, titles)),
        section("各部门走势", scores_over_time(_by_department(scores))) if scores else "",
        section("各部门待办", _by_state(findings)),
        section("问题增减", findings_over_time(_moves(days))) if days else "",
        section("最多的问题", _worst(findings)),
    ]
    return page("scorecard", f"质量评分 {night}", "".join(body))


def _name(department: str) -> str:
    return DEPARTMENTS.get(department, department)


def _share(rows: Iterable[Row]) -> float | None:
    judged = kept = 0
    for row in rows:
        judged, kept = judged + row["rules_judged"], kept + row["rules_kept"]
    return round(100 * kept / judged, 1) if judged else None


def _grade(score: float | None, stops: int = 0) -> Html:
    if score is None:
        return Html('<span class="soft">—</span>')
    state = "stop" if stops or score < FAIR else "pass" if score >= GOOD else "warn"
    return Html(chip(state, f"{score:g}"))


def _by_feed(rows: Sequence[Row], titles: Mapping[str, str]) -> str:
    last = {(row["department"], row["feed"]): row["night"] for row in sorted(rows, key=lambda row: row["night"])}
    feeds: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        key = row["department"], row["feed"]
        if row["night"] == last[key]:
            feeds[key].append(row)
    lines = []
    for (department, feed), own in sorted(feeds.items()):
        by_dimension = {row["dimension"]: row for row in own}
        cells = [
            _grade(_share([by_dimension[d]]), by_dimension[d]["stops"]) if d in by_dimension else _grade(None)
            for d in DIMENSIONS
        ]
        total = _grade(_share(own), sum(row["stops"] for row in own))
        name = titles.get(feed) or SUBJECTS.get(feed, feed)
        lines.append([_name(department), name, last[department, feed], total, *cells])
    return table(["部门", "数据源", "检查日", "总分", *DIMENSIONS.values()], lines, empty="还没有数据被检查。")


def _by_department(rows: Sequence[Row]) -> list[dict[str, Any]]:
    grouped: dict[tuple[date, str], list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row["night"], row["department"]].append(row)
    return [
        {"night": night.strftime("%m-%d"), "name": _name(department), "score": _share(own)}
        for (night, department), own in sorted(grouped.items())
    ]


def _by_state(findings: Sequence[Row]) -> str:
    counted: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    due: dict[str, date] = {}
    for row in findings:
        counted[row["department"]][row["state"]] += row["finding_count"]
        if row["next_due_date"] is not None:
            due[row["department"]] = min(row["next_due_date"], due.get(row["department"], row["next_due_date"]))
    lines = [
        [_name(department), *(states.get(state, 0) for state in STATES), due.get(department)]
        for department, states in sorted(counted.items())
    ]
    return table(["部门", *STATES.values(), "最早期限"], lines, empty="没有问题。")


def _moves(days: Sequence[Row]) -> list[dict[str, Any]]:
    total: dict[tuple[date, str], int] = defaultdict(int)
    for row in days:
        for kind, column in (("新发现", "found_count"), ("重现", "return_count"), ("已更正", "corrected_count")):
            total[row["day"], kind] += int(row[column])
    return [
        {"day": day.strftime("%m-%d"), "kind": kind, "count": -count if kind == "已更正" else count}
        for (day, kind), count in sorted(total.items())
        if count
    ]


def _worst(findings: Sequence[Row]) -> str:
    total: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in findings:
        if row["state"] not in ("corrected", "accepted"):
            total[row["department"], row["code"], row["severity"]] += row["finding_count"]
    worst = sorted(total.items(), key=lambda pair: (-pair[1], pair[0]))[:15]
    return table(
        ["部门", "问题", "级别", "数量"],
        [[_name(d), wording(code)[0], SEVERITIES[severity], count] for (d, code, severity), count in worst],
        empty="没有未关闭的问题。",
    )
