"""Why two records are, or are not, one subject: levels, bits, sentences, blocks and conflicts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from matching.blocking import agreeing
from matching.evidence import Evidence, gather
from matching.groups import decide
from matching.judgements import apply_judgements
from matching.keys import Members
from matching.linking import link
from matching.model import Model, Setting
from matching.profiles import InputError
from matching.resolve import prepare
from matching.weights import Weights, score


def explain(records: pa.Table, model: Model, setting: Setting, weights: Weights, left_key: str, right_key: str) -> str:
    """A text a steward reads. It holds keys, levels and weights, never the values compared."""
    prepared = prepare(records, model, setting)
    profiles, groups = prepared.profiles, prepared.groups
    places = [pc.index(profiles.record_keys, pa.scalar(key)).as_py() for key in (left_key, right_key)]
    for key, place in zip((left_key, right_key), places, strict=True):
        if place < 0:
            raise InputError(f"no record with record_key {key!r} among {len(profiles.record_keys):,}")
    one, two = (int(profiles.of_record[place]) for place in places)
    _, judged = apply_judgements(profiles, groups, None)
    linked = link(model, profiles, groups, weights, judged)
    clusters = [int(linked.label[groups.of_profile[profile]]) for profile in (one, two)]
    verdict = "one subject" if clusters[0] == clusters[1] else "two subjects"
    lines = [f"{left_key} and {right_key}: {verdict}"]
    if one == two:
        return "\n".join([*lines, "Both records say exactly the same in every compared value."])
    alone = np.arange(profiles.count, dtype=np.int64)
    pair = np.array([one]), np.array([two])
    evidence = gather(model, profiles, alone, Members(alone, profiles.count), *pair)
    evidence.score = score(weights, evidence, groups.count)
    lines += _comparisons(model, weights, evidence)
    lines.append(f"Together {evidence.score[0]:+.1f} bits for one subject among {groups.count:,}.")
    met = agreeing(model, profiles, one, two)
    lines.append(f"They meet in: {', '.join(met)}." if met else "No block brings them together.")
    lines += _standing(model, prepared.groups.of_profile, groups.number, one, two)
    chosen, _ = decide(model.rules, evidence)
    if chosen[0] >= 0:
        lines.append(f"Rule {model.rules[chosen[0]].name}: {model.rules[chosen[0]].sentence}.")
    return "\n".join(lines)


def _comparisons(model: Model, weights: Weights, evidence: Evidence) -> list[str]:
    lines = []
    for position, comparison in enumerate(model.comparisons):
        level = int(evidence.levels[0, position])
        sentence = (comparison.function.__doc__ or "").strip().splitlines()[0]
        if level < 0:
            lines.append(f"  {comparison.name:<14} nothing to compare{'':>17} {0:+6.1f} bits  {sentence}")
            continue
        bits = float(weights.bits(comparison.name)[level])
        share = float(evidence.share[0, position])
        if np.isfinite(share):
            bits = float(np.log2(weights.level[comparison.name][level, 0]) - np.log2(max(share, 1e-9)))
        lines.append(f"  {comparison.name:<14} {comparison.levels[level]:<35} {bits:+6.1f} bits  {sentence}")
    return lines


def _standing(model: Model, of_profile: np.ndarray, number: np.ndarray, one: int, two: int) -> list[str]:
    if model.identity is None:
        return []
    left, right = int(of_profile[one]), int(of_profile[two])
    if left == right:
        return [f"The same {model.identity.number} and compatible values made them one at once."]
    held = [int(number[group]) for group in (left, right)]
    if min(held) >= 0:
        return [f"Both hold a valid {model.identity.number} of their own, and the two differ: never one subject."]
    return []
