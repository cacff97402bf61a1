"""Tables and views of PostgreSQL and MariaDB: nothing is lost, nothing comes twice, whatever happens in between."""

from __future__ import annotations

import datetime as dt
import json
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from extractors.pull import PullFault, database, tables
from tests.extractors.pull.conftest import DAY, Department, Office, contract_of

WHOLE = {"by": "whole"}
UPDATES = {"by": "update_time", "column": "GXSJ", "overlap_minutes": 10, "compare_keys_days": 7}
LOG = {"by": "change_log", "table": "small_log", "sequence": "XH", "overlap": 3}


def source(read: dict[str, object], table: str = "small", **more: object) -> dict[str, object]:
    return {"kind": "database", "connection": "hrss", "table": table, "read": read, **more}


def days(count: int) -> dt.date:
    return DAY + dt.timedelta(days=count)


@pytest.mark.parametrize("form", [{"kind": "parquet"}, {"kind": "json_lines"}, {"kind": "csv", "encoding": "utf-8", "bom": True}])  # fmt: skip
def test_a_table_pulled_whole_is_an_ordinary_full_delivery(
    department: Department, office: Office, form: dict[str, object]
) -> None:
    contract = contract_of(source(WHOLE), form)
    department.run(department.insert("A1", "王,小\"明"), department.insert("A2", "阿依\n古丽", "null"))  # fmt: skip
    pulled = office.night(contract, department.url)
    assert (pulled.batches, pulled.rows) == (("20261101-001",), 2)
    assert office.names() == {"A1": '王,小"明', "A2": "阿依\n古丽"}
    assert office.current["A1"]["GXSJ"] == "2026-11-01 08:00:00"
    assert office.current["A2"]["GXSJ"] is None
    department.run("delete from small where kh = 'A1'", department.insert("A3", "李四"))
    assert office.night(contract, department.url).batches == ("20261101-002",)
    assert office.names() == {"A2": "阿依\n古丽", "A3": "李四"}


def test_a_column_that_is_not_taken_is_not_read(department: Department, office: Office) -> None:
    department.run(department.insert("A1", "王小明"))
    office.pull(contract_of(source(WHOLE)), department.url)
    (file,) = office.inbox.glob("*.parquet")
    assert pq.read_table(file)["SY"].to_pylist() == [None]


def test_only_what_changed_comes_and_late_commits_within_the_overlap(department: Department, office: Office) -> None:
    contract = contract_of(source(UPDATES))
    department.run(department.insert("A1", "甲"), department.insert("A2", "乙", "2026-11-01 09:00:00"))
    assert office.night(contract, department.url).rows == 2
    # stamped before the newest landed row, but committed after it was pulled; and a tie with that row
    department.run(
        department.insert("A3", "丙", "2026-11-01 08:55:00"), department.insert("A4", "丁", "2026-11-01 09:00:00")
    )
    pulled = office.night(contract, department.url)
    assert pulled.rows == 3  # the two, and A2 again
    assert office.names() == {"A1": "甲", "A2": "乙", "A3": "丙", "A4": "丁"}


def test_a_row_without_update_time_always_comes(department: Department, office: Office) -> None:
    contract = contract_of(source(UPDATES))
    department.run(department.insert("A1", "甲"))
    office.night(contract, department.url)
    department.run(department.insert("A2", "乙", "null"))
    office.night(contract, department.url)
    assert office.names() == {"A1": "甲", "A2": "乙"}


def test_an_update_time_to_come_hides_nothing(department: Department, office: Office) -> None:
    contract = contract_of(source(UPDATES))
    department.run(department.insert("A1", "甲"), department.insert("A2", "乙", "2037-01-01 00:00:00"))
    pulled = office.night(contract, department.url)
    assert "1 rows bear an update time after the source's own clock" in pulled.note
    department.run(department.insert("A3", "丙", "2026-11-01 08:30:00"))
    office.night(contract, department.url)
    assert office.names() == {"A1": "甲", "A2": "乙", "A3": "丙"}


