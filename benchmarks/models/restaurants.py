"""Fodor's and Zagat's restaurants (Sheila Tejada)."""

from __future__ import annotations

from matching.evidence import Evidence
from matching.general import alike, common_words, slips
from matching.model import Block, Mask, Model, Rule, Thresholds, Value, Words

TEXT = "nullif(trim(regexp_replace(lower(v), '[^a-z0-9]+', ' ', 'g')), '')"


def has_other_name(evidence: Evidence) -> Mask:
    """The names share hardly a word: two restaurants of one building, however alike the rest."""
    mask: Mask = evidence["name"] == 0
    return mask


MODEL = Model(
    name="restaurants",
    version="1",
    prefix="R",
    required=("name", "addr", "city", "phone"),
    values=(
        Value("name", "name", TEXT),
        Value("address", "addr", TEXT),
        Value("house", "addr", "nullif(regexp_extract(v, '^[0-9]+'), '')"),
        Value("city", "city", TEXT),
        Value("phone", "phone", "nullif(regexp_replace(v, '[^0-9]', '', 'g'), '')"),
    ),
    comparisons=(
        common_words("name"),
        common_words("address"),
        alike("city"),
        slips("phone", title="telephone number"),
    ),
    blocks=(
        Block("telephone", ("phone",)),
        Block("house number and city", ("house", "city")),
        Words("words of the name", "name", most_holders=60),
        Words("words of the address", "address", most_holders=40),
    ),
    rules=(Rule("other_name", "apart", has_other_name, "another restaurant of the same house"),),
    thresholds=Thresholds(accept=0.5, review=0.1),
    is_coherent=True,
    rounds=1,
)
