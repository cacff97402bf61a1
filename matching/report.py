"""What a resolution tells people: links with reasons, review cases, findings. Keys and levels only, never a value."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from matching.drift import Drift
from matching.evidence import gather
from matching.groups import Groups
from matching.keys import Ints, Members
from matching.linking import Decisions, Judged, Linked
from matching.model import Model
from matching.profiles import Profiles
from matching.received import LONGEST

LINK_FIELDS = ("left_key", "right_key", "rule", "score", "reasons")
REVIEW_FIELDS = ("review_kind", "left_key", "right_key", "score", "reason")


def first_keys(profiles: Profiles, of_profile: Ints, count: int) -> pa.Array:
    """The smallest record key of every group."""
    labelled = pa.table({"g": pa.array(of_profile[profiles.of_record], pa.int64()), "k": profiles.record_keys})
    named = labelled.group_by("g").aggregate([("k", "min")]).sort_by("g")
    if named.num_rows != count:
        raise RuntimeError(f"{count} groups but {named.num_rows} have records: report this")
    return named.column("k_min").combine_chunks() if count else pa.array([], pa.string())


def reasons(model: Model, levels: npt.NDArray[np.int8]) -> list[str]:
    """One text a pair, made once per distinct pattern: 'name equal; phone equal; birth different'."""
    if not len(levels):
        return []
    patterns, inverse = np.unique(levels, axis=0, return_inverse=True)
    texts = []
    for pattern in patterns.tolist():
        said = [
            f"{comparison.name} {comparison.levels[level]}"
            for comparison, level in zip(model.comparisons, pattern, strict=True)
            if level >= 0
        ]
        texts.append("; ".join(said))
    return [texts[n] for n in inverse.reshape(-1).tolist()]


def links(model: Model, profiles: Profiles, groups: Groups, linked: Linked) -> pa.Table:
    """Every link kept: number and name in common (no score), then the scored ones of each round."""
    keys = first_keys(profiles, groups.of_profile, groups.count)
    parts = [_number_links(model, profiles, groups, keys)]
    for turn in linked.rounds:
        chosen = np.flatnonzero(turn.accepted)
        evidence = turn.evidence.take(chosen)
        names = np.array([rule.name for rule in model.rules] + ["score"])[turn.rule[chosen]]
        parts.append(
            pa.table(
                {
                    "left_key": keys.take(pa.array(evidence.left)),
                    "right_key": keys.take(pa.array(evidence.right)),
                    "rule": pa.array(names.tolist(), pa.string()),
                    "score": pa.array(np.round(evidence.score, 3), pa.float64()),
                    "reasons": pa.array(reasons(model, evidence.levels), pa.string()),
                }
            )
        )
    return pa.concat_tables(parts)


def _number_links(model: Model, profiles: Profiles, groups: Groups, keys: pa.Array) -> pa.Table:
    """One link a profile that joined its group through the identifying number."""
    alone = np.arange(profiles.count, dtype=np.int64)
    own = first_keys(profiles, alone, profiles.count)
    group = keys.take(pa.array(groups.of_profile))
    joined = pc.not_equal(own, group)
    rule = f"same {model.identity.number}" if model.identity is not None else "equal"
    return pa.table(
        {
            "left_key": group.filter(joined),
            "right_key": own.filter(joined),
            "rule": pa.array([rule], pa.string()).take(pa.array(np.zeros(pc.sum(joined).as_py() or 0, np.int64))),
            "score": pa.nulls(pc.sum(joined).as_py() or 0, pa.float64()),
            "reasons": pa.nulls(pc.sum(joined).as_py() or 0, pa.string()),
        }
    )


def reviews(model: Model, profiles: Profiles, groups: Groups, linked: Linked, judged: Judged) -> pa.Table:
    """Cases for a steward: claimed numbers left open, doubtful scores, two numbers for what looks like one subject."""
    keys = first_keys(profiles, groups.of_profile, groups.count)
    settled = _judged_pairs(judged)
    parts = [_claims(model, profiles, keys, groups, linked, settled)]
    for turn in linked.rounds[-1:]:
        parts.append(_doubts(model, keys, turn, linked, settled))
    for turn in linked.rounds[:1]:
        parts.append(_rule_reviews(model, keys, turn, linked, settled))
    return _once(pa.concat_tables(parts))


def _once(every: pa.Table) -> pa.Table:
    """Two subjects are one case of a kind, however many ways led to it; the reason that was scored tells most."""
    with duckdb.connect() as connection:
        connection.register("every_case", every)
        return connection.sql(
            "SELECT * FROM every_case QUALIFY row_number() OVER (PARTITION BY review_kind, least(left_key, right_key), "
            "greatest(left_key, right_key) ORDER BY score IS NULL, score DESC, left_key, reason) = 1 "
            "ORDER BY review_kind, left_key, right_key"
        ).to_arrow_table()


def _judged_pairs(judged: Judged) -> Ints:
    left = np.concatenate([judged.same[0], judged.apart[0]])
    right = np.concatenate([judged.same[1], judged.apart[1]])
    return np.unique(np.minimum(left, right) << 32 | np.maximum(left, right))


def _unjudged(left: Ints, right: Ints, settled: Ints) -> npt.NDArray[np.bool_]:
    fresh: npt.NDArray[np.bool_] = ~np.isin(np.minimum(left, right) << 32 | np.maximum(left, right), settled)
    return fresh


def _table(kind: list[str], keys: pa.Array, left: Ints, right: Ints, score: pa.Array, reason: list[str]) -> pa.Table:
    return pa.table(
        {
            "review_kind": pa.array(kind, pa.string()),
            "left_key": keys.take(pa.array(left)),
            "right_key": keys.take(pa.array(right)),
            "score": score,
            "reason": pa.array(reason, pa.string()),
        }
    )


def _claims(
    model: Model, profiles: Profiles, keys: pa.Array, groups: Groups, linked: Linked, settled: Ints
) -> pa.Table:
    """A number claimed by a second subject: one that found no file of its own, or whose claim nothing explains."""
    owner, claimant = groups.contested
    apart = linked.label[owner] != linked.label[claimant]
    homeless = linked.number[linked.label[claimant]] < 0
    chosen = apart & (homeless | ~_explained(model, profiles, groups, linked)) & _unjudged(owner, claimant, settled)
    reason = np.where(
        homeless, "one number, two subjects", "one number, two subjects; the second has a file of its own"
    )
    count = int(chosen.sum())
    return _table(
        ["shared_id"] * count,
        keys,
        owner[chosen],
        claimant[chosen],
        pa.nulls(count, pa.float64()),
        reason[chosen].tolist(),
    )


def _explained(model: Model, profiles: Profiles, groups: Groups, linked: Linked) -> npt.NDArray[np.bool_]:
    """Which claims are explained by all that is known of the two subjects in the end."""
    owner, claimant = linked.label[groups.contested[0]], linked.label[groups.contested[1]]
    identity = model.identity
    if identity is None or identity.is_explained is None or not len(owner):
        return np.ones(len(owner), bool)
    of_profile = linked.label[groups.of_profile]
    members = Members(of_profile, len(linked.number))
    explained: npt.NDArray[np.bool_] = identity.is_explained(
        gather(model, profiles, of_profile, members, owner, claimant)
    )
    return explained


def _doubts(model: Model, keys: pa.Array, turn: Decisions, linked: Linked, settled: Ints) -> pa.Table:
    """Pairs whose probability is neither low nor high, still apart after the last round."""
    evidence = turn.evidence
    apart = linked.label[evidence.left] != linked.label[evidence.right]
    probability = np.exp2(np.clip(evidence.score, -60, 60)) / (1 + np.exp2(np.clip(evidence.score, -60, 60)))
    doubtful = (probability >= model.thresholds.review) & apart & (turn.rule < 0)
    doubtful &= (linked.number[linked.label[evidence.left]] < 0) | (linked.number[linked.label[evidence.right]] < 0)
    chosen = np.flatnonzero(doubtful & _unjudged(evidence.left, evidence.right, settled))
    part = evidence.take(chosen)
    kinds = model.review_kinds(part).tolist() if model.review_kinds is not None else ["doubtful"] * len(chosen)
    score = pa.array(np.round(part.score, 3), pa.float64())
    return _table(kinds, keys, part.left, part.right, score, reasons(model, part.levels))


def _rule_reviews(model: Model, keys: pa.Array, turn: Decisions, linked: Linked, settled: Ints) -> pa.Table:
    """Likely pairs that a rule sends to review, such as two numbers for what looks like one subject."""
    asks = np.array([rule.verdict == "review" for rule in model.rules] + [False])
    evidence = turn.evidence
    apart = linked.label[evidence.left] != linked.label[evidence.right]
    likely = evidence.score >= np.log2(model.thresholds.review / (1.0 - model.thresholds.review))
    likely |= np.array([rule.is_always for rule in model.rules] + [False])[turn.rule]
    chosen = np.flatnonzero(asks[turn.rule] & apart & likely & _unjudged(evidence.left, evidence.right, settled))
    part = evidence.take(chosen)
    kinds = [model.rules[n].kind for n in turn.rule[chosen].tolist()]
    score = pa.array(np.round(part.score, 3), pa.float64())
    return _table(kinds, keys, part.left, part.right, score, reasons(model, part.levels))


def findings(
    groups: Groups, linked: Linked, drifted: Sequence[Drift] = (), cut: dict[str, int] | None = None
) -> pa.Table:
    """[code, detail, count]: what the run could not do as asked, and how often. `cut`: over-long texts by column."""
    rows: list[tuple[str, str, int]] = []
    for name, texts in (cut or {}).items():
        rows.append(
            ("VALUE_CUT", f"column {name}: of texts longer than {LONGEST} characters only these are compared", texts)
        )
    for block, keys, subjects in linked.capped:
        rows.append(("BLOCK_CAPPED", f"block {block}: {keys} over-full key(s) skipped", subjects))
    if groups.overshared[0]:
        detail = f"{groups.overshared[0]} number(s) held under too many names: treated as no number"
        rows.append(("NUMBER_OVERSHARED", detail, groups.overshared[1]))
    if len(groups.contested[0]):
        rows.append(("NUMBER_CLAIMED", "subjects that give another subject's number", len(groups.contested[0])))
    if linked.cut:
        rows.append(("LINK_CUT", "accepted links cut because the cluster would break a constraint", linked.cut))
    rows += [("DRIFT", f"{one.sentence}: train again?", round(one.share * 100)) for one in drifted if one.is_over]
    return pa.table(
        {
            "code": pa.array([row[0] for row in rows], pa.string()),
            "detail": pa.array([row[1] for row in rows], pa.string()),
            "count": pa.array([row[2] for row in rows], pa.int64()),
        }
    )
