"""Splink on a public set: its usual comparisons with term frequencies, blocks as ours, EM in two sessions.

Texts of many words become lists: of all words (compared by how many they share) and of rare ones (for blocking).
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import duckdb
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

from benchmarks.peers.steps import step

DEFAULT_THRESHOLD = 0.5
LOWEST_KEPT = 0.001
RARE = 60
"""Records that may hold a word that blocks."""


@dataclass(frozen=True)
class Plan:
    """How Splink is set up for one set. A block or session of one name ending in `_rare` is over its rare words."""

    comparisons: tuple[object, ...]
    blocks: tuple[tuple[str, ...], ...]
    sessions: tuple[tuple[str, ...], ...]
    certain: tuple[str, ...]
    words: tuple[str, ...] = ()
    is_link: bool = False


def _spelt(column: str) -> object:
    return cl.JaroWinklerAtThresholds(column, [0.92, 0.8]).configure(term_frequency_adjustments=True)


def _slips(column: str, *most: int) -> object:
    return cl.DamerauLevenshteinAtThresholds(column, list(most or (1, 2))).configure(term_frequency_adjustments=True)


def _equal(column: str) -> object:
    return cl.ExactMatch(column).configure(term_frequency_adjustments=True)


def _words(column: str, *least: float) -> object:
    """Equal, or the share of the shorter text's words that both have."""
    words = f"{column}_words"
    both = f"len(list_intersect({words}_l, {words}_r)) / least(len({words}_l), len({words}_r))"
    return cl.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            cll.NullLevel(column),
            cll.ExactMatchLevel(column, term_frequency_adjustments=True),
            *(cll.CustomLevel(f"{both} >= {share}") for share in least or (0.8, 0.6, 0.4, 0.2)),
            cll.ElseLevel(),
        ],
    )


def _near(column: str, kind: str, apart: str, *most: float) -> object:
    one, two = (f"try_cast({column}_{side} AS {kind})" for side in "lr")
    away = apart.format(one=one, two=two)
    return cl.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            cll.NullLevel(column),
            cll.ExactMatchLevel(column),
            *(cll.CustomLevel(f"{away} <= {share}") for share in most),
            cll.ElseLevel(),
        ],
    )


def _amount(column: str, *most: float) -> object:
    return _near(column, "DOUBLE", "abs({one} - {two}) / greatest(abs({one}), abs({two}), 1e-9)", *most)


def _day(column: str, *most: int) -> object:
    return _near(column, "DATE", "abs(date_diff('day', {one}, {two}))", *most)


_FEBRL_BLOCKS = (
    ("soc_sec_id",), ("date_of_birth",), ("given_name", "surname"), ("id_start", "postcode"), ("id_end", "postcode"),
    ("address_1", "postcode"), ("surname", "postcode"), ("given_name", "postcode"), ("surname", "street_number"),
    ("given_name", "street_number"), ("suburb", "street_number"), ("birth_month", "given_name"), ("birth_month", "surname"),
)  # fmt: skip
_FEBRL = (
    _spelt("given_name"), _spelt("surname"), _slips("date_of_birth"), _slips("soc_sec_id"), _spelt("address_1"),
    _spelt("address_2"), _equal("street_number"), _spelt("suburb"), _slips("postcode", 1), _equal("state"),
)  # fmt: skip
_FEBRL_SESSIONS = (("date_of_birth",), ("soc_sec_id",), ("given_name", "surname"))
PLANS = {
    "febrl": Plan(_FEBRL, _FEBRL_BLOCKS, _FEBRL_SESSIONS, ("soc_sec_id",)),
    "febrl_dsgen": Plan((*_FEBRL, _slips("phone")), (*_FEBRL_BLOCKS, ("phone",)), _FEBRL_SESSIONS, ("soc_sec_id",)),
    "fake_1000": Plan(
        (_spelt("first_name"), _spelt("surname"), _slips("dob"), _equal("city"), _spelt("email")),
        (
            ("email",), ("email_name",), ("dob",), ("first_name", "surname"), ("first_name", "birth_year"),
            ("surname", "birth_year"), ("surname", "city"), ("first_name", "city"),
        ),
        (("dob",), ("email",), ("first_name", "surname")),
        ("first_name", "surname", "dob"),
    ),
    "transactions": Plan(
        (_amount("amount", 0.001, 0.01, 0.03, 0.1), _day("day", 1, 2, 4, 7, 14), _spelt("memo")),
        (("amount",), ("pounds", "week"), ("memo_start", "week"), ("memo_rare",)),
        (("amount",), ("memo",)),
        ("memo", "amount"),
        ("memo",),
        is_link=True,
    ),
    "abt_buy": Plan(
        (_words("title"), _words("model_words", 0.7, 0.3), _words("description", 0.5, 0.3, 0.15), _amount("price", 0.02, 0.1, 0.3)),
        (("model_words_rare",), ("title_rare",)),
        (("maker",), ("price",)),
        ("model_words",),
        ("title", "model_words", "description"),
        is_link=True,
    ),
    "restaurants": Plan(
        (_words("name"), _words("address"), _spelt("city"), _slips("phone")),
        (("phone",), ("house", "city"), ("name_rare",), ("address_rare",)),
        (("phone",), ("name",)),
        ("phone",),
        ("name", "address"),
    ),
    "chicago_childcare": Plan(
        (_words("name"), _spelt("address"), _slips("zip", 1), _slips("phone")),
        (("phone",), ("address",), ("house", "zip"), ("name_rare",), ("address_rare",)),
        (("phone",), ("address",)),
        ("phone",),
        ("name", "address"),
    ),
    "cora": Plan(
        (_words("title"), _words("author"), _words("venue", 0.6, 0.3), _slips("year", 1), _words("pages", 0.5)),
        (("title",), ("title_rare",), ("author_rare",)),
        (("title",), ("author",)),
        ("title",),
        ("title", "author", "venue", "pages"),
    ),
}  # fmt: skip


