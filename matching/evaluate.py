"""How good a result is: pairwise precision and recall against a truth file, by group and by planted defect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from matching.profiles import InputError

TRUTH_NAMES = ("subject_id", "person_id", "person", "enterprise_id", "truth")
LABEL_COLUMNS = ("groups", "group", "defects", "defect", "kind")


@dataclass(frozen=True, slots=True)
class Quality:
    """Pairs of records: `found` in one cluster, `true` of one subject, `right` both."""

    found: int
    true: int
    right: int

    @property
    def precision(self) -> float:
        """Share of found pairs that are right."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of true pairs that were found."""
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.found + self.true
        return 2 * self.right / total if total else 1.0


def measure(clusters: pa.Table, truth: pa.Table) -> Quality:
    """Pairwise quality of clusters [record_key, cluster_id] against truth [record_key, subject_id]."""
    with _joined(clusters, truth) as connection:
        found, true, right = connection.execute(
            """SELECT (SELECT sum(n * (n - 1) // 2) FROM (SELECT count(*) n FROM joined GROUP BY cluster)),
                      (SELECT sum(n * (n - 1) // 2) FROM (SELECT count(*) n FROM joined GROUP BY subject)),
                      (SELECT sum(n * (n - 1) // 2) FROM (SELECT count(*) n FROM joined GROUP BY cluster, subject))"""
        ).fetchone()
    return Quality(int(found or 0), int(true or 0), int(right or 0))


def measure_whole(clusters: pa.Table, truth: pa.Table) -> tuple[int, int, int]:
    """(clusters, subjects, clusters that are exactly one whole subject)."""
    with _joined(clusters, truth) as connection:
        connection.execute(
            """CREATE TEMP TABLE parts AS SELECT cluster, subject, count(*) AS n FROM joined GROUP BY ALL;
               CREATE TEMP TABLE of_cluster AS SELECT cluster, sum(n) AS n FROM parts GROUP BY ALL;
               CREATE TEMP TABLE of_subject AS SELECT subject, sum(n) AS n FROM parts GROUP BY ALL"""
        )
        found = connection.execute(
            """SELECT (SELECT count(*) FROM of_cluster), (SELECT count(*) FROM of_subject), count(*)
               FROM parts p JOIN of_cluster c USING (cluster, n) JOIN of_subject s USING (subject, n)"""
        ).fetchone()
    return int(found[0]), int(found[1]), int(found[2])


def check(clusters: pa.Table, truth: pa.Table) -> str:
    """The truth's column of subjects. InputError for a missing column, an empty or repeated key, a key on one side only."""
    name = next((name for name in TRUTH_NAMES if name in truth.column_names), None)
    if name is None or "record_key" not in truth.column_names:
        raise InputError(f"truth needs record_key and one of {TRUTH_NAMES}, found {truth.column_names}")
    for column in ("record_key", "cluster_id"):
        if column not in clusters.column_names:
            raise InputError(f"clusters: column {column!r} is missing (expected what resolve writes)")
    for what, table, columns in (
        ("clusters", clusters, ("record_key", "cluster_id")),
        ("truth", truth, ("record_key", name)),
    ):
        for column in columns:
            if table.column(column).null_count:
                row = pc.index(pc.is_null(table.column(column)), True).as_py() + 1
                raise InputError(f"{what}: column {column!r} is empty, first in row {row}")
        keys = table.column("record_key")
        if pc.count_distinct(keys).as_py() != len(keys):
            codes = np.asarray(keys.combine_chunks().dictionary_encode().indices)
            first, counts = np.unique(codes, return_index=True, return_counts=True)[1:]
            row = int(first[counts > 1].min()) + 1
            raise InputError(f"{what}: column 'record_key' repeats, first repeated key in row {row}")
    for what, one, two in (("truth", clusters, truth), ("clusters", truth, clusters)):
        known = pc.is_in(one.column("record_key"), value_set=two.column("record_key").combine_chunks())
        if len(known) and not pc.all(known).as_py():
            row = pc.index(known, False).as_py() + 1
            other = "clusters" if what == "truth" else "truth"
            count = len(known) - pc.sum(known).as_py()
            raise InputError(f"{count:,} record(s) of the {other} are not in the {what}, first in row {row}")
    return name


def measure_by(clusters: pa.Table, truth: pa.Table, column: str) -> list[tuple[str, int, float, float]]:
    """(label, records, precision, recall) for each label of a text or list column of the truth.

    A pair counts for a label when at least one of its records has it.
    """
    if column not in truth.column_names:
        return []
    with _joined(clusters, truth, column) as connection:
        rows = connection.execute(
            """WITH of_both AS (SELECT cluster, subject, count(*) n FROM joined GROUP BY ALL),
                    of_cluster AS (SELECT cluster, sum(n) n FROM of_both GROUP BY ALL),
                    of_subject AS (SELECT subject, sum(n) n FROM of_both GROUP BY ALL),
                    labelled AS (SELECT *, unnest(labels) AS label FROM joined)
               SELECT label, count(*), sum(b.n - 1), sum(c.n - 1), sum(s.n - 1)
               FROM labelled l JOIN of_both b USING (cluster, subject)
               JOIN of_cluster c USING (cluster) JOIN of_subject s USING (subject)
               GROUP BY label ORDER BY label"""
        ).fetchall()
    return [
        (str(label), int(records), float(right / found) if found else 1.0, float(right / true) if true else 1.0)
        for label, records, right, found, true in rows
    ]


def _joined(clusters: pa.Table, truth: pa.Table, column: str = "") -> Any:
    name = check(clusters, truth)
    connection = duckdb.connect()
    connection.register("clusters", clusters)
    connection.register("truth", truth)
    labels = "NULL"
    if column:
        is_list = pa.types.is_list(truth.schema.field(column).type)
        labels = f't."{column}"' if is_list else f"string_split(t.\"{column}\", ',')"
    connection.execute(
        f'CREATE TEMP TABLE joined AS SELECT cluster_id AS cluster, t."{name}" AS subject, {labels} AS labels '
        "FROM clusters JOIN truth t USING (record_key)"
    )
    return connection
