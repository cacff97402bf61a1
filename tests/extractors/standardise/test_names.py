"""Names of persons: the tables of domain section 3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.extractors.standardise.conftest import Each

Table = Callable[[str, dict[str, Any]], None]
INTERPUNCTS = "·•・･‧∙⋅．.﹒。●᛫ꞏ⸱·․"
SURNAMES = {"单": "shan", "曾": "zeng", "仇": "qiu", "查": "zha", "解": "xie", "区": "ou", "盖": "ge"}


def test_every_interpunct_becomes_one(table: Table) -> None:
    table("std_name(v)", {f"扎西{dot}多吉": "扎西·多吉" for dot in INTERPUNCTS + "-－—"})
    table(
        "name_key(v)",
        {f"扎西{dot}多吉": "扎西多吉" for dot in INTERPUNCTS + "-－—"}
        | {"扎西多吉": "扎西多吉", "扎西 多吉": "扎西多吉"},
    )
    table("std_name(v)", {"扎西··多吉": "扎西·多吉", "·扎西多吉·": "扎西多吉", "扎西 多吉": "扎西多吉"})


def test_blanks_widths_and_invisible_characters_go(table: Table) -> None:
    table(
        "std_name(v)",
        {
            " 张小明　": "张小明", "张 小 明": "张小明", "张\u200b小明": "张小明", "张小明\ufeff": "张小明", "\u202d张小明\u202c": "张小明",
            "张小\u00ad明": "张小明", "ＺＨＡＮＧ　ＳＡＮ": "ZHANG SAN", "Zhang  San": "Zhang San", "⼀⼆": "一二", "张小明\t": "张小明",
        },
    )  # fmt: skip


def test_private_use_is_repaired_and_what_is_not_known_stays(table: Table) -> None:
    table(
        "std_name(v)", {"张\ue81e": "张\u9fb4", "张\ue863": "张䶮", "张\ue816": "张\U00020087", "张\ue000": "张\ue000"}
    )
    table("name_flags(v)", {"张\ue81e": [], "张\ue000": ["PRIVATE_USE"], "张\uf8f5": ["PRIVATE_USE"]})


def test_rare_characters_are_kept(table: Table) -> None:
    rare = ["王䶮", "王㛃", "王㳚", "王㵥", "王𬭚", "王𫖯"]
    table("std_name(v)", {name: name for name in rare})
    table("name_flags(v)", {name: [] for name in rare})
    table("name_key(v)", {"李(龙天)": "李䶮", "李（龙天）": "李䶮", "李䶮": "李䶮"})


def test_words_that_are_no_name_give_null(table: Table) -> None:
    table("std_name(v)", dict.fromkeys(["无", "不详", "无名氏", "某某", "NULL", "-", "", "　", "未知", "暂无"]))
    table("std_name(v)", {"张无忌": "张无忌", "吴某": "吴某"})
    table("is_no_name(v)", {"无": True, "": True, "佚名": True, "张三": False})


def test_flags_say_what_stands_beside_a_name(table: Table) -> None:
    table(
        "name_flags(v)",
        {
            "张三": [], "吉克曲布": [], "欧阳小明": [], "扎西·多吉": [],
            "张*": ["MASKED"], "张**": ["MASKED"], "*小明": ["MASKED"], "张?": ["PLACEHOLDER_CHAR"], "张□明": ["PLACEHOLDER_CHAR"],
            "张■": ["PLACEHOLDER_CHAR"], "吉克?曲布": ["PLACEHOLDER_CHAR"], "张YAN": ["LATIN"], "张yǎn": ["LATIN"], "ZHANG SAN": ["LATIN"],
            "张三1": ["DIGIT"], "张三(已故)": ["NOTE"], "张三已故": ["NOTE"], "张三之子": ["CHILD_OF"], "无": ["EMPTY_WORD"],
            "  ": ["EMPTY"], "张\ufffd": ["BROKEN_TEXT"], "锟斤拷": ["BROKEN_TEXT"], "510104198501029010": ["DIGIT", "NUMBER"],
        },
    )  # fmt: skip


def test_keys_fold_what_is_written_two_ways(table: Table) -> None:
    pairs = {"昇": "升", "喆": "哲", "堃": "坤", "峯": "峰", "羣": "群", "後": "后", "範": "范", "於": "于", "張": "张"}
    table(
        "name_key(v)",
        {f"王{one}": f"王{other}" for one, other in pairs.items()}
        | {f"王{other}": f"王{other}" for other in pairs.values()},
    )
    table(
        "name_key(v)",
        {
            "ZHANG SAN": "SAN ZHANG", "San Zhang": "SAN ZHANG", "ZHANG/SAN": "SAN ZHANG", "zhang.san": "SAN ZHANG",
            "张三(已故)": "张三", "张三（已故）": "张三", "张三1": "张三", "張yǎn": "张YAN", "张*": "张*", "无": None,
        },
    )  # fmt: skip
    table("simplified_character(v)", {"張": "张", "张": "张", "A": "A", "·": "·"})


def test_surnames_are_read_as_surnames(table: Table) -> None:
    table("name_pinyin(v)", {f"{ch}小明": f"{reading} xiao ming" for ch, reading in SURNAMES.items()})
    table("surname_reading(v)", SURNAMES | {"一": None})
    table(
        "name_pinyin(v)",
        {
            "万俟小明": "mo qi xiao ming", "万小俟": "wan xiao qi", "单于明": "chan yu ming", "尉迟明": "yu chi ming", "令狐明": "ling hu ming",
            "小单": "xiao dan", "扎西·多吉": "zha xi duo ji", "ZHANG SAN": "zhang san", "张YAN": "zhang yan", "張三": "zhang san",
            "张三(已故)": "zhang san", "欧阳小明月": "ou yang xiao ming yue", "任小华": "ren xiao hua", "无": None, "": None, "王": "wang",
            "吉克曲布": "ji ke qu bu", "王䶮": "wang yan",
        },
    )  # fmt: skip
    table("reading(v)", {"明": "ming", "A": None, "": None, "·": None})


def test_the_quick_way_to_pinyin_says_what_the_slow_way_says(each: Each) -> None:
    names = [
        first + second + third
        for first in "张王单曾任万于乐䶮"
        for second in "小明之无俟"
        for third in ("", "华", "·", "1", "𬭚")
    ]
    assert each("name_pinyin(v)", names) == each("slow_pinyin(v)", names)
    assert len(set(each("name_pinyin(v)", names))) > 100


def test_parts_of_the_name_macros(table: Table) -> None:
    table("clean_name(v)", {"“张 三”": "张三", "无": "无"})
    table("core_name(v)", {"张三(已故)": "张三", "张三先生": "张三", "张三": "张三", "(已故)": "(已故)"})
    table("bare_name(v)", {"张三(已故)": "张三", "张三1": "张三"})
    table("is_han_name(v)", {"张三": True, "张a": False})
    table("fold_interpuncts(v)", {"A.B": "A.B", "扎西.多吉": "扎西·多吉"})
    table("drop_blanks(v)", {"张 三": "张三", "Zhang San": "Zhang San"})
    table("latin_words(v)", {"Zhang/San": ["ZHANG", "SAN"], "Böll": ["BOLL"]})
    table("latin_key(v)", {"Zhang San": "SAN ZHANG", "-": "-"})
    table("join_parts(v)", {"李(龙天)": "李䶮", "李(已故)": "李(已故)"})
    table("composed_character(v)", {"龙天": "䶮", "天龙": None})
    table("syllables(v)", {"单A": "shan a"})
    table("plain_latin(v)", {"yǎn": "yan", "张〓": "张〓"})


def test_the_steps_of_a_match_key_make_the_key_of_any_name(each: Each) -> None:
    names: list[str | None] = [
        None,
        "",
        "张三",
        "单于明",
        "万俟秀英",
        "赵李□明",
        "張三(已故)",
        "Zhang, San",
        "ZHANG-san",
        "格桑．洛绒",
        "单建国2",
        "〓王",
        "锟斤拷",
    ]
    cores = each("core_name(v)", names)
    assert each("core_key(core_folded(v))", cores) == each("name_key(v)", names)
    assert each("spoken_core(v, syllables(v))", cores) == each("slow_pinyin(v)", names)