def test_deletions_are_found_when_all_keys_are_compared(department: Department, office: Office) -> None:
    contract = contract_of(source(UPDATES))
    department.run(*(department.insert(f"A{n}", "甲") for n in range(50)))
    office.night(contract, department.url)
    department.run("delete from small where kh in ('A1', 'A2')", department.insert("B", "壬", "2026-11-02 08:00:00"))
    office.night(contract, department.url, days(1))
    assert {"A1", "A2", "B"} <= set(office.names())  # not yet: the rhythm is seven days
    pulled = office.night(contract, department.url, days(7))
    assert "all keys compared, 2 gone" in pulled.note
    assert len(office.names()) == 49
    department.run(department.insert("A1", "回来", "2026-11-09 08:00:00"))  # and deleted again: the same deletion twice
    office.night(contract, department.url, days(8))
    assert office.names()["A1"] == "回来"
    department.run("delete from small where kh = 'A1'")
    assert "1 gone" in office.night(contract, department.url, days(14)).note
    assert "A1" not in office.names()


def test_a_view_that_shows_too_little_deletes_nothing_behind_the_gates_back(
    department: Department, office: Office
) -> None:
    contract = contract_of(source(UPDATES))
    department.run(*(department.insert(f"A{n}", "甲") for n in range(50)))
    office.night(contract, department.url)
    department.run("delete from small where left(kh, 2) = 'A1'")
    office.pull(contract, department.url, days(7))
    (manifest,) = office.inbox.glob("*.manifest.json")
    assert json.loads(manifest.read_text())["mode"] == "full"  # which the gate compares with the one before


def test_a_commit_later_than_the_overlap_is_found_with_the_keys(department: Department, office: Office) -> None:
    contract = contract_of(source(UPDATES))
    department.run(department.insert("A1", "甲"), department.insert("A2", "乙", "2026-11-01 12:00:00"))
    office.night(contract, department.url)
    department.run(department.insert("A3", "丙", "2026-11-01 08:00:00"))
    office.night(contract, department.url, days(1))
    assert "A3" not in office.names()
    office.night(contract, department.url, days(7))
    assert office.names() == {"A1": "甲", "A2": "乙", "A3": "丙"}


def test_what_did_not_land_is_pulled_again(department: Department, office: Office) -> None:
    contract = contract_of(source(UPDATES))
    department.run(department.insert("A1", "甲"))
    office.night(contract, department.url)
    department.run(department.insert("A2", "乙", "2026-11-01 09:00:00"))
    assert office.pull(contract, department.url).batches == ("20261101-002",)  # and killed before it landed
    department.run(department.insert("A3", "丙", "2026-11-01 09:30:00"))
    assert office.pull(contract, department.url).rows == 3  # the first pull's row is among them, and A1 again
    assert len(list(office.inbox.glob("*.parquet"))) == 1
    office.land(contract)
    assert office.names() == {"A1": "甲", "A2": "乙", "A3": "丙"}
    assert len(office.known) == 2


def test_without_the_snapshots_everything_is_pulled_anew(department: Department, office: Office) -> None:
    contract = contract_of(source(UPDATES))
    department.run(department.insert("A1", "甲"))
    office.night(contract, department.url)
    (office.folder / "snapshots").rename(office.folder / "lost")
    department.run("delete from small where kh = 'A1'", department.insert("A2", "乙"))
    office.night(contract, department.url)
    assert office.names() == {"A2": "乙"}


def test_a_change_log_gives_the_newest_change_of_each_key(department: Department, office: Office) -> None:
    contract = contract_of(source(LOG))
    department.run(
        "drop table if exists small_log", "create table small_log as select 0 as xh, 'I' as cz, small.* from small",
    )  # fmt: skip

    def log(number: int, op: str, key: str, name: str) -> str:
        return (
            "insert into small_log (xh, cz, kh, xm, gxsj) "
            f"values ({number}, '{op}', '{key}', '{name}', '2026-11-01 08:00:00')"
        )

    department.run(department.insert("A1", "甲"), log(1, "I", "A1", "甲"))
    assert office.night(contract, department.url).rows == 1  # whole
    department.run(log(2, "I", "A2", "乙"), log(3, "U", "A2", "乙乙"), log(4, "D", "A1", "甲"))
    assert office.night(contract, department.url).rows == 2
    assert office.names() == {"A2": "乙乙"}
    department.run(log(6, "I", "A1", "甲"), log(8, "U", "A2", "乙"))
    office.night(contract, department.url)
    assert office.names() == {"A1": "甲", "A2": "乙"}
    department.run(log(7, "I", "A7", "庚"))  # drawn before 8, committed after it was pulled
    office.night(contract, department.url)
    assert office.names() == {"A1": "甲", "A2": "乙", "A7": "庚"}
    department.run("delete from small_log")
    department.run(log(1, "I", "A1", "甲"))
    with pytest.raises(PullFault, match=r"SOURCE_CHANGED: small_log: its newest number is 1, landed was 8"):
        office.pull(contract, department.url)


