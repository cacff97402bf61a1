"""Why two records are, or are not, one subject: levels, bits, sentences, blocks, rules and conflicts."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from matching.blocking import agreeing
from matching.evidence import Evidence, gather
from matching.explain_links import Link, label_before, links_of, strongest_tree, way
from matching.groups import decide
from matching.keys import Members
from matching.linking import CERTAIN, Decisions
from matching.profiles import InputError
from matching.report import first_keys
from matching.resolve import Outcome
from matching.weights import Weights, class_bits, prior_bits, score

VERDICTS = {
    "alike": "Both records say exactly the same in every compared value.",
    "number": "The same identifying number and compatible values made them one at once.",
    "linked": "They were compared and linked.",
    "through": "Other records join them, each link on its own evidence.",
    "judged": "A judgement holds them apart; it beats every rule and every weight.",
    "rule": "A rule of evidence keeps them apart, whatever the score.",
    "review": "A rule sends them to a steward; nothing joins them without a judgement.",
    "numbers": "Each holds a valid number of its own, and the two differ: never one subject without a judgement.",
    "cut": "They were accepted, then cut: their cluster would have held two numbers, or a pair judged apart.",
    "rivals": "The evidence is strong enough, but another subject fits about as well, so it convinces nobody.",
    "below": "They were compared, and the evidence does not reach the threshold.",
    "never": "They were never compared: no block brings them together.",
    "capped": "They were never compared: the block they meet in was over-full, or neither of them was still open.",
}
"""What each verdict says to a steward; the first four mean one subject."""
FORBIDDEN = 2.0 ** (1 - CERTAIN)
"""Probabilities below it are given by a constraint, not by weights."""
TOGETHER = ("alike", "number", "linked", "through")


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison: the level found ('' = nothing to compare), its weight in bits, what a steward reads."""

    comparison: str
    level: str
    bits: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Hop:
    """One link on the way from one record to another, told by the smallest record key on either side."""

    left_key: str
    right_key: str
    turn: int
    why: str
    score: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why two records are, or are not, one subject. Bits: prior + the terms' + doubt = score.

    `basis` says what was compared; `doubt` is what related subjects take from the score; `probability` that of the
    decision (None: never decided); `blocks` where the two records meet; `chain` the links between them if others join.
    """

    left_key: str
    right_key: str
    is_one_subject: bool
    verdict: str
    because: str
    basis: str
    prior: float
    terms: list[Term]
    doubt: float
    score: float
    probability: float | None
    accept: float
    blocks: list[str]
    rule: str
    rule_sentence: str
    notes: list[str] = field(default_factory=list)
    chain: list[Hop] = field(default_factory=list)


def place_of(outcome: Outcome, key: str) -> int:
    """Row of a record key; InputError if there is none."""
    keys = outcome.prepared.profiles.record_keys
    place: int = pc.index(keys, pa.scalar(key, pa.string())).as_py()
    if place < 0:
        raise InputError(f"no record with record_key {key!r} among {len(keys):,}")
    return place


def explain(outcome: Outcome, weights: Weights, left_key: str, right_key: str) -> Explanation:
    """Explain two records of a finished run. InputError for an unknown key."""
    profiles, groups = outcome.prepared.profiles, outcome.prepared.groups
    one, two = (int(profiles.of_record[place_of(outcome, key)]) for key in (left_key, right_key))
    ours, theirs = int(groups.of_profile[one]), int(groups.of_profile[two])
    label = outcome.linked.label
    turn, place = _decided(outcome, ours, theirs)
    if turn:
        decisions = outcome.linked.rounds[turn - 1]
        evidence = decisions.evidence.take(np.array([place]))
        verdict = _verdict(outcome, decisions, place)
        probability = float(decisions.probability[place])
        basis = f"everything known of the two subjects in round {turn}"
    else:
        evidence = _side_by_side(outcome, weights, one, two)
        verdict, probability, basis = "never", None, "the two records alone"
    blocks = agreeing(outcome.model, profiles, one, two)
    if one == two:
        verdict = "alike"
    elif ours == theirs:
        verdict = "number"
    elif label[ours] == label[theirs]:
        verdict = "linked" if verdict == "linked" else "through"
    elif _is_judged_apart(outcome, ours, theirs):
        verdict = "judged"
    elif not turn and min(groups.number[ours], groups.number[theirs]) >= 0:
        verdict = "numbers"
    elif not turn and blocks:
        verdict = "capped"
    rule, sentence = _rule(outcome, evidence, is_in_group=ours == theirs)
    bits = terms(weights, evidence)[0]
    prior = prior_bits(weights, groups.count, is_two_sided=outcome.model.two_sided)
    said = [
        Term(field.name, field.levels[level] if level >= 0 else "", float(bit), _sentence(field.function))
        for field, level, bit in zip(outcome.model.comparisons, evidence.levels[0].tolist(), bits, strict=True)
    ]
    before = float(prior[0] - prior[2])
    total = float(evidence.score[0])
    return Explanation(
        left_key,
        right_key,
        verdict in TOGETHER,
        verdict,
        VERDICTS[verdict],
        basis,
        before,
        said,
        total - before - float(bits.sum()),
        total,
        probability,
        outcome.model.thresholds.accept,
        blocks,
        rule,
        sentence,
        _notes(outcome, ours, theirs),
        _chain(outcome, ours, theirs) if verdict == "through" else [],
    )


def terms(weights: Weights, evidence: Evidence) -> npt.NDArray[np.float64]:
    """Bits of every comparison for 'same' against chance: float64 [pair, comparison]."""
    found = np.zeros((len(evidence), len(evidence.model.comparisons)))
    for position in range(len(evidence.model.comparisons)):
        alone = np.full_like(evidence.levels, -1)
        alone[:, position] = evidence.levels[:, position]
        bits = class_bits(weights, Evidence(evidence.model, evidence.left, evidence.right, alone, evidence.share))
        found[:, position] = bits[:, 0] - bits[:, 2]
    return found


def _sentence(function: object) -> str:
    return (function.__doc__ or "").strip().splitlines()[0] if function.__doc__ else ""


def _decided(outcome: Outcome, ours: int, theirs: int) -> tuple[int, int]:
    """The round that linked the two, else the last one that compared them, and the pair's place in it; (0, -1) if none."""
    found = (0, -1)
    for turn, decisions in enumerate(outcome.linked.rounds, start=1):
        node = label_before(outcome, turn)
        left, right = node[decisions.evidence.left], node[decisions.evidence.right]
        wanted = sorted((int(node[ours]), int(node[theirs])))
        hit = np.flatnonzero((np.minimum(left, right) == wanted[0]) & (np.maximum(left, right) == wanted[1]))
        if len(hit) and wanted[0] != wanted[1]:
            found = (turn, int(hit[0]))
            if decisions.accepted[hit[0]]:
                break
    return found


