"""Reconciliation of persons between departments: who is known to one and not to another, by area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from quality.pages.frame import Html, bar, page, percent, section, table
from quality.wording import DEPARTMENTS

Row = Mapping[str, Any]
FEW = "<10"
MOST = 40


def render_reconciliation(*, night: date, rows: Sequence[Row], areas: Mapping[str, str]) -> str:
    """The page; `rows` are lines of mart.department_presence, `areas` names by GB/T 2260 code. Small cells stay hidden."""
    whole = {(r["department"], r["other_department"]): r["only_here"] for r in rows if r["is_whole"]}
    known = sorted({department for department, _ in whole}, key=list(DEPARTMENTS).index)
    matrix = [
        [DEPARTMENTS[one], *(Html('<span class="soft">·</span>') if one == other else whole.get((one, other)) or 0
                             for other in known)]
        for one in known
    ]  # fmt: skip
    body = [
        f'<h1>部门人员比对</h1><p class="soft">业务日期 {night} · 按主档比对；全省数四舍五入到十，地区不足 10 人的不显示</p>',
        section("行部门有、列部门没有的人数", table(["", *(DEPARTMENTS[d] for d in known)], matrix)),
    ]
    for one, other in (("ps", "hrss"), ("hrss", "ps"), ("ps", "nhsa"), ("nhsa", "ps"), ("ca", "ps")):
        own = [r for r in rows if not r["is_whole"] and (r["department"], r["other_department"]) == (one, other)]
        if own:
            title = f"{DEPARTMENTS[one]}有、{DEPARTMENTS[other]}没有（按地区）"
            few = sum(r["is_suppressed"] for r in own)
            shown = table(
                ["地区", "仅一方有", "双方都有", "仅一方占比", ""], _by_area(own, areas), empty="没有差异可显示。"
            )
            note = f'<p class="soft">另有 {few} 个地区不足 10 人。</p>' if few else ""
            body.append(section(title, shown, note))
    return page("reconciliation", f"部门人员比对 {night}", "".join(body))


def _by_area(rows: Sequence[Row], areas: Mapping[str, str]) -> list[list[object]]:
    lines: list[list[object]] = []
    told = [row for row in rows if row["only_here"]]
    for row in sorted(told, key=lambda r: (-r["only_here"], r["area_code"] or ""))[:MOST]:
        code, only, both = row["area_code"], row["only_here"], row["in_both"]
        name = f"{areas.get(code, '')} {code}".strip() if code else "地区不详"
        share = only / (only + both) if both else None
        lines.append([name, only, FEW if both is None else both, percent(share), Html(bar(share))])
    return lines
