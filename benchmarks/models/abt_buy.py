"""Abt and Buy: electronic goods of two shops (Leipzig, CC BY 4.0; dedupe-examples)."""

from __future__ import annotations

from matching.general import common_words, near_amounts
from matching.model import Model, Thresholds, Value, Words

TEXT = "nullif(trim(regexp_replace(lower(v), '[^a-z0-9]+', ' ', 'g')), '')"
CODES = "regexp_extract_all(upper(v), '[A-Z0-9/-]*[0-9][A-Z0-9/-]*')"
MODEL_WORDS = (
    f"nullif(array_to_string(list_sort(list_distinct(list_filter(list_transform({CODES}, "
    "lambda w: regexp_replace(w, '[^A-Z0-9]', '', 'g')), lambda w: length(w) >= 4 AND regexp_matches(w, '[A-Z]')))), ' '), '')"
)

MODEL = Model(
    name="abt_buy",
    version="1",
    prefix="G",
    required=("side", "title", "description", "price"),
    values=(
        Value("side", "side", "v"),
        Value("title", "title", TEXT),
        Value("model_words", "title", MODEL_WORDS),
        Value("description", "description", TEXT),
        Value("maker", "title", f"split_part({TEXT}, ' ', 1)"),
        Value("price", "price", "CAST(try_cast(regexp_replace(v, '[^0-9.]', '', 'g') AS DOUBLE) AS VARCHAR)"),
    ),
    comparisons=(
        common_words("title"),
        common_words("model_words", (0.7, 0.3), title="model numbers"),
        common_words("description", (0.5, 0.3, 0.15)),
        near_amounts("price", (0.02, 0.1, 0.3)),
    ),
    blocks=(
        Words("model numbers", "model_words", most_holders=20, least=0.1),
        Words("words of the title", "title", most_holders=300, least=0.15, nearest=20),
    ),
    thresholds=Thresholds(accept=0.5, review=0.1),
    two_sided=True,
    rounds=1,
)
