"""What is particular to enterprises: whose code it is, branches that report under their parent, rules of evidence."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from extractors.standardise.companies import bare_place
from matching import company_names as names
from matching import company_numbers as numbers
from matching import names as person_names
from matching import places
from matching.characters import load
from matching.evidence import Evidence
from matching.model import Levels, Mask
from matching.pairs import Pairs
from matching.profiles import Column, Profiles

Codes = npt.NDArray[np.int32]
AREA_LEVELS = (
    "different prefecture",
    "other county of the prefecture",
    "the prefecture, no county told",
    "same county",
)
HOLDER_LEVELS = ("held by several codes", "held by one code at most")
SHORTEST_NAME = 4
"""Characters a name (with its closing mark) must exceed for 'nobody else has it' to mean something."""
REGISTRY_WEIGHT = 100
"""How many other records one of Market Regulation outweighs when it is asked whose a code is."""


def derive(profiles: Profiles, connection: Any) -> None:
    """Names by parts, areas of today, one code a profile, and no code for a branch that reports under its parent's."""
    profiles.tables["characters"] = load(connection)
    _use_names_in_numbers(profiles)
    names.split_names(profiles)
    profiles.extra["form_class"] = names.form_classes(profiles["form"].texts)[profiles["form"].codes]
    branch = np.array([text != "" for text in profiles["branch"].texts] + [False])
    profiles.extra["is_branch"] = branch[profiles["branch"].codes]
    divisions = connection.execute("SELECT code, name, max(to_year) FROM ref_division GROUP BY ALL")
    found = names.place_codes(profiles["place"].texts, divisions.fetchall(), bare_place)[profiles["place"].codes]
    profiles.extra["name_prefecture"], profiles.extra["name_county"] = found[:, 0], found[:, 1]
    _read_areas(
        profiles,
        dict(connection.execute("SELECT old_code, min(new_code) FROM ref_division_successor GROUP BY 1").fetchall()),
    )
    numbers.split_numbers(profiles)
    by_code, by_type = profiles["by_code"], profiles["by_type"]
    kinds = numbers.share_dictionary({"code": (by_code.codes, by_code.values), "type": (by_type.codes, by_type.values)})
    individual = np.where(kinds["code"].codes < 0, kinds["type"].codes, kinds["code"].codes)
    profiles.columns["individual"] = Column(individual, kinds["code"].values, kinds["code"].hashes)
    _drop_codes_of_parents(profiles)
    _count_holders(profiles)


def _use_names_in_numbers(profiles: Profiles) -> None:
    """A name that stands in the code's column is the name; a former name may stand in a note of the name."""
    for column, other in (("company", "company_in_uscc"), ("former_company", "former_in_name")):
        codes = profiles[column].codes
        use = profiles[other].present & ((column == "company") | (codes < 0))
        codes[use] = profiles[other].codes[use]


def _read_areas(profiles: Profiles, successor: dict[str, str]) -> None:
    """`county` (6 digits, -1 where only the prefecture is told) and `prefecture` (4 digits) of the area, as of today."""
    area = profiles["area"]
    table = np.full((len(area.texts) + 1, 2), -1, np.int32)
    for place, text in enumerate(area.texts):
        code = successor.get(text, text)
        if code.isdigit() and len(code) == 6:
            table[place] = int(code[:4]), int(code) if code[4:] != "00" else -1
    profiles.extra["prefecture"], profiles.extra["county"] = table[area.codes, 0], table[area.codes, 1]
    profiles.columns["prefecture"] = _column(profiles.extra["prefecture"])
    profiles.columns["county"] = _column(profiles.extra["county"])


def _column(values: npt.NDArray[np.int32]) -> Column:
    """Small integers as a code column (its texts are never asked for)."""
    import pyarrow as pa

    return Column(values.astype(np.int32), pa.array([], pa.string()), np.zeros(0, np.uint64))


def _drop_codes_of_parents(profiles: Profiles) -> None:
    """A profile with a branch's name under a code that is its parent's only claims it (payroll runs on either number)."""
    column = profiles["code"]
    code, parent = column.codes, profiles["code_of_parent"].codes
    size = int(max(code.max(initial=-1), parent.max(initial=-1))) + 1
    weight = profiles.weight * np.where(profiles["is_registry"].present, REGISTRY_WEIGHT, 1)
    branch, named = profiles.extra["is_branch"], profiles["company"].present
    held = code >= 0
    votes = np.bincount(code[held & branch], weights=weight[held & branch], minlength=size)
    others = np.bincount(code[held & named & ~branch], weights=weight[held & named & ~branch], minlength=size)
    listed = np.zeros(size, bool)
    listed[parent[(parent >= 0) & (parent != code)]] = True
    of_parent = held & branch & (listed[code] | (others[code] >= votes[code]) | (code == parent))
    profiles.columns["code"] = Column(np.where(of_parent, np.int32(-1), code), column.values, column.hashes)
    profiles.extra["under_parent"] = of_parent


