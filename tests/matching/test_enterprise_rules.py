"""What domain 4 and 7.1 say of enterprises: one enterprise under every name it had, and those that only look like it."""

from __future__ import annotations

from functools import cache

import pytest

from matching.resolve import Resolution
from tests.matching.subjects import (
    Row,
    citizen,
    clusters_of,
    credit_code,
    enterprises,
    match,
    organisation_code,
    registration_number,
)

COUNTY = "510104"


def seen(key: str, name: str | None, code: str | None = None, **more: str | None) -> Row:
    """A record of Market Regulation's form."""
    return {"record_key": key, "department": "mr", "name": name, "uscc": code, "area_code": COUNTY, **more}


def company(number: int, kind: str = "91", area: str = COUNTY) -> str:
    """A valid code."""
    return credit_code(kind, area, f"MA6{number:05}")


def writings() -> list[Row]:
    """One enterprise under its code, its old numbers, and its name written otherwise."""
    code, old = company(101), registration_number("51010400001234")
    who: Row = {"legal_rep_name": "钱大海", "phone": "028-85551234", "address": "锦江区东大街99号5栋1单元301号"}
    return [
        seen("wide:code", "四川锦绣天府商贸有限公司", code, registration_no=old, **who),
        seen("wide:long", "四川省锦绣天府商贸有限责任公司", code, department="tax"),
        seen("wide:brackets", "锦绣天府商贸（四川）有限公司", code, department="hrss"),
        seen("wide:renamed", "四川蓉城云顶贸易有限公司", code, department="tax", legal_rep_name="钱大海"),
        seen("wide:organisation", "四川锦绣天府商贸有限公司", None, organisation_code=organisation_code("MA600101")),
        seen("wide:tax", "四川锦绣天府商贸有限公司", None, registration_no=COUNTY + organisation_code("MA600101")),
        seen("wide:old", "四川锦绣天府商贸有限公司", None, registration_no=old),
        seen("wide:slip", "四川锦绣天府商贸有限公司", code[:6] + "9" + code[7:], **who),
        seen("wide:name", "四川锦绣天府商贸有限公司", None, department="nhsa", legal_rep_name="钱大海"),
        seen("wide:mask", "四川锦绣天府商贸有限公司", code[:4] + "*" * 8 + code[12:], department="fin"),
    ]


def branches() -> list[Row]:
    """A parent, its branches, and payroll of a branch run on the parent's number."""
    parent, first, second = company(201), company(202), company(203)
    name = "成都麒麟阁餐饮有限公司"
    who: Row = {"legal_rep_name": "冯桂花", "phone": "028-85559999"}
    return [
        seen("branch:parent", name, parent, **who),
        seen("branch:parent:tax", name, parent, department="tax"),
        seen("branch:1", name + "第一分公司", first, parent_uscc=parent, **who),
        seen("branch:2", name + "第二分公司", second, parent_uscc=parent, **who),
        seen("branch:1:payroll", name + "第一分公司", parent, department="hrss"),
        seen("branch:1:lost", name + "第一分公司", None, department="nhsa", legal_rep_name="冯桂花"),
    ]


def lookalikes() -> list[Row]:
    """Another form, another number word, another city, a converted business: other subjects."""
    who: Row = {"legal_rep_name": "易水寒", "phone": "028-85557777"}
    return [
        seen("form:limited", "成都青羊宫酿造有限公司", company(301), **who),
        seen("form:stock", "成都青羊宫酿造股份有限公司", None, **who),
        seen("form:stock:code", "成都青羊宫酿造股份有限公司", company(302), **who),
        seen("number:1", "成都第一轴承厂", company(303), **who),
        seen("number:2", "成都第二轴承厂", None, **who),
        seen("city:1", "成都百味园食品有限公司", company(304), legal_rep_name="滕树根"),
        seen("city:2", "绵阳百味园食品有限公司", None, area_code="510703"),
        seen("shop:old", "锦江区滕记豆花店", company(305, "92"), legal_rep_name="滕树根", enterprise_type="9500"),
        seen("shop:new", "成都滕记豆花有限公司", company(306), legal_rep_name="滕树根", enterprise_type="1130"),
        seen("shop:new:lost", "成都滕记豆花有限公司", None, legal_rep_name="滕树根", enterprise_type="1130"),
    ]


