"""Correction files from a night of the pretend province: only a department's own rows, locked away, and answered back."""

from __future__ import annotations

import datetime as dt
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.deliveries import deliver
from extractors.contract import load_contracts
from quality.corrections import ABOUT, ANSWER, NOTE, NUMBER
from runtime import corrections
from runtime.settings import read_settings
from runtime.steps import closing, feeds, findings, subjects
from runtime.steps.night import Night
from tests.quality.answered import save, sheets_of
from warehouse.database import Connection, WarehouseError, connect
from warehouse.migrate import migrate

DAY = dt.date(2026, 11, 1)
FEEDS = ("ps_person", "hrss_card", "nhsa_insured")


@pytest.fixture(scope="module")
def province(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Connection, Path]]:
    """One published night of three feeds, its findings followed."""
    with pytest.MonkeyPatch.context() as patched:
        home = tmp_path_factory.mktemp("home")
        patched.setenv("YIDANG_HOME", str(home))
        patched.setenv("YIDANG_DATABASE_URL", database_url)
        migrate(database_url)
        settings = read_settings()
        deliver(day=DAY, first=DAY, persons=300, seed=7, inbox=settings.inbox, truth_folder=settings.truth)
        night = Night.named(date=str(DAY), feeds=FEEDS, full_rematch=False, dry_run=False)
        closing.open_run(night)
        for feed in FEEDS:
            feeds.land(night, feed, feeds.extract(night, feed, feeds.receive(night, feed)))
        for subject in subjects.SUBJECTS:
            subjects.match(night, subject)
            subjects.master(night, subject)
        closing.publish(night)
        findings.follow(night)
        with connect(database_url) as conn:
            conn.execute("update ops.run set state = 'success'")
            yield conn, home


def make(conn: Connection, department: str, path: Path) -> dict[str, list[list[Any]]]:
    made = corrections.write_correction_file(
        conn, department, path, made_by="engineer", reason="asked for by the department", as_of=DAY
    )
    assert made is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    sheets = sheets_of(path)
    assert made.findings == sum(len(lines) - 1 for name, lines in sheets.items() if name != ABOUT)
    return sheets


def test_rules_over_departments_become_findings(province: tuple[Connection, Path]) -> None:
    conn, _ = province
    told = conn.execute("select distinct origin from ops.finding").fetchall()
    assert {"delivery", "across"} <= {origin for (origin,) in told}
    assert conn.execute("select count(*) from ops.finding where department <> split_part(feed, '_', 1)").fetchone() == (
        0,
    )


def test_a_file_holds_a_departments_own_rows_under_its_own_names(
    province: tuple[Connection, Path], tmp_path: Path
) -> None:
    conn, _ = province
    sheets = make(conn, "hrss", tmp_path / "hrss.xlsx")
    contract = load_contracts()["hrss_card"]
    assert set(sheets) == {ABOUT, contract.title}
    head, *lines = sheets[contract.title]
    own = {column.source for column in contract.columns}
    assert {"发卡地区", "社保卡号"} <= set(head)
    cells = [dict(zip(head, line, strict=True)) for line in lines]
    assert {c["列名"] for c in cells} <= own | {""}
    keys = {(a, n) for a, n in conn.execute("select issue_area_code, card_number from landing.hrss_card").fetchall()}
    with_key = [c for c in cells if c["社保卡号"]]
    assert with_key
    landed = [c for c in with_key if "退回" not in c["问题"]]
    assert sum((c["发卡地区"], c["社保卡号"]) in keys for c in landed) > 0.95 * len(landed)  # some areas came as names
    assert all(c["问题"] and c["处理建议"] and c["首次发现"] for c in cells)
    others = conn.execute(
        "select id_number from landing.ps_person where id_number not in "
        "(select id_number from landing.hrss_card where id_number is not null)"
    ).fetchall()
    written = "\n".join(str(cell) for line in lines for cell in line)
    assert not [number for (number,) in others if number in written]
    audit = "select department, made_by, reason, finding_count, file_sm3 is not null from audit.correction_file"
    assert ("hrss", "engineer", "asked for by the department", len(lines), True) in conn.execute(audit).fetchall()


def test_an_answer_file_is_read_strictly_and_moves_states(province: tuple[Connection, Path], tmp_path: Path) -> None:
    conn, _ = province
    sheets = make(conn, "nhsa", tmp_path / "nhsa.xlsx")
    title = load_contracts()["nhsa_insured"].title
    head = sheets[title][0]
    number, answer, note = (head.index(name) for name in (NUMBER, ANSWER, NOTE))
    lines = sheets[title]
    states = "select state, count(*) from ops.finding where feed = 'nhsa_insured' group by 1"
    before = dict(conn.execute(states).fetchall())

    def refused(fault: str, name: str) -> None:
        with pytest.raises(WarehouseError, match=fault) as told:
            corrections.take_answer_file(conn, save(tmp_path / name, sheets), taken_by="steward", as_of=DAY)
        assert "Nothing was changed" in str(told.value)
        assert dict(conn.execute(states).fetchall()) == before

    lines[1][answer] = "已改"
    refused("row 2: the answer is none of", "a.xlsx")
    lines[1][answer] = "有异议"
    refused("row 2: this answer needs a note", "b.xlsx")
    lines[1][note] = "号码与证件一致"
    lines[2][answer], lines[2][number] = "已更正", "F12"
    refused("row 3: 问题编号 is damaged", "c.xlsx")
    lines[2][number] = str(
        conn.execute("select min(finding_id) from ops.finding where feed = 'ps_person'").fetchone()[0]
    )  # type: ignore[index]
    refused("row 3: this correction file did not carry that finding", "d.xlsx")
    lines[2][number] = lines[1][number]
    refused("answered more than once", "e.xlsx")
    lines[2] = [*lines[3][:answer], "已更正", ""]
    del lines[3]
    head[2] += "x"
    refused("the columns are not those that were sent", "f.xlsx")
    head[2] = head[2].removesuffix("x")
    wrong = tmp_path / "g.xlsx"
    wrong.write_bytes(b"PK no workbook")
    with pytest.raises(WarehouseError, match="cannot be read as xlsx"):
        corrections.take_answer_file(conn, wrong, taken_by="steward", as_of=DAY)
    taken = corrections.take_answer_file(conn, save(tmp_path / "h.xlsx", sheets), taken_by="steward", as_of=DAY)
    assert (taken.answered, taken.accepted, taken.disputed) == (1, 0, 1)
    after = dict(conn.execute(states).fetchall())
    assert (after["answered"], after["disputed"]) == (1, 1)


def test_nothing_is_left_where_a_file_cannot_be_made(
    province: tuple[Connection, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    conn, _ = province
    before = conn.execute("select count(*) from audit.correction_file").fetchall()
    with pytest.raises(WarehouseError, match="no department"):
        make(conn, "none", tmp_path / "x.xlsx")

    def broken(*_: Any, **__: Any) -> bytes:
        raise OSError("disk full")

    monkeypatch.setattr(corrections, "make_file", broken)
    with pytest.raises(OSError, match="disk full"):
        make(conn, "ps", tmp_path / "y.xlsx")
    assert list(tmp_path.iterdir()) == []
    assert conn.execute("select count(*) from audit.correction_file").fetchall() == before
    assert conn.execute("select count(*) from ops.finding where department = 'ps' and state = 'sent'").fetchone() == (
        0,
    )
