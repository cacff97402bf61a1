"""Person names: what a clerk, a keyboard or an old system does to a name is told from another name."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import names
from tests.matching.subjects import characters

CASES = [
    ("张伟", "张玮", names.SOUND),
    ("王玉梅", "王玉玫", names.SOUND),
    ("李末", "李未", names.LOOK_ALIKE),
    ("吉克木呷", "吉克木嘎", names.SOUND),
    ("泽仁卓玛", "次仁卓玛", names.SOUND),
    ("张三丰", "张丰三", names.LOOK_ALIKE),
    ("王小小明", "王小明", names.LOOK_ALIKE),
    ("张建国", "张建军", names.ONE_OFF),
    ("张伟", "张军", names.SURNAME),
    ("沙马日各", "沙马", names.PART),
    ("王?明", "王小明", names.HIDDEN),
    ("王?", "王明", names.MASKED),
    ("王**", "王小明", names.MASKED),
    ("王**", "李小明", names.DIFFERENT),
    ("吉克?曲布", "吉克曲布", names.HIDDEN),
    ("张yan", "张䶮", names.SOUND),
    ("张yan", "张伟", names.SURNAME),
    ("ZHANGSAN", "张三", names.SOUND),
    ("SANZHANG", "张三", names.SOUND),
    ("MANXIAO WANG", "汪蔓小", names.SOUND),
    ("MANXIAO WANG", "李蔓小", names.DIFFERENT),
    ("BI MING QU WU", "曲比乌明", names.SOUND),
    ("JIE SHAN", "单洁", names.SOUND),
    ("LU YAN", "吕艳", names.SOUND),
    ("LYU YAN", "吕艳", names.SOUND),
    ("王芳", "刘洋", names.DIFFERENT),
]


@pytest.mark.parametrize(("one", "two", "level"), CASES)
def test_level(one: str, two: str, level: int) -> None:
    found = int(names.compare_texts([one.upper()], [two], characters())[0])
    assert names.NAME_LEVELS[found] == names.NAME_LEVELS[level]


SIGNS = st.text(st.sampled_from("王张李欧阳建国军伟玮?*末未泽次卓玛ZN"), min_size=1, max_size=6)


@settings(max_examples=300, deadline=None)
@given(SIGNS, SIGNS)
def test_sides_do_not_matter(one: str, two: str) -> None:
    if one != two:
        known = characters()
        assert names.compare_pair(one, two, known) == names.compare_pair(two, one, known)
        both = names.compare_texts([one, two], [two, one], known)
        assert both[0] == both[1]


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("王张李建国军伟明小"), min_size=2, max_size=4), st.integers(0, 3))
def test_a_hidden_sign_never_speaks_against_the_name_it_hides(name: str, place: int) -> None:
    hidden = name[: place % len(name)] + "?" + name[place % len(name) + 1 :]
    assert names.compare_pair(name, hidden, characters()) in (names.HIDDEN, names.MASKED)
