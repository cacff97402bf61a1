"""A planted leak is seen in whatever dress it comes; what is no leak stays silent."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pytest

from benchmarks.leak_places import files, own_words, read_values, warehouse_tables
from benchmarks.leak_scan import VALUES, lines_of, scan
from tests.warehouse.deliveries import CONTRACTS, make_delivery
from warehouse.database import connect
from warehouse.landing import land
from warehouse.migrate import migrate
from warehouse.runs import begin_run, begin_step, end_step

ID, PHONE, CARD, NAME, SHORT, LONG = (
    "51010419850102777X", "13912345678", "6222021234567890123", "欧阳静芳", "高龄", "阿依古丽·买买提",
)  # fmt: skip
SET = pa.Table.from_pylist(
    [
        {"kind": kind, "value": value}
        for kind, value in (
            ("id", ID), ("phone", PHONE), ("bank card", CARD), ("name", NAME), ("name", SHORT), ("name", LONG),
            ("name", "王小明"),
        )
    ],
    VALUES,
)  # fmt: skip


def kinds(text: str, *own: str) -> set[str]:
    found = scan(SET, lines_of("log", "file", text), own)
    return set(found["kind"].to_pylist())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"duplicate key value (source_key)=({ID})", "id"),
        (f"key hrss_card:510104|{ID}", "id"),
        (f"run{ID}.csv", "id"),
        (f"batch 2026110100{ID} failed", "id"),
        (ID.lower(), "id"),
        (f"phone={PHONE}, tried 3 times", "phone"),
        (f"card {CARD}9 was sent", "bank card"),
        (f"no winner for {NAME} tonight", "name"),
        (f"记录{NAME}的出生日期不符", "name"),
        (json.dumps({"note": NAME}), "name"),
        (repr(NAME.encode()), "name"),
        (f"GET /file?name={quote(NAME)} 200", "name"),
        (f"<td>&#{ord(NAME[0])};{NAME[1:]}</td>", "name"),
        (f"“{SHORT}” is not a date", "name"),
        (f"[{LONG}]", "name"),
    ],
)
def test_a_planted_value_is_found(text: str, kind: str) -> None:
    assert kinds(f"all is well\n{text}\nall is well") == {kind}


@pytest.mark.parametrize(
    "text",
    [
        "高龄津贴 145 行", f"took {PHONE}77 microseconds", "a1b2c3d4e5f6 1793872000123456 51010419850102",
        "王 小明", "姓名 证件号码 手机号码", f"{ID[:-1]}0",
    ],
)  # fmt: skip
def test_what_only_looks_like_one_is_not(text: str) -> None:
    assert kinds(text) == set()


def test_words_of_the_project_are_no_names() -> None:
    assert kinds("高龄") == {"name"}
    assert kinds("高龄", "title: 高龄") == set()
    assert kinds("王小明", "请联系王小明同志") == {"name"}  # only whole runs of the project's own texts are its words


def test_a_leak_in_a_table_or_a_file_name_is_told_by_place(database_url: str, tmp_path: Path) -> None:
    migrate(database_url)
    (tmp_path / "logs").mkdir()
    (tmp_path / "inbox").mkdir()
    (tmp_path / "logs" / "task.log").write_text(f"one\nKeyError: {ID}\n")
    (tmp_path / "inbox" / f"{PHONE}.csv").write_text(NAME)  # content is data by design, the name of the file is not
    with connect(database_url) as conn:
        begin_run(conn, "night-1", date(2026, 11, 1))
        row = {"source_key": "a", "name": NAME, "id_number": ID, "phone": PHONE, "bank_card_number": CARD}
        land(
            conn,
            CONTRACTS["hrss_card"],
            make_delivery(tmp_path / "inbox", "hrss_card", "20261101-001", [row]),
            run_id="r",
        )
        values = read_values(conn)
        texts = [*files(tmp_path), *warehouse_tables(conn)]
        before = scan(values, texts, own_words()).to_pylist()
        begin_step(conn, "night-1", "match")
        end_step(conn, "night-1", "match", state="failed", note=f"no file for {NAME}")
        after = scan(values, [*files(tmp_path), *warehouse_tables(conn)], own_words()).to_pylist()
    assert [(hit["place"], hit["spot"], hit["kind"]) for hit in before] == [
        ("files in logs/", "logs/task.log:2", "id"), ("names of files", "1", "phone"),
    ]  # fmt: skip
    planted = [(hit["place"], hit["spot"].partition(":")[0], hit["kind"]) for hit in after if hit not in before]
    assert planted == [("warehouse: ops", "ops.step", "name")]
