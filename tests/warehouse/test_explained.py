"""The warehouse explains itself: why a record is where it is, why two are together or apart, what happened to a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from matching.master_ids import encode
from tests.warehouse.deliveries import Files
from tests.warehouse.test_publish import arrive, golden, keyed, night
from warehouse.database import Connection
from warehouse.judgements import record_judgement, withdraw_judgement


@pytest.fixture
def filed(conn: Connection, tmp_path: Path) -> Connection:
    """P1 holds a, b, c (a-b and b-c linked) and e, which says the same; P2 holds d; b and d wait in a case."""
    arrive(conn, tmp_path, 1, "abcde")
    files = Files(
        keyed(P1="abce", P2="d"),
        {**golden(P1="王小明", P2="王小明"), "P2": {"name": "王小明", "birth_date": "1990-01-01"}},
        links=[("hrss_card:a", "hrss_card:b"), ("hrss_card:b", "hrss_card:c")],
        reviews=[("doubtful", "hrss_card:b", "hrss_card:d")],
        events=[("created", "P1", None), ("created", "P2", None)],
    )
    night(conn, 1, files)
    return conn


def ask(conn: Connection, question: str) -> list[tuple[str, ...]]:
    return conn.execute(question).fetchall()  # type: ignore[call-overload, no-any-return]


def test_why_a_record_is_where_it_is(filed: Connection) -> None:
    told = ask(filed, "select what, words, other_key from core.why('hrss_card:b')")
    assert told[0] == ("file", "It belongs to file P1 since 2026-11-01, with 3 records more", None)
    assert [t for t in told if t[0] == "link"] == [
        ("link", "Rule same id, 30.5 bits: number: same", f"hrss_card:{k}") for k in "ac"
    ]
    assert told[-1][0] == "case"
    assert told[-1][2] == "hrss_card:d"
    assert ask(filed, "select what from core.why('hrss_card:e')") == [("file",), ("same",)]
    assert ask(filed, "select what, words from core.why('hrss_card:nobody')")[0][1].startswith("It is in no file")


def test_why_two_records_are_together(filed: Connection) -> None:
    way = ask(filed, "select step, from_key, to_key from core.why_together('hrss_card:c', 'hrss_card:a')")
    assert way == [(1, "hrss_card:c", "hrss_card:b"), (2, "hrss_card:b", "hrss_card:a")]
    same = ask(filed, "select words from core.why_together('hrss_card:a', 'hrss_card:e')")
    assert same[0] == ("It says exactly the same of its subject as another record of the file",)
    assert ask(filed, "select words from core.why_together('hrss_card:a', 'hrss_card:d')") == [
        ("They are in two files: ask core.why_apart",)
    ]
    record_judgement(filed, "person", "hrss_card:a", "hrss_card:c", "same", judged_by="ann", reason="one card")
    assert ask(filed, "select words from core.why_together('hrss_card:c', 'hrss_card:a')")[0] == (
        "ann judged them the same: one card",
    )


def test_why_two_records_are_apart(filed: Connection) -> None:
    told = dict(ask(filed, "select what, words from core.why_apart('hrss_card:a', 'hrss_card:d')"))  # type: ignore[arg-type]
    assert told["file"] == "They are in the files P1 and P2"
    assert told["equal"] == "Both files say the same: name"
    assert told["differs"] == "They differ in: birth date"
    assert told["case"].endswith("(in doubt)")
    number = record_judgement(
        filed, "person", "hrss_card:d", "hrss_card:a", "not_same", judged_by="ann", second_by="bob", reason="twins"
    )
    asked = "select words from core.why_apart('hrss_card:a', 'hrss_card:d') where what = 'judgement'"
    assert ask(filed, asked) == [("ann and bob judged them not the same: twins",)]
    withdraw_judgement(filed, number, judged_by="ann", reason="typed wrongly")
    assert ask(filed, asked) == []
    assert ask(filed, "select words from core.why_apart('hrss_card:a', 'hrss_card:b')") == [
        ("They are in one file: ask core.why_together",)
    ]


def test_two_whole_numbers_keep_files_apart_by_law(filed: Connection) -> None:
    for file, number in (("P1", "510107196203059011"), ("P2", "510107196203059038")):
        filed.execute("update core.person set id_number = %s where master_id = %s", (number, file))
    told = dict(ask(filed, "select what, words from core.why_apart('hrss_card:a', 'hrss_card:d')"))  # type: ignore[arg-type]
    assert told["number"] == "Each has a whole id number of its own: two such numbers share a file by judgement only"


def test_history_of_a_file_in_order(filed: Connection, tmp_path: Path) -> None:
    arrive(filed, tmp_path, 2, "abcde")
    merged = Files(
        keyed(P1="abcde"),
        golden(P1="王小明"),
        redirects={"P2": "P1"},
        events=[("merged", "P1", "P2"), ("redirected", "P2", "P1")],
    )
    night(filed, 2, merged)
    told = ask(filed, "select day::text, what, words, other_id from core.history('P1')")
    assert told[0] == ("2026-11-01", "created", "Created with 1 record, in the first run", None)
    assert (
        "2026-11-02",
        "merged",
        "Took in another file with 1 record, by delivery hrss_card 20261101-001",
        "P2",
    ) in told
    assert [t[0] for t in told] == sorted(t[0] for t in told)
    retired = ask(filed, "select what, words, other_id from core.history('P2')")
    assert ("redirected", "Retired; another file answers for it, by delivery hrss_card 20261101-001", "P1") in retired
    assert any(t[0] == "value" and "from hrss_card" in t[1] for t in retired)
    arrive(filed, tmp_path, 3, "abcde")
    night(filed, 3, Files(keyed(P1="abcde"), golden(P1="王晓明")))
    told = ask(filed, "select what, words from core.history('P1') where day = '2026-11-03' and what = 'changed'")
    assert told == [("changed", "The golden record changed, by delivery hrss_card 20261101-001")]


def test_a_mistyped_id_is_told_by_its_check_character(filed: Connection) -> None:
    ids = encode(np.array([0, 1, 77, 5_000_000, 2**40 - 1]), "P").tolist() + encode(np.array([3]), "E").tolist()
    asked = "select bool_and(core.is_master_id(i)), bool_or(core.is_master_id(i)) from unnest(%s::text[]) i"
    assert filed.execute(asked, (ids,)).fetchone() == (True, True)
    one = ids[3]
    wrong = [one[:n] + sign + one[n + 1 :] for n in range(10) for sign in "07KZ" if sign != one[n]]
    swapped = [one[:n] + one[n + 1] + one[n] + one[n + 2 :] for n in range(9) if one[n] != one[n + 1]]
    assert filed.execute(asked, ([*wrong, *swapped, "P1", ""],)).fetchone() == (False, False)