def test_the_same_change_twice_is_two_changes(department: Department, office: Office) -> None:
    """A delta like an earlier one is no repeat: what it says holds again."""
    contract = contract_of(source(LOG | {"overlap": 0}))
    department.run(
        "drop table if exists small_log", "create table small_log as select 0 as xh, 'I' as cz, small.* from small"
    )
    office.known.clear()
    department.run(department.insert("A0", "癸"))
    office.night(contract, department.url)
    for number, op in enumerate("IDID", 1):
        department.run(
            f"insert into small_log (xh, cz, kh, xm, gxsj) values ({number}, '{op}', 'A1', '甲', '2026-11-01 08:00:00')"
        )
        office.night(contract, department.url)
        assert ("A1" in office.names()) == (op == "I")


@pytest.mark.parametrize("seed", range(2))
def test_any_history_ends_in_the_state_of_the_table(department: Department, office: Office, seed: int) -> None:
    """Law 1: inserts, updates, deletions and kills in any order; after a comparison of keys both sides are equal."""
    chance = random.Random(seed)
    contract = contract_of(source(UPDATES))
    table = {f"P{n}": "常" for n in range(150)}
    department.run(*(department.insert(key, name, "2026-10-01 00:00:00") for key, name in table.items()))
    for day in range(10):
        for change in range(chance.randrange(6)):
            key = f"K{chance.randrange(8)}"
            name = chance.choice("甲乙丙丁") + chance.choice("子丑寅卯")
            stamp = f"2026-10-{day + 1:02} {change + 8:02}:00:00"
            gone = f"delete from small where kh = '{key}'"
            if chance.random() < 0.3:
                table.pop(key, None)
                department.run(gone)
            else:
                table[key] = name
                department.run(gone, department.insert(key, name, stamp))
        office.pull(contract, department.url, days(day))
        if chance.random() < 0.7:  # else killed before it landed
            office.land(contract)
    office.night(contract, department.url, days(20))
    assert office.names() == table


def test_moments_are_shown_by_the_clock_of_the_source(department: Department, office: Office) -> None:
    kind = "timestamptz" if department.engine.dialect.name == "postgresql" else "timestamp"
    department.run(
        "drop table if exists zoned",
        f"create table zoned (kh varchar(20), xm varchar(50), dz varchar(200), dh varchar(20), gxsj {kind} null)",
    )
    utc = "set time zone 'UTC'" if kind == "timestamptz" else "set time_zone = '+00:00'"
    department.run(utc, "insert into zoned values ('A1', '甲', null, null, '2026-11-01 20:00:00')")
    contract = contract_of(source(UPDATES, "zoned"))
    office.night(contract, department.url)
    assert office.current["A1"]["GXSJ"] == "2026-11-02 04:00:00"
    department.run(utc, "insert into zoned values ('A2', '乙', null, null, '2026-11-01 19:51:00')")
    assert office.night(contract, department.url).rows == 2


def test_numbers_keep_their_places_and_odd_days_their_text(department: Department, office: Office) -> None:
    zero = "'0000-00-00'" if department.engine.dialect.name != "postgresql" else "null"
    strict = ["set sql_mode = ''"] if zero != "null" else []
    department.run(
        "drop table if exists odd",
        "create table odd (kh decimal(20, 0), xm varchar(50), dz decimal(12, 4), dh date, gxsj date)",
        *strict,
        "insert into odd values (123456789012345678, '甲', 1.5, '2026-10-31', '2026-10-31')",
        f"insert into odd values (2, '乙', 20.25, {zero}, null)",
    )
    office.pull(contract_of(source(UPDATES, "odd")), department.url)
    (file,) = office.inbox.glob("*.parquet")
    rows = {row["KH"]: row for row in pq.read_table(file).to_pylist()}
    assert set(rows) == {"123456789012345678", "2"}
    assert (rows["2"]["DZ"], rows["2"]["DH"]) == ("20.2500", None if zero == "null" else "0000-00-00")
    (manifest,) = office.inbox.glob("*.manifest.json")
    assert json.loads(manifest.read_text())["bookmark"]["position"] == "2026-10-31"


