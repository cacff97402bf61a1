"""Keys made in steps, each a column over the one before, are the keys made at once; and each step does its part."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa

from extractors.standardise.company_marks import STEPS
from tests.extractors.standardise.conftest import Each

COMPANY_STEPS = (
    "company_step_0({})", "company_step_1({})", "company_step_2({})", "company_step_3({})", "company_step_4({})",
    "company_step_5({})", "company_step_6({})", "company_step_7({})", "company_step_8({})", "company_step_9({})",
    "company_step_10({})", "company_step_11({})", "company_step_12({})", "company_step_13({})", "company_step_14({})",
    "company_pieces({})", "company_joined({})",
)  # fmt: skip
ADDRESS_STEPS = ("address_step_0({})", "address_step_1({})", "address_step_2({})", "key_if_telling({})")
NAMES = [
    "成都宏达商贸有限公司", "四川省成都市锦江区宏达商贸有限责任公司第一分公司", "新龙县阳光理发店", "成都宏达(集团)股份公司", "天天然气有限公",
    "宏达(成都)科技有限公司十二营业部", "绵阳大石镇兴旺专业合社", "武侯区老李面馆(注销)", "宏达合伙企业(普通合伙)", "锦江香町运输有限公司停业",
]  # fmt: skip
ADDRESSES = [
    "四川省成都市锦江区春熙路12号1栋2单元501号", "川成都锦江区春熙路街道办事处3社12号", "内江市中区靖民镇寿溪桥社区6组73号", "西昌市春熙路3号楼2单元501室",
    "双流县大件路锦绣花园小区12栋3-2-501", "四川省成都市锦江区春熙路附3号",
]  # fmt: skip


def _stepped(standard: duckdb.DuckDBPyConnection, steps: tuple[str, ...], texts: list[str]) -> list[Any]:
    standard.register("asked", pa.table({"place": range(len(texts)), "v": texts}))
    query = "SELECT place, v FROM asked"
    for step in steps:
        query = f"SELECT place, {step.format('v')} AS v FROM ({query})"
    return [value for _, value in standard.execute(f"{query} ORDER BY place").fetchall()]


def test_a_company_key_in_steps(standard: duckdb.DuckDBPyConnection, each: Each) -> None:
    assert len(COMPANY_STEPS) == STEPS + 2
    assert each("company_is_plain(v)", NAMES) == [True] * len(NAMES)
    expected = each("company_text(v)", NAMES)
    assert all(expected)
    assert _stepped(standard, COMPANY_STEPS, NAMES) == expected


def test_an_address_key_in_steps(standard: duckdb.DuckDBPyConnection, each: Each) -> None:
    assert each("address_is_plain(v)", ADDRESSES) == [True] * len(ADDRESSES)
    expected = each("address_key(v)", ADDRESSES)
    assert expected[0] == "春熙路121 2501".replace(" ", "")
    assert _stepped(standard, ADDRESS_STEPS, ADDRESSES) == expected


def test_what_is_not_plain_goes_the_long_way(each: Each) -> None:
    odd = ["成都國宏有限公司", "成都宏达有限公司(原成都宏运)", "91510100MA61RJ7XXX", "成都 宏达"]
    assert each("company_is_plain(v)", odd) == [False] * len(odd)
    odd = ["四川省成都市锦江区三组十二号", "锦江區春熙路12号101", "春熙路12号", "四川省成都市锦江区春熙路 12号"]
    assert each("address_is_plain(v)", odd) == [False] * len(odd)
    odd = ["单于", "曾国强", "无名氏", "王户主", "張三", "王小明·", "阿衣木沙且石", "王x"]
    assert each("is_plain_name(v)", odd) == [False] * len(odd)


def test_plain_names_are_spoken_at_once(each: Each) -> None:
    names = ["王小明", "李", "欧阳建国", "玥"]
    assert each("is_plain_name(v)", names) == [True] * len(names)
    assert each("plain_pinyin(v)", names) == each("name_pinyin(v)", names)


def test_single_signs(table: Any) -> None:
    table("spoken(v)", {"王": "wang", "㐀": "qiu", "a": None, "": None, "🀄": None, "\u33ff": None, "\ua000": None})
    table("has_variants(v)", {"王": False, "國": True, "㐀": True})
    table("address_words(v)", {"锦绣1幢": "锦绣1栋", "2社3室": "2组3号", "花园12-3-501": "花园12栋3单元501号"})
    table("without_kind_words(v)", {"春熙街道社区1栋2单元3号": "春熙123"})