def _verdict(outcome: Outcome, decisions: Decisions, place: int) -> str:
    model, rule = outcome.model, int(decisions.rule[place])
    held = outcome.linked.number
    label = outcome.linked.label
    if decisions.accepted[place]:
        return "linked"
    if rule >= 0 and model.rules[rule].verdict != "same":
        return "rule" if model.rules[rule].verdict == "apart" else "review"
    if decisions.probability[place] >= model.thresholds.accept:
        return "cut"
    ends = [int(held[label[side[place]]]) for side in (decisions.evidence.left, decisions.evidence.right)]
    if min(ends) >= 0 and ends[0] != ends[1] and decisions.probability[place] < FORBIDDEN:
        return "numbers"
    odds = float(np.exp2(np.clip(decisions.evidence.score[place], -60, 60)))
    return "rivals" if odds / (1 + odds) >= model.thresholds.accept else "below"


def _side_by_side(outcome: Outcome, weights: Weights, one: int, two: int) -> Evidence:
    """The evidence of two profiles alone (what was never compared, or needed no comparison)."""
    profiles = outcome.prepared.profiles
    alone = np.arange(profiles.count, dtype=np.int64)
    evidence = gather(outcome.model, profiles, alone, Members(alone, profiles.count), np.array([one]), np.array([two]))
    evidence.score = score(weights, evidence, outcome.prepared.groups.count)
    return evidence


def _is_judged_apart(outcome: Outcome, ours: int, theirs: int) -> bool:
    label = outcome.linked.label
    one, two = (label[side] for side in outcome.judged.apart)
    wanted = sorted((int(label[ours]), int(label[theirs])))
    return bool(((np.minimum(one, two) == wanted[0]) & (np.maximum(one, two) == wanted[1])).any())


def _rule(outcome: Outcome, evidence: Evidence, *, is_in_group: bool) -> tuple[str, str]:
    identity = outcome.model.identity
    rules = identity.rules if is_in_group and identity is not None else outcome.model.rules
    chosen = int(decide(rules, evidence)[0][0])
    return (rules[chosen].name, rules[chosen].sentence) if chosen >= 0 else ("", "")


