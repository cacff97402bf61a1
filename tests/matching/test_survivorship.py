"""Golden values: the best department's newest whole value, the same whatever the order; losers stay beside it."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.survivorship import Golden, choose, read_authority
from tests.matching.subjects import Row, citizen, persons

PERSON = read_authority("person")
NUMBER = citizen("510107", "19620305", 901)


def filed(rows: list[Row], masters: list[str]) -> tuple[pa.Table, pa.Table]:
    """Records and their crosswalk."""
    records = persons(rows)
    return records, pa.table({"record_key": records.column("record_key"), "master_id": pa.array(masters, pa.string())})


def golden(rows: list[Row], masters: list[str] | None = None, authority: Any = PERSON) -> dict[str, dict[str, Any]]:
    """The golden record of each master."""
    records, crosswalk = filed(rows, masters or ["P1"] * len(rows))
    return {row["master_id"]: row for row in choose(records, crosswalk, authority).masters.to_pylist()}


def test_the_department_whose_duty_it_is_wins_over_the_newest() -> None:
    rows: list[Row] = [
        {"department": "ca", "name": "王小名", "updated_at": "2026-10-01 00:00:00"},
        {"department": "ps", "name": "王小明", "updated_at": "2020-01-01 00:00:00"},
    ]
    assert golden(rows)["P1"]["name"] == "王小明"


def test_within_a_department_the_newest_wins_and_a_date_beats_none() -> None:
    rows: list[Row] = [
        {"department": "hrss", "phone": "13800000001", "updated_at": "2025-01-01 00:00:00"},
        {"department": "hrss", "phone": "13800000002", "updated_at": "2026-01-01 00:00:00"},
        {"department": "hrss", "phone": "13800000003", "updated_at": None},
    ]
    assert golden(rows)["P1"]["phone"] == "13800000002"


def test_a_masked_value_is_golden_only_where_nothing_whole_is_known() -> None:
    rows: list[Row] = [
        {"department": "ps", "name": "王*明", "id_number": "5101***********010"},
        {"department": "ca", "name": "王小明", "id_number": NUMBER},
    ]
    assert golden(rows)["P1"]["name"] == "王小明"
    assert golden(rows)["P1"]["id_number"] == NUMBER
    assert golden(rows[:1])["P1"]["name"] == "王*明"


def test_no_value_no_golden_value() -> None:
    found = golden([{"department": "ps", "name": "王小明"}])["P1"]
    assert found["phone"] is None
    assert found["birth_date"] is None


def test_losing_values_are_kept_with_the_record_that_says_them() -> None:
    rows: list[Row] = [
        {"record_key": "a", "department": "ps", "name": "王小明"},
        {"record_key": "b", "department": "ca", "name": "王小名"},
        {"record_key": "c", "department": "ca", "name": "王小明"},
    ]
    values = choose(*filed(rows, ["P1"] * 3), PERSON).field_values.to_pylist()
    assert [(v["value"], v["record_key"], v["is_winner"]) for v in values if v["field"] == "name"] == [
        ("王小明", "a", True),
        ("王小名", "b", False),
    ]


def test_a_number_is_golden_where_birth_dates_agree_with_it() -> None:
    """The son's benefit is filed under his father's number, by a department of higher rank."""
    rows: list[Row] = [
        {"department": "nhsa", "name": "钱大海", "id_number": NUMBER, "birth_date": "1962-03-05"},
        {"department": "ps", "name": "钱志远", "id_number": NUMBER, "birth_date": "1990-06-11"},
        {"department": "ca", "name": "钱志远", "id_number": NUMBER, "birth_date": None},
    ]
    found = golden(rows, ["P1", "P2", "P2"])
    assert found["P1"]["id_number"] == NUMBER
    assert found["P2"]["id_number"] is None


def test_who_loses_a_number_takes_the_next_of_its_own() -> None:
    own = citizen("510107", "19900611", 903)
    rows: list[Row] = [
        {"department": "ps", "id_number": NUMBER, "birth_date": "1962-03-05"},
        {"department": "ps", "id_number": NUMBER},
        {"department": "ca", "id_number": own, "birth_date": "1990-06-11"},
    ]
    found = golden(rows, ["P1", "P2", "P2"])
    assert (found["P1"]["id_number"], found["P2"]["id_number"]) == (NUMBER, own)


def test_the_15_digit_form_is_the_same_number() -> None:
    rows: list[Row] = [
        {"department": "ps", "id_number": NUMBER, "birth_date": "1962-03-05"},
        {"department": "ca", "id_number": NUMBER[:6] + NUMBER[8:17]},
    ]
    found = golden(rows, ["P1", "P2"])
    assert found["P1"]["id_number"] == NUMBER
    assert found["P2"]["id_number"] is None


def test_a_tie_gives_the_number_to_none() -> None:
    rows: list[Row] = [{"department": "ca", "id_number": NUMBER}, {"department": "ca", "id_number": NUMBER}]
    found = golden(rows, ["P1", "P2"])
    assert found["P1"]["id_number"] is None
    assert found["P2"]["id_number"] is None


def test_an_enterprises_code_belongs_to_one_file() -> None:
    rows: list[Row] = [
        {"department": "mr", "name": "甲公司", "uscc": "91510104MA6X90015E"},
        {"department": "hrss", "name": "甲公司分公司", "uscc": "91510104MA6X90015E"},
    ]
    columns = ("record_key", "department", "name", "uscc", "updated_at")
    made = [{"record_key": f"r{n}", **row} for n, row in enumerate(rows)]
    records = pa.table({name: pa.array([row.get(name) for row in made], pa.string()) for name in columns})
    crosswalk = pa.table({"record_key": records.column("record_key"), "master_id": pa.array(["E1", "E2"])})
    found = choose(records, crosswalk, read_authority("enterprise")).masters.to_pylist()
    assert [row["uscc"] for row in found] == ["91510104MA6X90015E", None]


VALUES: st.SearchStrategy[Row] = st.fixed_dictionaries(
    {
        "department": st.sampled_from(["ps", "hrss", "ca", "xx", None]),
        "name": st.sampled_from(["王小明", "王*", "王小名", None]),
        "id_number": st.sampled_from([NUMBER, NUMBER[:17] + "0", None]),
        "card_number": st.sampled_from(["K1", "K2", None]),
        "birth_date": st.sampled_from(["1962-03-05", "1990-01-01", None]),
        "updated_at": st.sampled_from(["2026-01-01 00:00:00", "2025-01-01 00:00:00", None]),
    }
)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(VALUES, st.sampled_from(["P1", "P2", "P3"])), min_size=1, max_size=8),
    st.randoms(use_true_random=False),
)
def test_order_does_not_matter_and_no_number_is_golden_twice(rows: list[tuple[Row, str]], chance: Any) -> None:
    records, crosswalk = filed([row for row, _ in rows], [master for _, master in rows])
    order = list(range(len(rows)))
    chance.shuffle(order)
    one = choose(records, crosswalk, PERSON)
    two = choose(records.take(pa.array(order)), crosswalk.take(pa.array(order[::-1])), PERSON)
    assert one.masters.equals(two.masters)
    assert one.field_values.equals(two.field_values)
    for name in ("id_number", "card_number"):
        held = [value for value in one.masters.column(name).to_pylist() if value is not None]
        assert len(held) == len(set(held))
    assert_whole(one, rows)


def assert_whole(found: Golden, rows: list[tuple[Row, str]]) -> None:
    """Every value a file's records give is kept, one of a field wins at most, and the winner is golden."""
    kept = {(v["master_id"], v["field"], v["value"]) for v in found.field_values.to_pylist()}
    sent = {
        (master, name, row[name]) for row, master in rows for name in ("name", "id_number", "card_number") if row[name]
    }
    assert sent <= kept
    winners = [v for v in found.field_values.to_pylist() if v["is_winner"]]
    assert len({(v["master_id"], v["field"]) for v in winners}) == len(winners)
    golden_of = {row["master_id"]: row for row in found.masters.to_pylist()}
    for value in winners:
        assert str(golden_of[value["master_id"]][value["field"]]) == value["value"]


