"""Rules of evidence for enterprises (domain 4 and 7.1): masks over pairs, read together with the weights."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from matching import company_names as names
from matching import company_numbers as numbers
from matching import names as person_names
from matching import places
from matching.evidence import Evidence
from matching.model import Mask


def has_same_name(evidence: Evidence) -> Mask:
    """One name written in two ways, or a former name, or no name on one side."""
    body = evidence["body"]
    mask: Mask = (body >= names.SHORT) | (evidence["former"] == 1) | (body < 0)
    return mask


def is_other_branch(evidence: Evidence) -> Mask:
    """A branch against its parent, or against another branch."""
    mask: Mask = (evidence["branch"] == 0) | (evidence["outpost"] == 0)
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


def has_name_and_more(evidence: Evidence) -> Mask:
    """The same name in the same county or prefecture, and legal representative, telephone or house agree too."""
    mask: Mask = (
        (evidence["body"] >= names.SOUND) & (evidence["area"] != 0) & (evidence["area"] != 1) & has_support(evidence)
    )
    return mask


def is_shop_elsewhere(evidence: Evidence) -> Mask:
    """Shops of one name, perhaps of one owner, at two addresses under two telephones: he may have two."""
    shops = evidence["form"] != 2
    elsewhere = (evidence["address"] == 0) & (evidence["phone"] != 2)
    owners = (evidence["legal_rep_id"] == 0) & (evidence["phone"] != 2) & (evidence["address"] < places.HOUSE)
    near = (evidence["area"] < 0) | (evidence["area"] >= places.PREFECTURE) | has_support(evidence)
    mask: Mask = (evidence["body"] >= names.SHORT) & shops & (elsewhere | owners) & near
    return mask


def is_elsewhere(evidence: Evidence) -> Mask:
    """One name in two places, and nothing more agrees."""
    area = evidence["area"]
    mask: Mask = (area >= places.OTHER_PREFECTURE) & (area <= places.OTHER_COUNTY) & ~has_support(evidence)
    return mask


def has_name_of_its_own(evidence: Evidence) -> Mask:
    """A full name that one subject only holds, in one place, and no other legal representative speaks against it."""
    person, area = evidence["legal_rep"], evidence["area"]
    placed = (area >= places.PREFECTURE) | ((area < 0) & (evidence["place"] >= 1))
    fits = placed & ((person < 0) | (person > person_names.SURNAME))
    mask: Mask = (evidence["holders"] == 1) & fits
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
        ["shared_id", "typo_id", "no_id_single_evidence"],
        "doubtful",
    )
    return kinds
