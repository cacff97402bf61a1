"""Texts that are told at a glance to be their own standard form: what the glance says, the rules say too."""

from __future__ import annotations

import random

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given

from extractors.kinds import KINDS
from extractors.standardise import soundness
from extractors.standardise.spells import division_ends
from tests.extractors.samples import id_number
from tests.extractors.standardise.conftest import AS_OF, Each
from tests.extractors.standardise.test_laws import FEW, ODD_TEXTS

GLANCED = sorted(kind for kind, form in KINDS.items() if form.plain and not form.sound)
SOUND = {"uscc": "92510104MA6X90015E", "bank_card": "6222021234567890128"}


def test_texts_that_are_usual(each: Each) -> None:
    assert each("is_usual_name(v)", ["张三", "王已故", "某某", "张 三", "不明"]) == [True, False, False, False, False]
    assert each("has_name_words(v)", ["张三", "王已故", "待定"]) == [False, True, True]
    assert each("is_usual_address(v)", ["成都市锦江区1-2号", "成都市 锦江区"]) == [True, False]
    assert each("is_usual_company_name(v)", ["天乐有限公司", "天乐有限公司已注销", "天乐(成都)公司", "无"]) == [
        True,
        False,
        False,
        False,
    ]
    assert [
        day is not None for day in each("usual_timestamp(v)", ["20200101083000", "2020-01-01 08:30:00", "2020-1-1"])
    ] == [True, True, False]


@FEW
@given(ODD_TEXTS)
def test_a_usual_text_is_its_standard_form_and_nothing_is_found(each: Each, texts: list[str]) -> None:
    sound = [
        "张三",
        "天乐有限公司",
        "13812345678",
        "12.50",
        "20200101083000",
        "成都市锦江区春熙路1号",
        "71526726X",
        "440301103097413",
    ]
    for kind in GLANCED:
        form = KINDS[kind]
        names = {"{r}": "v", "{s}": f"({form.plain_form.replace('{r}', 'v')})"}

        def said(template: str, names: dict[str, str] = names) -> str:
            for name, expression in names.items():
                template = template.replace(name, expression)
            return template

        told = f"len({said(form.findings.replace('{reasons}', form.reasons))})" if form.findings else "0"
        law = f"{said(form.standard)} = {said(form.plain_form)} AND coalesce({told}, 0) = 0"
        wrong = each(f"coalesce({said(form.plain)}, FALSE) AND NOT coalesce({law}, FALSE)", texts + sound)
        assert [text for text, is_wrong in zip(texts + sound, wrong, strict=True) if is_wrong] == [], kind
        assert any(each(f"coalesce({said(form.plain)}, FALSE)", sound)), kind


@pytest.mark.parametrize("kind", ["id", "uscc", "bank_card"])
def test_a_sound_number_has_no_reason_against_it(standard: duckdb.DuckDBPyConnection, each: Each, kind: str) -> None:
    chance = random.Random(7)
    numbers: list[str | None] = [None, "", "1" * 18, "9" * 18, "12345678901234567X", "510104198501029000"]
    for n in range(3000):
        number = list(id_number(n) if kind == "id" else SOUND[kind])
        for _ in range(chance.choice((0, 1, 1, 2))):
            number[chance.randrange(len(number))] = chance.choice("0123456789XA ")
        numbers.append("".join(number)[: chance.choice((len(number), len(number), 17, 16))])
    checks = soundness.Soundness(AS_OF, division_ends(standard, AS_OF.year)).checks
    found = checks[kind](pa.array(numbers, pa.string()).slice(1)).tolist()
    law = {
        "id": "is_sound_id18(v)",
        "uscc": "uscc_is_valid(v)",
        "bank_card": "length(v) BETWEEN 16 AND 19 AND luhn_is_valid(v)",
    }
    wanted = each(f"coalesce({law[kind]}, FALSE)", numbers[1:])
    assert [n for n, a, b in zip(numbers[1:], found, wanted, strict=True) if a != b] == []
    assert 100 < sum(found) < len(found)
