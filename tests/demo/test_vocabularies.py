"""Every list that names are drawn from says where it is from and under which licence."""

from __future__ import annotations

import pytest

from demo import vocabulary

LISTS = sorted(
    p.name
    for p in vocabulary.FOLDER.iterdir()
    if p.suffix in (".csv", ".txt", ".parquet") and p.name != "APACHE-2.0.txt"
)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_has_source_and_licence(name: str) -> None:
    for page in ("README.md", "LICENCES.md"):
        line = next((x for x in (vocabulary.FOLDER / page).read_text(encoding="utf-8").splitlines() if name in x), "")
        assert any(licence in line for licence in ("Apache-2.0", "MIT", "facts")), f"{page} says nothing of {name}"


def test_the_texts_of_the_licences_are_there() -> None:
    assert "Apache License" in (vocabulary.FOLDER / "APACHE-2.0.txt").read_text()
    assert "Permission is hereby granted" in (vocabulary.FOLDER / "LICENCES.md").read_text()
