"""`growth`: seconds and peak memory of matching persons by size, 1 to 10 million records (50 million with --scale)."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import altair as alt
import duckdb

from benchmarks.goal import Goal, Outcome
from benchmarks.parts import AS_OF, PARTS, command, make_parts, truth_of
from matching.evaluate import Quality
from runtime.settings import ROOT

PART = 1_000_000
"""Records of one file."""
SIZES = (1, 2, 5, 10, 50)
LARGEST = 10 * PART
MOST_TIMES = 11.0
MEMORY_LIMIT = "12GiB"
MOST_MEMORY = 12.0
PICTURE = ROOT / "docs" / "pictures" / "growth.png"
Row = tuple[int, float, float, float, float, float, float, float]
COLUMNS = (
    "records",
    "seconds",
    "peak GiB",
    "own GiB",
    "seconds a million",
    "bytes a record",
    "precision",
    "recall",
)


def run(scale: int = LARGEST) -> Outcome:
    """Persons of 1, 2, 5 ... parts up to `scale` records, with the stored model, one run a size."""
    part = min(PART, max(scale // 10, 1))
    sizes = [size * part for size in SIZES if size * part <= scale]
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as made:
        parts = make_parts(Path(os.environ.get(PARTS, made)), max(sizes) // part, part)
        found = Path(made) / "found.parquet"
        for size in sizes:
            records = parts[: size // part]
            words = ("matching", "resolve", "persons", *map(str, records), "--as-of", AS_OF)
            seen = command(*words, "--memory-limit", MEMORY_LIMIT, "--out", str(found))
            quality = measure_in_order(found, [truth_of(path) for path in records])
            peaks = seen.peak_bytes / 2**30, seen.own_bytes / 2**30
            a_million = seen.seconds / size * 1_000_000, seen.peak_bytes / size
            rows.append((size, seen.seconds, *peaks, *a_million, quality.precision, quality.recall))
    if scale >= LARGEST:
        draw(rows, PICTURE)
    took = {row[0]: row[1] for row in rows}
    goals = [Goal("growth.memory", max(row[2] for row in rows), "GiB", MOST_MEMORY, at_most=True)]
    if 10 * part in took:
        goals.append(Goal("growth.tenfold", took[10 * part] / took[part], "times", MOST_TIMES, at_most=True))
    return Outcome(
        f"growth: {sizes[0]:,} to {sizes[-1]:,} records, stored model, one run a size",
        COLUMNS,
        tuple(rows),
        tuple(goals),
        f"The smaller sets are the first households of the largest. Memory limit {MEMORY_LIMIT}: arrays above a part of it "
        "stand in mapped files. The peak counts the pages of these files, too, while they are in use; 'own' leaves out "
        "what the system can take back at any time."
        + ("\n\n![growth](pictures/growth.png)" if PICTURE.exists() else ""),
    )


def measure_in_order(found: Path, truths: list[Path]) -> Quality:
    """Pairwise quality of clusters that stand in the order of the truth, whose size a join would take long for.

    RuntimeError if a key stands elsewhere than in the truth.
    """
    with tempfile.TemporaryDirectory() as spilled, duckdb.connect() as connection:
        connection.execute(f"SET temp_directory = '{spilled}'; SET memory_limit = '8GiB'; SET threads = 2")
        connection.execute(
            """CREATE TEMP TABLE joined AS SELECT f.record_key = t.record_key AS is_one, hash(cluster_id) AS c, hash(subject_id) AS s
               FROM (SELECT record_key, cluster_id FROM read_parquet(?)) f
               POSITIONAL JOIN (SELECT record_key, subject_id FROM read_parquet(?)) t""",
            [str(found), list(map(str, truths))],
        )
        if connection.execute("SELECT count(*) FROM joined WHERE is_one IS NOT TRUE").fetchall() != [(0,)]:
            raise RuntimeError(f"{found.name}: records do not stand in the order of the truth")
        pairs = [
            connection.execute(
                f"SELECT sum(n * (n - 1) // 2) FROM (SELECT count(*) AS n FROM joined GROUP BY {by})"
            ).fetchall()[0][0]
            for by in ("c", "s", "c, s")
        ]
    return Quality(*map(int, pairs))


def draw(rows: list[Row], out: Path) -> None:
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
