"""Enterprise names by parts: DuckDB macros for standard form, parts, match key and flags.

A registered name is built of division, trade name (字号), industry and legal form (企业名称登记管理规定,
2021, article 6); a branch's name begins with its parent's. The macros set a mark at each border, one regular
expression a border, and cut at the marks, so that no name ever reaches Python. A large vocabulary stands only
in expressions without capture (`\\0`): RE2 answers those with its automaton, up to about 3,000 words.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

WORDS = Path(__file__).parents[1] / "reference" / "companies" / "industry_word.txt"
PLACE, TRADE, INDUSTRY, FORM, MIDDLE = "␜␝␞␟␘"
MARKS = PLACE + TRADE + INDUSTRY + FORM + MIDDLE

CLOSED = "(?:已|被|拟)?(?:迁出|迁入|注销|吊销|撤销|关闭|停业|歇业|清算|解散|破产|作废)(?:未注销|中|企业|登记|户)?"
PREPARING = "筹|筹备|筹建|筹备[组处]|筹建处|拟设立?"
FORMER = "(?:原名称|原企业名称|原名|原|曾用名|曾用|前身|更名前|变更前|旧名)[:为]?"
OTHER_NOTE = (
    "存续|在业|开业|在营|正常|新|旧|重复|重名|非正常户?|停用|暂停|本部|总部|[0-9]{1,2}|"
    "现名[^()]*|现?已?更名为?[^()]*|名称变更[^()]*"
)
OUTER = """[~'"`,.;:、，。_-]"""  # signs that stand around a name
NOTE = f"{CLOSED}|{PREPARING}|{FORMER}[^()]+|{OTHER_NOTE}"
EMPTY_WORDS = "无|无字号|无名称|未命名|不详|未知|暂无|没有|空|测试|NULL|NONE|N/A|NA|个体|个体户|个体工商户|自由职业|无单位|-+|/+|0+|[*?]+"

ETHNIC = (
    "各族|[藏羌彝苗回壮满侗瑶白傣黎畲水怒土京]族|蒙古族?|维吾尔|哈萨克|柯尔克孜|塔吉克|锡伯|土家族|布依族|哈尼族|朝鲜族|"
    "傈僳族|拉祜族|佤族|纳西族|景颇族|达斡尔族|仫佬族|毛南族|仡佬族|撒拉族|东乡族|保安族|裕固族|布朗族|独龙族|普米族|鄂温克族"
)
KIND = re.compile(rf"(?:(?:{ETHNIC})*自治[州县旗区]|特别行政区|地区|林区|矿区|[省市县区盟旗])$")
ZONE = (
    "高新技术产业开发区|经济技术开发区|经济开发区|高新技术开发区|自由贸易试验区|天府新区|东部新区|高新区|经开区|开发区|"
    "保税区|新区"
)
# A county or district of another province: only with its kind word, and no 小区, 园区, 山区 ... that look alike.
FAR_COUNTY = "[^()公司厂店]{0,2}[^()公司厂店]县|[^()公司厂店]{1,2}[^()城都小园社景厂库校片山牧战特地新湾专公司]区"
TOWN = "[^()古小城村公司厂店]{2,3}(?:街道办事处|街道|镇|乡)"

VAGUE = {"市辖区", "郊区", "城区", "市中", "东区", "西区", "矿区", "新区", "县", "省直辖县级行政单位"}

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


@cache
def industry_words() -> tuple[str, ...]:
    """Industry words, longest first (word list of companynameparser, pruned and extended; Apache-2.0)."""
    return longest_first(WORDS.read_text(encoding="utf-8").split())


def longest_first(words: Iterable[str]) -> tuple[str, ...]:
    """Distinct words of two characters or more, longest first, so that 成都市 is tried before 成都."""
    return tuple(sorted({word for word in words if len(word) >= 2}, key=lambda word: (-len(word), word)))


def bare_place(name: str) -> str:
    """A division's name without its kind: 成都市 → 成都, 北川羌族自治县 → 北川; unchanged if one character stays."""
    bare = KIND.sub("", name)
    return bare if len(bare) >= 2 else name


def place_words(divisions: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Division words that open a name, longest first.

    `divisions` are (GB/T 2260 code, name) pairs of any year, so old names count. Provinces, prefectures,
    county-level cities and all counties of Sichuan and Chongqing count with and without their kind word;
    other counties only with it, most by FAR_COUNTY, since their bare names (东方, 大方) are too often trade names.
    """
    words: set[str] = set()
    far_county = re.compile(FAR_COUNTY)
    for code, name in divisions:
        if code.endswith("00"):
            words |= {name, bare_place(name)} | ({bare_place(name) + "州"} if name.endswith("自治州") else set())
        elif code[:2] in {"51", "50"} or name.endswith("市"):
            words |= {name, bare_place(name)}
        elif not far_county.fullmatch(name):
            words.add(name)
    return longest_first(words - VAGUE)


def quote(text: str) -> str:
    """A SQL string constant."""
    return "'" + text.replace("'", "''") + "'"


def replaced(text: str, pattern: str, into: str, flags: str = "") -> str:
    """SQL: regexp_replace of the expression `text`."""
    return f"regexp_replace({text}, {quote(pattern)}, {quote(into)}{', ' + quote(flags) if flags else ''})"


def cleaned(text: str) -> str:
    """SQL: half width, capitals, round brackets, no white space or invisible characters."""
    odd = "[]{}【】〔〕〈〉《》「」『』"
    folded = f"fold_widths({text})"
    round_ = f"CASE WHEN regexp_matches(f, '[【】〔〕〈〉《》{{}}\\[\\]「」『』]') THEN translate(f, {quote(odd)}, '()()()()()()()()()') ELSE f END"
    squeezed = replaced("t", rf"[\s{MARKS}]+", "", "g")
    trimmed = replaced(squeezed, rf"^(?:=|{OUTER})+|{OUTER}+$", "", "g")
    slow = f"list_transform(list_transform([{folded}], lambda f: {round_}), lambda t: upper({trimmed}))[1]"
    return f"CASE WHEN regexp_full_match({text}, '[0-9A-Z()\\x{{4E00}}-\\x{{9FFF}}]+') THEN {text} ELSE {slow} END"


def without_notes(text: str) -> str:
    """SQL: notes in brackets, and a closing note hung on the end without them, removed from a cleaned name."""
    bracketed = replaced(text, rf"\((?:\((?:{NOTE})?\)|{NOTE})*\)", "", "g")
    ended = replaced(bracketed, rf"""(?:{CLOSED}|[-_/]+(?:{NOTE})|\((?:{NOTE})?|{OUTER})+$""", "")
    return replaced(ended, rf"^(?:=|{OUTER})+", "")


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


def branch_key(text: str) -> str:
    """SQL: a branch part with Arabic numerals and without kind words of places, for matching."""
    return replaced(f"number_words({text})", "[省市县区镇乡第]", "", "g")


def numbered(text: str) -> str:
    """SQL: number words as Arabic numerals without 第: 第一分公司, 一分公司, 1分公司 are one."""
    digits = f"translate({text}, '一二三四五六七八九〇零壹贰叁肆伍陆柒捌玖拾', '12345678900123456789十')"
    for pattern, into in (
        (r"([0-9])十([0-9])", r"\1\2"),
        (r"([0-9])十", r"\g0"),
        (r"十([0-9])", r"1\1"),
        ("十", "10"),
        ("第([0-9])", r"\1"),
    ):
        digits = replaced(digits, pattern, r"\10" if into == r"\g0" else into, "g")
    return digits


NOTE_FLAGS = {
    "CLOSED": rf"\({CLOSED}\)|{CLOSED}$",
    "PREPARING": rf"\((?:{PREPARING})\)",
    "FORMER_NAME": rf"\({FORMER}[^()]+\)",
    "NOTE": rf"\((?:{NOTE})\)",
    "MASKED": r"\*",
    "PLACEHOLDER": rf"^(?:{EMPTY_WORDS})$",
    "PLACEHOLDER_CHAR": "[?□■\ufffd]",
    "PRIVATE_USE": r"\p{Co}",
    "LATIN": r"^[A-Z0-9&.()\-]+$",
}


def register(connection: duckdb.DuckDBPyConnection, *, keys: bool = True) -> None:
    """Create the company macros on `connection`, which has the macros of text.sql. Null in, null out.

    std_company_name(s) standard display form · company_flags(s) VARCHAR[] · company_former_name(s) the name in a note
    (原…) · number_words(s). With `keys`, which need `ref_division` and the macro `fold_text`: company_parts(s)
    STRUCT(place, trade_name, industry, legal_form, branch, is_branch) · company_text(s) the parts folded for matching,
    `place|trade|industry|form|branch` · company_key(s) match key without place, `trade industry|form|branch`.
    """
    flags = ", ".join(
        f"CASE WHEN regexp_matches(t, {quote(pattern)}) THEN '{code}' END" for code, pattern in NOTE_FLAGS.items()
    )
    former = quote(rf"\({FORMER}([^()]+)\)")
    macros = {
        "_company_clean": cleaned("s"),
        "_company_bare": without_notes("_company_clean(s)"),
        "std_company_name": "list_transform([_company_bare(s)], lambda t: CASE WHEN NOT (t = '' OR is_empty_word(t)) "
        "THEN replace(replace(t, '(', '（'), ')', '）') END)[1]",
        "company_flags": f"list_transform([_company_clean(s)], lambda t: CASE WHEN t IS NOT NULL "
        f"THEN list_filter([{flags}], lambda f: f IS NOT NULL) END)[1]",
        "company_former_name": f"nullif(regexp_extract(_company_clean(s), {former}, 1), '')",
        "number_words": numbered("s"),
    }
    if keys:
        macros |= _key_macros(connection)
    for name, macro in macros.items():
        connection.execute(f"CREATE OR REPLACE MACRO {name}(s) AS {macro}")


def _key_macros(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    divisions = connection.execute("SELECT DISTINCT code, name FROM ref_division").fetchall()
    texts = [f"coalesce(p.{part}, '')" for part in ("place", "trade_name", "industry", "legal_form")]
    texts.append(branch_key("coalesce(p.branch, '')"))
    text = " || '|' || ".join(texts)
    joined = f"CASE WHEN p IS NOT NULL THEN nullif({text}, '||||') END"
    body = "CASE WHEN t[2] = '' THEN t[1] ELSE t[2] END || t[3]"
    key = f"CASE WHEN t IS NOT NULL THEN {body} || '|' || t[4] || '|' || t[5] END"
    words = place_words(divisions), industry_words()
    whole = cut(marked("_company_bare(s)", *words))
    return {
        **_step_macros(*words),
        "company_parts": f"CASE WHEN s IS NOT NULL THEN {whole} END",
        "company_text": f"list_transform([company_parts(fold_text(s))], lambda p: {joined})[1]",
        "company_key": f"list_transform([string_split(company_text(s), '|')], lambda t: {key})[1]",
    }


def _step_macros(places: Iterable[str], industry: Iterable[str]) -> dict[str, str]:
    """company_text in steps, each over the one before, for texts of plain form, which are nearly all of them.

    Inside a list_transform every chunk of rows compiles its regular expressions anew: steps as columns compile them once.
    """
    found = parts("s")
    branch = f"CASE WHEN s.branch IN ('', '{FORM}') THEN '' ELSE {branch_key(found['branch'])} END"
    told = [found[part] for part in ("place", "trade_name", "industry", "legal_form")]
    steps = {
        "company_is_plain": "regexp_full_match(s, '[0-9A-Z()\\x{4E00}-\\x{9FFF}]+') AND NOT has_variants(s) "
        "AND NOT regexp_matches(s, '[原曾]|^[0-9A-Z]{18}$')",
        "company_step_0": f"CASE WHEN regexp_matches(s, '[(]|{CLOSED}$') THEN {without_notes('s')} ELSE s END",
        "company_pieces": pieces("s"),
        "company_joined": "nullif(" + " || '|' || ".join([*told, branch]) + ", '||||')",
    }
    return steps | {f"company_step_{n}": mark.guarded() for n, mark in enumerate(marks(places, industry), 1)}


STEPS = len(marks((), ())) + 1
"""company_step_0 to company_step_(STEPS - 1), then company_pieces and company_joined."""
