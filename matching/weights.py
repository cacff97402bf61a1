"""Weights: how likely each level is for the same subject, for related subjects and by chance; a readable model file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from matching.evidence import Evidence
from matching.frequencies import Frequencies
from matching.model import Model

CLASSES = ("same", "related", "chance")
Floats = npt.NDArray[np.float64]
TWINS = np.log2(0.004)
"""Share of relatives who agree in most of what a number tells (log2): twins, some 1 in 100 births, are some of the family."""
RAREST = 1e-12
"""Share of subjects below which no value is taken to be."""
MOST_PARTNERED = 0.95
"""Share of records of two tables that are taken to have a partner at most, whatever was learnt."""


@dataclass(slots=True)
class Weights:
    """`level[comparison]` float64 [level, class] probabilities; `same`, `related`: how many of each are expected.

    `frequencies`: of values, part of the model; `patterns[comparison]`: shares of missing and of each level among the
    candidates learnt from, to tell drift by.
    """

    model: str
    version: str
    same: float
    related: float
    level: dict[str, Floats]
    made_from: dict[str, Any] = field(default_factory=dict)
    frequencies: Frequencies = field(default_factory=Frequencies)
    patterns: dict[str, list[float]] = field(default_factory=dict)

    def bits(self, comparison: str) -> Floats:
        """Evidence in bits for 'same' against chance, per level (before the frequency of the value is known)."""
        table = self.level[comparison]
        bits: Floats = np.log2(table[:, 0]) - np.log2(table[:, 2])
        return bits


def start(model: Model) -> Weights:
    """Weights to begin learning from: agreement is nine times as likely as not, level by level."""
    level = {}
    for comparison in model.comparisons:
        size = len(comparison.levels)
        same = 10.0 ** np.linspace(-2, 0, size)
        chance = same[::-1]
        related = np.ones(size)
        level[comparison.name] = np.stack([part / part.sum() for part in (same, related, chance)], axis=1)
    return Weights(model.name, model.version, 0.9, 3.0 if model.identity else 0.0, level)


def class_bits(weights: Weights, evidence: Evidence) -> Floats:
    """log2 likelihood of each pair under same, related, chance: float64 [pair, 3]; missing levels say nothing."""
    total = np.zeros((len(evidence), 3))
    for position, comparison in enumerate(evidence.model.comparisons):
        table = np.log2(weights.level[comparison.name])
        padded = np.vstack([table, np.zeros(3)])
        bits = np.take(padded, evidence.levels[:, position].astype(np.intp), axis=0, mode="wrap")
        if not comparison.frequency and comparison.by_chance is None:
            total += bits
            continue
        share = evidence.share[:, position]
        known = np.isfinite(share) & (evidence.levels[:, position] >= 0)
        rare = np.log2(np.maximum(share[known], RAREST))
        if comparison.by_chance is None:
            bits[known, 2] = rare
        else:
            bits[known] = shown_bits(bits[known], rare)
        total += bits
    return total


def shown_bits(bits: Floats, rare: Floats) -> Floats:
    """As much is hidden as it would be for the same subject, and what is shown agrees by chance: float64 [n, 3]."""
    same = bits[:, 0]
    related = np.maximum(bits[:, 1], same + np.maximum(rare, TWINS))
    return np.stack([same, related, same + rare], axis=1)


def score(weights: Weights, evidence: Evidence, subjects: int) -> Floats:
    """Log2 odds that the two groups are the same subject against every other explanation.

    Among the model's population, or where it stores none, among the run's `subjects`.
    """
    bits = class_bits(weights, evidence) + prior_bits(weights, subjects, is_two_sided=evidence.model.two_sided)
    odds: Floats = bits[:, 0] - np.logaddexp2(bits[:, 1], bits[:, 2])
    return odds


def prior_bits(weights: Weights, subjects: int, *, is_two_sided: bool = False) -> Floats:
    """log2 of how many same, related and unrelated subjects one seeker meets: float64 [3]; `subjects` if none are stored.

    With an identifying number every other subject is a rival of its own, so only an unseen one speaks against a match.
    So it is where two tables are linked: at most one record of the other table is the same, and it may be absent.
    """
    subjects = weights.frequencies.population or subjects
    if is_two_sided:
        partnered = min(2.0 * weights.same, MOST_PARTNERED)
        return np.array([np.log2(partnered / (1.0 - partnered)), -np.inf, np.log2(max(subjects / 2.0, 1.0))])
    same = weights.same / (1.0 - min(weights.same, 0.97)) if weights.related else weights.same
    related = np.log2(weights.related) if weights.related else -np.inf
    return np.array([np.log2(same), related, np.log2(max(subjects - 1, 1))])


def save(weights: Weights, model: Model, path: Path) -> None:
    """Write the model file: JSON a person can read, one line a level."""
    comparisons = {}
    for comparison in model.comparisons:
        table = weights.level[comparison.name]
        comparisons[comparison.name] = {
            level: {name: float(f"{table[n, c]:.6g}") for c, name in enumerate(CLASSES)}
            for n, level in enumerate(comparison.levels)
        }
    head = {
        "model": weights.model,
        "version": weights.version,
        "expected": {"same": float(f"{weights.same:.6g}"), "related": float(f"{weights.related:.6g}")},
        "made_from": weights.made_from,
    }
    lines = [f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}," for key, value in head.items()]
    lines.append('  "comparisons": {')
    for place, (name, levels) in enumerate(comparisons.items()):
        lines.append(f"    {json.dumps(name)}: {{")
        body = [f"      {json.dumps(key, ensure_ascii=False)}: {json.dumps(value)}" for key, value in levels.items()]
        lines.append(",\n".join(body))
        lines.append("    }" + ("," if place < len(comparisons) - 1 else ""))
    lines.append("  },")
    lines += _told(weights)
    path.write_text("\n".join(["{", *lines, "}", ""]), encoding="utf-8")


def _told(weights: Weights) -> list[str]:
    """Lines of the model file for value frequencies and patterns, one line a table."""
    rounded = {name: [float(f"{share:.4g}") for share in shares] for name, shares in weights.patterns.items()}
    found = weights.frequencies
    lines = [f'  "patterns": {json.dumps(rounded)},', '  "frequencies": {']
    tables = {**found.shares, **_named_parts(found)}
    lines.append(f'    "population": {found.population}' + ("," if tables else ""))
    for place, (name, shares) in enumerate(tables.items()):
        short = {text: float(f"{share:.4g}") for text, share in shares.items()}
        tail = "," if place < len(tables) - 1 else ""
        lines.append(f"    {json.dumps(name)}: {json.dumps(short, ensure_ascii=False)}{tail}")
    return [*lines, "  }"]


def _named_parts(frequencies: Frequencies) -> dict[str, dict[str, float]]:
    return {f"{name} sign": shares for name, shares in frequencies.parts.items()}


def _read_frequencies(found: dict[str, Any]) -> Frequencies:
    tables = {name: table for name, table in found.items() if name != "population"}
    parts = {name.removesuffix(" sign"): table for name, table in tables.items() if name.endswith(" sign")}
    shares = {name: table for name, table in tables.items() if not name.endswith(" sign")}
    return Frequencies(found.get("population", 0), shares, parts)


def load(path: Path, model: Model) -> Weights:
    """Read a model file. ValueError if it does not fit the declared model, naming the comparison."""
    content = json.loads(path.read_text(encoding="utf-8"))
    if content.get("model") != model.name:
        raise ValueError(f"{path.name} holds weights of model {content.get('model')!r}, expected {model.name!r}")
    level = {}
    for comparison in model.comparisons:
        found = content["comparisons"].get(comparison.name)
        if found is None or list(found) != list(comparison.levels):
            raise ValueError(
                f"{path.name}: comparison {comparison.name!r} has levels {list(found or [])}, "
                f"expected {list(comparison.levels)}: train the model again"
            )
        level[comparison.name] = np.array([[found[name][c] for c in CLASSES] for name in comparison.levels])
    expected = content["expected"]
    return Weights(
        model.name,
        content["version"],
        expected["same"],
        expected["related"],
        level,
        content.get("made_from", {}),
        _read_frequencies(content.get("frequencies", {})),
        content.get("patterns", {}),
    )


def stored(model: Model) -> Weights:
    """The weights shipped for a model; FileNotFoundError says how to make them."""
    path = Path(__file__).parent / "models" / f"{model.name}.weights.json"
    if not path.exists():
        raise FileNotFoundError(f"no stored weights {path.name}: run `python -m matching train {model.name}` first")
    return load(path, model)
