"""A contract that may not follow the one a feed landed under is refused, naming the field, before anything is taken by it."""

from __future__ import annotations

import datetime as dt
import sys

import pytest

from extractors.contract import Contract
from runtime.__main__ import main
from runtime.settings import read_settings
from runtime.steps import closing, feeds
from runtime.steps.night import Night, StepError
from tests.extractors.conftest import CONTRACTS
from tests.extractors.samples import sample_rows, send
from tests.extractors.test_compatibility import column, drop_phone, edited
from warehouse.contracts import put_in_force, refused_changes
from warehouse.database import Connection

FEED, DAY = "hrss_card", dt.date(2026, 11, 1)
CARD = CONTRACTS[FEED]


def run(number: int, contract: Contract, monkeypatch: pytest.MonkeyPatch, phone: str = "13800000001") -> None:
    """Receive, extract and land one delivery of a night under a contract."""
    monkeypatch.setattr(feeds, "_contract", lambda _: contract)
    day = DAY + dt.timedelta(days=number)
    inbox = read_settings().inbox
    inbox.mkdir(parents=True, exist_ok=True)
    send(CARD, inbox, [row | {"手机号码": phone} for row in sample_rows(CARD, 12)], day=day)
    night = Night.named(date=str(day), feeds=(FEED,), full_rematch=False, dry_run=False)
    closing.open_run(night)
    batches = feeds.receive(night, FEED)
    feeds.land(night, FEED, feeds.extract(night, FEED, batches))


def in_force(conn: Connection) -> tuple[int, str | None, str | None]:
    row = conn.execute(
        "select length(content::text), run_id, put_by from ops.contract where feed = %s", (FEED,)
    ).fetchone()
    assert row is not None
    return row


def test_an_incompatible_contract_is_refused_until_somebody_answers_for_it(
    conn: Connection, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused_changes(conn, CARD, as_of=DAY) == []  # nothing landed yet: whatever it says, it may be mended
    run(0, CARD, monkeypatch)
    assert in_force(conn)[1:] == ("night-2026-11-01", None)
    wider = edited(lambda c: column(c, "name").update(length=100))
    run(1, wider, monkeypatch, phone="13800000002")
    assert in_force(conn)[1] == "night-2026-11-02"
    without_phone = edited(drop_phone)
    with pytest.raises(
        StepError,
        match=r"(?s)hrss_card\.yml is not compatible .*REFUSED  phone: field removed .*accept-contract hrss_card",
    ):
        run(2, without_phone, monkeypatch, phone="13800000003")
    step = "select state from ops.step where run_id = 'night-2026-11-03' and step = 'receive' and feed = 'hrss_card'"
    assert conn.execute(step).fetchone() == ("failed",)
    assert conn.execute("select count(distinct phone), max(phone) from landing.hrss_card").fetchone() == (
        1,
        "13800000002",
    )
    put_in_force(conn, without_phone, by="steward", why="the department sends phones no longer")
    run(2, without_phone, monkeypatch, phone="13800000003")
    assert conn.execute("select count(*) from ops.delivery where state = 'landed'").fetchone() == (3,)
    assert in_force(conn)[2] == "steward"
    monkeypatch.setattr(sys, "argv", ["runtime", "accept-contract", FEED, "--why", "planned", "--by", "engineer"])
    assert main() == 0
    assert "hrss_card: in force from now on." in capsys.readouterr().out
    assert in_force(conn)[2] == "engineer"
    assert main() == 0
    assert "was in force already" in capsys.readouterr().out


def test_a_contract_that_this_version_no_longer_reads_forbids_nothing(conn: Connection) -> None:
    put_in_force(conn, CARD, run_id="night-1")
    assert refused_changes(conn, edited(drop_phone), as_of=DAY) != []
    conn.execute('update ops.contract set content = \'{"feed": "hrss_card"}\'')
    assert refused_changes(conn, edited(drop_phone), as_of=DAY) == []
