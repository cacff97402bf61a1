"""Laws of every macro: null in, null out; no text makes it raise; the standard form of a standard form is itself."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from extractors import standardise
from tests.extractors.standardise.conftest import AS_OF, Each

# Building blocks that answer about a part, not about a value: conditions that are false and lists that are empty for null.
BLOCKS = {"id_facts", "id_reasons_of_kind", "mobile_reasons", "mod_11_10_rest", "address_parts_of", "code_words"}
# What is given besides the value itself, where a macro takes more than one thing.
MORE = {
    "std_code": "'sex', {v}", "find_code": "'sex', {v}", "id_reasons": "{v}, NULL::DATE, '1'", "id_facts": "{v}, id_kind({v}), NULL::DATE, '1'",
    "id_reasons_of_kind": "{v}, id_kind({v}), NULL::DATE, '1'", "id_division_fits": "{v}, '1990'", "uscc_digit": "{v}, 3", "org_digit": "{v}, 3",
    "day_of": "{v}, {v}, {v}", "day_from_parts": "string_split({v}, '-')", "seconds_of": "{v}, {v}, {v}", "address_parts_of": "{v}, {v}",
    "has_id_layout": "id_facts({v}, id_kind({v}), NULL::DATE, '1')", "clean_code": "'sex', {v}", "date_reasons_of": "{v}, NULL::DATE",
    "place_code_on": "{v}, '2000'", "address_place": "{v}, '2000'",
    "english_date": "{v}", "parse_date": "{v}", "std_date_upto": "{v}, '26'",
    "place_key": "place_levels({v})", "code_of_levels": "place_levels({v})",
    "company_joined": "company_pieces({v})", "spoken_core": "{v}, {v}",
}  # fmt: skip
TEXT_TO_TEXT = (
    "std_text", "std_id", "std_name", "std_address", "std_uscc", "std_org_code", "std_registration_no", "std_bank_card", "std_phone", "std_sex",
    "std_ethnicity", "std_area", "std_company_name",
)  # fmt: skip
PIECES = [
    "张三", "扎西·多吉", "·", "．", "ZHANG SAN", "(已故)", "（注销）", "\u200b", "\ufeff", "\u3000", " ", "'", "=", '"', "*", "?", "\x00", "\ue863",
    "\ue000", "𬭚", "⼀", "510104198501029010", "51010419851102909X", "５１０", "Ⅹ", "×", "X", "5.1E+17", "20240131", "2024-1-31", "31-JAN-24", "T",
    "Z", ":", "45322", "00000000", "长期", "无", "13812345678", "+86", "/", "-", "、", "028", "成都市", "锦江区", "四川省", "川", "市中区", "三组", "3-2-501",
    "栋", "9144030071526726XG", "有限公司", "一分公司", "(原", ")", "(", "第", "号", "室", "1", "男", "01", "é", "e\u0301", "\n", "\t", "|", "\\", "%", "\x1d",
    "\x1e", "\x1f", "␞", "␟", "␜",
]  # fmt: skip
# A combining mark apart from its letter is no text of any source, and would meet another letter where a sign between goes.
ODD = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "M"]), max_size=25),
    st.lists(st.sampled_from(PIECES), max_size=6).map("".join),
    st.text(st.sampled_from("0123456789X.-/ 年月日:*"), max_size=20),
    st.text(st.characters(min_codepoint=0x2E80, max_codepoint=0xFFFD, exclude_categories=["Cs", "M"]), max_size=8),
)
ODD_TEXTS = st.lists(ODD, min_size=60, max_size=100)
# Planning a query of many macros takes seconds: few examples of many texts each, and no shrinking (a test names the texts).
FEW = settings(max_examples=3, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
SOME = settings(FEW, max_examples=5)


@pytest.fixture(scope="module")
def macros(standard: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Every macro the connection has -> the call of it on {v}."""
    rows = standard.execute(
        "SELECT function_name, len(parameters) FROM duckdb_functions() WHERE NOT internal AND function_type = 'macro' ORDER BY 1"
    ).fetchall()
    assert all(count == 1 or name in MORE or name.startswith("_") for name, count in rows), rows
    return {name: f"{name}({MORE.get(name, '{v}')})" for name, _ in rows}


def test_null_gives_null(macros: dict[str, str], each: Each) -> None:
    answers = {name: each(call.format(v="v"), [None])[0] for name, call in macros.items() if name not in BLOCKS}
    assert {name: answer for name, answer in answers.items() if answer not in (None, False)} == {}
    false = {name for name, answer in answers.items() if answer is False}
    assert false <= {"is_sound_id18"}


