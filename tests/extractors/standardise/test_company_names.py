"""Enterprise names: the structure and the variants of domain section 4."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.extractors.standardise.conftest import Each

Table = Callable[[str, dict[str, Any]], None]


def parts(
    place: str | None, trade: str | None, industry: str | None, form: str | None, branch: str | None = None
) -> dict[str, Any]:
    return {
        "place": place,
        "trade_name": trade,
        "industry": industry,
        "legal_form": form,
        "branch": branch,
        "is_branch": branch is not None,
    }


def test_display_form(table: Table) -> None:
    table(
        "std_company_name(v)",
        {
            "新希望(四川)农业有限公司": "新希望（四川）农业有限公司", "新希望（四川）农业有限公司 ": "新希望（四川）农业有限公司", "成都某某有限公司(注销)": "成都某某有限公司",
            "成都某某有限公司（筹）": "成都某某有限公司", "成都某某有限公司(原成都别名有限公司)": "成都某某有限公司", "ａｂｃ公司": "ABC公司", "无": None, "": None, "--": None,
        },
    )  # fmt: skip


def test_parts(table: Table) -> None:
    table(
        "company_parts(v)",
        {
            "四川天乐商贸有限公司": parts("四川", "天乐", "商贸", "有限公司"),
            "新希望（四川）农业有限公司": parts("四川", "新希望", "农业", "有限公司"),
            "成都天乐电器股份有限公司": parts("成都", "天乐", "电器", "股份有限公司"),
            "成都天乐电器有限责任公司一分公司": parts("成都", "天乐", "电器", "有限公司", "一分公司"),
            "锦江区张三小吃店": parts("锦江区", "张三", None, "小吃店"),
            "青羊区李四农民专业合作社": parts("青羊区", "李四", None, "农民专业合作社"),
            "长虹": parts(None, "长虹", None, None),
        },
    )  # fmt: skip


def test_variants_of_one_name_share_a_key_and_another_enterprise_does_not(each: Each) -> None:
    same = [
        "四川省成都市天乐商贸有限公司", "四川天乐商贸有限公司", "成都市天乐商贸有限责任公司", "天乐（四川）商贸有限公司", "天乐(四川)商贸有限公司", "成都天樂商貿有限公司",
        "成都天乐商贸 有限公司", "成都天乐商贸有限公司(注销)", "成都天乐商贸有限公司（筹）",
    ]  # fmt: skip
    assert set(each("company_key(v)", same)) == {"天乐商贸|有限公司|"}
    others = [
        "成都天乐商贸股份有限公司",
        "成都天乐商贸有限公司一分公司",
        "成都天乐商贸有限公司二分公司",
        "成都天乐贸易有限公司",
        "成都天月商贸有限公司",
    ]
    assert len({*each("company_key(v)", others), "天乐商贸|有限公司|"}) == 6
    ways = ["成都天乐商贸有限公司一分公司", "成都天乐商贸有限公司第一分公司", "成都天乐商贸有限公司1分公司"]
    assert set(each("company_key(v)", ways)) == {"天乐商贸|有限公司|1分公司"}
    assert each("company_text(v)", ["绵阳天乐商贸有限公司"]) == [
        "绵阳|天乐|商贸|有限公司|"
    ]  # the place stays for comparison


def test_branches_begin_with_their_parent(each: Each) -> None:
    branches = ["分公司", "第二分公司", "春熙路分店", "绵阳办事处", "天府项目部", "春熙路营业部"]
    assert each("company_parts('成都天乐连锁股份有限公司' || v).is_branch", branches) == [True] * len(branches)


def test_notes_and_flags(table: Table) -> None:
    table(
        "company_flags(v)",
        {
            "成都天乐商贸有限公司": [], "成都天乐商贸有限公司(注销)": ["CLOSED", "NOTE"], "成都天乐商贸有限公司(筹)": ["PREPARING", "NOTE"],
            "成都天乐商贸有限公司(原成都别名有限公司)": ["FORMER_NAME", "NOTE"], "成都**商贸有限公司": ["MASKED"], "无": ["PLACEHOLDER"],
            "成都?乐商贸有限公司": ["PLACEHOLDER_CHAR"], "成都\ue000乐商贸有限公司": ["PRIVATE_USE"], "ABC": ["LATIN"],
        },
    )  # fmt: skip
    table(
        "company_former_name(v)",
        {
            "成都天乐商贸有限公司(原成都别名有限公司)": "成都别名有限公司",
            "成都天乐商贸有限公司(曾用名:成都旧名有限公司)": "成都旧名有限公司",
            "成都天乐商贸有限公司": None,
        },
    )
    table("number_words(v)", {"第一分公司": "1分公司", "二十三": "23", "十二": "12", "壹": "1"})
    table("_company_clean(v)", {"ａ【b】": "A(B)"})
    table("_company_bare(v)", {"甲公司(注销)": "甲公司"})
