"""Enterprise names by parts: one name written otherwise, and the names that only look like it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import company_names as names
from matching import company_numbers as numbers
from tests.matching.subjects import characters, credit_code

BODIES = [
    ("长虹电器", "长红电器", names.SOUND),
    ("天府商贸", "天俯商贸", names.SOUND),
    ("末来科技", "未来科技", names.ALIKE),
    ("宏达?械", "宏达机械", names.ALIKE),
    ("新希望乳业", "新希望", names.SHORT),
    ("锦江春天餐饮", "锦江春天饮餐", names.ALIKE),
    ("蜀都机械", "蜀都机电", names.ONE_OFF),
    ("第一建筑", "第二建筑", names.DIFFERENT),
    ("蜀都1建筑", "蜀都2建筑", names.DIFFERENT),
    ("绿叶", "红叶", names.DIFFERENT),
    ("长虹电器", "通威饲料", names.DIFFERENT),
]


@pytest.mark.parametrize(("one", "two", "level"), BODIES)
def test_body_level(one: str, two: str, level: int) -> None:
    for pair in ((one, two), (two, one)):
        found = int(names.compare_body_texts([pair[0]], [pair[1]], characters())[0])
        assert names.BODY_LEVELS[found] == names.BODY_LEVELS[level]


BRANCHES = [
    ("成都分公司", "成都分公司", 1),
    ("分公司", "成都分公司", 1),
    ("成都第1分公司", "成都第2分公司", 0),
    ("1分店", "2分店", 0),
    ("宜宾分公司", "泸州分公司", 0),
]


@pytest.mark.parametrize(("one", "two", "level"), BRANCHES)
def test_branch_level(one: str, two: str, level: int) -> None:
    assert names.compare_branch_texts([one], [two])[0] == level
    assert names.compare_branch_texts([two], [one])[0] == level


NAMES = st.text(st.sampled_from("长虹红天府第一二三1电器商贸?科未末"), min_size=1, max_size=7)


@settings(max_examples=300, deadline=None)
@given(NAMES, NAMES)
def test_sides_do_not_matter(one: str, two: str) -> None:
    if one != two:
        found = names.compare_body_texts([one, two], [two, one], characters())
        assert found[0] == found[1]
        branches = names.compare_branch_texts([one, two], [two, one])
        assert branches[0] == branches[1]


CODE = credit_code("91", "510104", "MA6X9000")
CODES = [
    (CODE[:5] + "9" + CODE[6:], numbers.ONE_SLIP),
    (CODE[:-1], numbers.ONE_SLIP),
    (CODE.replace("0", "O"), numbers.ONE_SLIP),
    (CODE[:4] + "*" * 10 + CODE[14:], numbers.MASKED),
    ("9252" + "*" * 10 + CODE[14:], numbers.DIFFERENT),
    (CODE[:2] + "*" * 14 + CODE[16:], numbers.DIFFERENT),
    (credit_code("91", "511304", "MA6Y1234"), numbers.DIFFERENT),
]


@pytest.mark.parametrize(("other", "level"), CODES)
def test_code_level(other: str, level: int) -> None:
    for pair in ((CODE, other), (other, CODE)):
        found = int(numbers.compare_code_texts([pair[0]], [pair[1]])[0])
        assert numbers.CODE_LEVELS[found] == numbers.CODE_LEVELS[level]
