"""Chicago's early childhood sites from ten lists (dedupe-examples, MIT)."""

from __future__ import annotations

from matching.general import alike, common_words, slips
from matching.model import Block, Model, Thresholds, Value, Words

TEXT = "nullif(trim(regexp_replace(lower(v), '[^a-z0-9]+', ' ', 'g')), '')"

MODEL = Model(
    name="chicago_childcare",
    version="1",
    prefix="C",
    required=("Site name", "Address", "Zip", "Phone"),
    values=(
        Value("name", "Site name", TEXT),
        Value("address", "Address", TEXT),
        Value("house", "Address", "nullif(regexp_extract(v, '^[0-9]+'), '')"),
        Value("zip", "Zip", "nullif(substr(trim(v), 1, 5), '')"),
        Value("phone", "Phone", "nullif(right(regexp_replace(v, '[^0-9]', '', 'g'), 7), '')"),
    ),
    comparisons=(
        common_words("name", title="name of the site"),
        alike("address"),
        slips("zip", (1,)),
        slips("phone", title="telephone number"),
    ),
    blocks=(
        Block("telephone", ("phone",)),
        Block("address", ("address",)),
        Block("house number and postcode", ("house", "zip")),
        Words("words of the name", "name", most_holders=150, least=0.5, nearest=40),
        Words("words of the address", "address", most_holders=100, least=0.5, nearest=40),
    ),
    thresholds=Thresholds(accept=0.5, review=0.1),
    is_coherent=True,
    rounds=1,
)
