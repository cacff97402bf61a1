"""Rejected rows are corrected, land once and are traced; the snapshots give the same landing tables byte for byte."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime import rejects, replay
from runtime.settings import read_settings
from runtime.steps import closing, feeds
from runtime.steps.night import Night
from tests.extractors.conftest import CONTRACTS
from tests.extractors.samples import DAY, sample_rows, send, source_of
from tests.warehouse.conftest import EMPTY
from warehouse import runs
from warehouse.database import Connection, connect
from warehouse.digest import digest_of
from warehouse.migrate import migrate

CARD = CONTRACTS["hrss_card"]
FEED = "hrss_card"
NAME, NUMBER = source_of(CARD, "name"), source_of(CARD, "card_number")
SECRETS = ("钱子子", "孙子子", "李子子", "周子子", "赵改正", "5101041980")


@pytest.fixture(scope="module")
def migrated(database_url: str) -> str:
    migrate(database_url, [CARD])
    return database_url


@pytest.fixture
def conn(migrated: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    monkeypatch.setenv("YIDANG_HOME", str(tmp_path))
    monkeypatch.setenv("YIDANG_DATABASE_URL", migrated)
    with connect(migrated) as open_connection:
        open_connection.execute(EMPTY)
        yield open_connection


def night(
    conn: Connection, day: dt.date, rows: list[dict[str, Any]], mode: Any = "full", run_on: dt.date | None = None
) -> None:
    """One night of one feed up to landing, closed as done; a late delivery comes in a night after its day."""
    settings = read_settings()
    settings.inbox.mkdir(parents=True, exist_ok=True)
    send(CARD, settings.inbox, rows, mode=mode, day=day)
    this = Night.named(date=str(run_on or day), feeds=(FEED,), full_rematch=False, dry_run=False)
    closing.open_run(this)
    batches = feeds.extract(this, FEED, feeds.receive(this, FEED))
    feeds.land(this, FEED, batches)
    runs.finish_run(conn, this.run_id, "success", {})


def spoilt() -> list[dict[str, Any]]:
    """Six rows: the second lacks its name, the fourth its key, the last two share a key."""
    rows = [dict(row) for row in sample_rows(CARD, 6)]
    rows[1][NAME] = ""
    rows[3][NUMBER] = ""
    rows[5] |= {column: rows[4][column] for column in (NUMBER, source_of(CARD, "issue_area_code"))}
    return rows


def told(conn: Connection, *arguments: object) -> int:
    return rejects.main(read_settings(), conn, [str(one) for one in arguments])


def correct(conn: Connection, folder: Path, changes: dict[str, dict[str, str]]) -> int:
    """Export, change the rows of these reasons, take the file back in."""
    file = folder / "open.csv"
    file.unlink(missing_ok=True)
    assert told(conn, "export", FEED, file, "--by", "ann", "--why", "clerk asks") == 0
    assert file.stat().st_mode & 0o777 == 0o600
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(row | changes.get(row["reason"], {}) for row in rows)
    return told(conn, "correct", FEED, file, "--by", "ann", "--why", "clerk looked it up")


def count(conn: Connection, query: str) -> Any:
    row = conn.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def test_rejects_are_corrected_land_once_and_are_traced(
    conn: Connection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    night(conn, DAY, spoilt())
    assert count(conn, "select count(*) from landing.hrss_card") == 3
    assert told(conn, "replay", FEED) == 0  # nothing was corrected yet
    assert correct(conn, tmp_path, {"REQUIRED_MISSING": {NAME: "赵改正"}}) == 0
    assert told(conn, "list") == 0
    assert told(conn, "replay", FEED) == 0
    assert "1 loaded (1 new" in capsys.readouterr().out
    assert count(conn, "select count(*) from landing.hrss_card where batch_no = '20261101-001.r001'") == 1
    assert count(conn, "select name from landing.hrss_card where batch_no = '20261101-001.r001'") == "赵改正"
    assert told(conn, "replay", FEED) == 0
    assert "Nothing to replay" in capsys.readouterr().out
    assert count(conn, "select count(*) from landing.hrss_card") == 4
    balance = "select bool_and(read_count = loaded_count + rejected_count + duplicate_count) from ops.delivery"
    assert count(conn, balance) is True
    assert count(conn, "select count(*) from audit.reject_view where viewed_by = 'ann' and reject_count = 3") == 1

    # A row that is still wrong is rejected again, and the trace goes on through both.
    assert correct(conn, tmp_path, {"KEY_MISSING": {NUMBER: "A11111111", NAME: ""}}) == 0
    assert told(conn, "replay", FEED, "--reason", "KEY_MISSING") == 0
    again = count(conn, "select reject_id from ops.reject where origin_reject_id is not null")
    capsys.readouterr()
    assert told(conn, "trace", again) == 0
    trace = capsys.readouterr().out
    assert [line.split()[0] for line in trace.splitlines()] == ["rejected", "corrected", "replayed", "rejected", "open"]
    assert "by ann" in trace
    assert NUMBER in trace
    assert correct(conn, tmp_path, {"REQUIRED_MISSING": {NAME: "李改正"}}) == 0
    assert told(conn, "replay", FEED) == 0
    assert told(conn, "trace", again) == 0
    assert "landed, is current" in capsys.readouterr().out
    assert count(conn, "select count(*) from ops.reject where replay_batch_no is null") == 1  # the other row of the key
    assert told(conn, "trace", 999) == 2
    assert not any(secret in trace for secret in SECRETS)


def test_a_replay_stands_behind_its_delivery_and_before_the_next(conn: Connection, tmp_path: Path) -> None:
    night(conn, DAY, spoilt())
    later = [dict(sample_rows(CARD, 2)[1]) | {NAME: "孙后来", "op": "U"}]
    night(conn, DAY + dt.timedelta(days=1), later, mode="delta")
    assert correct(conn, tmp_path, {"REQUIRED_MISSING": {NAME: "赵改正"}}) == 0
    assert told(conn, "replay", FEED) == 0
    assert count(conn, "select superseded_count from ops.delivery where batch_no = '20261101-001.r001'") == 1
    assert count(conn, "select count(*) from landing.hrss_card where name = '孙后来'") == 1


def test_a_replay_waits_for_a_night_that_runs(conn: Connection, tmp_path: Path) -> None:
    night(conn, DAY, spoilt())
    assert correct(conn, tmp_path, {"REQUIRED_MISSING": {NAME: "赵改正"}}) == 0
    runs.begin_run(conn, "night-2026-11-02", DAY + dt.timedelta(days=1))
    assert told(conn, "replay", FEED) == 2
    assert count(conn, "select count(*) from ops.delivery") == 1
    runs.finish_run(conn, "night-2026-11-02", "failed", {})
    assert told(conn, "replay", FEED) == 0


def test_the_snapshots_give_the_same_tables_byte_for_byte(
    conn: Connection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    night(conn, DAY, spoilt())
    third, second = DAY + dt.timedelta(days=2), DAY + dt.timedelta(days=1)
    rows = sample_rows(CARD, 3)
    night(conn, third, [dict(rows[0]) | {NAME: "钱换名", "op": "U"}, dict(rows[2]) | {"op": "D"}], mode="delta")
    late = [dict(rows[0]) | {NAME: "钱旧名", "op": "U"}, dict(sample_rows(CARD, 8)[7]) | {"op": "I"}]
    night(conn, second, late, mode="delta", run_on=third + dt.timedelta(days=1))
    assert correct(conn, tmp_path, {"REQUIRED_MISSING": {NAME: "赵改正"}}) == 0
    assert told(conn, "replay", FEED) == 0
    capsys.readouterr()
    settings = read_settings()
    assert replay.main(settings, conn, ["--feed", FEED]) == 0
    said = capsys.readouterr().out
    assert said.count(" same") == 2
    assert "4 deliveries" in said
    assert count(conn, "select count(*) from pg_database where datname = 'yidang_replay'") == 0
    assert replay.main(settings, conn, ["--feed", FEED, "--to", str(DAY)]) == 0
    assert "2 deliveries" in capsys.readouterr().out  # the first day's, and the replay of its rejects
    before = digest_of(conn, CARD, FEED)
    conn.execute("update landing.hrss_card set name = '改' where name = '钱换名'")
    assert digest_of(conn, CARD, FEED) != before
    file = next((settings.snapshots / FEED / "20261101-001").glob("*.csv"))
    file.chmod(0o600)
    file.write_bytes(file.read_bytes() + b"x")
    assert replay.main(settings, conn, ["--feed", FEED]) == 2
    assert "was changed after" in capsys.readouterr().err
