"""Code tables and divisions (domain sections 2.1 to 2.4): codes, names or both, and never a guess."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import pytest

from tests.extractors.standardise.conftest import Each

Table = Callable[[str, dict[str, Any]], None]
ETHNIC_NAMES = (
    "汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 "
    "撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺"
)  # as GB/T 3304 numbers them


def test_sex(table: Table) -> None:
    table(
        "std_sex(v)",
        {
            "1": "1", "男": "1", "男性": "1", "1-男": "1", "1男": "1", "01": "1", "M": "1", "m": "1", "１": "1", " 男": "1", "2": "2", "女": "2",
            "女性": "2", "2:女": "2", "F": "2", "0": "0", "未知": "0", "9": "9", "未说明": "9", "1-女": None, "2男": None, "3": None, "x": None, "": None,
        },
    )  # fmt: skip


def test_ethnic_groups_by_number_and_name(table: Table) -> None:
    table("std_ethnicity(v)", {f"{number:02}": f"{number:02}" for number in range(1, 57)})
    table("std_ethnicity(v)", {str(number): f"{number:02}" for number in range(1, 10)})
    table(
        "std_ethnicity(v)",
        {name + kind: f"{number:02}" for number, name in enumerate(ETHNIC_NAMES.split(), 1) for kind in ("", "族")},
    )
    table(
        "std_ethnicity(v)",
        {
            "HA": "01",
            "yi": "07",
            "ZA": "04",
            "QI": "33",
            "04-藏族": "04",
            "97": "97",
            "98": "98",
            "57": None,
            "00": None,
            "04-彝族": None,
        },
    )


@pytest.mark.parametrize(
    ("code_table", "expected"),
    [
        ("marital", {"10": "10", "20": "20", "21": "21", "22": "22", "23": "23", "30": "30", "40": "40", "90": "90", "未婚": "10", "已婚": "20",
                     "丧偶": "30", "离婚": "40", "7": None}),
        ("relation", {"01": "01", "02": "02", "10": "10", "11": "11", "12": "12", "97": "97", "99": "99", "户主": "02", "配偶": "10", "妻": "12",
                      "户主之妻": None}),
        ("education", {"10": "10", "20": "20", "30": "30", "40": "40", "60": "60", "70": "70", "80": "80", "90": "90", "初中": "70", "某校": None}),
        ("political_affiliation", {f"{number:02}": f"{number:02}" for number in range(1, 14)} | {"群众": "13", "中共党员": "01", "14": None}),
        ("health", {"1": "1", "2": "2", "3": "3", "6": "6", "61": "61", "67": "67"}),
        ("personal_status", {code: code for code in ("11", "13", "17", "21", "24", "27", "31", "37", "51", "54", "70", "80", "90")}),
        ("insurance_type", {code: code for code in ("110", "170", "210", "310", "330", "410", "510", "120", "390")}),
        ("enterprise_type", {code: code for code in ("1000", "1100", "1110", "1130", "1140", "1150", "1151", "1190", "1200", "9500")}),
        ("industry", {letter: letter for letter in "ABCDEFGHIJKLMNOPQRST"} | {"U": None}),
        ("disability_category", {str(number): str(number) for number in range(1, 8)} | {"视力": "1", "听力": "2", "8": None}),
        ("disability_grade", {str(number): str(number) for number in range(1, 5)} | {"5": None}),
        ("enterprise_status", {"存续": "1", "在业": "1", "开业": "1", "在营": "1", "某状态": None}),
        ("no_such_table", {"1": None}),
    ],
)  # fmt: skip
def test_national_tables(table: Table, code_table: str, expected: dict[str, Any]) -> None:
    table(f"std_code('{code_table}', v)", expected)


def test_no_text_stands_for_two_codes_of_a_table(standard: duckdb.DuckDBPyConnection) -> None:
    found = standard.execute(
        "SELECT code_table, variant FROM ref_code GROUP BY ALL HAVING count(DISTINCT code) > 1"
    ).fetchall()
    assert found == []


def test_every_listed_text_is_found(standard: duckdb.DuckDBPyConnection, each: Each) -> None:
    rows = standard.execute("SELECT code_table || ':' || variant, code FROM ref_code").fetchall()
    assert each("std_code(split_part(v, ':', 1), substr(v, strpos(v, ':') + 1))", [key for key, _ in rows]) == [
        code for _, code in rows
    ]


def test_divisions_by_code(table: Table) -> None:
    table(
        "std_area(v)",
        {
            "510104": "510104", "510104000000": "510104", "510104001": "510104", "510104.0": "510104", " 510104": "510104", "５１０１０４": "510104",
            "510104-锦江区": "510104", "5101": "510100", "51": "510000", "512301": "512301", "500103": "500103", "110105": "110105",
            "519900": None, "000000": None, "999999": None, "51010": None, "": None, "无": None,
        },
    )  # fmt: skip


def test_divisions_by_name(table: Table) -> None:
    table(
        "std_area(v)",
        {
            "成都市": "510100", "成都": "510100", "四川省": "510000", "四川": "510000", "四川省成都市": "510100", "阿坝藏族羌族自治州": "513200",
            "阿坝州": "513200", "凉山州": "513400", "泸州市": "510500", "达州市达川区": "511703", "锦江区": "510104", "四川省成都市锦江区": "510104",
            "成都市锦江区": "510104", "四川成都锦江区": "510104", "四川省/成都市/锦江区": "510104", "会理市": "513402", "会理县": "513425",
            "凉山州会理县": "513425", "乐山市市中区": "511102", "乐山市中区": "511102", "四川省都江堰市": "510181", "甘孜州乡城县": "513336",
            "重庆市渝中区": "500103", "渝中区": "500103", "重庆市": "500000", "秀山土家族苗族自治县": "500241",
            "市中区": None, "锦江": None, "绵阳市锦江区": None, "重庆市锦江区": None, "广东省锦江区": None, "城关镇": None, "某地": None,
        },
    )  # fmt: skip


def test_a_name_of_a_place_leads_to_the_code_of_that_name(standard: duckdb.DuckDBPyConnection, each: Each) -> None:
    """Every county of Sichuan today, behind its prefecture, is found as itself."""
    rows = standard.execute(
        """
        SELECT above.name || county.name, county.code FROM ref_division county JOIN ref_division above
            ON above.code = county.code[:4] || '00' AND above.to_year = 9999
        WHERE county.code[:2] = '51' AND county.code[5:] <> '00' AND county.to_year = 9999
        """
    ).fetchall()
    assert len(rows) == 183
    assert each("std_area(v)", [name for name, _ in rows]) == [code for _, code in rows]
    assert each("std_area('四川省' || v)", [name for name, _ in rows]) == [code for _, code in rows]


def test_abolished_codes_lead_to_todays(table: Table) -> None:
    table(
        "current_area(v)",
        {
            "510202": "500103", "510221": "500115", "510222": "500113", "510281": "500118", "512201": "500101", "511202": "500101",
            "512301": "500102", "517002": "500102", "513523": "500114", "519005": "500118", "519006": "500117", "519007": "500116",
            "513001": "511702", "512901": "511300", "513101": "511800", "510122": "510116",
            "510124": "510117", "510132": "510118", "513425": "513402", "510104": "510104",
        },
    )  # fmt: skip
    table("area_reasons(v)", {"510104": [], "512301": [], "519900": ["DIVISION"], "x": ["DIVISION"]})
    table("division_successor(v)", {"513425": "513402", "510104": None})
    table("division_end(v)", {"510104": "9999", "513425": "2022", "519900": None})


# Names of places that left Sichuan in 1997 -> today's code (domain section 2.1).
CHONGQING = {
    "长寿": "500115", "綦江": "500110", "江津": "500116", "合川": "500117", "永川": "500118", "大足": "500111", "铜梁": "500151", "潼南": "500152",
    "荣昌": "500153", "璧山": "500120", "城口": "500229", "忠县": "500233", "云阳": "500235", "奉节": "500236", "巫山": "500237", "巫溪": "500238",
    "开县": "500154", "梁平": "500155", "丰都": "500230", "垫江": "500231", "武隆": "500156", "南川": "500119", "石柱": "500240", "秀山": "500241",
    "酉阳": "500242", "彭水": "500243",
}  # fmt: skip


def test_codes_of_chongqings_places_lead_there_whatever_prefecture_they_were_under(
    standard: duckdb.DuckDBPyConnection,
) -> None:
    rows = standard.execute(
        "SELECT DISTINCT code, name, current_area(code) FROM ref_division WHERE code[:2] = '51' AND to_year >= 1984 AND name[:2] IN "
        "(SELECT unnest(?::VARCHAR[]))",
        [list(CHONGQING)],
    ).fetchall()
    assert len(rows) > 35
    assert {(code, name): now for code, name, now in rows if now != CHONGQING[name[:2]]} == {}


def test_every_code_of_the_province_that_is_no_more_has_a_successor(standard: duckdb.DuckDBPyConnection) -> None:
    lost = standard.execute(
        """
        SELECT code FROM ref_division WHERE code[:2] = '51' AND code NOT IN (SELECT old_code FROM ref_division_successor)
        GROUP BY code HAVING max(to_year) < 9999 AND max(to_year) >= 1984
        """
    ).fetchall()
    assert lost == []


def test_parts_of_the_code_macros(table: Table) -> None:
    table("code_of('sex:' || v)", {"男": "1", "x": None})
    table("find_code('ethnicity', v)", {"4": "04", "004": None, "04": "04"})
    table("code_text(v)", {" １-男 ": "1-男"})
    table("code_words(v)", {"1-男": ["1-男", "1", "男"], "男": ["男", "", ""]})
    table("clean_code('sex', v)", {"1-男": "1", " 女": "2", "1-女": None})
    table("clean_area(v)", {"510104 ": "510104"})
    table("place_code(v)", {"成都锦江区": "510104", "成都市": "510100", "市中区": None})
    table(
        "place_plain(v)",
        {"川成都锦江区": "四川成都市锦江区", "内江市中区": "内江市市中区", "广东省": "广东省", "成都路": "成都路"},
    )
    table("code_of_place(v)", {"四川省都江堰市": "510181", "四川": "510000"})
    table("place_levels(v).county", {"四川省成都市锦江区某路": "锦江区", "某路": ""})
    table("place_key(place_levels(v))", {"四川省阿坝藏族羌族自治州茂县": "阿坝茂县", "四川省": "四川省"})
    table("code_of_levels(place_levels(v))", {"阿坝州茂县": "513223"})