def test_a_record_without_file_is_refused() -> None:
    records, crosswalk = filed([{"name": "王小明"}, {"name": "李小明"}], ["P1", "P1"])
    with pytest.raises(ValueError, match="2 records and 1 rows of the crosswalk"):
        choose(records, crosswalk.slice(0, 1), PERSON)
    with pytest.raises(ValueError, match="no subject 'dog'"):
        read_authority("dog")


def test_every_value_knows_the_rule_that_chose_it() -> None:
    rows: list[Row] = [
        {"department": "ca", "name": "王小名", "phone": "13800000001", "updated_at": "2026-10-01 00:00:00"},
        {"department": "ps", "name": "王小明", "updated_at": "2020-01-01 00:00:00"},
        {"department": "ca", "name": "王*明", "phone": "13800000002", "updated_at": "2026-11-01 00:00:00"},
    ]
    values = choose(*filed(rows, ["P1"] * 3), PERSON).field_values.to_pylist()
    told = {(v["field"], v["value"]): (v["is_winner"], v["rule"]) for v in values}
    assert told["name", "王小明"] == (True, "authority")
    assert told["name", "王小名"] == (False, "authority")
    assert told["name", "王*明"] == (False, "whole")
    assert told["phone", "13800000002"] == (True, "newest")
    assert told["phone", "13800000001"] == (False, "newest")
    only = choose(*filed(rows[:1], ["P1"]), PERSON).field_values.to_pylist()
    assert {v["rule"] for v in only} == {"only_value"}


def test_a_number_two_files_claim_says_so() -> None:
    rows: list[Row] = [
        {"department": "ps", "name": "王小明", "id_number": NUMBER, "birth_date": "1962-03-05"},
        {"department": "ca", "name": "李四", "id_number": NUMBER, "birth_date": "1990-01-01"},
    ]
    values = choose(*filed(rows, ["P1", "P2"]), PERSON).field_values.to_pylist()
    told = {v["master_id"]: (v["is_winner"], v["rule"]) for v in values if v["field"] == "id_number"}
    assert told == {"P1": (True, "only_value"), "P2": (False, "exclusive")}
