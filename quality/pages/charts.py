"""Charts of the pages, drawn as SVG while the page is made: no script, no network, the same on a phone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from quality.pages.frame import Html

FONT = "system-ui, Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif"
GREEN, RED = "#1b7f4b", "#b3261e"
Rows = Sequence[Mapping[str, Any]]


def _drawn(chart: Any) -> Html:
    import vl_convert as vlc

    spec = chart.configure(font=FONT, background="transparent").configure_view(stroke=None).configure_axis(
        gridColor="#8883", domainColor="#8886", tickColor="#8886", labelColor="#777", titleColor="#777"
    )  # fmt: skip
    svg = vlc.vegalite_to_svg(spec.to_json(indent=None))
    return Html(f'<div class="chart">{re.sub(r"^<[?].*?[?]>", "", svg)}</div>')


def _source(rows: Rows) -> Any:
    import altair as alt

    return alt.InlineData(values=[dict(row) for row in rows])


def scores_over_time(rows: Rows) -> Html:
    """A row a department, a column a night, coloured by the share of rules kept. Rows have night (text), name, score."""
    import altair as alt

    base = alt.Chart(_source(rows)).encode(
        x=alt.X("night:O", title=None, axis=alt.Axis(labelAngle=-40, labelOverlap=True)), y=alt.Y("name:N", title=None)
    )
    tiles = base.mark_rect(cornerRadius=3, stroke="#8883").encode(
        color=alt.Color(
            "score:Q", title="达标率 %", legend=alt.Legend(orient="bottom"),
            scale=alt.Scale(domain=[80, 95, 100], range=["#e58b84", "#f2d49b", "#9fd3b4"], clamp=True),
        )
    )  # fmt: skip
    nights = len({row["night"] for row in rows})
    layers = [tiles]
    if nights <= 15:
        layers.append(base.mark_text(fontSize=11, color="#1d2733").encode(text=alt.Text("score:Q", format=".1f")))
    return _drawn(alt.layer(*layers).properties(width=min(880, 60 * nights), height=alt.Step(24)))


def findings_over_time(rows: Rows) -> Html:
    """Found above the line, corrected below it, by day. Rows have day (text), kind, count (negative for corrected)."""
    import altair as alt

    chart = (
        alt.Chart(_source(rows))
        .mark_bar()
        .encode(
            x=alt.X("day:O", title=None, axis=alt.Axis(labelAngle=-40, labelOverlap=True)),
            y=alt.Y("count:Q", title="问题数"),
            color=alt.Color(
                "kind:N", title=None, legend=alt.Legend(orient="bottom"),
                scale=alt.Scale(domain=["新发现", "重现", "已更正"], range=[RED, "#e0a030", GREEN]),
            ),
        )
        .properties(width=920, height=220)
    )  # fmt: skip
    return _drawn(chart)


def ages(rows: Rows) -> Html:
    """A bar a fact: files without it and by the age of what they have. Rows have fact, age, share, place."""
    import altair as alt

    order = ["一年内", "一至三年", "三年以上", "无日期", "缺失"]
    chart = (
        alt.Chart(_source(rows))
        .mark_bar()
        .encode(
            x=alt.X("sum(share):Q", title="占主档比例", axis=alt.Axis(format="%", tickCount=5), scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("fact:N", title=None, sort=None),
            color=alt.Color(
                "age:N", title=None, sort=order, legend=alt.Legend(orient="bottom"),
                scale=alt.Scale(domain=order, range=["#2a7f8f", "#7db7c2", "#c9a24a", "#b9c2cc", "#8882"]),
            ),
            order=alt.Order("place:Q"),
        )
        .properties(width=760, height=alt.Step(22))
    )  # fmt: skip
    return _drawn(chart)
