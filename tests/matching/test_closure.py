"""Law 3 where a delta run must follow much: namesakes, houses of many, blocks that become over-full and are so no longer.

The records are those of the histories, crowded together: a few names, addresses and telephones for a third of them, and
blocks that hold far less than in a province, so that keys cross their limit in both directions many times a history.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from matching import state
from matching.blocking import find
from matching.entries import find_entries, kinds_of
from matching.evidence import gather
from matching.former import Former
from matching.groups import decide
from matching.keys import Members
from matching.model import Block, Model
from matching.resolve import load_model, prepare
from matching.state import Signature
from tests.matching.served import AS_OF, SETTING, Row, Served, made
from tests.matching.subjects import citizen
from tests.matching.test_histories import assert_as_rebuilt, play

RECORDS = 800
SHARED = ("name", "address", "phone", "household_no", "area_code", "birth_date", "legal_rep_name")
MOST = 30
"""Pairs of a key in these tests; 4,000 in the models."""


def crowded(subject: str) -> Model:
    """The subject's model with blocks that are soon over-full."""
    model = load_model(subject)
    blocks = tuple(replace(block, most_pairs=MOST) for block in model.blocks if isinstance(block, Block))
    return replace(model, blocks=blocks)


def crowd(chance: np.random.Generator, rows: list[Row], share: float) -> list[Row]:
    """The same records, a share of which have a name, an address ... of a few that many have; many lose their number."""
    few = {field: [rows[int(n)].get(field) for n in chance.integers(0, len(rows), 6)] for field in SHARED}
    for row in rows:
        for field in SHARED:
            if row.get(field) is not None and chance.random() < share:
                row[field] = few[field][int(chance.integers(6))]
        if chance.random() < share / 2:
            row |= {field: None for field in ("id_number", "uscc", "organisation_code") if field in row}
    return rows


@pytest.mark.parametrize(("subject", "seed"), [("person", 1), ("person", 4), ("enterprise", 2)])
def test_crowded_histories_serve_what_a_rebuild_serves(
    tmp_path: Path, subject: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "TAKES_IN", seed % 4)  # segments are taken in on the way, or every one is kept
    chance = np.random.default_rng(seed)
    rows = crowd(chance, made(subject, seed, RECORDS), 0.15)
    chance.shuffle(rows)
    assert_as_rebuilt(play(chance, rows, 4, tmp_path, crowded(subject)))


PHONE = "13800000001"


def of_one_telephone(others: int) -> dict[str, Row]:
    """One woman with her number and once without it, and so many others, all under one telephone."""
    woman: Row = {"name": "王秀英", "birth_date": "1980-05-06", "phone": PHONE, "area_code": "510107"}
    rows = [woman | {"id_number": citizen("510107", "19800506", 902)}, dict(woman)]
    for n in range(others):
        born = f"19{10 + n % 80}0{1 + n // 80}01"
        rows.append(
            {
                "name": "李" + "一二三四五六七八九十"[n % 10] + "甲乙丙丁戊己庚辛壬癸子丑寅卯"[n // 10],
                "phone": PHONE,
                "birth_date": born,
            }
        )
        rows[-1]["id_number"] = citizen("510104", born, 901)
    return {f"row:{n:03}": {"record_key": f"row:{n:03}", **row} for n, row in enumerate(rows)}


@pytest.mark.parametrize(("before", "after"), [(2, 30), (30, 2), (30, 130)])
@pytest.mark.parametrize("blocks", [("telephone",), ("telephone", "name and birth date")])
def test_others_of_a_telephone_come_or_go(tmp_path: Path, blocks: tuple[str, ...], before: int, after: int) -> None:
    """Nobody who comes or goes is like the woman, yet they decide whether her telephone tells her, and how much."""
    model = load_model("person")
    few = (
        replace(one, most_pairs=8, refine=()) for one in model.blocks if isinstance(one, Block) and one.name in blocks
    )
    served = Served(replace(model, blocks=tuple(few)), tmp_path)
    served.records = of_one_telephone(before)
    served.begin()
    linked = served.links
    old, new = served.records, of_one_telephone(after)
    served.records = new
    served.run(sorted(set(old) ^ set(new)))
    assert_as_rebuilt(served)
    is_capped = blocks == ("telephone",) and (before, after) == (30, 130)
    assert is_capped or {link for link in linked if "row:001" in link[:2]} != {
        link for link in served.links if "row:001" in link[:2]
    }


@pytest.mark.parametrize("is_growing", [True, False])
def test_keys_of_crowded_histories_cross_their_limit(tmp_path: Path, is_growing: bool) -> None:
    """The test above would show nothing otherwise: from half of the records to all, and back."""
    chance = np.random.default_rng(1)
    model = crowded("person")
    rows = {str(row["record_key"]): row for row in crowd(chance, made("person", 1, RECORDS), 0.15)}
    half = dict(sorted(rows.items())[::2])
    served = Served(model, tmp_path)
    served.records = half if is_growing else rows
    served.begin()
    assert served.state is not None
    former = Former(served.state, kinds_of(model))
    served.records = rows if is_growing else half
    prepared = prepare(served.table(sorted(served.records)), model, SETTING)
    now = find_entries(model, prepared.profiles, prepared.groups)
    keys = served.state.units_at(served.state.places_of(pa.array(sorted(half)[::2], pa.string())))
    former.take_in(keys)
    former.ask(now.key)
    assert len(former.turned(now))


def test_a_namesake_elsewhere_is_compared_and_not_decided(tmp_path: Path) -> None:
    """Who only shares a name and a county with a changed record keeps its links, and is not looked at."""
    model = load_model("person")
    rows = made("person", 3, RECORDS)
    name, county = "王秀英", "510107"
    for n, row in enumerate(rows[:200]):
        row |= {"name": name, "area_code": county, "birth_date": None, "former_name": None}
        row |= {"phone": None, "address": None, "household_no": None, "card_number": None, "id_number": None}
        if n % 40:
            row["id_number"] = None
    served = Served(model, tmp_path)
    served.records = {str(row["record_key"]): row for row in rows}
    served.begin()
    changed = str(rows[0]["record_key"])
    served.records[changed] = {**rows[0], "phone": "13800000000"}
    served.run([changed])
    assert served.looked < 20
    assert_as_rebuilt(served)
    assert served.state is not None
    assert served.state.signature == Signature.of(model, AS_OF)


@pytest.mark.parametrize("subject", ["person", "enterprise"])
def test_no_rule_looks_at_numbers_of_holders(subject: str) -> None:
    """Whether a pair is live must not hang on who else holds a value: a night would have to look at all who do."""
    model = load_model(subject)
    served = crowd(np.random.default_rng(5), made(subject, 5, RECORDS), 0.15)
    names = ["record_key", *model.required, *model.optional]
    table = pa.table({name: pa.array([row.get(name) for row in served], pa.string()) for name in names})
    prepared = prepare(table, model, SETTING)
    profiles, groups = prepared.profiles, prepared.groups
    found = find(model, profiles, groups.of_profile, groups.is_open)
    members = Members(groups.of_profile, groups.count)
    evidence = gather(model, profiles, groups.of_profile, members, found.left, found.right)
    usual, _ = decide(model.rules, evidence)
    counted = [n for n, one in enumerate(model.comparisons) if one.frequency and not one.is_stored]
    assert np.isfinite(evidence.share[:, counted]).any()
    evidence.share[:, counted] = 0.5
    other, _ = decide(model.rules, evidence)
    assert len(usual) > 100
    assert (usual == other).all()