def _count_holders(profiles: Profiles) -> None:
    """`holders` and `holders_here`: how many codes hold the profile's name, anywhere and in its prefecture."""
    name, code = profiles["name"].codes.astype(np.int64), profiles["code"].codes.astype(np.int64)
    told = profiles.extra["name_prefecture"]
    place = np.where(told >= 0, told, profiles.extra["prefecture"]).astype(np.int64)
    profiles.extra["name_place"] = place
    long = np.array([len(text) > SHORTEST_NAME for text in profiles["name"].texts] + [False])
    profiles.extra["has_long_name"] = long[profiles["name"].codes]
    for column, key in (("holders", name), ("holders_here", name << 14 | (place + 1))):
        counted = np.flatnonzero((name >= 0) & (code >= 0))
        distinct = np.unique(np.stack([key[counted], code[counted]], axis=1), axis=0)[:, 0]
        keys, often = np.unique(distinct, return_counts=True)
        found = np.minimum(np.searchsorted(keys, key), max(len(keys) - 1, 0))
        hit = (keys[found] == key) & (name >= 0) if len(keys) else np.zeros(len(key), bool)
        profiles.extra[column] = np.where(hit, often[found] if len(keys) else 0, 0)


def support(profiles: Profiles) -> npt.NDArray[np.int64]:
    """How much right a profile has to its code: the registry's word first, then the number of records."""
    weight = profiles.weight * np.where(profiles["is_registry"].present, REGISTRY_WEIGHT, 1)
    result: npt.NDArray[np.int64] = weight.astype(np.int64)
    return result


def is_trusted(profiles: Profiles) -> Mask:
    """A code stands when its check passes and no other number of the record tells another one."""
    mask: Mask = profiles["code"].present & ~profiles.extra["is_mixed"]
    return mask


def compare_areas(pairs: Pairs) -> Levels:
    """The counties stated, as of today: the same county, the same prefecture, or another."""
    one, two = pairs.extra("prefecture")
    left, right = pairs.extra("county")
    levels = (one == two).astype(np.int8)
    levels[(one == two) & ((left < 0) | (right < 0))] = 2
    levels[(left == right) & (left >= 0)] = 3
    levels[(one < 0) | (two < 0)] = -1
    return levels


def compare_holders(pairs: Pairs) -> Levels:
    """Whether the name they share is held by one code only, in the prefecture if both tell it, else everywhere."""
    here, there = pairs.extra("name_place")
    local, everywhere = pairs.extra("holders_here")[0], pairs.extra("holders")[0]
    held = np.where((here >= 0) & (here == there), local, everywhere)
    levels = (held <= 1).astype(np.int8)
    levels[~pairs.equal("name")] = -1
    levels[~pairs.extra("has_long_name")[0]] = -1
    return levels


def compare_legal_reps(pairs: Pairs) -> Levels:
    """The legal representatives' names, compared as persons' names (masked, alike, the same)."""
    levels = np.where(pairs.equal("legal_rep"), person_names.EQUAL, -1).astype(np.int8)
    looked = pairs.present("legal_rep") & (levels < 0)
    known = pairs.profiles.tables["characters"]
    texts = pairs.over_texts("legal_rep", lambda one, two: person_names.compare_texts(one, two, known), looked, -1)
    levels[looked] = texts[looked]
    return levels


def compare_legal_rep_ids(pairs: Pairs) -> Levels:
    """The legal representatives' identity numbers."""
    return pairs.equal_levels("legal_rep_id")


def compare_registrations(pairs: Pairs) -> Levels:
    """The registration numbers of before 2015."""
    return pairs.equal_levels("registration")


def compare_kinds(pairs: Pairs) -> Levels:
    """An individual business is never the enterprise it was converted to."""
    return pairs.equal_levels("individual")


def has_same_name(evidence: Evidence) -> Mask:
    """One name written in two ways, or a former name, or no name on one side."""
    body = evidence["body"]
    mask: Mask = (body >= names.SHORT) | (evidence["former"] == 1) | (body < 0)
    return mask


def is_other_branch(evidence: Evidence) -> Mask:
    """A branch against its parent, or against another branch."""
    mask: Mask = evidence["branch"] == 0
    return mask


def is_other_kind(evidence: Evidence) -> Mask:
    """Another legal form, another number word, another place in the name."""
    mask: Mask = (evidence["form"] == 0) | (evidence["number_word"] == 0) | (evidence["place"] == 0)
    return mask & (evidence["former"] != 1)


