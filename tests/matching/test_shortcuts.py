"""A shortcut makes the very values of the long way, for every text it takes."""

from __future__ import annotations

import random
from datetime import date
from itertools import product

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from demo import identifiers
from matching.model import ByBytes, Model, Setting
from matching.profiles import connect
from matching.resolve import load_model
from matching.standard_values import ask, compute, standardise

SETTING = Setting(date(2026, 11, 1))
TEXTS = 6_000
DIGITS = "0123456789"
BLANKS = " \t\u3000\u00a0\u200b\u200d\ufeff\n"
PIECES: dict[str, tuple[str, ...]] = {
    "name": (
        *"王李张曾单解覃区仇万俟于小明建国丽蓉玥叶发某无未没待空缺略姓名佚名户主已故代领原东西国张國麗Xx?□·1 ",
        "四川省", "成都市", "成都", "锦江区", "武侯区", "新龙县", "阿坝藏族羌族自治州", "北川羌族自治县", "凉山州", "内江", "市中区",
        "东方区", "大石县", "高新区", "开发区", "龙泉驿区", "重庆市", "渝中区", "宏达", "天", "天然气", "商贸", "科技", "餐饮管理",
        "运输", "有限公司", "有限责任公司", "股份有限公司", "股份公司", "有限责任", "有限公", "专业合作社", "专业合社", "经营部",
        "超市", "面馆", "中心", "事务所", "医院", "公司", "集团", "(集团)", "(普通合伙)", "有限合伙", "个人独资", "分公司", "第一分公司",
        "二分店", "3号店", "十二营业部", "项目部", "食堂", "加油站", "(注销)", "(存续)", "(原宏达公司)", "原宏达", "(成都)", "(",
        ")", "()", "注销", "停业", "街道办事处", "大镇", "石乡", "第", "二", "十", "91510100MA61RJ7XXX",
    ),
    "address": (
        "四川省", "四川", "川", "成都", "成都市", "成都市市", "内江市", "内江", "市中区", "锦江区", "达川区", "双流县", "阿坝", "阿坝州",
        "凉山彝族自治州", "甘孜", "西昌市", "春熙路", "街道办事处", "街道", "社区", "村", "村委会", "居民委员会", "3组", "三组", "十组", "二十组", "十一社", "一百零三号", "三台县", "九寨沟县", "五楼", "2社", "十二号",
        "12号", "1栋", "2幢", "3号楼", "4座", "2单元", "二单元", "501", "501室", "附3号", "3-2-501", "12#2#301室", "-", "#", "A座", "甲栋",
        "一段", "路", "国", "國", "麗", " ", "，", "（", "同户籍地", "无", "不详", "小区", "花园", "新城", "乡", "镇", "区", "县", "州",
    ),
    "uscc": ("91510100MA61RJ7XXX", "92510104MA6C8RT31X", "91", "5101", "MA61RJ7X", "00", "O", "*", "-", " ", "成都宏达", *DIGITS, "X"),
    "id_number": ("510104", "19900307", "200002", "1990", "0307", "123", "00", "000", "X", "x", "*", "-", " ", "1.23E+17", *DIGITS),
    "birth_date": ("19", "20", "18", "99", "1990", "-", "-", "/", "年", "月", "日", ".", "0", "00", "12", "31", "02", "29", " ", *DIGITS),
}  # fmt: skip


ALIKE = {
    "legal_rep_name": "name", "legal_rep_id": "id_number", "organisation_code": "uscc", "registration_no": "uscc", "parent_uscc": "uscc",
}  # fmt: skip


