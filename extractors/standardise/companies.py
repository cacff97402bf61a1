"""Enterprise names by parts: DuckDB macros for standard form, parts, match key and flags.

A registered name is built of division, trade name (字号), industry and legal form (企业名称登记管理规定,
2021, article 6); a branch's name begins with its parent's. The macros set a mark at each border
(company_marks.py) and cut at the marks, so that no name ever reaches Python.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import duckdb

from extractors.standardise.character_classes import folded_class, unfolded_class
from extractors.standardise.company_marks import (
    FAR_COUNTY,
    FORM,
    MARKS,
    cut,
    marked,
    marks,
    parts,
    pieces,
    quote,
    replaced,
)

WORDS = Path(__file__).parents[1] / "reference" / "companies" / "industry_word.txt"

NAMED = re.compile(r"\b_?(?:std_)?company_|\bnumber_words\b")
"""The names of company macros in SQL."""
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
VAGUE = {"市辖区", "郊区", "城区", "市中", "东区", "西区", "矿区", "新区", "县", "省直辖县级行政单位"}


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


def macros(connection: duckdb.DuckDBPyConnection, *, keys: bool = True) -> dict[str, str]:
    """The SQL of each company macro over its only argument `s`, by name; they use the macros of text.sql. Null in, null out.

    std_company_name(s) standard display form · company_flags(s) VARCHAR[] · company_former_name(s) the name in a note
    (原…) · number_words(s). With `keys`, which need `ref_division` and the macro `fold_text`: company_parts(s)
    STRUCT(place, trade_name, industry, legal_form, branch, is_branch) · company_text(s) the parts folded for matching,
    `place|trade|industry|form|branch` · company_key(s) match key without place, `trade industry|form|branch`.
    """
    flags = ", ".join(
        f"CASE WHEN regexp_matches(t, {quote(pattern)}) THEN '{code}' END" for code, pattern in NOTE_FLAGS.items()
    )
    former = quote(rf"\({FORMER}([^()]+)\)")
    found = {
        "_company_clean": cleaned("s"),
        "_company_bare": without_notes("_company_clean(s)"),
        "std_company_name": "list_transform([_company_bare(s)], lambda t: CASE WHEN NOT (t = '' OR is_empty_word(t)) "
        "THEN replace(replace(t, '(', '（'), ')', '）') END)[1]",
        "company_flags": f"list_transform([_company_clean(s)], lambda t: CASE WHEN t IS NOT NULL "
        f"THEN list_filter([{flags}], lambda f: f IS NOT NULL) END)[1]",
        "company_former_name": f"nullif(regexp_extract(_company_clean(s), {former}, 1), '')",
        "number_words": numbered("s"),
    }
    return found | (_key_macros(connection) if keys else {})


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
        **_step_macros(*words, unfolded_class(folded_class(connection))),
        "company_parts": f"CASE WHEN s IS NOT NULL THEN {whole} END",
        "company_text": f"list_transform([company_parts(fold_text(s))], lambda p: {joined})[1]",
        "company_key": f"list_transform([string_split(company_text(s), '|')], lambda t: {key})[1]",
    }


def _step_macros(places: Iterable[str], industry: Iterable[str], plain: str) -> dict[str, str]:
    """company_text in steps, each over the one before, for texts of plain form, which are nearly all of them.

    Inside a list_transform every chunk of rows compiles its regular expressions anew: steps as columns compile them once.
    """
    found = parts("s")
    branch = f"CASE WHEN s.branch IN ('', '{FORM}') THEN '' ELSE {branch_key(found['branch'])} END"
    told = [found[part] for part in ("place", "trade_name", "industry", "legal_form")]
    steps = {
        "company_is_plain": f"regexp_full_match(s, '[0-9A-Z(){plain}]+') "
        "AND NOT regexp_matches(s, '[原曾]|^[0-9A-Z]{18}$')",
        "company_step_0": f"CASE WHEN regexp_matches(s, '[(]|{CLOSED}$') THEN {without_notes('s')} ELSE s END",
        "company_pieces": pieces("s"),
        "company_joined": "nullif(" + " || '|' || ".join([*told, branch]) + ", '||||')",
    }
    return steps | {f"company_step_{n}": mark.guarded() for n, mark in enumerate(marks(places, industry), 1)}
