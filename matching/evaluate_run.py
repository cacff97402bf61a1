"""How good the matcher is on labelled records: quality at every threshold, the worst errors explained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import duckdb
import pyarrow as pa

from matching.evaluate import Quality, check, measure
from matching.explain import Explanation, explain
from matching.linking import link
from matching.resolve import Outcome, name_clusters
from matching.weights import Weights

THRESHOLDS = (0.5, 0.9, 0.99, 0.999, 0.99999)
LOOKED_AT = 100
"""Missed subjects of which the reason is told; the largest first."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A pair of records that stands for one wrong cluster or one split subject, with the wrong pairs it costs."""

    pairs: int
    explanation: Explanation


def by_threshold(
    outcome: Outcome, weights: Weights, truth: pa.Table, thresholds: Sequence[float] = THRESHOLDS
) -> list[tuple[float, Quality]]:
    """Quality of the clusters at each accept threshold, and at the model's own: the whole linking is done again."""
    model, prepared = outcome.model, outcome.prepared
    found = []
    for accept in sorted({*thresholds, model.thresholds.accept}):
        clusters = outcome.clusters
        if accept != model.thresholds.accept:
            limits = replace(model.thresholds, accept=accept, review=min(accept, model.thresholds.review))
            linked = link(
                replace(model, thresholds=limits), prepared.profiles, prepared.groups, weights, outcome.judged
            )
            label = linked.label[prepared.groups.of_profile][prepared.profiles.of_record]
            clusters = name_clusters(prepared.profiles.record_keys, label, prepared.profiles.spill)
        found.append((accept, measure(clusters, truth)))
    return found


def worst_merges(outcome: Outcome, weights: Weights, truth: pa.Table, most: int) -> tuple[int, list[Mistake]]:
    """How many clusters hold several subjects, and the worst of them: the very link that crosses two subjects."""
    count, rows = _mistakes(outcome.clusters, truth, "cluster", "subject", most)
    subject = _subjects(outcome.clusters, truth)
    found = []
    for pairs, left, right in rows:
        told = explain(outcome, weights, left, right)
        for hop in told.chain:
            if subject[hop.left_key] != subject[hop.right_key]:
                told = explain(outcome, weights, hop.left_key, hop.right_key)
                break
        found.append(Mistake(pairs, told))
    return count, found


def worst_misses(
    outcome: Outcome, weights: Weights, truth: pa.Table, most: int
) -> tuple[int, list[Mistake], list[tuple[str, int]]]:
    """How many subjects are split, the worst of them, and why the LOOKED_AT worst were missed: (reason, subjects)."""
    count, rows = _mistakes(outcome.clusters, truth, "subject", "cluster", max(most, LOOKED_AT))
    told = [Mistake(pairs, explain(outcome, weights, left, right)) for pairs, left, right in rows]
    reasons = Counter(reason_of(mistake.explanation) for mistake in told)
    return count, told[:most], reasons.most_common()


def reason_of(found: Explanation) -> str:
    """The short reason two records are apart: 'never', 'below', 'rule twins' ..."""
    return f"{found.verdict} {found.rule}" if found.verdict in ("rule", "review") and found.rule else found.verdict


def _mistakes(
    clusters: pa.Table, truth: pa.Table, whole: str, part: str, most: int
) -> tuple[int, list[tuple[int, str, str]]]:
    """Wholes that hold several parts: (wrong pairs, smallest key of the largest part, of the next largest)."""
    name = check(clusters, truth)
    with duckdb.connect() as connection:
        connection.register("clusters", clusters)
        connection.register("truth", truth)
        connection.execute(
            f"""CREATE TEMP TABLE wrong AS
                WITH parts AS (SELECT {whole} AS w, {part} AS p, count(*) AS n, min(record_key) AS k
                               FROM (SELECT record_key, cluster_id AS cluster, t."{name}" AS subject
                                     FROM clusters JOIN truth t USING (record_key)) GROUP BY ALL)
                SELECT w, (sum(n) ** 2 - sum(n ** 2)) / 2 AS pairs, list(k ORDER BY n DESC, k)[:2] AS keys
                FROM parts GROUP BY w HAVING count(*) > 1"""
        )
        count = len(connection.execute("SELECT w FROM wrong").fetchall())
        rows = connection.execute(
            f"SELECT pairs, keys FROM wrong ORDER BY pairs DESC, keys LIMIT {int(most)}"
        ).fetchall()
    return int(count), [(int(pairs), keys[0], keys[1]) for pairs, keys in rows]


def _subjects(clusters: pa.Table, truth: pa.Table) -> dict[str, str]:
    name = check(clusters, truth)
    return dict(zip(truth.column("record_key").to_pylist(), truth.column(name).to_pylist(), strict=True))
