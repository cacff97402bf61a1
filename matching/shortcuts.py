"""Shorter ways to the values of texts whose form needs no work: nearly all of a province's names, numbers and addresses."""

from __future__ import annotations

from extractors.standardise.companies import EMPTY_WORDS
from extractors.standardise.company_marks import STEPS
from matching.model import Shortcut, Value

NAMED = f"(length(v) > 6 OR NOT regexp_full_match(upper(trim(v)), '{EMPTY_WORDS}'))"
"""SQL: the text is no word for 'none'."""
WITHOUT_BLANKS = r"regexp_replace(v, '[\t-\r\p{Z}\x{200B}-\x{200D}\x{FEFF}]+', '', 'g')"
UNITS, ONES = "组社号栋幢座楼单室段", "一二三四五六七八九"
LARGER = (
    f"[{ONES}十百〇零]{{3}}[{UNITS}]|[{ONES}百〇零][{ONES}十百〇零][{UNITS}]|[百〇零][{UNITS}]|十[十百〇零][{UNITS}]"
)


def _in_digits() -> str:
    """SQL: an address with the number words up to nineteen before its units in digits; one with larger words as it is."""
    told = f"regexp_replace(v, '十([{ONES}][{UNITS}])', '1\\1', 'g')"
    for number, word in enumerate(("十", *ONES)):
        told = f"regexp_replace({told}, '{word}([{UNITS}])', '{number or 10}\\1', 'g')"
    return f"CASE WHEN NOT regexp_matches(v, '{LARGER}') THEN {told} ELSE v END"


IN_DIGITS = _in_digits()


def steps(source: str, macro: str, count: int, begin: str = "v", layer: int = 0) -> tuple[tuple[Value, ...], str]:
    """Values that apply `macro`0 to `macro`(count - 1) to each other, one a layer; and the name of the last."""
    made: list[Value] = []
    last = begin
    for number in range(count):
        made.append(Value(f"{macro}{number}_", source, f"{macro}{number}({last})", layer=layer + number, is_kept=False))
        last = made[-1].name
    return tuple(made), last


def addresses() -> Shortcut:
    """Long addresses of Han characters, letters and digits, their numbers in digits or in words up to nineteen."""
    made, last = steps("address", "address_step_", 3)
    key = Value("address", "address", f"key_if_telling({last})", layer=3)
    return Shortcut("address", "address_is_plain(v)", (*made, key), IN_DIGITS)


def company_names() -> Shortcut:
    """Enterprise names of Han characters, digits and capitals, once cleaned and folded, that note no former name."""
    made, last = steps("name", "company_step_", STEPS)
    cut = Value("company_cut", "name", f"company_pieces({last})", layer=STEPS, is_kept=False)
    return Shortcut(
        "name",
        f"company_is_plain(v) AND {NAMED}",
        (*made, cut, Value("company", "name", "company_joined(company_cut)", "company", STEPS + 1)),
        "_company_clean(fold_text(v))",
    )


def person_names() -> Shortcut:
    """Names of up to four Han characters without variants, notes, masks, children's names and surnames read otherwise.

    Blanks among Han characters, which forms and files leave, say nothing.
    """
    values = (
        Value("name", "name", "v", "name"),
        Value("sound", "name", "plain_pinyin(v)"),
        Value("surname", "name", "v[1]"),
    )
    return Shortcut("name", "is_plain_name(v) AND NOT regexp_matches(v, '[某之]')", values, WITHOUT_BLANKS)


def legal_representatives() -> Shortcut:
    """The same for the name of an enterprise's legal representative, whose sound is not used."""
    return Shortcut("legal_rep_name", "is_plain_name(v)", (Value("legal_rep", "legal_rep_name", "v"),), WITHOUT_BLANKS)
