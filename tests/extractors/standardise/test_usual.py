"""Texts that are told at a glance to be their own standard form: what the glance says, the rules say too."""

from __future__ import annotations

import random
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given

from extractors import standardise
from extractors.by_value import FormsByValue, formed, glanced_forms
from extractors.glances import glances_of
from extractors.kinds import KINDS
from extractors.staging import MACROS
from extractors.standard_form import field_sql
from extractors.standardise.macros import NOTE_WORDS
from extractors.standardise.soundness import Soundness
from extractors.standardise.spells import division_ends
from extractors.standardise.tables import code_variants
from extractors.standardise.usual import CHECKS, STAMPS, VALUES, are_company_names, are_names, usual_stamps
from tests.extractors.conftest import CONTRACTS
from tests.extractors.samples import id_number
from tests.extractors.standardise.conftest import AS_OF, Each
from tests.extractors.standardise.test_laws import FEW, ODD_TEXTS

SOUND = {
    "uscc": "92510104MA6X90015E",
    "bank_card": "6222021234567890128",
    "organisation_code": "71526726X",
    "registration_no": "440301103097413",
}
FORMS = {kind: form for kind, form in KINDS.items() if form.plain and kind not in ("id", *SOUND)}
SAID = [
    "张三", "欧阳小明", "天乐有限公司", "四川航空股份有限公司2店", "13812345678", "12.50", "-0.5", "20200101083000", "2020-01-01 08:30:00",
    "20200230083000", "2020-01-01 24:30:00", "20200131", "2020-02-29", "2021-02-29", "19000101", "20991231", "成都市锦江区春熙路1号", "A-1#2",
    "13800000000", "15412345678", "510104", "510199", "519999", "01", "汉族", "男", "1", "202013", "202012", "居民身份证",
]  # fmt: skip


def test_usual_forms(each: Each) -> None:
    assert each("has_name_words(v)", ["张三", "王已故", "待定"]) == [False, True, True]
    assert each("is_usual_address(v)", ["成都市锦江区1-2号", "成都市 锦江区"]) == [True, False]


def test_words_that_make_no_name_are_no_usual_names() -> None:
    words = [
        *NOTE_WORDS.split("|"),
        "锟斤拷",
        "斤拷",
        "王之子",
        "某某",
        "佚名",
        "姓名",
        "测试",
        "略",
        "无名氏",
        "不详",
        "未知",
        "没有",
        "待定",
        "暂缺",
    ]
    named = [name for word in words for name in (word[:4], f"王{word}"[:4])]
    assert [name for name, is_name in zip(named, are_names(pa.array(named)), strict=True) if is_name] == []


def test_words_that_name_no_company_are_no_usual_names() -> None:
    named = [
        "无",
        "暂无",
        "不详",
        "未知号码",
        "UNKNOWN号码",
        "NULL",
        "天乐有限公司已注销",
        "天乐公司被吊销企业",
        "天乐(成都)公司",
        "无身份证号码",
    ]
    assert are_company_names(pa.array(named)).tolist() == [False] * len(named)
    assert are_company_names(pa.array(["无线电厂七车间附属商店", "空气能专卖店", "乐"])).tolist() == [True, False, True]


def _values(kind: str, texts: pa.Array) -> list[Any]:
    """The standard form of each text that is usual, else None."""
    if kind == "timestamp":
        found = [usual_stamps(texts, form).to_pylist() for form in STAMPS]
        return [one or other for one, other in zip(*found, strict=True)]
    if kind in VALUES:
        return list(VALUES[kind](texts).to_pylist())
    return [text if told else None for text, told in zip(texts.to_pylist(), CHECKS[kind](texts), strict=True)]


@FEW
@given(ODD_TEXTS)
def test_a_usual_text_is_its_standard_form_and_nothing_is_found(each: Each, texts: list[str]) -> None:
    asked = [*SAID, *texts, *[text[:2] + odd for text, odd in zip(SAID, texts, strict=False)]]
    for kind, form in FORMS.items():
        told = form.findings.replace("{s}", f"({form.standard})").replace("{r}", "v")
        law = f"({form.standard.replace('{r}', 'v')}, coalesce(len({told or 'NULL::VARCHAR[]'}), 0))"
        found = _values(kind, pa.array([None, *asked], pa.string()).slice(1))
        wanted = each(law, asked)
        wrong = [
            text
            for text, value, said in zip(asked, found, wanted, strict=True)
            if value not in (None, said[0]) or (value and said[1])
        ]
        assert wrong == [], kind
        assert any(value is not None for value in found), kind


@pytest.mark.parametrize("feed", ["ca_assist", "hrss_card", "nhsa_insured", "ps_person", "tax_contrib", "mr_entity"])
def test_what_is_known_at_a_glance_is_what_the_macros_say(feed: str) -> None:
    contract = CONTRACTS[feed]
    columns = field_sql(contract)
    listed = [text for column in contract.columns for texts in column.codes.values() for text in texts]
    with standardise.connect(as_of=AS_OF, threads=1, keys=False) as connection:
        for macro in MACROS:
            connection.execute(macro)
        variants = [variant for _, variant, _, _ in code_variants()]
        areas = [code for (code,) in connection.execute("SELECT DISTINCT code FROM ref_division").fetchall()]
        numbers = [*SOUND.values(), *(id_number(n) for n in range(50))]
        texts = pa.array(sorted({*SAID, *numbers, *listed, *variants, *areas, "510199", "51010", "\ufffd"}))
        glances = glances_of(columns, Soundness(AS_OF, division_ends(connection, AS_OF.year)))
        forms = FormsByValue(columns, glances)
        for table, glance in glances.items():
            sharing, lookup = forms.sharing[table], forms.sharing[table][0].lookup
            assert lookup is not None
            found = glance(texts)
            known = texts.filter(pc.is_valid(found))
            told = glanced_forms(sharing, known, found.drop_null(), forms.known[table].schema)
            law = formed(connection, lookup, sharing, known)
            assert told.drop_columns("codes").equals(law.drop_columns("codes")), table
            assert len(known) < len(texts), table
            assert len(known) or sharing[0].field.form, table


@pytest.mark.parametrize("kind", ["id", *SOUND])
def test_a_sound_number_has_no_reason_against_it(standard: duckdb.DuckDBPyConnection, each: Each, kind: str) -> None:
    chance = random.Random(7)
    numbers: list[str | None] = [None, "", "1" * 18, "9" * 18, "12345678901234567X", "510104198501029000"]
    for n in range(3000):
        number = list(id_number(n) if kind == "id" else SOUND[kind])
        for _ in range(chance.choice((0, 1, 1, 2))):
            number[chance.randrange(len(number))] = chance.choice("0123456789XA ")
        numbers.append("".join(number)[: chance.choice((len(number), len(number), 17, 16))])
    checks = Soundness(AS_OF, division_ends(standard, AS_OF.year)).checks
    found = checks[kind](pa.array(numbers, pa.string()).slice(1)).tolist()
    law = {
        "id": "is_sound_id18(v)",
        "uscc": "uscc_is_valid(v)",
        "bank_card": "length(v) BETWEEN 16 AND 19 AND luhn_is_valid(v)",
        "organisation_code": "org_code_is_valid(v)",
        "registration_no": "registration_no_is_valid(v)",
    }
    wanted = each(f"coalesce({law[kind]}, FALSE)", numbers[1:])
    assert [n for n, a, b in zip(numbers[1:], found, wanted, strict=True) if a != b] == []
    assert 100 < sum(found) < len(found)
