"""What goes wrong with the names and numbers of enterprises."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from demo.businesses import BRANCH, COMPANY, NO_FORM, Businesses, compose
from demo.chance import Bools, Chance, Floats, Ints
from demo.kinds import BIT
from demo.population import People
from demo.texts import Column, Digits, either, fill, from_codes, from_digits, join, plain, put, take, to_codes
from demo.wrong_names import confuse

NOTES = ("（注销）", "(筹)", "（已注销）", "(个体)", "（吊销）", "-已迁出")
# Shares of the rows with another form of name, for companies and branches; others have no legal form to vary.
WAYS = {
    "place": 0.34,
    "form": 0.2,
    "bracket": 0.1,
    "note": 0.05,
    "blank": 0.06,
    "traditional": 0.04,
    "typing": 0.11,
    "short": 0.1,
}


def names(
    chance: Chance,
    keys: Ints,
    businesses: Businesses,
    people: People,
    rows: Ints,
    rate: Floats,
    older: Bools,
    flags: Ints,
) -> Column:
    """The name column as sent: `rate` is each row's chance of another form; `older` rows may hold the former name."""
    place, form = businesses.place_style[rows].copy(), businesses.form[rows].copy()
    trade_name, bracket = businesses.trade_name[rows].copy(), businesses.bracket[rows].copy()
    former = older & (businesses.former_trade_name[rows] >= 0) & chance.hit("business name/former", keys, 0.55)
    trade_name[former] = businesses.former_trade_name[rows[former]]
    flags[former] |= BIT["name_renamed"]
    hit = chance.hit("business name/hit", keys, rate)
    way = chance.weighted("business name/way", keys, list(WAYS.values()))
    kind = businesses.kind[rows]
    formed = np.isin(kind, (COMPANY, BRANCH))

    def rows_of(name: str) -> Ints:
        return np.flatnonzero(hit & (way == list(WAYS).index(name)))

    plainly = compose(businesses, people, rows, place, form, trade_name, bracket)
    at = rows_of("place")
    choice = chance.below("business name/place", keys[at], 6)
    place[at] = np.choose(choice, [6, 6, 7, 8, place[at] ^ 1, 5]) % 9
    flags[at] |= BIT["name_variant"]
    at = rows_of("form")
    at = at[formed[at] & (form[at] <= 1)]
    form[at] = 1 - form[at]
    flags[at] |= BIT["name_variant"]
    at = rows_of("bracket")
    at = at[formed[at] & (place[at] != 6)]
    bracket[at] = 1 - bracket[at]
    flags[at] |= BIT["name_variant"]
    at = rows_of("short")
    at = at[formed[at]]
    form[at] = NO_FORM
    place[at] = np.where(chance.hit("business name/short", keys[at], 0.6), 6, place[at])
    flags[at] |= BIT["name_short"]
    text = compose(businesses, people, rows, place, form, trade_name, bracket)
    flags[~_differs(text, plainly)] &= ~(BIT["name_variant"] | BIT["name_short"])
    at = rows_of("note")
    text = put(
        text,
        at,
        join(text.take(pa.array(at)), take(list(NOTES), chance.below("business name/note", keys[at], len(NOTES)))),
    )
    flags[at] |= BIT["name_note"]
    at = rows_of("blank")
    source = text.take(pa.array(at))
    head, rest = plain(pc.utf8_slice_codeunits(source, 0, 4)), plain(pc.utf8_slice_codeunits(source, 4))
    blanked = (
        join(source, " "),
        join(head, " ", rest),
        join("\u3000", source),
        join(source, "\t"),
        join(head, "\u3000", rest),
    )
    text = put(text, at, plain(pc.choose(pa.array(chance.below("business name/blank", keys[at], 5)), *blanked)))
    flags[at] |= BIT["name_form"]
    for name, table in (("traditional", "traditional"), ("typing", "homophone"), ("typing", "look_alike")):
        at = rows_of(name)
        if name == "typing":
            at = at[chance.hit("business name/typing", keys[at], 0.5) == (table == "homophone")]
        changed, some = confuse(chance, keys[at], to_codes(text.take(pa.array(at)), 60), table, first=2)
        text = put(text, at, from_codes(changed))
        flags[at[some]] |= BIT[f"name_{table}"]
    half = np.flatnonzero(chance.hit("business name/half", keys, 0.35))
    narrow = plain(pc.replace_substring(pc.replace_substring(text.take(pa.array(half)), "（", "("), "）", ")"))
    return put(text, half, narrow)


