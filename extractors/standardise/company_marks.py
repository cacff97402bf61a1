"""The borders of an enterprise name, as DuckDB SQL: a mark at each, one regular expression a border, and the cut at the marks.

A large vocabulary stands only in expressions without capture (`\\0`): RE2 answers those with its automaton, up to about
3,000 words.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

PLACE, TRADE, INDUSTRY, FORM, MIDDLE = "␜␝␞␟␘"
MARKS = PLACE + TRADE + INDUSTRY + FORM + MIDDLE

ZONE = (
    "高新技术产业开发区|经济技术开发区|经济开发区|高新技术开发区|自由贸易试验区|天府新区|东部新区|高新区|经开区|开发区|"
    "保税区|新区"
)
# A county or district of another province: only with its kind word, and no 小区, 园区, 山区 ... that look alike.
FAR_COUNTY = "[^()公司厂店]{0,2}[^()公司厂店]县|[^()公司厂店]{1,2}[^()城都小园社景厂库校片山牧战特地新湾专公司]区"
TOWN = "[^()古小城村公司厂店]{2,3}(?:街道办事处|街道|镇|乡)"

COMPANY = "股份有限责任公司|股份有限公司|有限责任公司|有限公司|股份公司|总公司|公司"
# 有限公司 and 有限责任公司 with one slip of the hand, or cut off.
ENDING_SLIPS = (
    "有限责任公.?|有限责任.司|有限责.公司|有限.任公司|有.责任公司|[^股份]限责任公司|有限责公司|有限任公司|有责任公司|"
    "有限公.?|有限.司|有[^有]公司|有限司|有限责任?|有限"
)
COOPERATIVE = "农民专业合作社|专业合作社|股份合作社|合作社|专业合作社?联合社|合作社?联合社|合作联社|家庭农场"
SHOP = (
    "经营部|门市部|营业部|销售部|服务部|经销部|批发部|零售部|维修部|加工部|收购部|修理部|物资部|门市|经销处|商务部|工作室|"
    "会计师事务所|律师事务所|税务师事务所|事务所|服务中心|培训中心|咨询中心|服务站|生活馆|艺术馆|体验馆|专卖店|专营店|旗舰店|便利店|"
    "连锁店|加盟店|商店|书店|花店|网店|饭店|酒店|小吃店|面馆|餐馆|茶馆|会馆|宾馆|旅馆|会所|诊所|研究所|研究院|设计院|医院|学院|学校|"
    "幼儿园|养老院|敬老院|养殖场|种植场|游乐场|农场|林场|牧场|商场|市场|卖场|超市|餐厅|歌厅|茶楼|酒楼|茶庄|山庄|商行|商号|货行|车行|"
    "茶行|酒行|贸易行|商贸行|批发行|精品行|艺术行|专柜|苗圃|合伙企业|基金会|商会|协会|学会|联合会|促进会|委员会|工业园|产业园|"
    "园艺场|旅行社|中心|企业|集团|[店厂部行社馆坊院所场站铺屋室摊柜庄园校城处局会苑居轩堂]"
)
PARTNERSHIP = "特殊普通合伙|普通合伙|有限合伙|个人独资|合伙"
# What is a branch whatever stands before it, and what is one behind a works, a shop or a partnership.
BRANCH = "分[店厂校院社行所园部]|支行|分理处|储蓄所|分公司|支公司|子公司|办事处|代表处|联络处|项目经理部|项目部"
OUTPOST = "营业部|营业厅|门市部|直营店|专营店|专卖店|旗舰店|体验店|加盟店|连锁店|经营部|销售部|服务部|食堂|加油站|仓库|车间|工会"
ORDINAL = "第?[一二三四五六七八九十百零〇壹贰叁肆伍陆柒捌玖拾0-9]+"


def quote(text: str) -> str:
    """A SQL string constant."""
    return "'" + text.replace("'", "''") + "'"


def replaced(text: str, pattern: str, into: str, flags: str = "") -> str:
    """SQL: regexp_replace of the expression `text`."""
    return f"regexp_replace({text}, {quote(pattern)}, {quote(into)}{', ' + quote(flags) if flags else ''})"


@dataclass(frozen=True)
class Mark:
    """One border: what is replaced by what. Where `when` (SQL over `s`) fails, nothing would be, or only by `otherwise`."""

    pattern: str
    into: str
    when: str = ""
    otherwise: str = ""

    def sql(self, text: str) -> str:
        """SQL: the replacement over any expression."""
        return replaced(text, self.pattern, self.into)

    def guarded(self) -> str:
        """SQL over `s`: the same, and quick where the condition fails."""
        if not self.when:
            return self.sql("s")
        rest = replaced("s", self.otherwise, self.into) if self.otherwise else "s"
        return f"CASE WHEN {self.when} THEN {self.sql('s')} ELSE {rest} END"


def marks(places: Iterable[str], industry: Iterable[str]) -> list[Mark]:
    """The borders in order: legal form ␟ branch ␞ place ␜ trade name ␝ industry."""
    place, words = ("|".join(map(re.escape, part)) for part in (places, industry))
    form = rf"(?:(?:集团|控股)*(?:{COMPANY})|{COOPERATIVE}|{SHOP})?(?:{PARTNERSHIP})?{FORM}"
    bracket = rf"(?:{MIDDLE}[^{MIDDLE}]*{MIDDLE})?"
    return [
        Mark(rf"\((集团|控股|{PARTNERSHIP})\)", r"\1", "contains(s, '(')"),
        Mark(rf"(?:{ENDING_SLIPS})$", "有限公司"),
        Mark("专业(?:合[^作]社|[^合]作社|合社|合作)$", "专业合作社"),
        Mark(rf"(?:{ORDINAL})?(?:{BRANCH})$", rf"{FORM}\0"),
        # What follows the parent's own legal form is the branch, unless the whole ends in 公司 again.
        Mark(r"^(.{2,}?公司)([^(合伙].*(?:[^司]|[分支子]公司))$", rf"\1{FORM}\2", "regexp_matches(s, '公司.')"),
        Mark(
            rf"^([^{FORM}]*?(?:普通合伙|有限合伙|个人独资))(.*(?:{OUTPOST}|{BRANCH}))$",
            rf"\1{FORM}\2",
            "regexp_matches(s, '普通合伙|有限合伙|个人独资')",
        ),
        Mark(
            rf"^([^{FORM}]{{4,}}?(?:[厂社院场学]|酒店|商店|中心|事务所))(.{{0,6}}(?:{OUTPOST}))$",
            rf"\1{FORM}\2",
            f"regexp_matches(s, '(?:{OUTPOST})$')",
        ),
        Mark(rf"^[^{FORM}]+$", rf"\0{FORM}", f"NOT contains(s, '{FORM}')"),
        Mark(r"^(.*?)\(([^()]{2,12})\)", rf"{MIDDLE}\2{MIDDLE}\1", "contains(s, '(')"),
        Mark(form, rf"{INDUSTRY}\0"),
        # Without the counties of elsewhere, which end in 县 or 区 as zones do, the automaton is small and five times as quick.
        Mark(
            rf"^{bracket}(?:{FAR_COUNTY}|{place}|{ZONE})*",
            rf"\0{PLACE}",
            "regexp_matches(s, '[县区]')",
            rf"^{bracket}(?:{place})*",
        ),
        Mark(rf"([^{PLACE}]){PLACE}({TOWN})", rf"\1\2{PLACE}", "regexp_matches(s, '[镇乡]|街道')"),
        # RE2 stays quick with the many industry words only at the very end of the text.
        Mark(rf"^([^{INDUSTRY}]*){INDUSTRY}(.*)$", rf"\2{INDUSTRY}\1"),
        Mark(rf"(?:{words})+$", rf"{TRADE}\0"),
    ]


def marked(name: str, places: Iterable[str], industry: Iterable[str]) -> str:
    """SQL: a cleaned name with marks at all borders."""
    text = name
    for mark in marks(places, industry):
        text = mark.sql(text)
    return text


def pieces(text: str) -> str:
    """SQL: STRUCT(form, branch, place, head, tail) of a marked name."""
    pattern = rf"^([^{FORM}]*){FORM}([^{INDUSTRY}]*){INDUSTRY}([^{PLACE}]*){PLACE}([^{TRADE}]*){TRADE}?(.*)$"
    return f"regexp_extract({text}, {quote(pattern)}, ['form', 'branch', 'place', 'head', 'tail'])"


def parts(r: str) -> dict[str, str]:
    """SQL for each part over the pieces `r`. A trade name has two characters at least: 天|天然气 is cut 天天|然气."""
    return {
        "place": f"replace({r}.place, '{MIDDLE}', '')",
        "trade_name": f"CASE WHEN length({r}.head) = 1 THEN {r}.head || left({r}.tail, 1) ELSE {r}.head END",
        "industry": f"CASE WHEN length({r}.head) = 1 THEN substr({r}.tail, 2) ELSE {r}.tail END",
        "legal_form": f"replace(replace({r}.form, '有限责任公司', '有限公司'), '股份公司', '股份有限公司')",
        "branch": f"replace({r}.branch, '{FORM}', '')",
    }


def cut(text: str) -> str:
    """SQL: STRUCT(place, trade_name, industry, legal_form, branch, is_branch) of a marked name; empty parts null."""
    fields = ", ".join(f"'{name}': nullif({sql}, '')" for name, sql in parts("r").items())
    return f"list_transform([{pieces(text)}], lambda r: {{{fields}, 'is_branch': r.branch <> ''}})[1]"


STEPS = len(marks((), ())) + 1
"""The macros company_step_0 to company_step_(STEPS - 1), then company_pieces and company_joined."""
