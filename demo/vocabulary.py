"""The word lists of `vocabularies/`, read once."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from demo.chance import Floats

FOLDER = Path(__file__).parent / "vocabularies"


@dataclass(frozen=True)
class Weighted:
    """Words with weights (any positive scale)."""

    words: tuple[str, ...]
    weights: Floats


def read(file_name: str) -> list[dict[str, str]]:
    """The rows of a CSV list."""
    with (FOLDER / file_name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _weighted(rows: list[dict[str, str]], word: str, weight: str) -> Weighted:
    return Weighted(tuple(r[word] for r in rows), np.array([float(r[weight]) for r in rows]))


@cache
def surnames() -> Weighted:
    """Han surnames."""
    return _weighted(read("surnames.csv"), "surname", "weight")


@cache
def given_characters(sex: int) -> Weighted:
    """Characters of given names of one sex (1 male, 2 female)."""
    return _weighted(read("given_characters.csv"), "character", "male" if sex == 1 else "female")


@cache
def popular_given() -> tuple[tuple[int, int, int, Weighted], ...]:
    """(sex, from year, to year, names) of the common given names of each generation."""
    rows = read("popular_given.csv")
    groups = sorted({(r["sex"], r["from_year"], r["to_year"]) for r in rows})
    return tuple(
        (
            int(s),
            int(a),
            int(b),
            _weighted([r for r in rows if (r["sex"], r["from_year"], r["to_year"]) == (s, a, b)], "name", "weight"),
        )
        for s, a, b in groups
    )


@cache
def minority_names(group: str, part: str, sex: str) -> Weighted:
    """Yi clan names, Yi and Tibetan given names."""
    rows = [r for r in read("minority_names.csv") if (r["group"], r["part"], r["sex"]) == (group, part, sex)]
    return _weighted(rows, "word", "weight")


@cache
def roads() -> Weighted:
    """Road names of Sichuan."""
    return _weighted(read("roads.csv"), "road", "weight")


@cache
def compounds() -> tuple[str, ...]:
    """Names of housing compounds."""
    rows = read("compounds.csv")
    firsts = [r["word"] for r in rows if r["part"] == "first"]
    lasts = [r["word"] for r in rows if r["part"] == "last"]
    return tuple(a + b for a in firsts for b in lasts)


@cache
def trades(kind: str) -> tuple[tuple[str, str], ...]:
    """(word, industry code) of the trades of one kind of business: company, shop, coop, public."""
    return tuple((r["word"], r["industry"]) for r in read("trades.csv") if r["kind"] == kind)


@cache
def trade_names() -> tuple[str, ...]:
    """Trade names (字号)."""
    return tuple((FOLDER / "trade_names.txt").read_text(encoding="utf-8").split())


@cache
def rare_characters() -> tuple[tuple[str, str], ...]:
    """(character, pinyin) of rare characters found in names."""
    return tuple((r["character"], r["pinyin"]) for r in read("rare_characters.csv"))


@cache
def syllable_variants() -> tuple[tuple[str, str], ...]:
    """Pairs of characters that write the same Yi or Tibetan syllable."""
    return tuple((r["character"], r["other"]) for r in read("syllable_variants.csv"))


@cache
def _confusions() -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for row in read("confusions.csv"):
        found.setdefault(row["kind"], {}).setdefault(row["character"], []).append(row["other"])
    return found


@cache
def confusions(kind: str) -> dict[str, tuple[str, ...]]:
    """What a character is mistaken for: homophone, look_alike, traditional, variant or parts."""
    return {character: tuple(others) for character, others in _confusions().get(kind, {}).items()}


@cache
def villages() -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Codes (12 digits, ascending), townships and villages of Sichuan."""
    table = pq.read_table(FOLDER / "villages.parquet")
    return tuple(table["code"].to_pylist()), tuple(table["township"].to_pylist()), tuple(table["village"].to_pylist())