def mistype(chance: Chance, keys: Ints, codes: Digits) -> Column:
    """Unified codes with a typing fault: another character, neighbours swapped, or a letter the alphabet does not have."""
    out = codes.copy()
    row = np.arange(len(keys))
    how = chance.uniform("uscc/how", keys)
    place = chance.between("uscc/place", keys, 2, 16)
    letters = np.frombuffer(b"0123456789ABCDEFGHJKLMNPQRTUWXY", dtype=np.uint8)
    at = np.searchsorted(letters, out[row, place])
    other = letters[(at + chance.between("uscc/by", keys, 1, 30)) % 31]
    digit = (out[row, place] >= 48) & (out[row, place] <= 57)
    other = np.where(digit, (out[row, place] - 48 + chance.between("uscc/digit", keys, 1, 9)) % 10 + 48, other)
    swap = (how >= 0.45) & (how < 0.7) & (out[row, place] != out[row, place - 1])
    rows = np.flatnonzero(swap)
    out[rows, place[rows]], out[rows, place[rows] - 1] = codes[rows, place[rows] - 1], codes[rows, place[rows]]
    change = np.flatnonzero(~swap & (how < 0.7))
    out[change, place[change]] = other[change]
    text = from_digits(out)
    look = np.flatnonzero(how >= 0.7)
    source = text.take(pa.array(look))
    pairs = (("0", "O"), ("1", "I"), ("5", "S"), ("2", "Z"))
    ways = [
        join(
            plain(pc.utf8_slice_codeunits(source, 0, 8)),
            plain(pc.replace_substring(pc.utf8_slice_codeunits(source, 8), a, b, max_replacements=1)),
        )
        for a, b in pairs
    ]
    return put(text, look, plain(pc.choose(pa.array(chance.below("uscc/look", keys[look], 4)), *ways)))


def unified_codes(
    chance: Chance, keys: Ints, businesses: Businesses, rows: Ints, missing: Floats, old: Floats, flags: Ints
) -> Column:
    """The USCC column as sent: missing, an old number in its place, the parent's code on a branch, typing, other forms."""
    codes = businesses.uscc[rows].copy()
    parent = businesses.parent[rows]
    taken = np.flatnonzero((parent >= 0) & chance.hit("uscc/parent", keys, np.where(missing > 0.01, 0.1, 0.004)))
    codes[taken] = businesses.uscc[parent[taken]]
    flags[taken] |= BIT["branch_as_parent"]
    text = from_digits(codes)
    wrong = np.flatnonzero(chance.hit("uscc/typo", keys, np.where(missing > 0.01, 0.005, 0.0015)))
    typed = mistype(chance, keys[wrong], codes[wrong])
    flags[wrong[_differs(typed, text.take(pa.array(wrong)))]] |= BIT["uscc_typo"]
    text = put(text, wrong, typed)
    odd = np.flatnonzero(chance.hit("uscc/form", keys, 0.012))
    source = text.take(pa.array(odd))
    groups = [plain(pc.utf8_slice_codeunits(source, a, b)) for a, b in ((0, 2), (2, 8), (8, 18))]
    forms = (
        plain(pc.utf8_lower(source)),
        join(source, " "),
        join(" ", source),
        join(groups[0], " ", groups[1], " ", groups[2]),
        join("'", source),
        join(source, "\t"),
    )
    formed = plain(pc.choose(pa.array(chance.below("uscc/form/how", keys[odd], len(forms))), *forms))
    flags[odd[_differs(formed, source)]] |= BIT["uscc_form"]
    text = put(text, odd, formed)
    older = np.flatnonzero(chance.hit("uscc/old", keys, old))
    text = put(text, older, old_numbers(chance, keys[older], businesses, rows[older]))
    flags[older] |= BIT["uscc_old_number"]
    flags[older] &= ~(BIT["uscc_typo"] | BIT["uscc_form"] | BIT["branch_as_parent"])
    gone = np.flatnonzero(chance.hit("uscc/missing", keys, missing))
    flags[gone] &= ~(BIT["uscc_old_number"] | BIT["uscc_typo"] | BIT["uscc_form"] | BIT["branch_as_parent"])
    flags[gone] |= BIT["uscc_missing"]
    return fill(text, gone, None)


def _differs(one: Column, other: Column) -> Bools:
    return np.asarray(pc.not_equal(one, other).to_numpy(zero_copy_only=False), dtype=bool)


def old_numbers(chance: Chance, keys: Ints, businesses: Businesses, rows: Ints) -> Column:
    """A number from before 2015: registration number, organisation code with or without hyphen, or the 15-digit tax number."""
    body = from_digits(businesses.organisation[rows])
    hyphen = join(from_digits(businesses.organisation[rows, :8]), "-", from_digits(businesses.organisation[rows, 8:]))
    tax = join(from_digits(businesses.uscc[rows, 2:8]), body)
    registration = either(
        businesses.registration[rows, 0] != 0, from_codes(businesses.registration[rows].astype(np.uint32)), hyphen
    )
    return plain(pc.choose(pa.array(chance.below("old number", keys, 4)), registration, hyphen, body, tax))


def representatives(chance: Chance, keys: Ints, businesses: Businesses, rows: Ints, older: Bools, flags: Ints) -> Ints:
    """Person index of the representative a row shows: the former one on some older rows."""
    former = older & (businesses.former_legal_rep[rows] >= 0) & chance.hit("rep/former", keys, 0.6)
    flags[former] |= BIT["legal_rep_old"]
    return np.where(former, businesses.former_legal_rep[rows], businesses.legal_rep[rows])
