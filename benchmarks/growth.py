"""`growth`: seconds and peak memory of matching persons by size, 1 to 10 million records (50 million with --scale)."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import altair as alt

from benchmarks.goal import Goal, Outcome
from benchmarks.parts import AS_OF, PARTS, command, make_parts
from benchmarks.watch import Watched
from runtime.settings import ROOT

PART = 1_000_000
"""Records of one file."""
SIZES = (1, 2, 5, 10, 50)
LARGEST = 10 * PART
MOST_TIMES = 11.0
MEMORY_LIMIT = "12GiB"
MOST_MEMORY = 12.0
PICTURE = ROOT / "docs" / "pictures" / "growth.png"


def run(scale: int = LARGEST) -> Outcome:
    """Persons of 1, 2, 5 ... parts up to `scale` records, with the stored model, one run a size."""
    part = min(PART, max(scale // 10, 1))
    sizes = [size * part for size in SIZES if size * part <= scale]
    seen: list[tuple[int, Watched]] = []
    with tempfile.TemporaryDirectory() as made:
        parts = make_parts(Path(os.environ.get(PARTS, made)), max(sizes) // part, part)
        for size in sizes:
            records = parts[: size // part]
            words = [
                "matching",
                "resolve",
                "persons",
                *map(str, records),
                "--as-of",
                AS_OF,
                "--memory-limit",
                MEMORY_LIMIT,
            ]
            seen.append((size, command(*words, "--out", str(Path(made) / "found.parquet"))))
    rows = tuple(
        (size, one.seconds, one.peak_bytes / 2**30, one.seconds / size * 1_000_000, one.peak_bytes / size)
        for size, one in seen
    )
    if scale >= LARGEST:
        draw(rows, PICTURE)
    took = {size: one.seconds for size, one in seen}
    goals = [Goal("growth.memory", max(row[2] for row in rows), "GiB", MOST_MEMORY, at_most=True)]
    if 10 * part in took:
        goals.append(Goal("growth.tenfold", took[10 * part] / took[part], "times", MOST_TIMES, at_most=True))
    return Outcome(
        f"growth: {sizes[0]:,} to {sizes[-1]:,} records, stored model, one run a size",
        ("records", "seconds", "peak GiB", "seconds a million", "bytes a record"),
        rows,
        tuple(goals),
        f"The smaller sets are the first households of the largest. The limit {MEMORY_LIMIT} binds the "
        "set-based engine, which spills above it; the columns of codes in memory come on top."
        + ("\n\n![growth](pictures/growth.png)" if PICTURE.exists() else ""),
    )


def draw(rows: tuple[tuple[int, float, float, float, float], ...], out: Path) -> None:
    """Seconds and peak memory by size as PNG and SVG, both axes logarithmic; a straight dashed line is proportional."""
    first = rows[0]
    points = []
    for size, seconds, peak, *_ in rows:
        points += [
            {"records": size, "value": seconds, "what": "seconds", "kind": "measured"},
            {"records": size, "value": peak, "what": "peak GiB", "kind": "measured"},
            {"records": size, "value": first[1] * size / first[0], "what": "seconds", "kind": "proportional"},
            {"records": size, "value": first[2] * size / first[0], "what": "peak GiB", "kind": "proportional"},
        ]
    chart = (
        alt.Chart(alt.InlineData(values=points))
        .mark_line(point=True)
        .encode(
            x=alt.X("records:Q", scale=alt.Scale(type="log"), title="records"),
            y=alt.Y("value:Q", scale=alt.Scale(type="log"), title=None),
            strokeDash=alt.StrokeDash("kind:N", title=None),
            color=alt.Color("kind:N", title=None),
            facet=alt.Facet("what:N", title=None, columns=2),
        )
        .properties(title="Matching persons: time and memory by size")
        .resolve_scale(y="independent")
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    chart.save(str(out), scale_factor=2)
    chart.save(str(out.with_suffix(".svg")))
