"""Pictures of an evaluation: quality by threshold, recall and precision by group and by defect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from matching.charts import AGAINST, DOUBT, FOR, WIDTH, Chart, rows_as_source, title_of
from matching.evaluate import Quality


def quality_curve(found: Sequence[tuple[float, Quality]], accept: float) -> Chart:
    """Precision, recall and F1 at each accept threshold; the model's own is marked."""
    rows: list[dict[str, Any]] = []
    for threshold, quality in found:
        for measure, value in (("precision", quality.precision), ("recall", quality.recall), ("F1", quality.f1)):
            rows.append({"threshold": f"{threshold:g}", "measure": measure, "share": value})
    order = [f"{threshold:g}" for threshold, _ in found]
    low = min(row["share"] for row in rows)
    base = alt.Chart(rows_as_source(rows)).encode(
        x=alt.X("threshold:N", sort=order, title="linked from this probability", axis=alt.Axis(labelAngle=0)),
        y=alt.Y(
            "share:Q",
            title="share of pairs",
            scale=alt.Scale(domain=[low - (1 - low) * 0.08 - 0.0002, 1], nice=False),
            axis=alt.Axis(format=".4f"),
        ),
        color=alt.Color(
            "measure:N",
            title=None,
            scale=alt.Scale(domain=["precision", "recall", "F1"], range=[FOR, DOUBT, AGAINST]),
            legend=alt.Legend(orient="top"),
        ),
        tooltip=["threshold:N", "measure:N", alt.Tooltip("share:Q", format=".6f")],
    )
    mark = alt.Chart(rows_as_source([{"threshold": f"{accept:g}"}])).mark_rule(strokeDash=[5, 4], color="#333")
    title = title_of("Quality by threshold", f"the dashed line is the model's own threshold, {accept:g}")
    lines = base.mark_line(point=alt.OverlayMarkDef(size=55), strokeWidth=2.5)
    return (lines + mark.encode(x=alt.X("threshold:N", sort=order))).properties(width=WIDTH, height=300, title=title)


def quality_by_label(rows: Sequence[tuple[str, int, float, float]], overall: Quality, column: str) -> Chart:
    """Recall and precision of the pairs that touch each label, beside the whole (dashed: overall recall)."""
    ordered = sorted(rows, key=lambda row: (row[3], row[0]))
    names = [f"{label} ({records:,})" for label, records, _, _ in ordered]
    points: list[dict[str, Any]] = []
    for name, (_, _, precision, recall) in zip(names, ordered, strict=True):
        points += [
            {"label": name, "measure": "recall", "share": recall},
            {"label": name, "measure": "precision", "share": precision},
        ]
    base = alt.Chart(rows_as_source(points)).encode(
        y=alt.Y("label:N", sort=names, title=None, axis=alt.Axis(labelLimit=260, grid=True)),
        x=alt.X("share:Q", title="share of pairs", scale=alt.Scale(zero=False), axis=alt.Axis(format=".2f")),
        color=alt.Color(
            "measure:N",
            title=None,
            scale=alt.Scale(domain=["recall", "precision"], range=[DOUBT, FOR]),
            legend=alt.Legend(orient="top"),
        ),
        tooltip=["label:N", "measure:N", alt.Tooltip("share:Q", format=".5f")],
    )
    whole = alt.Chart(rows_as_source([{"share": overall.recall}])).mark_rule(strokeDash=[5, 4], color="#333")
    title = title_of(f"Quality by {column}", "records in brackets; dashed: recall of all pairs")
    layers = base.mark_point(filled=True, size=80, opacity=0.9) + whole.encode(x="share:Q")
    return layers.properties(width=WIDTH - 200, height=alt.Step(20), title=title)
