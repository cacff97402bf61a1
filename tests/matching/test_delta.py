"""Law 3: whatever nights the records came in, a delta run serves what a full run of the last night would serve."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from demo import labelled_enterprises, labelled_persons
from demo.chance import Chance
from matching.delta import match_all, rematch
from matching.model import Setting
from matching.resolve import load_model, prepare, settle
from matching.state import Signature, State, open_state

AS_OF = date(2026, 11, 1)
DAY = (AS_OF - date(1970, 1, 1)).days
SETTING = Setting(AS_OF)
Row = dict[str, str | None]


class Served:
    """What is served after each night: clusters and reviews, kept up by delta runs alone."""

    def __init__(self, subject: str, folder: Path) -> None:
        self.model = load_model(subject)
        self.folder = folder
        self.records: dict[str, Row] = {}
        self.clusters: dict[str, frozenset[str]] = {}
        self.reviews: set[tuple[str, ...]] = set()
        self.judgements: pa.Table | None = None
        self.state: State | None = None
        self.looked = 0
        self.night = 0

    def table(self, keys: list[str]) -> pa.Table:
        names = ["record_key", *self.model.required, *self.model.optional]
        rows = [self.records[key] for key in keys]
        return pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names})

    def fetch(self, keys: pa.Array) -> pa.Table:
        return self.table([key for key in keys.to_pylist() if key in self.records])

    def full(self) -> tuple[dict[str, frozenset[str]], set[tuple[str, ...]]]:
        prepared = prepare(self.table(sorted(self.records)), self.model, SETTING, self.judgements)
        outcome = settle(prepared, self.model, judgements=self.judgements)
        return sets_of(outcome.clusters), cases_of(outcome.reviews())

    def begin(self) -> None:
        matched = match_all(self.table(sorted(self.records)), self.model, SETTING, judgements=self.judgements)
        self.state = matched.keep(self.folder / "night-0", Signature.of(self.model, AS_OF))
        self.clusters, self.reviews = sets_of(matched.outcome.clusters), cases_of(matched.outcome.reviews())

    def run(self, changed: list[str]) -> None:
        assert self.state is not None
        self.night += 1
        delta = rematch(
            self.state,
            pa.array(changed, pa.string()),
            self.fetch,
            self.model,
            SETTING,
            judgements=self.judgements,
            most=2.0,
        )
        assert delta is not None
        assert delta.scope is not None
        scope = set(delta.scope.to_pylist())
        self.looked += len(scope)
        self.clusters = {key: held for key, held in self.clusters.items() if key not in scope}
        self.clusters |= sets_of(delta.outcome.clusters)
        self.reviews = {case for case in self.reviews if case[1] not in scope} | cases_of(delta.outcome.reviews())
        self.state = delta.keep(self.folder / f"night-{self.night}", self.state.signature)
        assert self.state == open_state(self.folder / f"night-{self.night}", self.state.signature)
        assert self.state.records == len(self.records)


def sets_of(clusters: pa.Table) -> dict[str, frozenset[str]]:
    members: dict[str, list[str]] = {}
    for key, cluster in zip(*(clusters.column(n).to_pylist() for n in ("record_key", "cluster_id")), strict=True):
        members.setdefault(cluster, []).append(key)
    return {key: whole for keys in members.values() for whole in [frozenset(keys)] for key in keys}


def cases_of(reviews: pa.Table) -> set[tuple[str, ...]]:
    rows = reviews.select(["review_kind", "left_key", "right_key", "score", "reason"]).to_pylist()
    return {tuple(str(value) for value in row.values()) for row in rows}


def made(subject: str, seed: int, count: int) -> list[Row]:
    if subject == "person":
        table = labelled_persons.make(Chance(seed), count, DAY, "dense" if seed % 2 else "spread")[0]
    else:
        table = labelled_enterprises.make(Chance(seed), count, DAY)[0]
    return [dict(row) for row in table.to_pylist()]


def night_of(chance: np.random.Generator, served: Served, waiting: list[Row], size: int) -> list[str]:
    """Some records come, some are corrected by another's values, some go; returns their keys."""
    changed: list[str] = []
    for row in waiting[:size]:
        served.records[str(row["record_key"])] = row
        changed.append(str(row["record_key"]))
    del waiting[:size]
    present = sorted(served.records)
    for _ in range(size // 3):
        key, other = chance.choice(present, 2)
        field = str(chance.choice(served.model.required))
        served.records[key] = served.records[key] | {field: served.records[other].get(field)}
        changed.append(key)
    for key in chance.choice(present, size // 4, replace=False).tolist():
        del served.records[key]
        changed.append(key)
    return sorted(set(changed))


def judge(chance: np.random.Generator, served: Served) -> list[str]:
    """A judgement on two records, or one withdrawn; the keys it is about."""
    known = served.judgements.to_pylist() if served.judgements is not None else []
    if known and chance.random() < 0.3:
        gone = known.pop(int(chance.integers(len(known))))
        keys = [gone["left_key"], gone["right_key"]]
    else:
        one = str(chance.choice(sorted(served.records)))
        mates = sorted(served.clusters.get(one, frozenset()) & set(served.records) - {one})
        other = mates[0] if mates else str(chance.choice(sorted(set(served.records) - {one})))
        known.append(
            {"left_key": one, "right_key": other, "verdict": "not_same" if mates else "same", "source": "test"}
        )
        keys = [one, other]
    columns = ("left_key", "right_key", "verdict", "source")
    served.judgements = pa.table({name: pa.array([row[name] for row in known], pa.string()) for name in columns})
    return keys


@pytest.mark.parametrize(("subject", "seed"), [("person", 1), ("person", 2), ("enterprise", 3)])
def test_nights_end_where_a_full_run_ends(subject: str, seed: int, tmp_path: Path) -> None:
    chance = np.random.default_rng(seed)
    rows = made(subject, seed, 1100)
    chance.shuffle(rows)
    served = Served(subject, tmp_path)
    served.records = {str(row["record_key"]): row for row in rows[:800]}
    served.begin()
    waiting = rows[800:]
    for size in (60, 1, 150):
        changed = night_of(chance, served, waiting, size)
        changed += judge(chance, served)
        served.run(changed)
        clusters, reviews = served.full()
        assert served.clusters == clusters
        assert served.reviews == reviews


def test_a_model_with_other_rules_remembers_nothing() -> None:
    model = load_model("person")
    other = replace(model, rules=model.rules[1:])
    assert Signature.of(other, AS_OF) != Signature.of(model, AS_OF) == Signature.of(load_model("person"), AS_OF)
