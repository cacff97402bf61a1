"""Cora: citations of scientific papers, each cited many times in many styles (pyJedAI's copy, Apache-2.0)."""

from __future__ import annotations

from matching.general import common_words, slips
from matching.model import Block, Model, Thresholds, Value, Words

TEXT = "nullif(trim(regexp_replace(lower(v), '[^a-z0-9]+', ' ', 'g')), '')"

MODEL = Model(
    name="cora",
    version="1",
    prefix="C",
    required=("author", "title", "venue", "year", "pages", "volume"),
    values=(
        Value("author", "author", TEXT),
        Value("title", "title", TEXT),
        Value("venue", "venue", TEXT),
        Value("year", "year", "nullif(regexp_extract(v, '(?:19|20)[0-9]{2}'), '')"),
        Value("pages", "pages", "nullif(trim(regexp_replace(v, '[^0-9]+', ' ', 'g')), '')"),
        Value("volume", "volume", "nullif(regexp_extract(v, '[0-9]+'), '')"),
    ),
    comparisons=(
        common_words("title"),
        common_words("author", title="authors"),
        common_words("venue", (0.6, 0.3)),
        slips("year", (1,)),
        common_words("pages", (0.5,)),
    ),
    blocks=(
        Block("title", ("title",), most_pairs=100_000),
        Words("words of the title", "title", most_holders=200, least=0.4, nearest=120),
        Words("authors", "author", most_holders=200, least=0.6, nearest=120),
    ),
    thresholds=Thresholds(accept=0.5, review=0.1),
    is_coherent=True,
    rounds=1,
)
