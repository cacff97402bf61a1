"""Receiving: what can be trusted becomes a snapshot, everything else is held with what to do, and others go on."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from extractors import snapshot
from extractors.manifest import read_manifest, sm3_of
from extractors.snapshot import find_unknown_files, read_delivery
from tests.extractors.conftest import CONTRACTS, Desk
from tests.extractors.samples import DAY, manifest_of, sample_rows, send, sm3

CARD = CONTRACTS["hrss_card"]
ROWS = sample_rows(CARD, 3)
NEXT = DAY + dt.timedelta(days=1)


def codes(desk: Desk, **more: Any) -> list[str]:
    return [held.code for held in desk.receive(CARD, **more).held]


def test_a_delivery_becomes_a_snapshot_that_nobody_changes(desk: Desk) -> None:
    file = send(CARD, desk.inbox, ROWS)
    content = file.read_bytes()
    received = desk.receive(CARD)
    (delivery,) = received.deliveries
    assert received.held == []
    assert delivery.folder == desk.snapshots / "hrss_card" / "20261101-001"
    assert (delivery.batch_no, delivery.business_date, delivery.mode, delivery.row_count) == (
        "20261101-001",
        DAY,
        "full",
        3,
    )
    assert delivery.file.read_bytes() == content
    assert delivery.file_sm3 == sm3(content)
    assert {path.stat().st_mode & 0o777 for path in delivery.folder.iterdir()} == {0o400}
    assert delivery.folder.stat().st_mode & 0o777 == 0o700
    assert file.exists()  # the inbox is left as it is
    assert read_delivery(desk.snapshots, "hrss_card", "20261101-001") == delivery


def test_receiving_twice_has_no_effect(desk: Desk) -> None:
    send(CARD, desk.inbox, ROWS)
    first = desk.receive(CARD).deliveries
    times = {path: path.stat().st_mtime_ns for path in first[0].folder.iterdir()}
    assert desk.receive(CARD).deliveries == first  # received but not loaded: taken again, from the same snapshot
    assert {path: path.stat().st_mtime_ns for path in first[0].folder.iterdir()} == times
    loaded = {first[0].batch_no: first[0].file_sm3}
    again = desk.receive(CARD, loaded)
    assert again.deliveries == []
    assert [(held.code, held.is_grave) for held in again.held] == [("SEEN_BEFORE", False)]


def test_the_same_content_under_another_number_has_no_effect(desk: Desk) -> None:
    first = send(CARD, desk.inbox, ROWS)
    loaded = {"20261101-001": sm3_of(first)}
    send(CARD, desk.inbox, ROWS, number=2)
    assert codes(desk, known=loaded) == ["SEEN_BEFORE", "SEEN_BEFORE"]
    # An empty delta is a delivery of its own each day, and a department may go back to an earlier state as a whole.
    empty = send(CARD, desk.inbox, [], mode="delta", day=NEXT)
    loaded["20261102-001"] = sm3_of(empty)
    send(CARD, desk.inbox, [], mode="delta", day=NEXT, number=2)
    back = NEXT + dt.timedelta(days=1)
    send(CARD, desk.inbox, ROWS, day=back)
    assert [delivery.batch_no for delivery in desk.receive(CARD, loaded).deliveries] == ["20261102-002", "20261103-001"]


def test_several_deliveries_come_in_their_order_and_later_days_wait(desk: Desk) -> None:
    for day, number in ((NEXT, 1), (DAY, 2), (DAY, 1)):
        send(CARD, desk.inbox, sample_rows(CARD, number + 10 * day.day), day=day, number=number)
    assert [d.batch_no for d in desk.receive(CARD, to=NEXT).deliveries] == [
        "20261101-001",
        "20261101-002",
        "20261102-001",
    ]
    assert [d.batch_no for d in desk.receive(CARD, to=DAY).deliveries] == ["20261101-001", "20261101-002"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"file_sm3": "0" * 64}, "HASH_WRONG"),
        ({"feed": "ps_person"}, "MANIFEST_BROKEN"),
        ({"file_name": "hrss_card_20261101_20261101-009.csv"}, "MANIFEST_BROKEN"),
        ({"schema_version": "9"}, "SCHEMA_UNKNOWN"),
        ({"row_count": -1}, "MANIFEST_BROKEN"),
        ({"row_count": "3"}, "MANIFEST_BROKEN"),
        ({"row_count": 3.0}, "MANIFEST_BROKEN"),
        ({"batch_no": "1"}, "MANIFEST_BROKEN"),
        ({"mode": "some"}, "MANIFEST_BROKEN"),
        ({"business_date": "2026-13-01"}, "MANIFEST_BROKEN"),
        ({"colour": "blue"}, "MANIFEST_BROKEN"),
    ],
)  # fmt: skip
def test_a_wrong_manifest_holds_its_delivery_and_no_other(desk: Desk, change: dict[str, Any], code: str) -> None:
    send(CARD, desk.inbox, ROWS, **change)
    send(CARD, desk.inbox, sample_rows(CARD, 5), number=2)
    received = desk.receive(CARD)
    assert code in [held.code for held in received.held]
    assert [delivery.batch_no for delivery in received.deliveries] == ["20261101-002"]
    assert not (desk.snapshots / "hrss_card" / "20261101-001").exists()
    assert all(held.is_grave and "20261101" in held.message for held in received.held)


def test_a_manifest_that_is_no_json_names_no_content(desk: Desk) -> None:
    file = send(CARD, desk.inbox, ROWS)
    manifest_of(file).write_text('{"feed": "hrss_card", "sender": "钱子子')
    (held,) = desk.receive(CARD).held
    assert (held.code, held.file_name) == ("MANIFEST_BROKEN", file.name)


def test_without_a_manifest_nothing_is_taken(desk: Desk) -> None:
    file = send(CARD, desk.inbox, ROWS)
    manifest_of(file).unlink()
    (held,) = desk.receive(CARD).held
    assert held.code == "MANIFEST_MISSING"
    assert manifest_of(file).name in held.message


def test_a_manifest_without_its_file_is_told_unless_the_batch_is_loaded(desk: Desk) -> None:
    file = send(CARD, desk.inbox, ROWS)
    loaded = {"20261101-001": sm3_of(file)}
    file.unlink()
    assert codes(desk) == ["FILE_MISSING"]
    assert codes(desk, known=loaded) == []
    assert codes(desk, to=DAY - dt.timedelta(days=1)) == []


def test_a_mode_that_was_not_agreed_is_held(desk: Desk) -> None:
    aid = CONTRACTS["ca_assist"]
    send(aid, desk.inbox, sample_rows(aid, 1), mode="delta", content=b"x")
    assert [held.code for held in desk.receive(aid).held] == ["MODE_NOT_AGREED"]


def test_a_short_file_is_held_and_taken_when_it_comes_whole(desk: Desk) -> None:
    whole = send(CARD, desk.inbox, ROWS).read_bytes()
    file = send(CARD, desk.inbox, ROWS)
    file.write_bytes(whole[: len(whole) // 2])
    assert codes(desk) == ["HASH_WRONG"]
    assert list((desk.snapshots / "hrss_card").iterdir()) == []
    file.write_bytes(whole)
    assert [delivery.batch_no for delivery in desk.receive(CARD).deliveries] == ["20261101-001"]


def test_a_file_that_is_still_being_written_waits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    file = send(CARD, desk.inbox, ROWS)
    part = file.rename(file.with_suffix(".csv.part"))
    assert "STILL_WRITTEN" in codes(desk)
    part.rename(file)

    copy = shutil.copyfile

    def grow_while_copied(source: Path, target: Path) -> None:
        copy(source, target)
        with source.open("ab") as stream:
            stream.write(b"more")

    with monkeypatch.context() as patch:
        patch.setattr(snapshot.shutil, "copyfile", grow_while_copied)
        assert codes(desk) == ["STILL_WRITTEN"]
    file = send(CARD, desk.inbox, ROWS)
    assert codes(desk) == []


def test_a_number_that_was_loaded_is_not_used_again(desk: Desk) -> None:
    first = send(CARD, desk.inbox, ROWS)
    loaded = {"20261101-001": sm3_of(first)}
    send(CARD, desk.inbox, sample_rows(CARD, 4))
    received = desk.receive(CARD, loaded)
    assert [held.code for held in received.held] == ["BATCH_REUSED"]
    assert "new number" in received.held[0].message


def test_two_files_under_one_number_the_first_is_taken(desk: Desk) -> None:
    send(CARD, desk.inbox, ROWS)
    other = send(CARD, desk.inbox, sample_rows(CARD, 4), number=2, batch_no="20261101-001")
    received = desk.receive(CARD)
    assert [delivery.row_count for delivery in received.deliveries] == [3]
    assert [(held.code, held.file_name) for held in received.held] == [("BATCH_REUSED", other.name)]


def test_what_was_never_loaded_may_be_corrected_under_its_number(desk: Desk) -> None:
    """The broken delivery was received and held later (wrong encoding, wrong count, a gate's stop); it is kept aside."""
    send(CARD, desk.inbox, ROWS)
    (broken,) = desk.receive(CARD).deliveries
    content = broken.file.read_bytes()
    send(CARD, desk.inbox, sample_rows(CARD, 5))
    (corrected,) = desk.receive(CARD).deliveries
    assert (corrected.batch_no, corrected.row_count) == ("20261101-001", 5)
    assert read_delivery(desk.snapshots, "hrss_card", "20261101-001") == corrected
    (aside,) = (desk.snapshots / "hrss_card").glob("*.replaced-1")
    assert (aside / broken.file.name).read_bytes() == content
    # Only the manifest was wrong: the same file with another count is a correction too.
    send(CARD, desk.inbox, sample_rows(CARD, 5), row_count=6)
    (again,) = desk.receive(CARD).deliveries
    assert again.row_count == 6
    assert len(list((desk.snapshots / "hrss_card").glob("*.replaced-*"))) == 2


def test_a_gap_in_the_numbers_holds_the_delta_behind_it_until_it_is_closed(desk: Desk) -> None:
    loaded = {"20261101-001": "a" * 64}
    for number in (1, 3):
        send(CARD, desk.inbox, sample_rows(CARD, number), mode="delta", day=NEXT, number=number)
    received = desk.receive(CARD, loaded)
    assert [delivery.batch_no for delivery in received.deliveries] == ["20261102-001"]
    assert [(held.code, held.batch_no) for held in received.held] == [("BATCH_MISSING", "20261102-003")]
    assert "20261102-002" in received.held[0].message
    send(CARD, desk.inbox, sample_rows(CARD, 2), mode="delta", day=NEXT, number=2)
    numbers = ["20261102-001", "20261102-002", "20261102-003"]
    assert [delivery.batch_no for delivery in desk.receive(CARD, loaded).deliveries] == numbers
    # A full file says all there is, whatever is missing before it.
    send(CARD, desk.inbox, sample_rows(CARD, 9), day=NEXT, number=7)
    assert desk.receive(CARD, loaded).deliveries[-1].batch_no == "20261102-007"


def test_a_manifest_may_name_the_batch_before_it_over_days(desk: Desk) -> None:
    send(CARD, desk.inbox, sample_rows(CARD, 2), mode="delta", day=NEXT, previous_batch_no="20261101-004")
    assert codes(desk, known={"20261101-003": "a" * 64}) == ["BATCH_MISSING"]
    assert codes(desk, known={"20261101-004": "a" * 64}) == []


def test_a_late_delta_is_taken_and_an_outdated_full_file_is_not(desk: Desk) -> None:
    loaded = {"20261102-001": "a" * 64}
    send(CARD, desk.inbox, sample_rows(CARD, 2), mode="delta")
    assert [delivery.batch_no for delivery in desk.receive(CARD, loaded).deliveries] == ["20261101-001"]
    send(CARD, desk.inbox, sample_rows(CARD, 2), mode="full")
    (held,) = desk.receive(CARD, loaded).held
    assert held.code == "OLDER_THAN_LOADED"


def test_a_copy_that_was_interrupted_is_made_anew(desk: Desk) -> None:
    send(CARD, desk.inbox, ROWS)
    left = desk.snapshots / "hrss_card" / ".20261101-001.partial"
    left.mkdir(parents=True)
    (left / "rest").write_bytes(b"half")
    (delivery,) = desk.receive(CARD).deliveries
    assert sorted(path.name for path in delivery.folder.iterdir()) == [
        "hrss_card_20261101_20261101-001.csv",
        "manifest.json",
    ]
    assert not left.exists()


def test_feeds_do_not_see_each_others_files(desk: Desk) -> None:
    send(CARD, desk.inbox, ROWS)
    person = CONTRACTS["ps_person"]
    send(person, desk.inbox, sample_rows(person, 2))
    assert [delivery.feed for delivery in desk.receive(person).deliveries] == ["ps_person"]


def test_files_of_no_feed_are_told(desk: Desk) -> None:
    send(CARD, desk.inbox, ROWS)
    (desk.inbox / "zz_other_20261101.csv").write_bytes(b"x")
    (desk.inbox / ".hidden").write_bytes(b"x")
    (desk.inbox / "folder").mkdir()
    (held,) = find_unknown_files(CONTRACTS, desk.inbox)
    assert (held.code, held.file_name) == ("FEED_UNKNOWN", "zz_other_20261101.csv")
    assert "hrss_card" in held.message


def test_a_delivery_that_was_never_received_is_not_found(desk: Desk) -> None:
    with pytest.raises(FileNotFoundError):
        read_delivery(desk.snapshots, "hrss_card", "20261101-001")


def test_sm3_is_the_standards(tmp_path: Path) -> None:
    """GB/T 32905: SM3("abc")."""
    (tmp_path / "abc").write_bytes(b"abc")
    assert sm3_of(tmp_path / "abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    manifest = {
        "feed": "hrss_card", "batch_no": "20261101-001", "business_date": "2026-11-01", "mode": "full", "row_count": 1, "file_name": "a.csv",
        "file_sm3": "A" * 64, "sender": "某厅", "schema_version": "1",
    }  # fmt: skip
    (tmp_path / "m.json").write_text(json.dumps(manifest))
    assert read_manifest(tmp_path / "m.json").row_count == 1
