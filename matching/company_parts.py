"""The parts of enterprise names as code columns: place, trade name, industry, legal form, branch."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from matching.profiles import Column, Profiles

Kind = TypeVar("Kind", bound=np.generic)
PARTS = ("place", "trade", "industry", "form", "branch")
UNTOLD, LIMITED, JOINT_STOCK, GROUP, COOPERATIVE, SHOP = 0, 1, 2, 2, 5, 6
COMPANY_FORM = re.compile("公司$|集团$")
OUTPOST_FORM = re.compile(
    "(?:营业部|门市部|经营部|销售部|服务部|经销部|批发部|[直专]营店|专卖店|旗舰店|体验店|连锁店|加盟店)$"
)
"""Forms that are a branch's when a company stands under the same code, and an individual business's otherwise."""
TOWN = "^(?P<division>.*?)(?P<town>(?:[^省市县区州镇乡]{2,3}(?:街道办事处|街道|镇|乡))?)$"
Divisions = Iterable[tuple[str, str, int]]


def split_names(profiles: Profiles, divisions: Divisions, bare: Callable[[str], str]) -> None:
    """Add the parts of `company` and `former_company` as columns that share a dictionary each, `former_` before the latter's.

    `company` texts are `place|trade|industry|form|branch`. `body` is town, trade name, industry and a shop's kind (one
    person may run a noodle house and a store); a name without trade name begins with its division's code instead.
    `name` is body and branch. `tail` is the branch part, or the form that would be a branch's under a company's code.
    Numbers of each profile go to `extra`: form_class, is_branch, is_outpost, name_prefecture, name_county.
    """
    texts = profiles["company"].values
    flat = pc.list_flatten(pc.split_pattern(texts.fill_null("||||"), "|"))
    position = np.arange(len(texts)) * len(PARTS)
    part = {name: flat.take(pa.array(position + n)) for n, name in enumerate(PARTS)}
    told = pc.extract_regex(part["place"], TOWN)
    division, town = pc.struct_field(told, "division"), pc.struct_field(told, "town")
    place = _of_distinct(division, lambda words: place_codes(words, divisions, bare))
    form_class = _of_distinct(part["form"], form_classes)
    outpost = _of_distinct(part["form"], lambda forms: np.array([bool(OUTPOST_FORM.search(f)) for f in forms], bool))
    narrowest = np.where(place[:, 1] >= 0, place[:, 1], place[:, 0])
    code = pc.if_else(pa.array(narrowest >= 0), pa.array(narrowest).cast(pa.string()), division)
    lead = pc.binary_join_element_wise(town, pc.if_else(pc.equal(part["trade"], ""), code, part["trade"]), "")
    kind = pc.if_else(pa.array(form_class == SHOP), part["form"], "")
    body = pc.binary_join_element_wise(lead, part["industry"], kind, "")
    tail = pc.if_else(pc.equal(part["branch"], ""), pc.if_else(pa.array(outpost), part["form"], ""), part["branch"])
    made = {
        "trade": lead,
        "body": body,
        "name": pc.if_else(pc.equal(body, ""), "", pc.binary_join_element_wise(body, part["branch"], "|")),
        "tail": tail,
    }
    for name, values in made.items():
        encoded = pc.if_else(pc.equal(values, ""), None, values).dictionary_encode()
        table = np.append(pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False), -1).astype(np.int32)
        hashes = np.zeros(len(encoded.dictionary), np.uint64)
        for prefix in ("", "former_"):
            codes = table[profiles[f"{prefix}company"].codes]
            profiles.columns[prefix + name] = Column(codes, encoded.dictionary, hashes)
    numbers: dict[str, tuple[npt.NDArray[np.generic], int]] = {
        "form_class": (form_class, UNTOLD),
        "is_branch": (pc.not_equal(part["branch"], "").to_numpy(zero_copy_only=False), 0),
        "is_outpost": (outpost, 0),
        "name_prefecture": (place[:, 0], -1),
        "name_county": (place[:, 1], -1),
    }
    for name, (values, none) in numbers.items():
        profiles.extra[name] = np.append(values, values.dtype.type(none))[profiles["company"].codes]


def _of_distinct(texts: pa.Array, function: Callable[[list[str]], npt.NDArray[Kind]]) -> npt.NDArray[Kind]:
    """`function` over the distinct texts, spread over all of them."""
    encoded = texts.dictionary_encode()
    spread: npt.NDArray[Kind] = function(encoded.dictionary.to_pylist())[encoded.indices.to_numpy()]
    return spread


def form_classes(texts: list[str]) -> npt.NDArray[np.int8]:
    """Class of each legal form; GROUP is added for a group of companies."""
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
    return np.array(classes, np.int8)


def place_codes(texts: list[str], divisions: Divisions, bare: Callable[[str], str]) -> npt.NDArray[np.int32]:
    """[text, 2] prefecture (4 digits) and county (6 digits) a name's place words tell, -1 where they do not.

    `divisions` (code, name, last year in force); `bare(name)` drops the kind word. A word means what it meant last;
    one that names several places counts only beside one that decides, with Sichuan before the others.
    """
    latest: dict[str, tuple[int, set[int]]] = {}
    for code, name, year in divisions:
        for word in {name, bare(name)}:
            last, codes = latest.get(word, (0, set()))
            if year >= last:
                latest[word] = (year, {int(code)} if year > last else codes | {int(code)})
    longest = max(map(len, latest), default=0)
    answer = np.full((len(texts), 2), -1, np.int32)
    for number, text in enumerate(texts):
        prefecture = county = -1
        begin = 0
        while begin < len(text):
            sizes = range(min(longest, len(text) - begin), 1, -1)
            found = next((size for size in sizes if text[begin : begin + size] in latest), 0)
            if found:
                prefecture, county = _narrow(latest[text[begin : begin + found]][1], prefecture, county)
            begin += max(found, 1)
        answer[number] = prefecture, county
    return answer


def _narrow(codes: set[int], prefecture: int, county: int) -> tuple[int, int]:
    """What a place word adds to the prefecture and county known so far."""
    inside = {code for code in codes if code // 100 == prefecture} or {c for c in codes if c // 10000 == 51} or codes
    counties = {code for code in inside if code % 100}
    prefectures = {code // 100 for code in inside if code % 10000}
    if len(prefectures) != 1:
        return prefecture, county
    return prefectures.pop(), counties.pop() if len(counties) == 1 else county
