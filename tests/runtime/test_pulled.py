"""A feed pulled from a department's view walks the night's own way, against a real PostgreSQL at both ends."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from demo.deliveries import deliver
from extractors.__main__ import main
from runtime.settings import read_settings
from runtime.steps import closing, feeds
from runtime.steps.night import Night, StepError
from warehouse import runs
from warehouse.database import Connection

DAY = dt.date(2026, 11, 1)
FEED = "hrss_insured"
ROWS = f"select count(*), md5(string_agg(l::text, '' order by source_key)) from (select {{}} from landing.{FEED}) l"


def night_of(day: dt.date) -> Night:
    return Night.named(date=str(day), feeds=(FEED,), full_rematch=False, dry_run=False)


def run(night: Night) -> None:
    closing.open_run(night)
    batches = feeds.receive(night, FEED)
    feeds.land(night, FEED, feeds.extract(night, FEED, batches))


def landed(conn: Connection) -> tuple[int, str]:
    names = [
        row[0]
        for row in conn.execute(
            "select column_name from information_schema.columns where table_schema = 'landing' and table_name = %s "
            "and column_name not in ('batch_no', 'since_run_id', 'since_date', 'line_no')",
            (FEED,),
        ).fetchall()
    ]
    count, digest = conn.execute(ROWS.format(", ".join(sorted(names)))).fetchone() or (0, "")  # type: ignore[call-overload]
    return int(count), str(digest)


def make_view(conn: Connection, file: Path) -> None:
    """The department's table from what the province delivered, and the view that is pulled."""
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    names = list(lines[0])
    columns = ", ".join(f'"{name}" {"timestamp" if name == "AAE036" else "text"}' for name in names)
    conn.execute(f"create schema department; create table department.insured ({columns})")  # type: ignore[call-overload]
    with conn.cursor().copy("copy department.insured from stdin") as copy:
        for line in lines:
            copy.write_row([line[name] for name in names])
    conn.execute("create view v_hrss_insured as select * from department.insured")


def test_a_view_lands_as_its_file_would_and_only_moves_with_landing(
    conn: Connection, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = read_settings()
    deliver(day=DAY, first=DAY, persons=600, seed=7, inbox=settings.inbox, truth_folder=settings.truth)
    (file,) = settings.inbox.glob(f"{FEED}_*.jsonl")
    make_view(conn, file)
    assert FEED in feeds.waiting(night_of(DAY))
    run(night_of(DAY))
    from_file = landed(conn)
    assert from_file[0] > 500

    # the same rows from the view, the next night: nothing is new
    monkeypatch.setenv("YIDANG_SOURCE_HRSS", database_url)
    file.unlink()
    next(settings.inbox.glob(f"{FEED}_*.json")).unlink()
    assert feeds.waiting(night_of(DAY + dt.timedelta(1))) == [FEED]
    run(night_of(DAY + dt.timedelta(1)))
    assert landed(conn) == from_file
    steps = {step.step: step for step in runs.read_steps(conn, "night-2026-11-02")}
    assert steps["pull"].rows == steps["receive"].rows

    # killed between pulling and landing: pulled again, and landed once
    conn.execute("update department.insured set \"AAE140\" = '410', \"AAE036\" = '2026-11-02 03:00' where ctid in "
                 "(select ctid from department.insured where \"AAE140\" = '110' limit 1)")  # fmt: skip
    night = night_of(DAY + dt.timedelta(2))
    closing.open_run(night)
    assert feeds.receive(night, FEED) == ["20261103-001"]
    assert feeds.receive(night, FEED) == ["20261103-001"]
    run(night)
    counts = conn.execute(
        "select inserted_count + updated_count from ops.delivery where feed = %s and batch_no = '20261103-001'", (FEED,)
    ).fetchone()
    assert counts == (1,)

    # a source that is down holds this feed, says what to do, and is no longer missed once it answers
    monkeypatch.setenv("YIDANG_SOURCE_HRSS", "postgresql://reader:geheim@127.0.0.1:9/x")
    monkeypatch.setattr("extractors.pull.fault.WAITS", ())
    monkeypatch.setattr("extractors.pull.patiently", lambda attempt, *_: attempt())
    with pytest.raises(StepError, match=r"pull held: SOURCE_DOWN source of hrss_insured: .*Check the server") as told:
        run(night_of(DAY + dt.timedelta(3)))
    assert "geheim" not in str(told.value)
    open_finding = "select count(*) from ops.finding where code = 'SOURCE_DOWN' and state not in ('corrected')"
    assert conn.execute(open_finding).fetchone() == (1,)
    assert main(["pull", FEED, "--as-of", "2026-11-05"]) == 1
    assert "HELD      SOURCE_DOWN" in capsys.readouterr().out
    monkeypatch.setenv("YIDANG_SOURCE_HRSS", database_url)
    run(night_of(DAY + dt.timedelta(4)))
    assert conn.execute(open_finding).fetchone() == (0,)

    # by hand
    assert main(["pull", FEED, "--as-of", "2026-11-06", "--after", "20261103-001"]) == 0
    assert "PULLED    hrss_insured batch 20261106-001" in capsys.readouterr().out
    assert main(["pull"]) == 0
    assert "mr_entity       database  YIDANG_SOURCE_MR (or the Airflow connection yidang_mr): not set here" in capsys.readouterr().out  # fmt: skip
