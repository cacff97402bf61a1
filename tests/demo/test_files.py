"""The files of a day: same seed same bytes, manifests that hold, truth of every row and nowhere near the inbox."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from demo.deliveries import FEEDS
from extractors.contract import load_contracts
from extractors.manifest import read_manifest, sm3_of
from runtime.settings import ROOT
from tests.demo.conftest import Province, key_of

SMALL = 2_000


def begin_deliver(folder: Path, day: str, seed: int) -> subprocess.Popen[bytes]:
    """`python -m demo deliver` in a process of its own."""
    command = [
        sys.executable, "-m", "demo", "deliver", "--date", day, "--first", "2026-11-01", "--persons", str(SMALL),
        "--seed", str(seed), "--inbox", str(folder / "inbox"), "--truth", str(folder / "truth"),
    ]  # fmt: skip
    return subprocess.Popen(command, cwd=ROOT)


def hashes(folder: Path) -> dict[str, str]:
    """sha256 of every file below a folder."""
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.rglob("*.*"))}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    """Two processes, two days; another seed gives other files."""
    for day, folders in (("2026-11-01", {"one": 7, "two": 7, "other": 8}), ("2026-11-02", {"one": 7, "two": 7})):
        running = [begin_deliver(tmp_path / name, day, seed) for name, seed in folders.items()]
        assert [process.wait() for process in running] == [0] * len(running)
    one, two, other = (hashes(tmp_path / name) for name in ("one", "two", "other"))
    assert one == two
    assert sum("20261102" in name for name in one) >= 4
    assert len(other) == 2 * len(FEEDS) + 2
    same = [name for name in one if one[name] == other.get(name)]
    assert same == []


def test_manifests_hold(province: Province) -> None:
    for feed in FEEDS:
        manifest = read_manifest(next(province.inbox.glob(f"{feed}_*.manifest.json")))
        path = province.inbox / manifest.file_name
        assert manifest.row_count == len(province.files[feed])
        assert manifest.file_sm3 == sm3_of(path)
        assert manifest.mode == "full"
        assert str(manifest.business_date) == "2026-11-01"
        if "sm3" in hashlib.algorithms_available:
            assert manifest.file_sm3 == hashlib.new("sm3", path.read_bytes()).hexdigest()


@pytest.mark.parametrize("feed", sorted(FEEDS))
def test_truth_covers_every_row(province: Province, feed: str) -> None:
    sent = {key_of(feed, row) for row in province.files[feed]}
    told = {key for name, key in province.record if name == feed}
    assert sent == told
    assert {province.record[(feed, key)]["subject"] for key in told} == {FEEDS[feed].subject}


@pytest.mark.parametrize("feed", sorted(FEEDS))
def test_rows_sent_twice_are_told(province: Province, feed: str) -> None:
    """Equal rows are duplicates, other content under one key is a conflict; nothing else is there twice."""
    rows: dict[str, Counter[str]] = {}
    for row in province.files[feed]:
        rows.setdefault(key_of(feed, row), Counter())[json.dumps(row, sort_keys=True)] += 1
    again = {key for key, contents in rows.items() if max(contents.values()) > 1}
    conflicting = {key for key, contents in rows.items() if len(contents) > 1}
    assert again == province.keys_with(feed, "duplicate_row")
    assert conflicting == province.keys_with(feed, "key_conflict")
    if len(rows) > 3000:  # of a small file there may be none
        assert again
        assert conflicting


def test_truth_lies_apart(province: Province) -> None:
    strange = [p.name for p in province.inbox.iterdir() if p.name.split("_2026")[0] not in FEEDS]
    assert strange == []
    assert sorted(p.name for p in province.truth.iterdir()) == ["conflict.parquet", "record.parquet"]
    assert not province.truth.is_relative_to(province.inbox)


def test_conflicts_are_what_they_say(province: Province) -> None:
    """Left and right show one number for two subjects, or two numbers for one."""
    contracts = [
        c for feed, c in load_contracts().items() if feed in FEEDS and c.subject == "person" and not c.details_of
    ]
    shown = {c.feed: next(column.english for column in c.columns if column.field == "id_number") for c in contracts}
    numbers: dict[tuple[str, str], set[str]] = {}
    for feed, column in shown.items():
        for row in province.files[feed]:
            value = "".join(c for c in row[column].translate(WIDE).upper() if c in "0123456789X")
            numbers.setdefault((feed, key_of(feed, row)), set()).add(value)
    kinds = Counter(row["kind"] for row in province.conflict)
    assert set(kinds) == {"one_id_two_people", "one_person_two_ids", "id_of_relative"}
    odd = 0
    for row in province.conflict:
        left, right = (row["left_feed"], row["left_key"]), (row["right_feed"], row["right_key"])
        one, two = province.record[left]["subject_id"], province.record[right]["subject_id"]
        shared = bool(numbers[left] & numbers[right])
        is_two_ids = row["kind"] == "one_person_two_ids"
        assert (one == two) == is_two_ids, row["kind"]
        odd += shared == is_two_ids
    assert odd <= 0.02 * len(province.conflict)  # an X written as another letter


WIDE = {0xFF10 + d: str(d) for d in range(10)} | {ord(c): "X" for c in "xＸｘⅩ×*"}
