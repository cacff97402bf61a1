"""GoldenMatch, its probabilistic matchkey: fields with levels and term frequencies, eight blocking passes, EM."""

from __future__ import annotations

import warnings
from pathlib import Path

import goldenmatch
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from goldenmatch.config.schemas import (
    BlockingConfig,
    BlockingKeyConfig,
    GoldenMatchConfig,
    MatchkeyConfig,
    MatchkeyField,
)

from benchmarks.peers.steps import Task, read_task, step

FIELDS = {
    "person": {
        "id": "levenshtein", "name": "levenshtein", "birth": "levenshtein", "sex": "exact", "phone": "levenshtein",
        "card": "exact", "household": "exact", "address": "exact", "area": "exact",
    },
    "enterprise": {
        "whole_code": "levenshtein", "registration": "exact", "name": "levenshtein", "tail": "exact",
        "legal_rep": "levenshtein", "phone": "levenshtein", "address": "exact", "area": "exact",
    },
}  # fmt: skip
FREQUENT = ("name", "address", "area", "legal_rep")
"""Fields whose agreement is weighed by how common the value is."""
PASSES = {
    "person": (
        ("id",), ("name", "birth"), ("phone", "name"), ("card",), ("address", "name"), ("household", "name"),
        ("sound", "birth"), ("birth", "surname", "area"),
    ),
    "enterprise": (
        ("whole_code",), ("code",), ("registration",), ("name", "area"), ("trade", "legal_rep"), ("phone", "trade"),
        ("address", "trade"), ("legal_rep", "phone"),
    ),
}  # fmt: skip
LARGEST_BLOCK = 1000
SAMPLE = 20_000


def configure(subject: str, model: Path) -> GoldenMatchConfig:
    """The set-up; the trained model is stored at `model`, and read from there when it exists."""
    fields = [
        MatchkeyField(
            field=name, scorer=scorer, levels=2 if scorer == "exact" else 3, partial_threshold=0.8,
            tf_adjustment=name in FREQUENT,
        )
        for name, scorer in FIELDS[subject].items()
    ]  # fmt: skip
    key = MatchkeyConfig(name="subject", type="probabilistic", fields=fields, model_path=str(model))
    passes = [BlockingKeyConfig(fields=list(columns), additive=True) for columns in PASSES[subject]]
    blocking = BlockingConfig(
        strategy="multi_pass", keys=passes[:1], passes=passes, max_block_size=LARGEST_BLOCK, skip_oversized=True
    )
    return GoldenMatchConfig(matchkeys=[key], blocking=blocking)


def run(task: Task) -> None:
    """Trained on a sample (its training is Python and takes hours on a million records), then all records matched."""
    warnings.simplefilter("ignore")
    model = task.out / "model.json"
    records = pq.read_table(task.clean)
    rows = records.num_rows
    records = records.drop_columns(["n"])
    with step("train"):
        sample = _sample(records)
        goldenmatch.dedupe_df(sample, config=configure(task.subject, model), confidence_required=False)
    with step("match"):
        answer = goldenmatch.dedupe_df(records, config=configure(task.subject, model), confidence_required=False)
    _write(answer, rows, task.out)


def _sample(records: pa.Table) -> pa.Table:
    """About SAMPLE records, all of a name or none, so that a subject's records stay together."""
    codes = records.column("name").combine_chunks().dictionary_encode().indices
    share = max(1, records.num_rows // SAMPLE)
    numbers = np.asarray(codes.fill_null(0).to_numpy(zero_copy_only=False))
    return records.filter(pa.array(numbers % share == 0))


def _write(answer: goldenmatch.DedupeResult, rows: int, out: Path) -> None:
    of_record = list(range(rows))
    for cluster in answer.clusters.values():
        first = min(cluster["members"])
        for member in cluster["members"]:
            of_record[member] = first
    pq.write_table(pa.table({"n": pa.array(range(rows), pa.int32()), "cluster": of_record}), out / "clusters.parquet")
    pairs = list(answer.scored_pairs)
    columns = zip(*pairs, strict=True) if pairs else ([], [], [])
    pq.write_table(pa.table(dict(zip(("l", "r", "score"), map(list, columns), strict=True))), out / "pairs.parquet")


if __name__ == "__main__":
    run(read_task(__doc__))
