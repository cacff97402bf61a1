"""Pictures of a match, of a pair and of a cluster, as altair charts. They hold record keys, never a value."""

from __future__ import annotations

import math
from typing import Any

import altair as alt
import numpy as np

from matching.explain import Explanation
from matching.explain_cluster import History
from matching.linking import CERTAIN
from matching.model import Model
from matching.resolve import Outcome
from matching.weights import Weights

Chart = Any
FOR, AGAINST, NEUTRAL, DOUBT = "#2a7f8f", "#c8553d", "#8a8f98", "#e0a030"
WIDTH = 720


def waterfall(found: Explanation) -> Chart:
    """How the bits of one pair add up, from the odds before any comparison to the score."""
    rows: list[dict[str, Any]] = [{"step": "before any comparison", "from": 0.0, "to": found.prior, "kind": "start"}]
    level = found.prior
    for term in found.terms:
        if term.level:
            step = f"{term.comparison}: {term.level}"
            kind = "for one subject" if term.bits >= 0 else "against"
            rows.append({"step": step, "from": level, "to": level + term.bits, "kind": kind})
            level += term.bits
    if abs(found.doubt) >= 0.05:
        rows.append({"step": "a related subject fits too", "from": level, "to": found.score, "kind": "against"})
    rows.append({"step": "together", "from": 0.0, "to": found.score, "kind": "start"})
    for row in rows:
        row["bits"] = f"{row['to'] - row['from']:+.1f}"
        row["end"] = max(row["from"], row["to"])
    threshold = math.log2(found.accept / (1 - found.accept)) if found.accept < 1 else CERTAIN
    names = [row["step"] for row in rows]
    base = alt.Chart(rows_as_source(rows)).encode(
        y=alt.Y("step:N", sort=names, title=None, axis=alt.Axis(labelLimit=330, labelFontSize=12))
    )
    bars = base.mark_bar(height={"band": 0.7}).encode(
        x=alt.X("from:Q", title="bits for one subject (each bit doubles the odds)"),
        x2="to:Q",
        color=alt.Color(
            "kind:N",
            title=None,
            scale=alt.Scale(domain=["for one subject", "against", "start"], range=[FOR, AGAINST, NEUTRAL]),
            legend=None,
        ),
        tooltip=["step:N", "bits:N"],
    )
    text = base.mark_text(align="left", dx=5, fontSize=11).encode(x="end:Q", text="bits:N")
    line = lines_at([(threshold, f"linked from {threshold:+.1f}")])
    verdict = "one subject" if found.is_one_subject else "two subjects"
    why = f"rule {found.rule}: {found.rule_sentence}" if found.verdict in ("rule", "review") else found.because
    title = title_of(
        f"{verdict.capitalize()}: {found.score:+.1f} bits", f"{found.left_key} and {found.right_key}. {why}"
    )
    return (bars + text + line).properties(width=WIDTH - 200, height=alt.Step(26), title=title)


def build_up(found: History, most: int = 40) -> Chart:
    """Every link of a cluster in the order it was made, with the weakest in its own colour."""
    rows: list[dict[str, Any]] = [
        {
            "step": f"{place}. {step.hop.left_key} - {step.hop.right_key}",
            "bits": round(step.hop.score, 1),
            "text": f"{step.hop.score:+.1f}  now {step.records:,} records" if step.joins else f"{step.hop.score:+.1f}",
            "kind": "weakest link" if step.hop == found.weakest else "joins" if step.joins else "confirms",
            "round": step.hop.turn,
            "why": step.hop.why,
        }
        for place, step in enumerate(found.steps[:most], start=1)
    ]
    low = min([0.0, *(row["bits"] * 1.1 for row in rows)])
    high = max([10.0, *(row["bits"] * 1.45 for row in rows)])
    base = alt.Chart(rows_as_source(rows)).encode(
        y=alt.Y("step:N", sort=[str(r["step"]) for r in rows], title=None, axis=alt.Axis(labelLimit=400))
    )
    bars = base.mark_bar(height={"band": 0.7}).encode(
        x=alt.X("bits:Q", title="score of the link (bits)", scale=alt.Scale(domain=[low, high])),
        color=alt.Color(
            "kind:N",
            title=None,
            scale=alt.Scale(domain=["joins", "confirms", "weakest link"], range=[FOR, NEUTRAL, AGAINST]),
            legend=alt.Legend(orient="top"),
        ),
        tooltip=["step:N", "bits:Q", "round:Q", "why:N", "kind:N"],
    )
    text = base.mark_text(align="left", dx=5, fontSize=11).encode(x="bits:Q", text="text:N")
    shown = "" if len(found.steps) <= most else f", the first {most} of {len(found.steps):,} links"
    said = f"{len(found.records):,} records, {len(found.members):,} parts at the start{shown}"
    title = title_of(f"How cluster {found.cluster_id} was built", said)
    return (bars + text).properties(width=WIDTH - 200, height=alt.Step(26), title=title)