def _notes(outcome: Outcome, ours: int, theirs: int) -> list[str]:
    """What each side's number says, and who claims whose."""
    identity, groups = outcome.model.identity, outcome.prepared.groups
    if identity is None or ours == theirs:
        return []
    notes = []
    held = [int(groups.number[group]) >= 0 for group in (ours, theirs)]
    label = outcome.linked.label
    if all(held):
        notes.append(f"Both hold a valid {identity.number} of their own, and the two differ.")
    elif any(held):
        notes.append(f"Only {'the first' if held[0] else 'the second'} holds a valid {identity.number} of its own.")
    else:
        notes.append(f"Neither holds a valid {identity.number} of its own.")
    for side, group, other in (("first", ours, theirs), ("second", theirs, ours)):
        if groups.number[group] < 0 <= outcome.linked.number[label[group]] and label[group] != label[other]:
            notes.append(f"The {side} was joined with records that hold a valid {identity.number}.")
    owner, claimant = groups.contested
    for one, two, said in ((ours, theirs, "second claims the first's"), (theirs, ours, "first claims the second's")):
        if ((owner == one) & (claimant == two)).any():
            notes.append(f"Conflict: the {said} {identity.number}, and was not let in.")
    return notes


def _chain(outcome: Outcome, ours: int, theirs: int) -> list[Hop]:
    links = links_of(outcome, int(outcome.linked.label[ours]))
    return hops(outcome, way(strongest_tree(links), ours, theirs))


def hops(outcome: Outcome, links: list[Link]) -> list[Hop]:
    """Links told by record keys."""
    groups = outcome.prepared.groups
    keys = first_keys(outcome.prepared.profiles, groups.of_profile, groups.count)
    return [Hop(keys[e.left].as_py(), keys[e.right].as_py(), e.turn, e.why, e.score) for e in links]


def told(found: Explanation) -> str:
    """The text a steward reads. It holds keys, levels and weights, never the values compared."""
    lines = [f"{found.left_key} and {found.right_key}: {'one subject' if found.is_one_subject else 'two subjects'}"]
    lines.append(found.because)
    if found.verdict == "alike":
        return "\n".join(lines)
    if found.rule:
        lines.append(f"Rule {found.rule}: {found.rule_sentence}.")
    lines += found.notes
    lines += [
        f"  {hop.left_key} - {hop.right_key}: round {hop.turn}, {hop.why}, {hop.score:+.1f} bits" for hop in found.chain
    ]
    if found.blocks:
        lines.append(f"They meet in: {', '.join(found.blocks)}.")
    elif found.probability is None:
        lines.append("No block brings these two records together.")
    else:
        lines.append("The two records alone meet in no block; other records of the two subjects do.")
    lines.append(f"Compared: {found.basis}.")
    lines.append(f"  {'before any comparison':<50} {found.prior:+7.1f} bits")
    for term in found.terms:
        if term.level:
            lines.append(f"  {term.comparison:<14} {term.level:<35} {term.bits:+7.1f} bits  {term.sentence}")
    if abs(found.doubt) >= 0.05:
        lines.append(f"  {'a related subject would explain it too':<50} {found.doubt:+7.1f} bits")
    lines.append(f"  {'together':<50} {found.score:+7.1f} bits")
    silent = [term.comparison for term in found.terms if not term.level]
    if silent:
        lines.append(f"Nothing to compare: {', '.join(silent)}.")
    if found.probability is not None and found.verdict == "review":
        lines.append(
            f"By the weights alone the probability would be {found.probability:.6f}; the rule goes before them."
        )
    elif found.probability is not None and found.verdict != "rule":
        lines.append(f"Probability {found.probability:.6f}, linked from {found.accept:g}.")
    return "\n".join(lines)


def values_told(records: pa.Table, left_key: str, right_key: str) -> str:
    """The received values of two records side by side: for the owner of the file, and only when asked for."""
    lines = []
    keys = records.column("record_key").cast(pa.string())
    rows = [records.slice(pc.index(keys, pa.scalar(key)).as_py(), 1).to_pylist()[0] for key in (left_key, right_key)]
    for name in records.column_names:
        one, two = (row[name] for row in rows)
        if name != "record_key" and (one is not None or two is not None):
            mark = "=" if one == two else " "
            lines.append(f"  {name:<18} {mark} {'-' if one is None else one}  |  {'-' if two is None else two}")
    return "\n".join(lines)