def shops() -> list[Row]:
    """Names that many bear: the name alone joins nothing, two shops of one owner are two."""
    owner = citizen(COUNTY, "19660606", 905)
    rows = [
        seen(
            f"noodle:{n}", "兰州牛肉面馆", company(400 + n, "92"), legal_rep_name=f"马{n}", address=f"锦江区东大街{n}号"
        )
        for n in range(4)
    ]
    return [
        *rows,
        seen("noodle:lost", "兰州牛肉面馆", None, department="tax"),
        seen("same:1", None, None, legal_rep_name="汤玉宝"),
        seen("bare:1", "红旗小卖部", None, area_code=None),
        seen("bare:2", "红旗小卖部", None, area_code=None),
        seen("owner:1", "锦江区汤氏面馆", company(411, "92"), legal_rep_id=owner, address="锦江区东大街1号"),
        seen("owner:2", "锦江区汤氏百货店", company(412, "92"), legal_rep_id=owner, address="锦江区东大街1号"),
    ]


def crowd() -> list[Row]:
    """Ordinary enterprises, two records each."""
    trades, kinds = (
        ["宏达", "金诺", "华兴", "绿源", "天成", "鑫盛", "瑞丰", "明远", "永利", "嘉禾"],
        ["商贸", "建材", "科技", "物流", "餐饮", "农业", "广告", "装饰"],
    )
    rows = []
    for n, (trade, kind) in enumerate((t, k) for t in trades for k in kinds):
        name = f"成都{trade}{kind}有限公司"
        rows.append(seen(f"crowd:{n:03}a", name, company(1000 + n), phone=f"028-8444{n:04}"))
        rows.append(seen(f"crowd:{n:03}b", name, company(1000 + n), department="tax"))
    return rows


@cache
def resolved() -> Resolution:
    cases = (writings, branches, lookalikes, shops, crowd)
    return match(enterprises([row for case in cases for row in case()]), "enterprise")


SAME = [
    *[["wide:code", str(row["record_key"])] for row in writings()[1:]],
    ["branch:parent", "branch:parent:tax"],
    ["branch:1", "branch:1:payroll"],
    ["branch:1", "branch:1:lost"],
    ["form:stock", "form:stock:code"],
    ["shop:new", "shop:new:lost"],
]
APART = [
    ["branch:parent", "branch:1"],
    ["branch:parent", "branch:2"],
    ["branch:1", "branch:2"],
    ["form:limited", "form:stock"],
    ["form:limited", "form:stock:code"],
    ["number:1", "number:2"],
    ["city:1", "city:2"],
    ["shop:old", "shop:new"],
    ["noodle:0", "noodle:1"],
    ["noodle:0", "noodle:lost"],
    ["bare:1", "bare:2"],
    ["owner:1", "owner:2"],
]


@pytest.mark.parametrize("keys", SAME, ids=lambda keys: keys[-1])
def test_one_enterprise(keys: list[str]) -> None:
    cluster = clusters_of(resolved())
    assert len({cluster[key] for key in keys}) == 1


@pytest.mark.parametrize("keys", APART, ids="+".join)
def test_two_enterprises(keys: list[str]) -> None:
    cluster = clusters_of(resolved())
    assert cluster[keys[0]] != cluster[keys[1]]


def test_nobody_else_is_drawn_in() -> None:
    cluster = clusters_of(resolved())
    for row in crowd():
        key = str(row["record_key"])
        assert cluster[key] == key[:-1] + "a"


def test_no_cluster_holds_two_valid_codes() -> None:
    cluster = clusters_of(resolved())
    held: dict[str, set[str]] = {}
    for row in [row for case in (writings, lookalikes, shops, crowd) for row in case()]:
        code = row["uscc"]
        if code is not None and "*" not in code and row["record_key"] != "wide:slip":
            held.setdefault(cluster[str(row["record_key"])], set()).add(code)
    assert max(map(len, held.values())) == 1
