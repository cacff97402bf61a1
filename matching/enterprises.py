"""What is particular to enterprises: whose code it is, branches that report under their parent, who else holds a name."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from extractors.standardise.companies import bare_place
from matching import company_numbers as numbers
from matching.beyond import among
from matching.characters import load
from matching.company_parts import COOPERATIVE, SHOP, UNTOLD, split_names
from matching.keys import dense, distinct
from matching.model import Mask
from matching.places import read_areas
from matching.profiles import Profiles

REGISTRY_WEIGHT = 100
"""How many other records one of Market Regulation outweighs when it is asked whose a code is."""
SHORTEST_NAME = 4
"""Characters a name (with its closing mark) must exceed for 'nobody else has it' to mean something."""


def derive(profiles: Profiles, connection: Any) -> None:
    """Names by parts, areas of today, one code a profile, and no code for a branch that reports under its parent's."""
    _use_names_in_numbers(profiles)
    divisions = connection.execute("SELECT code, name, max(to_year) FROM ref_division GROUP BY ALL").fetchall()
    split_names(profiles, divisions, bare_place)
    with ThreadPoolExecutor(1) as pool:  # not beside the names: the texts of both at once would want much memory
        split = pool.submit(numbers.split_numbers, profiles)
        read_areas(profiles, connection)
        profiles.tables["characters"] = load(connection, profiles["body"].signs() | profiles["legal_rep"].signs())
        split.result()
    _know_individuals(profiles)
    _drop_codes_of_parents(profiles)
    _count_holders(profiles)
    phone, code = profiles["phone"].codes.astype(np.int64), profiles["code"].codes.astype(np.int64)
    both = (phone >= 0) & (code >= 0)
    profiles.extra["phone_holders"] = _count_distinct(phone[both], code[both], int(phone.max(initial=-1)) + 2)[phone]


def _use_names_in_numbers(profiles: Profiles) -> None:
    """A name that stands in the code's column is the name; a former name may stand in a note of the name."""
    for column, other in (("company", "company_in_uscc"), ("former_company", "former_in_name")):
        held = profiles[column]
        profiles.put(column, np.where(held.present, held.codes, profiles[other].codes), held)


def _know_individuals(profiles: Profiles) -> None:
    """`individual`: whether the code, else the type sent, is an individual business's."""
    by_code, by_type = profiles["by_code"], profiles["by_type"]
    kinds = numbers.share_dictionary({"code": (by_code.codes, by_code.values), "type": (by_type.codes, by_type.values)})
    told = np.where(kinds["code"].codes < 0, kinds["type"].codes, kinds["code"].codes)
    profiles.put("individual", told, kinds["code"])


def _drop_codes_of_parents(profiles: Profiles) -> None:
    """A profile with a branch's name under a code that is its parent's only claims it (payroll runs on either number)."""
    column = profiles["code"]
    code, parent = column.codes, profiles["code_of_parent"].codes
    size = int(max(code.max(initial=-1), parent.max(initial=-1))) + 2
    weight = support(profiles)
    form = profiles.extra["form_class"]
    branch, outpost = profiles.extra["is_branch"], profiles.extra["is_outpost"]
    held = (code >= 0) & profiles["company"].present

    def votes(mask: Mask) -> npt.NDArray[np.int64]:
        return np.bincount(code[held & mask], weights=weight[held & mask], minlength=size).astype(np.int64)

    listed = np.zeros(size, bool)
    listed[parent[(parent >= 0) & (parent != code)]] = True
    for_branch, against = votes(branch), votes(~branch)
    of_parent = held & branch & (listed[code] | (against[code] >= for_branch[code]) | (code == parent))
    company = votes(~branch & (form > UNTOLD) & (form <= COOPERATIVE))
    of_parent |= held & outpost & ~branch & (company[code] >= votes(outpost & (form == SHOP))[code])
    profiles.put("code", np.where(of_parent, np.int32(-1), code), column)


def _count_holders(profiles: Profiles) -> None:
    """`holders` and `holders_here`: how many subjects hold the profile's name, anywhere and in its prefecture.

    Every code is one; records without code under a legal representative that no coded record of the name has, one more.
    A shop's name that nobody holds with a code counts as held by several: such names (王氏餐馆) say too little.
    """
    name, code = profiles["name"].codes.astype(np.int64), profiles["code"].codes.astype(np.int64)
    person = profiles["legal_rep"].codes.astype(np.int64)
    told = profiles.extra["name_prefecture"]
    place = np.where(told >= 0, told, profiles.extra["prefecture"]).astype(np.int64)
    profiles.extra["name_place"] = place
    lengths = pc.utf8_length(profiles["name"].values).to_numpy(zero_copy_only=False)
    long = np.append(lengths > SHORTEST_NAME, False)
    profiles.extra["has_long_name"] = long[profiles["name"].codes]

    def count(key: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        group = dense(key)
        size = int(group.max(initial=-1)) + 1
        coded, led = (name >= 0) & (code >= 0), (name >= 0) & (person >= 0)
        holders = _count_distinct(group[coded], code[coded], size)
        known = distinct(_pair(group[coded & led], person[coded & led]))
        strange = np.flatnonzero(led & ~coded)
        strange = strange[~among(_pair(group[strange], person[strange]), known)]
        more = np.zeros(size, np.int64)
        more[group[strange]] = 1
        found = (holders + more)[group]
        found[(holders[group] == 0) & (profiles.extra["form_class"] == SHOP)] = 2
        return found

    profiles.extra["holders"] = count(name)
    profiles.extra["holders_here"] = count(name << 14 | (place + 1))


def _pair(one: npt.NDArray[np.int64], two: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return one << 32 | two


def _count_distinct(group: npt.NDArray[np.int64], value: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.int64]:
    """How many different values each group has."""
    return np.bincount(distinct(_pair(group, value)) >> 32, minlength=size).astype(np.int64)


def support(profiles: Profiles) -> npt.NDArray[np.int64]:
    """How much right a profile has to its code: the registry's word first, then the number of records."""
    weight = profiles.weight * np.where(profiles["is_registry"].present, REGISTRY_WEIGHT, 1)
    result: npt.NDArray[np.int64] = weight.astype(np.int64)
    return result


def standing(profiles: Profiles) -> npt.NDArray[np.int8]:
    """1 where the code's check passes; -1 where another number of the record tells another code."""
    found: npt.NDArray[np.int8] = np.where(profiles.extra["is_mixed"], -1, 1).astype(np.int8)
    return found
