"""Enterprise numbers: which code a record speaks of, whatever field it stands in, and codes one slip apart.

The organisation code (9 characters, GB 11714) is the one number that survives every form: it is USCC[9:17], it
follows the division in an old 15-character taxpayer number, and it stands alone in old files.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

from matching.model import Levels, Value
from matching.pairs import Pairs

CODE_LEVELS = ("different", "masked, compatible", "one slip apart", "same code")
DIFFERENT, MASKED, ONE_SLIP, SAME = range(4)
NO_SUCH_LETTERS = str.maketrans("IOSZV", "1052U")
"""Letters no code has, and what they were misread from."""
NUMBER_FIELDS = ("uscc", "organisation_code", "registration_no")
"""Fields a number is looked for in, the most telling first."""


def organisation_code_of(text: str) -> str:
    """SQL: the organisation code told by a cleaned number `text` (USCC, organisation code, old taxpayer number)."""
    tail = f"substr({text}, 7, 9)"
    return (
        f"CASE length({text}) "
        f"WHEN 18 THEN CASE WHEN len(uscc_reasons({text})) = 0 THEN substr({text}, 9, 9) END "
        f"WHEN 9 THEN CASE WHEN len(org_code_reasons({text})) = 0 THEN {text} END "
        f"WHEN 15 THEN CASE WHEN len(org_code_reasons({tail})) = 0 AND len(registration_no_reasons({text})) > 0 "
        f"THEN {tail} END END"
    )


def registration_of(text: str) -> str:
    """SQL: an old registration number: 15 digits with a good check, or the 13 digits of before 2007."""
    return (
        f"CASE WHEN regexp_full_match({text}, '[1-6][0-9]{{12}}') THEN {text} "
        f"WHEN regexp_full_match({text}, '[1-6][0-9]{{14}}') AND len(registration_no_reasons({text})) = 0 THEN {text} END"
    )


def number_values() -> tuple[Value, ...]:
    """The values made of the number fields: codes and registration numbers from each, and codes that do not stand."""
    values: list[Value] = []
    for field in NUMBER_FIELDS:
        values.append(Value(f"code_in_{field}", field, organisation_code_of("std_uscc(v)"), "code"))
        values.append(Value(f"registration_in_{field}", field, registration_of("std_uscc(v)"), "registration"))
    odd = "length(std_uscc(v)) BETWEEN 16 AND 20 AND regexp_full_match(std_uscc(v), '[0-9A-Z*?]+')"
    return (
        *values,
        Value(
            "code_in_name",
            "name",
            f"CASE WHEN regexp_full_match(v, '[0-9A-Z]{{18}}') THEN {organisation_code_of('v')} END",
            "code",
        ),
        Value("code_of_parent", "parent_uscc", organisation_code_of("std_uscc(v)"), "code"),
        Value("whole_code", "uscc", f"CASE WHEN {odd} THEN std_uscc(v) END"),
        Value("code_end", "uscc", "CASE WHEN length(std_uscc(v)) BETWEEN 17 AND 19 THEN right(std_uscc(v), 7) END"),
        Value(
            "individual_by_code",
            "uscc",
            "CASE WHEN len(uscc_reasons(std_uscc(v))) > 0 THEN NULL WHEN std_uscc(v) LIKE '92%' THEN '1' ELSE '0' END",
            "individual",
        ),
        Value(
            "operator_id",
            "registration_no",
            "CASE WHEN length(std_id(v)) = 20 THEN left(std_id(v), 18) END",
            "person_number",
        ),
    )


def compare_codes(pairs: Pairs) -> Levels:
    """The codes: the same; one slip apart where one fails its check; masked but fitting; different."""
    claimed = np.logical_or(*pairs.extra("is_claimed"))
    valid = pairs.present("code")
    levels = np.full(len(pairs), -1, np.int8)
    levels[pairs.equal("code")] = SAME
    looked = pairs.present("whole_code") & (levels != SAME) & ~valid
    texts = pairs.over_texts("whole_code", compare_code_texts, looked, -1)
    levels[looked] = texts[looked]
    levels[valid & (levels != SAME) & ~claimed] = DIFFERENT
    return levels


def compare_code_texts(one: list[str], two: list[str]) -> npt.NDArray[np.int16]:
    """Levels of distinct unequal codes of which at most one stands."""
    if not one:
        return np.zeros(0, np.int16)
    folded = [[text.translate(NO_SUCH_LETTERS) for text in side] for side in (one, two)]
    away = process.cpdist(*folded, scorer=OSA.distance, score_cutoff=2, dtype=np.uint8)
    levels = np.where(away <= 1, ONE_SLIP, DIFFERENT).astype(np.int16)
    for place, (left, right) in enumerate(zip(one, two, strict=True)):
        if "*" in left or "*" in right:
            levels[place] = MASKED if fits_mask(left, right) else DIFFERENT
    return levels


def fits_mask(one: str, two: str) -> bool:
    """A masked code against another: equal wherever both show a character, at least six of them."""
    if len(one) != len(two):
        return False
    shown = [(left, right) for left, right in zip(one, two, strict=True) if left != "*" and right != "*"]
    return len(shown) >= 6 and all(left == right for left, right in shown)