def _rule(columns: tuple[str, ...]) -> object:
    exploded = [column for column in columns if column.endswith("_rare")]
    return block_on(*columns, arrays_to_explode=exploded) if exploded else block_on(*columns)


def _load(clean: Path, plan: Plan) -> duckdb.DuckDBPyConnection:
    """Tables of records: with word lists; `one` and `two` where two are linked."""
    connection = duckdb.connect()
    connection.execute("CREATE TABLE records AS SELECT * FROM read_parquet($1)", [str(clean)])
    for column in plan.words:
        connection.execute(
            f"""CREATE OR REPLACE TABLE records AS
                WITH split AS (SELECT n, unnest(string_split({column}, ' ')) AS w FROM records),
                     rare AS (SELECT w FROM split GROUP BY w HAVING count(DISTINCT n) <= {RARE}),
                     chosen AS (SELECT n, list(DISTINCT w) AS found FROM split JOIN rare USING (w) GROUP BY n)
                SELECT r.*, string_split(r.{column}, ' ') AS {column}_words, coalesce(found, []) AS {column}_rare
                FROM records r LEFT JOIN chosen USING (n)"""
        )
    if plan.is_link:
        for name, side in (("one", "1"), ("two", "2")):
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM records WHERE side = '{side}'")
    return connection


def run(model: str, clean: Path, out: Path) -> None:
    """Train, predict, cluster: clusters.parquet [n, cluster] and pairs.parquet [l, r, score]."""
    plan = PLANS[model]
    connection = _load(clean, plan)
    settings = SettingsCreator(
        link_type="link_only" if plan.is_link else "dedupe_only",
        unique_id_column_name="n",
        comparisons=list(plan.comparisons),
        blocking_rules_to_generate_predictions=[_rule(columns) for columns in plan.blocks],
        retain_matching_columns=False,
    )
    api = DuckDBAPI(connection=connection)
    tables = [api.register(name) for name in ("one", "two")] if plan.is_link else api.register("records")
    with step("train"):
        linker = Linker(tables, settings, log_level=40)
        linker.training.estimate_probability_two_random_records_match([_rule(plan.certain)], recall=0.8)
        linker.training.estimate_u_using_random_sampling(max_pairs=5e6, seed=7)
        for columns in plan.sessions:
            linker.training.estimate_parameters_using_expectation_maximisation(_rule(columns))
    with step("predict"):
        predictions = linker.inference.predict(threshold_match_probability=LOWEST_KEPT)
    with step("cluster"):
        if plan.is_link:
            clusters = linker.clustering.cluster_using_single_best_links(
                predictions, duplicate_free_datasets=["one", "two"], threshold_match_probability=DEFAULT_THRESHOLD
            )
        else:
            clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predictions, DEFAULT_THRESHOLD)
    found, pairs = clusters.physical_name, predictions.physical_name
    connection.execute(f"COPY (SELECT n, cluster_id AS cluster FROM {found}) TO '{out}/clusters.parquet'")
    connection.execute(f"COPY (SELECT n_l AS l, n_r AS r, match_weight AS score FROM {pairs}) TO '{out}/pairs.parquet'")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=sorted(PLANS))
    parser.add_argument("clean", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    run(given.model, given.clean, given.out)
