"""Enterprise numbers: which code a record speaks of, whatever field it stands in, and codes one slip apart.

The organisation code (9 characters, GB 11714) is the one number that survives every form: it is USCC[9:17], it
follows the division in an old 15-character taxpayer number, and it stands alone in old files.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import process
from rapidfuzz.distance import OSA

from matching.model import Levels, Value
from matching.pairs import Pairs
from matching.profiles import Column, Profiles

CODE_LEVELS = ("different", "masked, compatible", "one slip apart", "same code")
DIFFERENT, MASKED, ONE_SLIP, SAME = range(4)
NO_SUCH_LETTERS = str.maketrans("IOSZV", "1052U")
"""Letters no code has, and what they were misread from."""
NUMBER_FIELDS = ("uscc", "organisation_code", "registration_no")
"""Fields a number is looked for in, the most telling first."""


ORGANISATION_CODE = (
    "CASE length({c}) "
    "WHEN 18 THEN CASE WHEN uscc_is_valid({c}) THEN substr({c}, 9, 9) END "
    "WHEN 9 THEN CASE WHEN org_code_is_valid({c}) THEN {c} END "
    "WHEN 15 THEN CASE WHEN org_code_is_valid(substr({c}, 7, 9)) AND NOT registration_no_is_valid({c}) "
    "THEN substr({c}, 7, 9) END END"
)
"""SQL: the organisation code that a cleaned number `c` tells (USCC, organisation code, old taxpayer number)."""
REGISTRATION = (
    "CASE length({c}) WHEN 13 THEN CASE WHEN regexp_full_match({c}, '[1-6][0-9]{{12}}') THEN {c} END "
    "WHEN 15 THEN CASE WHEN {c}[1] BETWEEN '1' AND '6' AND registration_no_is_valid({c}) THEN {c} END END"
)
"""SQL: an old registration number: 15 digits with a good check, or the 13 digits of before 2007."""
WHOLE = (
    "CASE WHEN length({c}) BETWEEN 16 AND 20 AND regexp_full_match({c}, '[0-9A-Z*?]+') AND NOT is_placeholder_number({c}) "
    "THEN {c} END"
)
"""SQL: a number of about 18 characters as it stands, right or wrong."""


READ = (
    "CASE WHEN regexp_full_match({c}, '[0-9A-HJ-NP-RTUWXY]{{9,18}}') THEN {c} "
    "WHEN regexp_matches({c}, '[^0-9A-Z*]') AND regexp_matches({c}, '(?:^|[^0-9A-Z])[0-9A-Z]{{18}}(?:[^0-9A-Z]|$)') "
    "THEN regexp_extract({c}, '(?:^|[^0-9A-Z])([0-9A-Z]{{18}})(?:[^0-9A-Z]|$)', 1) "
    "WHEN regexp_full_match({c}, '[0-9A-Z]{{18}}') AND uscc_is_valid(translate({c}, 'IOSZ', '1052')) "
    "THEN translate({c}, 'IOSZ', '1052') ELSE {c} END"
)
"""SQL: the number a cleaned text `c` reads as: a label before it and a note behind it away, letters no code has as the digits they
were misread from where the check then passes (domain 1.6)."""


def told_by(number: str) -> str:
    """SQL: what the cleaned number `number` tells, `organisation code|registration number|whole number`, null if nothing."""
    parts = ", ".join(f"coalesce({part.format(c=number)}, '')" for part in (ORGANISATION_CODE, REGISTRATION, WHOLE))
    return f"nullif(concat_ws('|', {parts}), '||')"


def number_values() -> tuple[Value, ...]:
    """What each number field tells, `organisation code|registration number|whole number`: split by `split_numbers`."""
    fields = (*NUMBER_FIELDS, "parent_uscc")
    sent = [Value(f"sent_{field}", field, "std_uscc(v)", is_kept=False) for field in fields]
    read = [Value(f"read_{field}", field, READ.format(c=f"sent_{field}"), layer=1, is_kept=False) for field in fields]
    told = [Value(f"told_{field}", field, told_by(f"read_{field}"), layer=2) for field in fields]
    in_name = f"CASE WHEN regexp_full_match(v, '[0-9A-Z]{{18}}') THEN {told_by('v')} END"
    return (*sent, *read, *told, Value("told_name", "name", in_name))


def split_numbers(profiles: Profiles) -> None:
    """Add `code`, `code_of_parent`, `registration`, `whole_code`, `code_end`, `by_code` (1 individual business, 0 other).

    Of several fields the first that tells a number counts; `is_mixed` where two fields tell different codes.
    """
    fields = (*NUMBER_FIELDS, "name")
    told = {field: profiles[f"told_{field}"] for field in (*fields, "parent_uscc")}
    pieces = {field: _pieces(column.values) for field, column in told.items()}
    codes = share_dictionary({field: (told[field].codes, pieces[field][0]) for field in told})
    profiles.columns["code_of_parent"] = codes["parent_uscc"]
    code = codes["uscc"].codes.copy()
    mixed = np.zeros(profiles.count, bool)
    for field in fields[1:]:
        other = codes[field].codes
        mixed |= (code >= 0) & (other >= 0) & (code != other)
        code = np.where(code < 0, other, code)
    profiles.put("code", code, codes["uscc"])
    profiles.extra["is_mixed"] = mixed
    old = share_dictionary({field: (told[field].codes, pieces[field][1]) for field in NUMBER_FIELDS})
    first = old["registration_no"]
    registration = np.where(first.codes < 0, old["uscc"].codes, first.codes)
    registration = np.where(registration < 0, old["organisation_code"].codes, registration)
    profiles.put("registration", registration, first)
    whole = pieces["uscc"][2]
    end = pc.if_else(pc.less_equal(pc.utf8_length(whole), 19), pc.utf8_slice_codeunits(whole, -7), None)
    individual = pc.cast(pc.equal(pc.utf8_slice_codeunits(whole, 0, 2), "92"), pa.string())
    individual = pc.if_else(pc.is_null(pieces["uscc"][0]), None, individual)
    for name, values in (("whole_code", whole), ("code_end", end), ("by_code", individual)):
        profiles.columns[name] = share_dictionary({name: (told["uscc"].codes, values)})[name]
    number = pieces["registration_no"][2]
    operator = pc.if_else(pc.equal(pc.utf8_length(number), 20), pc.utf8_slice_codeunits(number, 0, 18), None)
    person = profiles["legal_rep_id"]
    people = share_dictionary(
        {"sent": (person.codes, person.values), "operator": (told["registration_no"].codes, operator)}
    )
    merged = np.where(people["sent"].codes < 0, people["operator"].codes, people["sent"].codes)
    profiles.put("legal_rep_id", merged, people["sent"])


def _pieces(texts: pa.Array) -> list[pa.Array]:
    """The three parts of `told` texts, each null where empty."""
    flat = pc.list_flatten(pc.split_pattern(pc.fill_null(texts, "||"), "|"))
    position = np.arange(len(texts)) * 3
    parts = [flat.take(pa.array(position + n)) for n in range(3)]
    return [pc.if_else(pc.equal(part, ""), None, part) for part in parts]


def share_dictionary(columns: dict[str, tuple[npt.NDArray[np.int32], pa.Array]]) -> dict[str, Column]:
    """Columns of (codes, values) with one dictionary for all; a null value is code -1."""
    joined = pa.concat_arrays([values.cast(pa.string()) for _, values in columns.values()]).dictionary_encode()
    indices = pc.fill_null(joined.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
    hashes = np.zeros(len(joined.dictionary), np.uint64)
    shared = {}
    begin = 0
    for name, (codes, values) in columns.items():
        table = np.append(indices[begin : begin + len(values)], np.int32(-1))
        shared[name] = Column(table[codes], joined.dictionary, hashes)
        begin += len(values)
    return shared


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
    levels[np.logical_or(*pairs.extra("is_nobodys"))] = -1
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
