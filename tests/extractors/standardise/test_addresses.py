"""Addresses: the variants of domain section 5."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import given

from extractors.standardise.address_places import PARTS as PLACE_PARTS
from extractors.standardise.address_places import locate
from tests.extractors.standardise.conftest import Each
from tests.extractors.standardise.test_laws import FEW, ODD_TEXTS

Table = Callable[[str, dict[str, Any]], None]
PARTS = (
    "province",
    "prefecture",
    "county",
    "county_code",
    "township",
    "village",
    "grp",
    "road",
    "number",
    "compound",
    "building",
    "unit",
    "room",
)


def parts(**given: str) -> dict[str, str | None]:
    return {name: given.get(name) for name in PARTS}


def test_display_form(table: Table) -> None:
    table(
        "std_address(v)",
        {
            "成都市 锦江区　春熙路１２号": "成都市锦江区春熙路12号", "春熙路\u200b12号": "春熙路12号", "春熙路12号": "春熙路12号", "集体户": "集体户",
            "同上": None, "无": None, "": None, "　": None, "同户籍地址": None, "无锡路1号": "无锡路1号",
        },
    )  # fmt: skip


def test_parsed_parts(table: Table) -> None:
    table(
        "address_parts(v)",
        {
            "四川省成都市锦江区春熙路12号3栋2单元501号": parts(province="四川省", prefecture="成都市", county="锦江区", county_code="510104", road="春熙路",
                                              number="12", building="3", unit="2", room="501"),
            "川成都锦江区春熙路十二号3-2-501": parts(province="四川", prefecture="成都市", county="锦江区", county_code="510104", road="春熙路", number="12",
                                         building="3", unit="2", room="501"),
            "四川省都江堰市灌口镇": parts(province="四川省", county="都江堰市", county_code="510181", township="灌口镇"),
            "成都市都江堰市灌口镇": parts(prefecture="成都市", county="都江堰市", county_code="510181", township="灌口镇"),
            "凉山州会理县城关镇新华村三组12号": parts(prefecture="凉山州", county="会理县", county_code="513425", township="城关镇", village="新华村", grp="3",
                                       number="12"),
            "四川省泸州市江阳区大山坪街道某小区": parts(province="四川省", prefecture="泸州市", county="江阳区", county_code="510502", township="大山坪街道"),
            "锦江区阳光花园3幢2单元501室": parts(county="锦江区", county_code="510104", compound="阳光花园", building="3", unit="2", room="501"),
            "某某": parts(), "同上": None,
        },
    )  # fmt: skip


def test_one_key_for_the_ways_one_address_is_written(each: Each) -> None:
    same = [
        "四川省成都市锦江区春熙路12号3栋2单元501号", "四川成都锦江区春熙路12号3栋2单元501号", "川成都市锦江区春熙路12号3栋2单元501", "成都市锦江区春熙路12号3幢2单元501室",
        "锦江区春熙路十二号3座2单元501号", "春熙路12号3-2-501", "春熙路12号3号楼2单元501号", "四川省 成都市 锦江区 春熙路 １２号 3栋2单元501号",
    ]  # fmt: skip
    assert set(each("address_key(v)", same)) == {"春熙路1232501"}
    village = [
        "达州市达川区石桥镇新华村三组12号",
        "四川省达州市达川区石桥镇新华村3组12号",
        "石桥镇新华村3社12号",
        "达川区石桥镇新华村民委员会3组12号",
    ]
    assert len(set(each("address_key(v)", village[:3]))) == 1
    community = ["石桥镇新华社区3组12号", "石桥镇新华居委会3组12号"]
    assert len(set(each("address_key(v)", community))) == 1


def test_an_estate_or_a_market_is_no_county(each: Each) -> None:
    """What is left out in front of one address must not be cut from the other."""
    pairs = [
        ("锦江区阳光小区3栋501号", "阳光小区3栋501号"),
        ("会理市新华社区3组12号", "新华社区3组12号"),
        ("锦江区菜市街12号院", "菜市街12号院"),
    ]
    for whole, short in pairs:
        assert len(set(each("address_key(v)", [whole, short]))) == 1


def test_numbers_alone_are_no_key(table: Table) -> None:
    table(
        "address_key(v)",
        {"12栋5号": None, "3栋2单元501号": None, "锦江区": None, "四川省成都市锦江区": None, "某村": None},
    )


def test_parts_of_the_address_macros(table: Table) -> None:
    table(
        "numeral_words(v)",
        {
            "三": "3",
            "十": "10",
            "十二": "12",
            "二十": "20",
            "二十三": "23",
            "一百": "100",
            "一百零五": "105",
            "一百二十一": "121",
        },
    )
    table(
        "address_numerals(v)",
        {"三组一百二十一号": "3组121号", "三圣街道": "三圣街道", "人民南路四段11号": "人民南路4段11号"},
    )
    table("address_plain(v)", {"東大街12號3-2-501": "东大街12号3栋2单元501号"})
    table("address_head(v)", {"四川省成都市锦江区春熙路": "四川省成都市锦江区", "春熙路": ""})
    table("address_tail(v)", {"四川省成都市锦江区春熙路": "春熙路", "春熙路": "春熙路"})
    table("address_parts_of('锦江区', v).road", {"春熙路12号": "春熙路"})
    table("address_levels(v).code", {"成都市锦江区": "510104", "都江堰市": "510181"})
    table("address_township(v)", {"石桥镇新华村3组": "石桥镇", "春熙路12号": ""})
    table("address_village(v)", {"石桥镇新华村3组": "新华村", "春熙路12号": ""})
    table("address_group(v)", {"3组12号": "3", "12号": None})
    table("address_road(v)", {"人民南路4段11号": "人民南路4段", "3组12号": None})
    table("address_number(v)", {"春熙路12号3栋": "12", "3栋2单元501号": None})
    table("address_compound(v)", {"阳光花园3栋": "阳光花园", "12号": None})
    table("address_building(v)", {"12号3栋2单元501号": "3", "12号": None})
    table("address_unit(v)", {"12号3栋2单元501号": "2", "12号": None})
    table("address_room(v)", {"12号3栋2单元501号": "501", "12号": None})


def test_a_place_is_read_by_the_table_of_the_records_year_and_mapped_forward(each: Each) -> None:
    """Domain sections 2.1 and 5: the same name was another place; counties became districts, some lie in Chongqing now."""
    cases = [
        ("四川省双流县东升镇", "2000", "510122", "510116", 1.0),
        ("四川省璧山县城关镇", "1990", "510232", "500120", 1.0),
        ("四川省万县市", "1985", "512201", "500101", 1.0),  # a county-level city then
        ("四川省万县市", "1994", "511200", "500101", 0.5),  # a prefecture then
        ("四川省会理县城关镇", "2005", "513425", "513402", 1.0),
        ("四川省会理县城关镇", "2026", "513425", "513402", 0.8),  # no longer of that name
        ("四川省成都市", "2020", "510100", "510100", 0.5),
    ]
    for address, year, code, today, confidence in cases:
        (found,) = each(f"address_place(v, '{year}')", [address])
        assert (found["code"], found["current_code"], float(found["confidence"])) == (code, today, confidence), address
    assert each("address_place(v, '2020')", ["某地", None]) == [None, None]
    assert each("place_code_on(v, '1990')", ["达县", "无此县"]) == ["513021", None]
    spells = "19801992513000;19801998513021;19992012511721"  # a prefecture of the same bare name, then the county twice
    assert each("place_spells(v)", ["达县", "无此县"]) == [spells, None]


@FEW
@given(ODD_TEXTS)
def test_many_at_once_are_read_as_one_is(standard: duckdb.DuckDBPyConnection, each: Each, texts: list[str]) -> None:
    sent = [
        "四川省双流县东升镇新华村三组12号", "川成都锦江区春熙路十二号3-2-501", "内江市中区民乐路一百二十一号", "四川省都江堰市灌口镇", "集体户", "達县石桥镇新华社区3社1号",
        "四川省璧山县城关镇", *texts,
    ]  # fmt: skip
    addresses = [text for text in dict.fromkeys(each("std_address(v)", sent)) if text is not None]
    for year in (1990, 2026):
        received = pa.table({"address": addresses, "year": pa.array([year] * len(addresses), pa.int32())})
        found = {row["address"]: row for row in locate(standard, received).to_pylist()}
        assert set(found) == set(addresses)
        parts, places = each("address_parts(v)", addresses), each(f"address_place(v, '{year}')", addresses)
        for address, part, place in zip(addresses, parts, places, strict=True):
            row = found[address]
            assert {name: row[name] for name in PLACE_PARTS} == {name: part[name] for name in PLACE_PARTS}
            wanted = (None, None) if place is None else (place["code"], float(place["confidence"]))
            assert (row["division_code"], row["confidence"]) == wanted