def test_a_view_without_an_agreed_column_is_named(department: Department, office: Office) -> None:
    department.run("drop view if exists narrow", "create view narrow as select kh, xm, dz, gxsj from small")
    with pytest.raises(PullFault, match=r"SOURCE_CHANGED: .*narrow lacks the columns \['DH'\]"):
        office.pull(contract_of(source(WHOLE, "narrow")), department.url)
    with pytest.raises(PullFault, match=r"SOURCE_CHANGED: .*no table or view nowhere"):
        office.pull(contract_of(source(WHOLE, "nowhere")), department.url)
    department.run("drop view narrow")


def test_a_wrong_password_is_told_without_it(department: Department, office: Office) -> None:
    head, _, tail = department.url.rpartition("@")
    wrong = f"{head.rsplit(':', 1)[0]}:geheim@{tail}"
    with pytest.raises(PullFault) as told:
        office.pull(contract_of(source(WHOLE)), wrong)
    assert told.value.code == "SOURCE_REFUSED"
    assert "geheim" not in str(told.value)
    assert "Check user, password" in str(told.value)


def test_a_server_that_is_down_says_so_after_a_few_attempts(
    department: Department, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    kind = department.url.split("://")[0]
    with pytest.raises(PullFault) as told:
        office.pull(contract_of(source(WHOLE)), f"{kind}://user:geheim@127.0.0.1:9/x")
    assert told.value.code == "SOURCE_DOWN"
    assert sum("attempt" in record.message for record in caplog.records) == 2
    assert "geheim" not in str(told.value) + caplog.text


@pytest.mark.parametrize("department", ["postgresql"], indirect=True)
def test_a_connection_that_breaks_in_the_middle_is_begun_again(
    department: Department, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole or not at all: half of what was read reaches nobody."""
    department.run(*(department.insert(f"A{n}", "甲") for n in range(30)))
    monkeypatch.setattr(database, "BATCH_ROWS", 10)
    see, breaks = tables._Newest.see, [
        "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() "
        "and datname = current_database() and state = 'idle in transaction'"
    ]  # fmt: skip

    def cut(newest: tables._Newest, batch: list[pa.Array]) -> None:
        see(newest, batch)
        if breaks:
            department.run(breaks.pop())

    monkeypatch.setattr(tables._Newest, "see", cut)
    assert office.night(contract_of(source(UPDATES)), department.url).rows == 30
    assert breaks == []
    assert len(office.current) == 30


def test_a_source_is_only_read(department: Department, office: Office) -> None:
    """What the view would do to the data is refused by the transaction."""
    if department.engine.dialect.name == "postgresql":
        department.run(
            "drop view if exists writes",
            "create or replace function grow() returns text language sql as "
            "$$ insert into small (kh) values ('X') returning kh $$",
            "create view writes as select grow() as kh, '甲' as xm, '' as dz, '' as dh, now() as gxsj",
        )
    else:
        department.run(
            "drop view if exists writes", "drop function if exists grow",
            "create function grow() returns varchar(20) modifies sql data begin insert into small (kh) values ('X'); return 'X'; end",
            "create view writes as select grow() as kh, '甲' as xm, '' as dz, '' as dh, now() as gxsj",
        )  # fmt: skip
    with pytest.raises(PullFault):
        office.pull(contract_of(source(WHOLE, "writes")), department.url)
    with department.engine.connect() as connection:
        assert connection.exec_driver_sql("select count(*) from small").scalar() == 0


@pytest.mark.parametrize(
    "url,package",
    [("oracle://u:p@h/x", "oracledb"), ("dm://u:p@h:5236", "dmPython"), ("kingbase://u:p@h/x", "ksycopg2")],
)  # fmt: skip
def test_a_driver_that_is_not_installed_is_named(office: Office, url: str, package: str) -> None:
    with pytest.raises(PullFault, match=rf"SOURCE_NOT_SET_UP: YIDANG_SOURCE_HRSS .*Install {package}"):
        office.pull(contract_of(source(WHOLE)), url)


def test_a_setting_that_is_missing_or_no_url_is_named(office: Office, tmp_path: Path) -> None:
    contract = contract_of(source(WHOLE))
    with pytest.raises(PullFault, match=r"YIDANG_SOURCE_HRSS \(or the Airflow connection yidang_hrss\) is not set"):
        office.pull(contract, None)
    with pytest.raises(PullFault, match="not a URL of a database"):
        office.pull(contract, "the server of the 人社厅")
    with pytest.raises(PullFault, match="names no source"):
        office.pull(contract_of(None), "postgresql://h/x")
    assert not list(tmp_path.rglob("*.parquet"))
