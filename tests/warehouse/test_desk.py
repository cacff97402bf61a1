"""The review desk: one steward a case, four eyes where much is at stake, unsure decides nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from warehouse import desk
from warehouse.database import Connection, WarehouseError, connect
from warehouse.files import digest_records
from warehouse.judgements import read_judgements
from warehouse.partings import split_file


def open_case(conn: Connection, number: int, *, feed: str = "ps_person", stake: int = 1002) -> int:
    """A waiting case on two files of one record each; returns its number."""
    left, right = f"{feed}:L{number}", f"ps_person:R{number}"
    for key, master in ((left, f"PL{number}"), (right, f"PR{number}")):
        conn.execute(
            "insert into core.crosswalk (subject, record_key, master_id, since_run_id, since_date) "
            "values ('person', %s, %s, 'n', '2026-11-01')",
            (key, master),
        )
    row = conn.execute(
        "insert into core.review (subject, review_kind, left_key, right_key, left_id, right_id, state, opened_run_id, "
        "opened_date, stake) values ('person', 'doubtful', %s, %s, %s, %s, 'open', 'n', '2026-11-01', %s) "
        "returning review_id",
        (left, right, f"PL{number}", f"PR{number}", stake),
    ).fetchone()
    assert row is not None
    return int(row[0])


def publish_day(conn: Connection, day: str) -> None:
    conn.execute("insert into core.publication (run_id, as_of, counts) values (%s, %s, '{}')", (f"night-{day}", day))


def test_the_case_with_most_at_stake_comes_first_and_is_nobody_elses(conn: Connection) -> None:
    small, large = open_case(conn, 1, stake=5), open_case(conn, 2, stake=1100)
    assert desk.take_next(conn, "ann") == large
    assert desk.take_next(conn, "bob") == small
    assert desk.take_next(conn, "cat") is None
    assert desk.take_next(conn, "ann") == large  # an own case comes back
    with pytest.raises(desk.DeskError, match="is with ann"):
        desk.take(conn, large, "bob")
    with pytest.raises(desk.DeskError, match="is with ann"):
        desk.decide(conn, large, "bob", "same", reason="r")
    desk.release(conn, large, "ann")
    assert desk.take_next(conn, "cat") == large
    acts = conn.execute("select act, acted_by from core.review_act where review_id = %s order by act_id", (large,))
    assert acts.fetchall() == [("taken", "ann"), ("released", "ann"), ("taken", "cat")]


def test_a_case_taken_long_ago_may_be_taken_by_another(conn: Connection) -> None:
    case = open_case(conn, 1)
    desk.take(conn, case, "ann")
    conn.execute("update core.review set taken_at = taken_at - interval '31 minutes'")
    assert desk.take_next(conn, "bob") == case
    with pytest.raises(desk.DeskError):
        desk.release(conn, case, "ann")


def test_a_deferred_case_rests_until_its_day(conn: Connection) -> None:
    publish_day(conn, "2026-11-01")
    case = open_case(conn, 1)
    desk.take(conn, case, "ann")
    desk.defer(conn, case, "ann", until=date(2026, 11, 5))
    assert desk.take_next(conn, "bob") is None
    publish_day(conn, "2026-11-05")
    assert desk.take_next(conn, "bob") == case


def test_many_stewards_at_once_share_the_queue_without_a_case_twice(conn: Connection, warehouse_url: str) -> None:
    cases = {open_case(conn, n) for n in range(40)}

    def work(steward: str) -> list[int]:
        done = []
        with connect(warehouse_url) as own:
            while (case := desk.take_next(own, steward)) is not None:
                desk.decide(own, case, steward, "not_same", reason="two persons")
                done.append(case)
        return done

    with ThreadPoolExecutor(8) as pool:
        by_steward = list(pool.map(work, [f"s{n}" for n in range(8)]))
    decided = [case for one in by_steward for case in one]
    assert len(decided) == 40
    assert set(decided) == cases
    assert read_judgements(conn, "person").num_rows == 40


def test_a_double_click_decides_once(conn: Connection, warehouse_url: str) -> None:
    case = open_case(conn, 1)
    desk.take(conn, case, "ann")

    def click(_n: int) -> str:
        with connect(warehouse_url) as own:
            try:
                return desk.decide(own, case, "ann", "same", reason="same card").state
            except desk.DeskError:
                return "late"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(click, range(4))) == ["decided", "late", "late", "late"]
    assert conn.execute("select count(*) from core.judgement").fetchone() == (1,)


@pytest.mark.parametrize("needs", ["ca_assist", "fin_subsidy", "nhsa_assist", "ca_elder", "size"])
def test_joining_what_is_large_or_paid_needs_two_people(conn: Connection, needs: str) -> None:
    case = open_case(conn, 1, feed="ps_person" if needs == "size" else needs)
    if needs == "size":
        conn.execute(
            "insert into core.crosswalk (subject, record_key, master_id, since_run_id, since_date) "
            "select 'person', 'ps_person:M' || n, 'PL1', 'n', '2026-11-01' from generate_series(1, 11) n"
        )
    desk.take(conn, case, "ann")
    assert desk.decide(conn, case, "ann", "same", reason="one card").state == "proposed"
    assert read_judgements(conn, "person").num_rows == 0
    assert desk.take_next(conn, "ann") is None  # not the own proposal
    desk.take(conn, case, "ann")
    with pytest.raises(desk.DeskError, match="second person"):
        desk.decide(conn, case, "ann", "same", reason="again")
    desk.release(conn, case, "ann")
    assert desk.take_next(conn, "bob") == case
    assert desk.decide(conn, case, "bob", "same", reason="agreed").state == "decided"
    row = conn.execute("select verdict, judged_by, second_by from core.judgement").fetchall()
    assert row == [("same", "ann", "bob")]


def test_a_second_person_who_sees_it_otherwise_refuses(conn: Connection) -> None:
    case = open_case(conn, 1, feed="ca_assist")
    desk.take(conn, case, "ann")
    desk.decide(conn, case, "ann", "same", reason="one card")
    desk.take(conn, case, "bob")
    assert desk.decide(conn, case, "bob", "not_same", reason="two photos").state == "refused"
    assert read_judgements(conn, "person").num_rows == 0
    assert desk.take_next(conn, "ann") == case


def test_parting_needs_one_person(conn: Connection) -> None:
    case = open_case(conn, 1, feed="ca_assist")
    desk.take(conn, case, "ann")
    assert desk.decide(conn, case, "ann", "not_same", reason="twins").state == "decided"


def test_unsure_is_written_down_and_asks_another_steward(conn: Connection) -> None:
    case = open_case(conn, 1)
    desk.take(conn, case, "ann")
    assert desk.decide(conn, case, "ann", "unsure", reason="photo missing").state == "waiting"
    assert conn.execute("select verdict from core.judgement").fetchall() == [("unsure",)]
    assert conn.execute("select core.is_under_review('PL1')").fetchone() == (True,)
    assert desk.take_next(conn, "ann") is None
    assert desk.take_next(conn, "bob") == case


def test_a_decision_needs_words(conn: Connection) -> None:
    case = open_case(conn, 1)
    desk.take(conn, case, "ann")
    with pytest.raises(desk.DeskError, match="reason"):
        desk.decide(conn, case, "ann", "same", reason=" ")


def test_a_split_of_a_file_that_changed_since_it_was_looked_at_is_refused(conn: Connection) -> None:
    """The form names records by their number in the list: a night in between would part others."""
    for key in "ac":
        conn.execute(
            "insert into core.crosswalk (subject, record_key, master_id, since_run_id, since_date) "
            "values ('person', %s, 'P1', 'n', '2026-11-01')",
            (f"ps_person:{key}",),
        )
    seen = digest_records(["ps_person:a", "ps_person:c"])
    conn.execute(
        "insert into core.crosswalk (subject, record_key, master_id, since_run_id, since_date) "
        "values ('person', 'ps_person:b', 'P1', 'n', '2026-11-02')"
    )
    with pytest.raises(WarehouseError, match="holds other records than when it was looked at"):
        split_file(conn, "P1", [2], judged_by="ann", reason="another person", seen=seen)
    assert read_judgements(conn, "person").num_rows == 0
    now = digest_records(["ps_person:a", "ps_person:b", "ps_person:c"])
    split_file(conn, "P1", [3], judged_by="ann", reason="another person", seen=now)
    assert set(read_judgements(conn, "person")["right_key"].to_pylist()) == {"ps_person:c"}