def test_every_macro_is_tested_by_name(macros: dict[str, str]) -> None:
    written = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    called = set(re.findall(r"\b(\w+)\(", written))
    assert sorted(set(macros) - called) == []


@FEW
@given(ODD_TEXTS)
def test_no_text_makes_a_macro_raise(
    macros: dict[str, str], standard: duckdb.DuckDBPyConnection, texts: list[str]
) -> None:
    standard.register("odd", pa.table({"v": pa.array(texts, pa.string())}))
    calls = ", ".join(f"count({call.format(v='v')})" for call in macros.values())
    assert len(standard.execute(f"SELECT {calls} FROM odd").fetchall()) == 1


@SOME
@given(ODD_TEXTS)
@example(["'=1", "= '1", "\u200b 1", "(（1）)", "··", "-1-", "1、2"])
def test_the_standard_form_of_a_standard_form_is_itself(standard: duckdb.DuckDBPyConnection, texts: list[str]) -> None:
    standard.register("odd", pa.table({"v": pa.array(texts, pa.string())}))
    once = ", ".join(f"{macro}(v) AS {macro}" for macro in TEXT_TO_TEXT)
    changed = ", ".join(
        f"list(v) FILTER ({macro}({macro}) IS DISTINCT FROM {macro}) AS {macro}" for macro in TEXT_TO_TEXT
    )
    found = standard.execute(
        f"WITH once AS MATERIALIZED (SELECT v, {once} FROM odd) SELECT {changed} FROM once"
    ).fetchall()[0]
    assert {macro: changed for macro, changed in zip(TEXT_TO_TEXT, found, strict=True) if changed} == {}


@SOME
@given(ODD_TEXTS)
def test_dates_and_times_read_their_own_form_again(standard: duckdb.DuckDBPyConnection, texts: list[str]) -> None:
    standard.register("odd", pa.table({"v": pa.array(texts, pa.string())}))
    found = standard.execute(
        """
        WITH once AS (SELECT std_date(v) AS d, std_timestamp(v) AS t, std_code('relation', v) AS c FROM odd)
        SELECT list(d) FILTER (std_date(d::VARCHAR) <> d AND d NOT IN (DATE '1900-01-01', DATE '2099-12-31')),
               list(t) FILTER (std_timestamp(t::VARCHAR) <> t), list(c) FILTER (std_code('relation', c) <> c) FROM once
        """
    ).fetchall()
    assert found == [(None, None, None)]


@FEW
@given(ODD_TEXTS)
def test_a_form_does_not_depend_on_the_rows_around_it(each: Each, texts: list[str]) -> None:
    calls = "[" + ", ".join(f"{macro}(v)" for macro in (*TEXT_TO_TEXT, "name_pinyin", "address_key")) + "]"
    assert each(calls, texts)[::-1] == each(calls, texts[::-1])


def test_the_arrow_face() -> None:
    assert standardise.standardise([" 张三", None], "std_name", AS_OF).to_pylist() == ["张三", None]


def test_a_connection_takes_its_settings(tmp_path: Path) -> None:
    with standardise.connect(
        as_of=date(2026, 11, 1), threads=1, memory_limit="300MB", temp_directory=tmp_path
    ) as connection:
        rows = connection.execute(
            "SELECT current_setting('threads'), current_setting('memory_limit'), current_setting('temp_directory'), "
            "current_setting('autoinstall_known_extensions'), current_setting('autoload_known_extensions')"
        ).fetchall()
    assert rows == [(1, "286.1 MiB", str(tmp_path), False, False)]


def test_without_keys_the_macros_of_match_keys_are_left_out() -> None:
    with standardise.connect(as_of=AS_OF, keys=False) as connection:
        rows = connection.execute(
            "SELECT function_name FROM duckdb_functions() WHERE NOT internal AND function_type = 'macro'"
        ).fetchall()
        names = {name for (name,) in rows}
        assert {*TEXT_TO_TEXT, "std_date", "id_reasons", "name_flags"} <= names
        assert not {"name_key", "name_pinyin", "address_key", "company_key"} & names


def test_reference_tables_are_there(standard: duckdb.DuckDBPyConnection) -> None:
    counts = {name: standard.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0] for name in
              ("ref_division", "ref_division_successor", "ref_char", "ref_surname", "ref_code")}  # fmt: skip
    assert min(counts.values()) > 800
    assert (
        standard.execute("SELECT surname_reading, four_corner FROM ref_char WHERE ch = '单'").fetchall()[0][0] == "shan"
    )
