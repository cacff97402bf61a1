"""Enterprise names compared by parts: place, trade name with industry (the body), legal form, branch, number words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import process
from rapidfuzz.distance import OSA

from matching.characters import PLACEHOLDERS, Characters
from matching.model import Levels
from matching.pairs import Pairs
from matching.profiles import Column, Profiles

BODY_LEVELS = (
    "different",
    "same trade name only",
    "one character off",
    "short name or cut off",
    "look-alike or hidden character",
    "same sound",
    "equal",
)
DIFFERENT, TRADE, ONE_OFF, SHORT, ALIKE, SOUND, EQUAL = range(7)
BRANCH_LEVELS = ("another branch or parent", "may be the same branch", "same branch")
PLACE_LEVELS = ("different", "same prefecture", "same county")
PARTS = ("place", "trade", "industry", "form", "branch")
NUMBERS = re.compile("第?[一二三四五六七八九十百0-9]+")
COUNTING = re.compile("第[一二三四五六七八九十]+|[0-9]+")
ORDINAL = re.compile("[0-9]+(?=[分支号店部厂所队站项营食门加车仓工办]|$)")
"""A counting number in a branch part (number words are numerals there, so 四川 reads 4川 and must not count)."""
COMPANY_FORM = re.compile("公司$|集团$")


def split_names(profiles: Profiles) -> None:
    """Add the parts of `company` and `former_company` as columns that share a dictionary each (`trade`, `body`, ...).

    `company` texts are `place|trade|industry|form|branch`. The body is trade name and industry, or place and industry
    for a name without trade name; `name` is body, form and branch; `branch` '' means a name that is no branch's.
    """
    texts = profiles["company"].values
    pieces = pc.split_pattern(texts.fill_null("||||"), "|")
    flat = pc.list_flatten(pieces)
    position = np.arange(len(texts)) * 5
    part = {name: flat.take(pa.array(position + n)) for n, name in enumerate(PARTS)}
    lead = pc.if_else(pc.equal(part["trade"], ""), part["place"], part["trade"])
    # A shop's kind is part of its name (a person may run a noodle house and a store), a company's form is not.
    told = pc.dictionary_encode(part["form"])
    kind = pc.if_else(pa.array(form_classes(told.dictionary.to_pylist())[told.indices] == SHOP), part["form"], "")
    body = pc.binary_join_element_wise(lead, part["industry"], kind, "")
    made = {
        "place": part["place"],
        "trade": lead,
        "body": body,
        "form": part["form"],
        "branch": part["branch"],
        "name": pc.binary_join_element_wise(body, part["branch"], "|"),
    }
    for name, values in made.items():
        keep_empty = name in {"branch", "form"}
        encoded = (values if keep_empty else pc.if_else(pc.equal(values, ""), None, values)).dictionary_encode()
        table = np.append(pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False), -1).astype(np.int32)
        hashes = np.zeros(len(encoded.dictionary), np.uint64)
        for prefix in ("", "former_"):
            codes = table[profiles[f"{prefix}company"].codes]
            profiles.columns[prefix + name] = Column(codes, encoded.dictionary, hashes)


UNTOLD, LIMITED, JOINT_STOCK, GROUP, COOPERATIVE, SHOP = 0, 1, 2, 2, 5, 6


def form_classes(texts: Iterable[str]) -> npt.NDArray[np.int8]:
    """Class of each legal form, GROUP added for a group of companies; one more at the end for code -1."""
    classes = []
    for text in texts:
        group = GROUP if "集团" in text else 0
        if "股份有限" in text:
            classes.append(JOINT_STOCK + group)
        elif "有限公司" in text:
            classes.append(LIMITED + group)
        elif not text or COMPANY_FORM.search(text):
            classes.append(UNTOLD)
        else:
            classes.append(COOPERATIVE if "合作" in text or "农场" in text else SHOP)
    return np.array([*classes, 0], np.int8)


def compare_bodies(pairs: Pairs) -> Levels:
    """The names without place and form: equal; the same in sound or look; short; one character off; the trade name only."""
    levels = np.full(len(pairs), -1, np.int8)
    known: Characters = pairs.profiles.tables["characters"]
    both = pairs.present("body")
    equal = pairs.equal("body")
    levels[equal] = EQUAL
    looked = both & ~equal
    texts = pairs.over_texts("body", lambda one, two: compare_body_texts(one, two, known), looked, -1)
    levels[looked] = texts[looked]
    levels[looked & pairs.equal("trade") & (levels < TRADE)] = TRADE
    return levels


def compare_body_texts(one: list[str], two: list[str], known: Characters) -> npt.NDArray[np.int16]:
    """Levels of distinct unequal bodies (symmetric)."""
    if not one:
        return np.zeros(0, np.int16)
    away = process.cpdist(one, two, scorer=OSA.distance, score_cutoff=2, dtype=np.uint8)
    levels = np.zeros(len(one), np.int16)
    for place in np.flatnonzero(away <= 2).tolist():
        levels[place] = compare_body_pair(one[place], two[place], int(away[place]), known)
    for place in np.flatnonzero((away > 2) | (levels == DIFFERENT)).tolist():
        short, long = sorted((one[place], two[place]), key=len)
        if len(short) >= 2 and long.startswith(short):
            levels[place] = SHORT
    return levels


def compare_body_pair(one: str, two: str, away: int, known: Characters) -> int:
    """Level of two unequal bodies one or two edits apart. Another number word is another enterprise."""
    if differ_in_number(one, two) or min(len(one), len(two)) < 3:
        return DIFFERENT
    if len(one) == len(two):
        unequal = [(left, right) for left, right in zip(one, two, strict=True) if left != right]
        if all(left in PLACEHOLDERS or right in PLACEHOLDERS for left, right in unequal):
            return ALIKE
        if all(known.same_sound(*pair) for pair in unequal):
            return SOUND
        if all(known.same_sound(*pair) or known.look_alike(*pair) for pair in unequal) or sorted(one) == sorted(two):
            return ALIKE
    return ONE_OFF if away == 1 else DIFFERENT


def differ_in_number(one: str, two: str) -> bool:
    """The number words that count (第二, 2) differ, or the only difference is a number word."""
    if COUNTING.findall(one) != COUNTING.findall(two):
        return True
    return one != two and NUMBERS.sub("#", one) == NUMBERS.sub("#", two)


def compare_forms(pairs: Pairs) -> Levels:
    """The legal forms: a limited company, a joint-stock company, a group and a shop of one name are different subjects."""
    one, two = pairs.extra("form_class")
    levels = (one == two).astype(np.int8)
    levels[(one == UNTOLD) | (two == UNTOLD)] = -1
    return levels


def compare_branches(pairs: Pairs) -> Levels:
    """The branch parts: a branch is not its parent, and the second branch not the first."""
    levels = np.full(len(pairs), -1, np.int8)
    both = pairs.present("company")
    one, two = pairs.extra("is_branch")
    levels[both & (one | two)] = 0
    equal = pairs.equal("branch")
    levels[both & one & two & equal] = 2
    looked = both & one & two & ~equal
    texts = pairs.over_texts("branch", compare_branch_texts, looked, -1)
    levels[looked] = texts[looked]
    return levels


def compare_branch_texts(one: list[str], two: list[str]) -> npt.NDArray[np.int16]:
    """1 for branch parts that may be one (part of each other, or one character off), 0 for others and other numbers."""
    levels = np.zeros(len(one), np.int16)
    for place, (left, right) in enumerate(zip(one, two, strict=True)):
        if ORDINAL.findall(left) == ORDINAL.findall(right):
            short, long = sorted((left, right), key=len)
            inside = long.endswith(short) or long.startswith(short)
            levels[place] = int(inside or (len(long) > 4 and OSA.distance(left, right) <= 1))
    return levels


def compare_numbers_in_names(pairs: Pairs) -> Levels:
    """Number words in the names: the first and the second factory are two."""
    both = pairs.present("body") & ~pairs.equal("body")
    levels = np.full(len(pairs), -1, np.int8)
    texts = pairs.over_texts("body", _differing_numbers, both, -1)
    levels[both & (texts == 0)] = 0
    return levels


def _differing_numbers(one: list[str], two: list[str]) -> npt.NDArray[np.int16]:
    return np.array([0 if differ_in_number(a, b) else -1 for a, b in zip(one, two, strict=True)], np.int16)


def compare_former(pairs: Pairs) -> Levels:
    """A former name of one is the present name of the other."""
    levels = np.full(len(pairs), -1, np.int8)
    levels[pairs.equal("name", "former_name") | pairs.equal("former_name", "name")] = 1
    return levels


def place_codes(
    texts: Iterable[str], divisions: Iterable[tuple[str, str, int]], bare: Callable[[str], str]
) -> npt.NDArray[np.int32]:
    """[text, 2] prefecture (4 digits) and county (6 digits) a name's place words tell, -1 where they do not.

    `divisions` (code, name, last year in force); `bare(name)` drops the kind word. A word means what it meant last;
    one that names several places counts only beside one that decides, with Sichuan before the others.
    """
    latest: dict[str, tuple[int, set[int]]] = {}
    for code, name, year in divisions:
        for word in {name, bare(name)}:
            last, seen = latest.get(word, (0, set()))
            if year >= last:
                latest[word] = (year, {int(code)} if year > last else seen | {int(code)})
    known = {word: seen for word, (_, seen) in latest.items()}
    longest = max(map(len, known), default=0)
    answer = []
    for text in texts:
        prefecture = county = -1
        place = 0
        while place < len(text):
            for size in range(min(longest, len(text) - place), 1, -1):
                if codes := known.get(text[place : place + size]):
                    prefecture, county = _narrow(codes, prefecture, county)
                    place += size - 1
                    break
            place += 1
        answer.append((prefecture, county))
    return np.array([*answer, (-1, -1)], np.int32)


def _narrow(codes: set[int], prefecture: int, county: int) -> tuple[int, int]:
    """What a place word adds to the prefecture and county known so far."""
    inside = {code for code in codes if code // 100 == prefecture} or {c for c in codes if c // 10000 == 51} or codes
    counties = {code for code in inside if code % 100}
    prefectures = {code // 100 for code in inside if code % 10000}
    if len(prefectures) != 1:
        return prefecture, county
    return prefectures.pop(), counties.pop() if len(counties) == 1 else county


def compare_places(pairs: Pairs) -> Levels:
    """The places the names begin with: the same county or prefecture, or different ones."""
    one, two = pairs.extra("name_prefecture")
    left, right = pairs.extra("name_county")
    levels = np.where(one == two, 1, 0).astype(np.int8)
    levels[(one == two) & (left == right) & (left >= 0)] = 2
    levels[(one == two) & (left != right) & (left >= 0) & (right >= 0)] = 0
    levels[(one < 0) | (two < 0)] = -1
    return levels
