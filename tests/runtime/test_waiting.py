"""Which feeds get steps in a night: those with anything in the inbox that has not landed as it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runtime.steps.feeds import has_news

NAME = "dpf_cert_20261101_20261101-001"
LANDED = {"20261101-001": "a" * 64}


def deliver(inbox: Path, **changes: object) -> list[str]:
    """A file and its manifest; the names of all that lies in the inbox."""
    manifest = {
        "feed": "dpf_cert", "batch_no": "20261101-001", "business_date": "2026-11-01", "mode": "full", "row_count": 1,
        "file_name": f"{NAME}.csv", "file_sm3": "A" * 64, "sender": "dpf", "schema_version": "1",
    }  # fmt: skip
    (inbox / f"{NAME}.csv").write_text("x")
    (inbox / f"{NAME}.manifest.json").write_text(json.dumps(manifest | changes))
    return sorted(path.name for path in inbox.iterdir())


def test_what_landed_is_no_news(tmp_path: Path) -> None:
    assert not has_news(tmp_path, [], {})
    assert not has_news(tmp_path, deliver(tmp_path), LANDED)


@pytest.mark.parametrize(
    "changes", [{"batch_no": "20261108-001"}, {"file_sm3": "b" * 64}, {"row_count": "many"}, {"file_name": "other.csv"}]
)
def test_what_is_new_other_or_broken_is_news(tmp_path: Path, changes: dict[str, object]) -> None:
    assert has_news(tmp_path, deliver(tmp_path, **changes), LANDED)


def test_a_file_without_its_manifest_is_news(tmp_path: Path) -> None:
    names = deliver(tmp_path)
    (tmp_path / "dpf_cert_20261108_20261108-001.csv.part").write_text("x")
    assert has_news(tmp_path, [*names, "dpf_cert_20261108_20261108-001.csv.part"], LANDED)