def _texts(source: str) -> pa.Array:
    """Pieces put together at random, and what is of the right length for a number."""
    chance = random.Random(source)
    source = ALIKE.get(source, source)
    pieces = PIECES[source]
    made = {"".join(chance.choices(pieces, k=chance.randint(1, 9))) for _ in range(TEXTS)}
    signs = "王李张曾单解国麗小明叶发某无未"
    made |= {"".join(chance.choices(signs, k=chance.randint(1, 5))) for _ in range(TEXTS)}
    made |= {"".join(chance.choices([*signs, *BLANKS, "同志", "先生"], k=chance.randint(2, 6))) for _ in range(TEXTS)}
    if source == "birth_date":
        for dash in ("", "-"):
            parts = (
                ("1899", "1900", "1901", "1966", "1984", "2000", "2025", "2026", "2099", "2100"),
                ("00", "01", "02", "03", "04", "06", "09", "11", "12", "13"),
            )
            days = ("00", "01", "02", "15", "28", "29", "30", "31", "32")
            made |= {dash.join((*one, day)) for one in product(*parts) for day in days}
    if source in ("uscc", "id_number"):
        alphabet = DIGITS if source == "id_number" else "0123456789ABCDEFGHJKLMNPQRTUWXY"
        made |= {"".join(chance.choices(alphabet, k=17)) + chance.choice("0123456789X") for _ in range(TEXTS)}
        made |= {"510104199003072" + "".join(chance.choices(DIGITS + "X", k=3)) for _ in range(TEXTS)}
        made |= {"91510100MA61RJ7" + "".join(chance.choices("0123456789X", k=3)) for _ in range(TEXTS)}
        made |= set(_sound(source))
        made |= {"".join(chance.choices(alphabet, k=8)) + chance.choice("0123456789X") for _ in range(TEXTS)}
        made |= {
            chance.choice("0156789") + "".join(chance.choices(DIGITS, k=k))
            for k in (12, 14, 14)
            for _ in range(TEXTS // 3)
        }
        made |= {one * 18 for one in "0123456789X"} | {"123456789012345678", "12345678901234567X"}
    return pa.array(sorted(made), pa.string())


def _sound(source: str) -> list[str]:
    """Numbers right in every way, of many places and days."""
    few = np.arange(1500)
    if source == "id_number":
        codes = np.array([510104, 513001, 512301, 810000])[few % 4]
        return _told(identifiers.citizen_numbers(codes, few * 11 - 8000, 1 + few % 998))
    body = np.tile(np.frombuffer(b"91510100MA6000000", np.uint8), (len(few), 1))
    body[:, 12:16] = ord("0") + (few[:, None] // np.array([1000, 100, 10, 1]) % 10)
    whole = np.hstack([body[:, :8], identifiers.with_org_check(body[:, 8:16])])
    return _told(identifiers.with_uscc_check(whole))


def _told(digits: npt.NDArray[np.uint8]) -> list[str]:
    return [bytes(row).decode() for row in digits]


CASES = [
    (model, shortcut.source) for model in map(load_model, ("person", "enterprise")) for shortcut in model.shortcuts
]


@pytest.mark.parametrize(("model", "source"), CASES, ids=[f"{model.name} {source}" for model, source in CASES])
def test_a_shortcut_changes_no_value(model: Model, source: str) -> None:
    shortcut = next(one for one in model.shortcuts if one.source == source)
    values = [value for value in model.values if value.source == source and not value.like]
    likes = [value for value in model.values if value.source == source and value.like]
    kept = [value.name for value in values if value.is_kept]
    with connect(model, SETTING) as connection:
        texts = _texts(source)
        if isinstance(shortcut, ByBytes):
            is_plain, told = shortcut.function(connection, texts)
            plain = texts.filter(pa.array(is_plain))
            short_way = {name: told.get(name, pa.nulls(len(plain), pa.string())) for name in kept}
            assert set(told) <= set(kept)
        else:
            taken = ask(connection, texts, f"SELECT i, coalesce({shortcut.when}, false) AS p FROM received")
            plain = texts.filter(taken["p"])
            short_way = compute(connection, plain, shortcut.values, kept)
            assert {value.name for value in shortcut.values if value.is_kept} <= set(kept)
        assert 500 < len(plain) < len(texts), "the texts must try both ways"
        long_way = compute(connection, plain, values, kept)
        homes = {value.source for value in model.values if value.name in {one.like for one in likes}} - {source}
        both = standardise(connection, {source: texts} | {home: texts.slice(0, 9) for home in homes}, model)
        whole = compute(connection, texts, values, kept)
        asked = compute(connection, plain, likes, [value.name for value in likes]) if likes else {}
    assert all(column.null_count == len(column) for column in asked.values()), "plain texts are like nothing"
    for name in kept:
        for one, two in ((short_way, long_way), (both, whole)):
            of = (plain if one is short_way else texts).to_pylist()
            pairs = zip(of, one[name].to_pylist(), two[name].to_pylist(), strict=True)
            wrong = [(text, a, b) for text, a, b in pairs if a != b]
            assert not wrong, (name, wrong[:5])


@pytest.mark.parametrize("subject", ["person", "enterprise"])
def test_a_value_like_another_is_what_that_is(subject: str) -> None:
    model = load_model(subject)
    likes = [value for value in model.values if value.like]
    assert likes
    home = {value.name: value.source for value in model.values}
    with connect(model, SETTING) as connection:
        for value in likes:
            theirs = [one for one in model.values if one.source == home[value.like] and not one.like]
            texts = _texts("name" if value.source == "former_name" else value.source)
            sources = {value.source: texts} | {
                source: texts.slice(5, 50) for source in {home[value.like]} - {value.source}
            }
            found = standardise(connection, sources, model)[value.name]
            asked = compute(connection, texts, [value], [value.name])[value.name]
            answers = compute(connection, asked.drop_null(), theirs, [value.like])[value.like]
            assert len(found) == len(texts)
            assert len(answers)
            told = iter(answers.to_pylist())
            assert found.to_pylist() == [None if text is None else next(told) for text in asked.to_pylist()]
