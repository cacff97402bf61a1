"""recordlinkage on pandas: the same blocks, similarities above a half as agreement, its unsupervised ECM classifier."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import recordlinkage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks.peers.steps import Task, read_task, step

BLOCKS = {
    "person": (("id",), ("name", "birth"), ("phone", "name"), ("card",), ("address", "name"), ("household", "name")),
    "enterprise": (("whole_code",), ("registration",), ("name", "area"), ("trade", "legal_rep"), ("phone", "trade")),
}
EXACT = {
    "person": ("sex", "card", "household", "address", "area"),
    "enterprise": ("registration", "tail", "address", "area"),
}
TEXTS = {"person": ("id", "name", "birth", "phone"), "enterprise": ("whole_code", "name", "legal_rep", "phone")}
ALIKE = 0.85


def run(task: Task) -> None:
    """Index, compare, learn and cluster. A missing value counts as disagreement: the tool knows no third state."""
    records = pq.read_table(task.clean).to_pandas().set_index("n")
    with step("compare"):
        index = recordlinkage.Index()
        for columns in BLOCKS[task.subject]:
            index.add(_Present(list(columns)))
        pairs = index.index(records)
        compare = recordlinkage.Compare()
        for column in EXACT[task.subject]:
            compare.exact(column, column, label=column)
        for column in TEXTS[task.subject]:
            compare.string(column, column, method="damerau_levenshtein", threshold=ALIKE, label=column)
        features = compare.compute(pairs, records)
    with step("train"):
        classifier = recordlinkage.ECMClassifier()
        classifier.fit(features)
    with step("predict"):
        probability = classifier.prob(features)
    with step("cluster"):
        linked = probability[probability >= 0.5].index
        left, right = (linked.get_level_values(side).to_numpy() for side in (0, 1))
        graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(len(records), len(records)))
        cluster = connected_components(graph, directed=False)[1]
    found = pa.table({"n": np.arange(len(records), dtype=np.int32), "cluster": cluster})
    pq.write_table(found, task.out / "clusters.parquet")
    both = [probability.index.get_level_values(side).to_numpy() for side in (0, 1)]
    scored = pa.table({"l": both[0], "r": both[1], "score": probability.to_numpy()})
    pq.write_table(scored, task.out / "pairs.parquet")


class _Present(recordlinkage.index.Block):  # type: ignore[misc]
    """A block of the records that have all its columns (else all that lack them would be one block)."""

    def _dedup_index(self, df_a: pd.DataFrame) -> pd.MultiIndex:
        pairs: pd.MultiIndex = super()._dedup_index(df_a.dropna(subset=self.left_on))
        return pairs


if __name__ == "__main__":
    run(read_task(__doc__))
