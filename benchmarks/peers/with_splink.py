"""Splink on DuckDB, set up with care: term frequencies, ordered levels, eight blocking rules, EM in three sessions."""

from __future__ import annotations

import duckdb
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

from benchmarks.peers.steps import Task, read_task, step

DEFAULT_THRESHOLD = 0.5
"""Probability from which two records are one: Splink has no other default."""
LOWEST_KEPT = 0.01
PAIRS_FOR_CHANCE = 5e6
"""Sampled pairs; more of them lengthen the training and changed no figure here."""


def _text(column: str, *, edits: int = 1, weighed: bool = True) -> object:
    return cl.LevenshteinAtThresholds(column, list(range(1, edits + 1))).configure(term_frequency_adjustments=weighed)


def _equal(column: str) -> object:
    return cl.ExactMatch(column).configure(term_frequency_adjustments=True)


def _name(column: str, weaker: str) -> object:
    """Equal, equal in a weaker form (same sound, same trade name), one sign off, else."""
    return cl.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            cll.NullLevel(column),
            cll.ExactMatchLevel(column, term_frequency_adjustments=True),
            cll.ExactMatchLevel(weaker),
            cll.LevenshteinLevel(column, 1),
            cll.ElseLevel(),
        ],
    )


def _area() -> object:
    return cl.CustomComparison(
        output_column_name="area",
        comparison_levels=[
            cll.NullLevel("area"),
            cll.ExactMatchLevel("area", term_frequency_adjustments=True),
            cll.CustomLevel("substr(area_l, 1, 4) = substr(area_r, 1, 4)", label_for_charts="same prefecture"),
            cll.ElseLevel(),
        ],
    )


PERSON = SettingsCreator(
    link_type="dedupe_only",
    unique_id_column_name="n",
    comparisons=[
        _text("id", edits=2, weighed=False),
        _name("name", "sound"),
        _text("birth"),
        cl.ExactMatch("sex"),
        _text("phone"),
        _equal("card"),
        _equal("household"),
        _equal("address"),
        _area(),
    ],
    blocking_rules_to_generate_predictions=[
        block_on("id"),
        block_on("name", "birth"),
        block_on("phone", "name"),
        block_on("card"),
        block_on("address", "name"),
        block_on("household", "name"),
        block_on("sound", "birth"),
        block_on("substr(id, 11, 8)", "surname"),
    ],
    retain_matching_columns=False,
)
ENTERPRISE = SettingsCreator(
    link_type="dedupe_only",
    unique_id_column_name="n",
    comparisons=[
        _text("whole_code", edits=2, weighed=False),
        _equal("registration"),
        _name("name", "trade"),
        cl.ExactMatch("tail"),
        _name("legal_rep", "legal_rep_id"),
        _text("phone"),
        _equal("address"),
        _area(),
    ],
    blocking_rules_to_generate_predictions=[
        block_on("whole_code"),
        block_on("code"),
        block_on("registration"),
        block_on("name", "area"),
        block_on("trade", "legal_rep"),
        block_on("phone", "trade"),
        block_on("address", "trade"),
        block_on("legal_rep", "phone"),
    ],
    retain_matching_columns=False,
)
SETTINGS = {"person": PERSON, "enterprise": ENTERPRISE}
NUMBER = {"person": "id", "enterprise": "whole_code"}
SESSIONS = {
    "person": (("id",), ("name", "birth"), ("phone", "name")),
    "enterprise": (("whole_code",), ("name", "area"), ("phone", "trade")),
}


def run(task: Task) -> None:
    """Train, predict, cluster; the same again with the model just stored."""
    connection = duckdb.connect()
    connection.execute("CREATE TABLE records AS SELECT * FROM read_parquet($1)", [str(task.clean)])
    api = DuckDBAPI(connection=connection)
    table = api.register("records")
    model = task.out / "model.json"
    with step("train"):
        linker = Linker(table, SETTINGS[task.subject], log_level=40)
        number = block_on(NUMBER[task.subject])
        linker.training.estimate_probability_two_random_records_match([number], recall=0.9)
        linker.training.estimate_u_using_random_sampling(max_pairs=PAIRS_FOR_CHANCE, seed=7)
        for columns in SESSIONS[task.subject]:
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*columns))
    linker.misc.save_model_to_json(str(model), overwrite=True)
    connection = duckdb.connect()
    connection.execute("CREATE TABLE records AS SELECT * FROM read_parquet($1)", [str(task.clean)])
    linker = Linker(DuckDBAPI(connection=connection).register("records"), str(model), log_level=40)
    with step("predict"):
        predictions = linker.inference.predict(threshold_match_probability=LOWEST_KEPT)
    with step("cluster"):
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predictions, DEFAULT_THRESHOLD)
    out = str(task.out)
    found, pairs = clusters.physical_name, predictions.physical_name
    connection.execute(f"COPY (SELECT n, cluster_id AS cluster FROM {found}) TO '{out}/clusters.parquet'")
    connection.execute(f"COPY (SELECT n_l AS l, n_r AS r, match_weight AS score FROM {pairs}) TO '{out}/pairs.parquet'")


if __name__ == "__main__":
    run(read_task(__doc__))