def is_converted(evidence: Evidence) -> Mask:
    """An individual business against an enterprise: even with one name and one owner they are two."""
    mask: Mask = evidence["kind"] == 0
    return mask


def has_support(evidence: Evidence) -> Mask:
    """Something besides the code agrees: legal representative, telephone, address or old number."""
    mask: Mask = (
        (evidence["legal_rep"] >= person_names.HIDDEN)
        | (evidence["legal_rep_id"] == 1)
        | (evidence["phone"] == 2)
        | (evidence["address"] >= places.HOUSE)
        | (evidence["registration"] == 1)
    )
    return mask


def is_stranger(evidence: Evidence) -> Mask:
    """Another name, another legal representative, and telephone or place against it too: somebody else's code."""
    apart = (evidence["body"] <= names.TRADE) & (evidence["body"] >= 0)
    person = (evidence["legal_rep"] >= 0) & (evidence["legal_rep"] <= person_names.SURNAME)
    place = (evidence["area"] == 0) | (evidence["address"] == 0)
    mask: Mask = apart & person & place & ~has_support(evidence)
    return mask


def anybody(evidence: Evidence) -> Mask:
    """Whatever else: a renamed enterprise keeps its code."""
    return np.ones(len(evidence), bool)


def shares_old_number(evidence: Evidence) -> Mask:
    """The same old registration number, and one name; or another name but the same legal representative or address."""
    renamed = (evidence["legal_rep"] >= person_names.LOOK_ALIKE) | (evidence["legal_rep_id"] == 1)
    renamed |= evidence["address"] >= places.HOUSE
    named = has_same_name(evidence) & (evidence["body"] >= 0)
    mask: Mask = (evidence["registration"] == 1) & (named | renamed)
    return mask


def has_other_name(evidence: Evidence) -> Mask:
    """Another name, without code: an owner, a telephone and a house may have several enterprises."""
    mask: Mask = (evidence["body"] >= 0) & (evidence["body"] <= names.TRADE) & (evidence["former"] != 1)
    return mask


def has_slipped_code(evidence: Evidence) -> Mask:
    """Codes one slip apart, one of which fails its check, and one name, or one character off with more evidence."""
    close = (evidence["body"] == names.ONE_OFF) & has_support(evidence)
    mask: Mask = (evidence["code"] == numbers.ONE_SLIP) & ((has_same_name(evidence) & (evidence["body"] >= 0)) | close)
    return mask


def has_masked_code(evidence: Evidence) -> Mask:
    """A masked code that fits, and the same name."""
    mask: Mask = (evidence["code"] == numbers.MASKED) & (evidence["body"] >= names.ALIKE)
    return mask


def has_name_and_person(evidence: Evidence) -> Mask:
    """The same name in the same county under the same legal representative, and no other address unless more agrees."""
    person = (evidence["legal_rep"] >= person_names.LOOK_ALIKE) | (evidence["legal_rep_id"] == 1)
    moved = (evidence["address"] == 0) & (evidence["phone"] != 2) & (evidence["form"] != 1)
    mask: Mask = (evidence["body"] >= names.SOUND) & (evidence["area"] >= 2) & person & ~moved
    return mask


def has_name_of_its_own(evidence: Evidence) -> Mask:
    """A full name that one code only holds, the places fit, and no other legal representative speaks against it."""
    person = evidence["legal_rep"]
    fits = (evidence["area"] != 0) & (evidence["area"] != 1) & ((person < 0) | (person > person_names.SURNAME))
    mask: Mask = (evidence["holders"] == 1) & (evidence["form"] != 0) & (evidence["place"] != 0) & fits
    return mask


def adjust(evidence: Evidence) -> None:
    """An address holds the county, a name its place, a number its person: what agrees twice counts once."""
    level = {name: evidence.levels[:, evidence.model.comparison(name)] for name in ("area", "place", "legal_rep")}
    level["area"][evidence["address"] >= places.NEIGHBOURS] = -1
    level["place"][(level["area"] >= 1) & (level["place"] >= 1)] = -1
    level["legal_rep"][(evidence["legal_rep_id"] == 1) & (level["legal_rep"] >= person_names.HIDDEN)] = -1


def review_kinds(evidence: Evidence) -> npt.NDArray[np.str_]:
    """The name a steward knows a doubtful pair by."""
    kinds: npt.NDArray[np.str_] = np.select(
        [evidence["code"] == numbers.SAME, evidence["code"] >= numbers.MASKED, evidence["body"] >= names.SOUND],
        ["shared_code", "typo_code", "no_code_same_name"],
        "doubtful",
    )
    return kinds
