"""Every SQL example of docs/golden-records.md runs on a warehouse of today; its table of authority is the one in force."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from matching.survivorship import read_groups
from warehouse.contents import load_facts
from warehouse.database import Connection

PAGE = (Path(__file__).resolve().parent.parent.parent / "docs" / "golden-records.md").read_text()
BLOCKS = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
EXAMPLES = [s.strip() for block in BLOCKS for s in re.sub(r"--.*", "", block).split(";") if s.strip()]
CHANGE = [s.strip() for s in re.findall(r"```\n(update .*?)```", PAGE, re.DOTALL)[0].split(";") if s.strip()]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_runs(conn: Connection, example: str) -> None:
    assert conn.execute(example.encode()).description


def test_the_example_of_a_new_rule_is_taken(conn: Connection) -> None:
    with conn.transaction(force_rollback=True):
        assert [conn.execute(statement.encode()).rowcount for statement in CHANGE] == [1, 2]


def test_the_page_names_every_group_and_list() -> None:
    assert len(EXAMPLES) >= 15
    groups = {name for subject in ("person", "enterprise") for name in read_groups(subject)} - {
        "place",
        "services",
        "officers",
    }
    words = {"social_insurance": "social insurance", "insured": "insured"}
    assert not [g for g in groups if words.get(g, g) not in PAGE]
    shown = {"address": "person_address", "phone": "person_phone", "marriage": "marriages_of", "birth": "children_of",
             "subsidy": "person_subsidy", "subsidy_payment": "person_subsidy"}  # fmt: skip
    assert not [f.name for f in load_facts() if shown.get(f.name, f.name) not in PAGE]


def test_every_list_stands_in_one_group() -> None:
    named = [fact for subject in ("person", "enterprise") for g in read_groups(subject).values() for fact in g.lists]
    assert sorted(named) == sorted(fact.name for fact in load_facts())