def score_distribution(outcome: Outcome, width: int = 2) -> Chart:
    """How many candidate pairs had which score, by what became of them, with the thresholds."""
    model = outcome.model
    counts: dict[tuple[int, str], int] = {}
    verdicts = np.array([rule.verdict for rule in model.rules] + ["score"])
    for decisions in outcome.linked.rounds:
        bits = np.clip(decisions.evidence.score, -CERTAIN, CERTAIN)
        fate = np.where(decisions.accepted, "linked", "not linked")
        ruled = verdicts[decisions.rule]
        fate = np.where(ruled == "apart", "kept apart by a rule", fate)
        fate = np.where(ruled == "review", "sent to review", fate)
        floor = (np.floor(bits / width) * width).astype(int)
        both, often = np.unique(np.char.add(np.char.add(floor.astype(str), "|"), fate), return_counts=True)
        for key, count in zip(both.tolist(), often.tolist(), strict=True):
            begin, what = key.split("|")
            counts[int(begin), what] = counts.get((int(begin), what), 0) + count
    rows: list[dict[str, Any]] = [
        {"begin": b, "end": b + width, "fate": f, "pairs": n} for (b, f), n in sorted(counts.items())
    ]
    fates = ["linked", "sent to review", "kept apart by a rule", "not linked"]
    limits = model.thresholds
    bars = (
        alt.Chart(rows_as_source(rows))
        .mark_bar()
        .encode(
            x=alt.X("begin:Q", bin="binned", title="score of the pair (bits for one subject)"),
            x2="end:Q",
            y=alt.Y("pairs:Q", title="candidate pairs", axis=alt.Axis(format="~s")),
            color=alt.Color(
                "fate:N",
                title=None,
                scale=alt.Scale(domain=fates, range=[FOR, DOUBT, AGAINST, "#c4c8ce"]),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=["begin:Q", "end:Q", "fate:N", "pairs:Q"],
        )
    )
    lines = lines_at(
        [
            (_bits(limits.review), f"review from {limits.review:g}"),
            (_bits(limits.accept), f"linked from {limits.accept:g}"),
        ]
    )
    total = sum(row["pairs"] for row in rows)
    title = title_of("Scores of the candidate pairs", f"{total:,} comparisons in {len(outcome.linked.rounds)} round(s)")
    return (bars + lines).properties(width=WIDTH, height=300, title=title)


def cluster_sizes(outcome: Outcome, most: int = 30) -> Chart:
    """How many clusters hold how many records; the last bar gathers the larger ones. The count axis is logarithmic."""
    names = outcome.clusters.column("cluster_id").combine_chunks().dictionary_encode()
    sizes = np.bincount(np.asarray(names.indices), minlength=len(names.dictionary))
    often = np.bincount(np.minimum(sizes, most), minlength=most + 1) if len(sizes) else np.zeros(most + 1, int)
    last = int(np.flatnonzero(often).max(initial=1))
    rows: list[dict[str, Any]] = [
        {"size": f"{n} or more" if n == most else str(n), "clusters": int(often[n])}
        for n in range(1, last + 1)
        if often[n]
    ]
    base = alt.Chart(rows_as_source(rows)).encode(
        x=alt.X(
            "size:N",
            sort=[str(row["size"]) for row in rows],
            title="records in the cluster",
            axis=alt.Axis(labelAngle=0),
        ),
        y=alt.Y(
            "clusters:Q",
            scale=alt.Scale(type="symlog"),
            title="clusters (logarithmic)",
            axis=alt.Axis(format=",d", tickCount=5),
        ),
        tooltip=["size:N", "clusters:Q"],
    )
    bars = base.mark_bar(color=FOR)
    text = base.mark_text(dy=-7, fontSize=10).encode(text=alt.Text("clusters:Q", format=","))
    largest = int(sizes.max(initial=0))
    said = f"{int(sizes.sum()):,} records in {len(sizes):,} clusters, the largest of {largest:,}"
    return (bars + text).properties(width=WIDTH, height=300, title=title_of("Sizes of the clusters", said))


def model_weights(weights: Weights, model: Model) -> Chart:
    """The weight of every level of every comparison, before the frequency of a value is known."""
    rows: list[dict[str, Any]] = []
    for comparison in model.comparisons:
        for level, bits in zip(comparison.levels, weights.bits(comparison.name).tolist(), strict=True):
            side = "for one subject" if bits >= 0 else "against"
            rows.append({"comparison": comparison.name, "level": level, "bits": round(bits, 2), "kind": side})
            rows[-1]["text"] = f"{bits:+.1f}"
    base = alt.Chart(rows_as_source(rows)).encode(
        y=alt.Y("level:N", sort=None, title=None, axis=alt.Axis(labelLimit=260)),
        x=alt.X("bits:Q", title="weight (bits for one subject)"),
        tooltip=["comparison:N", "level:N", "bits:Q"],
    )
    bars = base.mark_bar(height={"band": 0.75}).encode(
        color=alt.Color(
            "kind:N", scale=alt.Scale(domain=["for one subject", "against"], range=[FOR, AGAINST]), legend=None
        )
    )
    ahead = base.transform_filter("datum.bits >= 0").mark_text(align="left", dx=4, fontSize=10).encode(text="text:N")
    behind = base.transform_filter("datum.bits < 0").mark_text(align="right", dx=-4, fontSize=10).encode(text="text:N")
    title = title_of(
        f"Weights of model {weights.model} {weights.version}", "each bit doubles the odds; rare values weigh more"
    )
    return (
        (bars + ahead + behind)
        .properties(width=WIDTH - 260, height=alt.Step(17))
        .facet(
            row=alt.Row(
                "comparison:N",
                sort=[comparison.name for comparison in model.comparisons],
                title=None,
                header=alt.Header(labelAngle=0, labelAlign="left", labelFontSize=13, labelFontWeight="bold"),
            ),
            spacing=8,
        )
        .resolve_scale(y="independent")
        .properties(title=title)
    )


def rows_as_source(rows: list[dict[str, Any]]) -> Any:
    """Rows as they stand in the chart's specification."""
    return alt.Data(values=rows)  # type: ignore[no-untyped-call]


def _bits(probability: float) -> float:
    return math.log2(probability / (1 - probability)) if 0 < probability < 1 else CERTAIN


def lines_at(places: list[tuple[float, str]]) -> Chart:
    """Vertical dashed lines; the last one's name stands on its right, the others' on their left."""
    layers = []
    for number, (at, said) in enumerate(places):
        base = alt.Chart(rows_as_source([{"at": at, "said": said}])).encode(x="at:Q")
        side: dict[str, Any] = {"align": "left", "dx": 5} if number == len(places) - 1 else {"align": "right", "dx": -5}
        layers.append(base.mark_rule(strokeDash=[5, 4], color="#333"))
        layers.append(base.mark_text(fontSize=11, color="#333", **side).encode(text="said:N", y=alt.value(8)))
    return alt.layer(*layers)


def title_of(text: str, below: str) -> Any:
    """A title with a smaller line below, on the left."""
    return alt.TitleParams(
        text, subtitle=below, anchor="start", fontSize=18, subtitleFontSize=13, subtitleColor="#555", offset=14
    )
