"""GoldenMatch on a public set: its probabilistic matchkey over the same clean columns, blocks as ours, its own EM.

Texts of many words are compared by sorted tokens and block by their rarest word. Where two tables are linked, of the pairs
it links those count that are each other's best.
"""

from __future__ import annotations

import argparse
import warnings
from collections import Counter
from pathlib import Path

import goldenmatch
import pyarrow as pa
import pyarrow.parquet as pq
from goldenmatch.config.schemas import (
    BlockingConfig,
    BlockingKeyConfig,
    GoldenMatchConfig,
    MatchkeyConfig,
    MatchkeyField,
)

from benchmarks.peers.steps import step

_FEBRL = {
    "given_name": "jaro_winkler", "surname": "jaro_winkler", "date_of_birth": "levenshtein", "soc_sec_id": "levenshtein",
    "address_1": "jaro_winkler", "address_2": "jaro_winkler", "street_number": "exact", "suburb": "jaro_winkler",
    "postcode": "levenshtein", "state": "exact",
}  # fmt: skip
_FEBRL_PASSES = (
    ("soc_sec_id",), ("date_of_birth",), ("given_name", "surname"), ("id_start", "postcode"), ("id_end", "postcode"),
    ("address_1", "postcode"), ("surname", "postcode"), ("given_name", "postcode"), ("surname", "street_number"),
    ("given_name", "street_number"), ("suburb", "street_number"), ("birth_month", "given_name"), ("birth_month", "surname"),
)  # fmt: skip
FIELDS = {
    "febrl": _FEBRL,
    "febrl_dsgen": {**_FEBRL, "phone": "levenshtein"},
    "fake_1000": {
        "first_name": "jaro_winkler", "surname": "jaro_winkler", "dob": "levenshtein", "city": "exact", "email": "jaro_winkler",
    },
    "transactions": {"amount": "numeric_diff", "day": "date_diff", "memo": "jaro_winkler"},
    "abt_buy": {
        "title": "token_sort", "model_words": "token_sort", "description": "token_sort", "price": "numeric_diff",
    },
    "restaurants": {"name": "token_sort", "address": "token_sort", "city": "jaro_winkler", "phone": "levenshtein"},
    "chicago_childcare": {"name": "token_sort", "address": "jaro_winkler", "zip": "levenshtein", "phone": "levenshtein"},
    "cora": {
        "title": "token_sort", "author": "token_sort", "venue": "token_sort", "year": "levenshtein", "pages": "token_sort",
    },
}  # fmt: skip
PASSES = {
    "febrl": _FEBRL_PASSES,
    "febrl_dsgen": (*_FEBRL_PASSES, ("phone",)),
    "fake_1000": (
        ("email",), ("email_name",), ("dob",), ("first_name", "surname"), ("first_name", "birth_year"),
        ("surname", "birth_year"), ("surname", "city"), ("first_name", "city"),
    ),
    "transactions": (("amount",), ("pounds", "week"), ("memo_start", "week"), ("memo_rare",)),
    "abt_buy": (("model_words_rare",), ("title_rare",), ("maker",)),
    "restaurants": (("phone",), ("house", "city"), ("name_rare",), ("address_rare",)),
    "chicago_childcare": (("phone",), ("address",), ("house", "zip"), ("name_rare",), ("address_rare",)),
    "cora": (("title",), ("title_rare",), ("author_rare",)),
}  # fmt: skip
LARGEST_BLOCK = 1000


def run(model: str, clean: Path, out: Path) -> None:
    """Learn and match: clusters.parquet [n, cluster] and pairs.parquet [l, r, score]."""
    warnings.simplefilter("ignore")
    table = pq.read_table(clean).drop_columns(["n"])
    for name in dict.fromkeys(column for columns in PASSES[model] for column in columns if column.endswith("_rare")):
        texts = table.column(name.removesuffix("_rare")).to_pylist()
        often = Counter(word for text in texts if text for word in set(text.split()))
        rarest = [min(text.split(), key=lambda word: (often[word], word)) if text else None for text in texts]
        table = table.append_column(name, pa.array(rarest, pa.string()))
    sides = table.column("side").to_pylist() if "side" in table.column_names else None
    if sides is not None:
        table = table.drop_columns(["side"])
    with step("match"):
        answer = goldenmatch.dedupe_df(table, config=_configure(model), confidence_required=False)
    pairs = [
        (left, right, score)
        for left, right, score in answer.scored_pairs
        if sides is None or sides[left] != sides[right]
    ]
    of_record = list(range(table.num_rows))
    if sides is None:
        for cluster in answer.clusters.values():
            for member in cluster["members"]:
                of_record[member] = min(cluster["members"])
    else:
        for left, right in _mutual(pairs):
            of_record[right] = left
    pq.write_table(
        pa.table({"n": pa.array(range(table.num_rows), pa.int32()), "cluster": of_record}), out / "clusters.parquet"
    )
    columns = zip(*pairs, strict=True) if pairs else ([], [], [])
    pq.write_table(pa.table(dict(zip(("l", "r", "score"), map(list, columns), strict=True))), out / "pairs.parquet")


def _configure(model: str) -> GoldenMatchConfig:
    fields = [
        MatchkeyField(
            field=name, scorer=scorer, levels=2 if scorer == "exact" else 3, partial_threshold=0.8, tf_adjustment=scorer == "exact"
        )
        for name, scorer in FIELDS[model].items()
    ]  # fmt: skip
    passes = [BlockingKeyConfig(fields=list(columns), additive=True) for columns in PASSES[model]]
    blocking = BlockingConfig(
        strategy="multi_pass", keys=passes[:1], passes=passes, max_block_size=LARGEST_BLOCK, skip_oversized=True
    )
    key = MatchkeyConfig(name="subject", type="probabilistic", fields=fields)
    return GoldenMatchConfig(matchkeys=[key], blocking=blocking)


def _mutual(pairs: list[tuple[int, int, float]]) -> list[tuple[int, int]]:
    best: dict[int, float] = {}
    for left, right, score in pairs:
        best[left], best[right] = max(best.get(left, score), score), max(best.get(right, score), score)
    taken: set[int] = set()
    kept = []
    for left, right, score in pairs:
        if score == best[left] == best[right] and not {left, right} & taken:
            taken |= {left, right}
            kept.append((left, right))
    return kept


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=sorted(FIELDS))
    parser.add_argument("clean", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    run(given.model, given.clean, given.out)
