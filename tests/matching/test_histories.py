"""Law 3 over thousands of small histories: any split into nights, any order, corrections, deletions and judgements.

Families of a few records each stand side by side in one table, so that one example of hypothesis plays hundreds of them.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from matching.model import Model
from matching.resolve import load_model
from matching.state import Signature
from tests.matching.served import AS_OF, Row, Served, made

HISTORIES = 700
"""Histories of an example: a subject, its relatives and namesakes, some four records each."""
RECORDS = 4 * HISTORIES
FIELDS = ("name", "id_number", "birth_date", "phone", "address", "household_no", "uscc", "registration_no")
NUMBERS = ("id_number", "uscc", "registration_no", "organisation_code")


def play(chance: np.random.Generator, rows: list[Row], nights: int, folder: Path, model: Model) -> Served:
    """The nights of all histories: each record comes on a night of its own, some first as something else, some go."""
    served = Served(model, folder)
    arrives = chance.integers(0, nights, len(rows))
    wrong = chance.random(len(rows)) < 0.15
    gone = chance.random(len(rows)) < 0.1
    fields = [f for f in FIELDS if f in served.model.required]
    for night in range(nights):
        changed: list[str] = []
        for place, row in enumerate(rows):
            key = str(row["record_key"])
            is_last = night == nights - 1
            if arrives[place] == night:
                served.records[key] = dict(row)
                if wrong[place] and not is_last:  # it comes with a value of another record, and is corrected later
                    field = str(chance.choice(fields))
                    served.records[key][field] = rows[int(chance.integers(len(rows)))].get(field)
            elif is_last and gone[place] and key in served.records:
                del served.records[key]
            elif is_last and wrong[place] and key in served.records:
                served.records[key] = dict(row)
            else:
                continue
            changed.append(key)
        changed += judge(chance, served)
        if night:
            served.run(sorted(set(changed)))
        else:
            served.begin()
    return served


def misspell(chance: np.random.Generator, rows: list[Row]) -> list[Row]:
    """Some records give a number of another record: as it is, with another last character, of 15 places; or a placeholder."""
    fields = [f for f in NUMBERS if f in rows[0]]
    made = [dict(row) for row in rows]
    for row in made:
        field = str(chance.choice(fields))
        other = str(rows[int(chance.integers(len(rows)))].get(field) or "")
        if chance.random() < 0.06 and len(other) > 6:
            last = str(chance.integers(10))
            wrong = [other, other[:-1] + last, other[:6] + other[8:17], "1" * 18, "12345"]
            row[field] = str(chance.choice(wrong, p=[0.2, 0.4, 0.2, 0.1, 0.1]))
    return made


def judge(chance: np.random.Generator, served: Served) -> list[str]:
    """Judgements of a night in one history out of twenty: same, not same, unsure; one in four earlier ones is withdrawn."""
    known: list[Row] = served.judgements.to_pylist() if served.judgements is not None else []
    kept = [row for row in known if chance.random() < 0.75]
    touched = [str(row[side]) for row in known if row not in kept for side in ("left_key", "right_key")]
    keys = sorted(served.records)
    for one in chance.choice(keys, len(keys) // 80, replace=False).tolist():
        mates = sorted((served.clusters.get(one, frozenset()) - {one}) & set(keys))
        other = str(chance.choice(mates if mates and chance.random() < 0.6 else keys))
        if other == one or any({one, other} == {row["left_key"], row["right_key"]} for row in kept):
            continue
        verdict = str(chance.choice(["same", "not_same", "unsure"], p=[0.4, 0.5, 0.1]))
        kept.append({"left_key": one, "right_key": other, "verdict": verdict, "source": "steward"})
        touched += [one, other]
    columns = ("left_key", "right_key", "verdict", "source")
    served.judgements = pa.table({name: pa.array([row[name] for row in kept], pa.string()) for name in columns})
    return touched


def compare(seed: int, nights: int, folder: Path, subject: str) -> None:
    """Play the histories; what is served after the last night is what a full run says of its records and judgements."""
    chance = np.random.default_rng(seed)
    rows = made(subject, seed % 1000, RECORDS)
    chance.shuffle(rows)
    rows = misspell(chance, rows)
    assert_as_rebuilt(play(chance, rows, nights, folder, load_model(subject)))


def assert_as_rebuilt(served: Served) -> None:
    """What is served is what a full run says of the records and judgements there are."""
    clusters, links, reviews, files = served.full()
    other = {
        key: (sorted(held), sorted(clusters[key])) for key, held in served.clusters.items() if held != clusters[key]
    }
    assert not other, f"{len(other)} records, the first: {min(other.items())}"
    assert served.links == links
    assert served.reviews == reviews
    assert served.files == files
    assert len(served.clusters) == len(served.records)


FEW = settings(
    max_examples=2, deadline=None, phases=[Phase.generate], derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


@FEW
@given(seed=st.integers(0, 2**31), nights=st.integers(2, 4))
def test_any_history_of_persons_serves_what_a_rebuild_serves(
    tmp_path_factory: pytest.TempPathFactory, seed: int, nights: int
) -> None:
    compare(seed, nights, tmp_path_factory.mktemp("histories"), "person")


@FEW
@given(seed=st.integers(0, 2**31), nights=st.integers(2, 3))
def test_any_history_of_enterprises_serves_what_a_rebuild_serves(
    tmp_path_factory: pytest.TempPathFactory, seed: int, nights: int
) -> None:
    compare(seed, nights, tmp_path_factory.mktemp("histories"), "enterprise")


def test_a_model_with_other_rules_remembers_nothing() -> None:
    model = load_model("person")
    other = replace(model, rules=model.rules[1:])
    assert Signature.of(other, AS_OF) != Signature.of(model, AS_OF) == Signature.of(load_model("person"), AS_OF)
