"""Person names of Han characters compared: what a clerk, a keyboard or an old system can have done to one name."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
from rapidfuzz import process
from rapidfuzz.distance import OSA

from extractors.standardise.columns import points_of
from matching.characters import PLACEHOLDERS, Characters, latin_forms
from matching.model import Levels, Mask
from matching.pairs import Pairs
from matching.profiles import Profiles

NAME_LEVELS = (
    "different",
    "same surname",
    "one character off",
    "part of the name",
    "mostly hidden, compatible",
    "partly hidden, compatible",
    "look-alike",
    "same sound",
    "former name",
    "equal",
)
DIFFERENT, SURNAME, ONE_OFF, PART, MASKED, HIDDEN, LOOK_ALIKE, SOUND, FORMER, EQUAL = range(10)
_ASCII = re.compile(r"[\x00-\x7f]")
_LATIN = re.compile(r"[A-Z]+")
_SIGNS = re.compile(r"[A-Z]+|.")
MISSING_LEVEL = -1


def compare_names(pairs: Pairs) -> Levels:
    """The names: equal in standard form; or equal to the other's former name, in sound, in look, but for one sign."""
    known: Characters = pairs.profiles.tables["characters"]
    hidden = pairs.profiles.extra["is_hidden"][pairs.left]
    levels = np.where(pairs.equal("name") & ~hidden, EQUAL, MISSING_LEVEL).astype(np.int8)
    both = pairs.present("name") & (levels != EQUAL)
    texts = pairs.over_texts("name", lambda one, two: compare_texts(one, two, known), both, MISSING_LEVEL)
    levels[both] = texts[both]
    former = pairs.equal("name", "former_name") | pairs.equal("former_name", "name")
    levels[former & (levels < FORMER)] = FORMER
    return levels


def has_hidden_sign(pairs: Pairs) -> Mask:
    """Pairs of names of which one is not shown in whole."""
    mask: Mask = np.logical_or(*pairs.extra("is_hidden"))
    return mask


def compare_texts(one: list[str], two: list[str], known: Characters) -> npt.NDArray[np.int16]:
    """Levels of distinct unequal name keys (symmetric); the costly look is taken only where something is shared."""
    if not one:
        return np.zeros(0, np.int16)
    away = process.cpdist(one, two, scorer=OSA.distance, score_cutoff=3, dtype=np.uint8)
    left, right = _Signs.of(one), _Signs.of(two)
    same_surname = (left.first == right.first) & ~np.isin(left.first, [ord(sign) for sign in PLACEHOLDERS])
    levels = np.where(same_surname, SURNAME, DIFFERENT).astype(np.int16)
    short = (left.sizes <= 3) & (right.sizes <= 3) & ~left.odd & ~right.odd
    for place in np.flatnonzero(~(short & ((away > 2) | _share_nothing(left, right, away, known)))).tolist():
        levels[place] = max(levels[place], compare_pair(one[place], two[place], known))
    return levels


@dataclass(slots=True)
class _Signs:
    """Names as code points: `rows` uint32 [name, 3] of the first three signs (0: none), `sizes`, which have ASCII in them."""

    rows: npt.NDArray[np.uint32]
    sizes: npt.NDArray[np.int64]
    odd: Mask

    @classmethod
    def of(cls, texts: list[str]) -> _Signs:
        sizes = np.fromiter(map(len, texts), np.int64, len(texts))
        flat = np.frombuffer("".join(texts).encode("utf-32-le", "replace"), np.uint32)
        begins = np.cumsum(sizes) - sizes
        ascii_before = np.concatenate([[0], np.cumsum(flat < 128)])
        odd = (ascii_before[begins + sizes] > ascii_before[begins]) | (sizes == 0)
        padded = np.append(flat, np.zeros(3, np.uint32))
        rows = padded[begins[:, None] + np.arange(3)]
        rows[np.arange(3) >= sizes[:, None]] = 0
        return cls(rows, sizes, odd)

    @property
    def first(self) -> npt.NDArray[np.uint32]:
        found: npt.NDArray[np.uint32] = self.rows[:, 0]
        return found


def _share_nothing(left: _Signs, right: _Signs, away: npt.NDArray[np.uint8], known: Characters) -> Mask:
    """Short plain names that must be different: no sign equal and some sign of another sound; or not one sign more."""
    equal_size = left.sizes == right.sizes
    told = np.arange(3) < left.sizes[:, None]
    unequal = left.rows != right.rows
    unheard = (known.heard(left.rows) & known.heard(right.rows)) == 0
    apart = equal_size & (unequal | ~told).all(axis=1) & (unheard & told).any(axis=1)
    longer = (np.abs(left.sizes - right.sizes) == 1) & (np.minimum(left.sizes, right.sizes) >= 2) & (away > 1)
    mask: Mask = apart | longer
    return mask


def _is_odd(name: str) -> bool:
    """Placeholders are ASCII, too."""
    return not name or _ASCII.search(name) is not None


def compare_pair(one: str, two: str, known: Characters) -> int:
    """Level of two unequal name keys."""
    if len(one) > len(two) or (len(one) == len(two) and one > two):
        one, two = two, one
    if _is_odd(one) or _is_odd(two):
        return _compare_odd(one, two, known)
    if len(one) == len(two):
        return _compare_aligned(one, two, known)
    if len(one) == 1 and (two.startswith(one) or two.endswith(one)):
        return MASKED
    if len(one) >= 2 and len(two) >= 4 and (two.startswith(one) or two.endswith(one)):
        return PART
    if len(two) == len(one) + 1 and len(one) >= 2:
        return _compare_shorter(one, two)
    return DIFFERENT


def _compare_aligned(one: str, two: str, known: Characters) -> int:
    """Equal length: every unequal place is explained by sound, by look, or not at all."""
    unequal = [(left, right) for left, right in zip(one, two, strict=True) if left != right]
    if len(one) > 2 and one[0] == two[0] and sorted(one) == sorted(two):
        return LOOK_ALIKE
    if len(one) == 1:
        return DIFFERENT
    heard = [known.same_sound(*pair) or known.one_syllable(*pair) for pair in unequal]
    if all(heard):
        return SOUND if len(unequal) < len(one) or len(one) > 2 else LOOK_ALIKE
    seen = [h or known.look_alike(*p) or known.near_sound(*p) for h, p in zip(heard, unequal, strict=True)]
    if all(seen) and len(unequal) < len(one):
        return LOOK_ALIKE
    if len(unequal) == 1 and len(one) > 2:
        return ONE_OFF
    if len(unequal) == 1:
        return ONE_OFF if one[0] != two[0] else SURNAME
    return DIFFERENT


def _compare_shorter(short: str, long: str) -> int:
    """One sign more on one side: a doubled sign is a slip of the hand, a missing one may be a brother's name."""
    for place in range(len(long)):
        if long[:place] + long[place + 1 :] == short:
            return LOOK_ALIKE if long[place] in long[place + 1 : place + 2] else ONE_OFF
    return DIFFERENT


def _compare_odd(one: str, two: str, known: Characters) -> int:
    """A sign that stands for another, a masked name, or Latin letters on one side."""
    if any(sign in PLACEHOLDERS for sign in one + two):
        return _fit_hidden(one, two, known)
    left, right = (one, two) if _letters(one) >= _letters(two) else (two, one)
    if left.isascii() and right.isascii():
        return ONE_OFF if OSA.distance(left, right) <= 1 and len(left) > 4 else DIFFERENT
    forms = latin_forms(right, known)
    if left.isascii():
        return SOUND if left in forms else DIFFERENT
    mixed = "".join(known.first.get(sign, sign) for sign in left).upper()
    if mixed in forms and left[0] == right[0]:
        return SOUND
    if not _fits_sounds(left, right, known):
        return DIFFERENT
    return _fit_hidden(_LATIN.sub("?", left), right, known)


def _fits_sounds(mixed: str, name: str, known: Characters) -> bool:
    """A syllable in letters, written for a sign nobody could type, must be a reading of the sign in its place."""
    signs = _SIGNS.findall(mixed)
    if len(signs) != len(name):
        return True
    written = [(sign.lower(), other) for sign, other in zip(signs, name, strict=True) if sign.isascii()]
    return all(sound not in known.sounds or sound in known.readings.get(other, ()) for sound, other in written)


def _letters(name: str) -> int:
    return sum(sign.isascii() for sign in name)


def _fit_hidden(one: str, two: str, known: Characters) -> int:
    """A `?` stands for one sign or a lost interpunct, a run of `*` for any; the level tells how much is shown."""
    if len(one) == len(two):
        both = [pair for pair in zip(one, two, strict=True) if PLACEHOLDERS.isdisjoint(pair)]
        unequal = [pair for pair in both if pair[0] != pair[1]]
        if unequal and (len(unequal) == len(both) or not all(known.same_sound(*pair) for pair in unequal)):
            return DIFFERENT
        return HIDDEN if len(both) > 1 and not unequal and "*" not in one + two else MASKED if both else DIFFERENT
    for hidden, whole in ((one, two), (two, one)):
        if not PLACEHOLDERS.isdisjoint(hidden) and PLACEHOLDERS.isdisjoint(whole):
            if hidden.replace("?", "") == whole:
                return HIDDEN
            head, tail = _stem(hidden), _stem(hidden[::-1])[::-1]
            fits = whole.startswith(head) and whole.endswith(tail) and len(head) + len(tail) < len(whole)
            if "*" in hidden and fits and (head or tail):
                return MASKED
    return DIFFERENT


def _stem(name: str) -> str:
    """What stands before the first placeholder."""
    for place, sign in enumerate(name):
        if sign in PLACEHOLDERS:
            return name[:place]
    return name


def name_floor(profiles: Profiles, codes: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
    """How likely the parts of each name make it: the share of its first sign times those of the others."""
    first, later = profiles.tables.get("name_parts") or _count_parts(profiles)
    profiles.tables["name_parts"] = first, later
    rarest = 1e-6
    chance = np.empty(len(codes))
    for place, name in enumerate(profiles["name"].told(codes)):
        chance[place] = first.get(name[0], rarest)
        for sign in name[1:]:
            chance[place] *= later.get(sign, rarest)
    return chance


def _count_parts(profiles: Profiles) -> tuple[dict[str, float], dict[str, float]]:
    """Shares of first and of later signs over the distinct names borne, each as often as profiles bear it."""
    column = profiles["name"]
    borne = np.bincount(column.codes[column.codes >= 0], minlength=len(column.values))
    texts = column.values
    lengths = pc.utf8_length(texts).to_numpy(zero_copy_only=False)
    signs = points_of(texts)
    weight = np.repeat(borne, lengths).astype(float)
    is_first = np.zeros(len(signs), bool)
    is_first[(np.cumsum(lengths) - lengths)[lengths > 0]] = True
    shares = []
    for chosen in (is_first, ~is_first):
        counted = np.bincount(signs[chosen], weights=weight[chosen])
        known = np.flatnonzero(counted)
        told = (counted[known] / max(counted.sum(), 1.0)).tolist()
        shares.append({chr(sign): share for sign, share in zip(known.tolist(), told, strict=True)})
    return shares[0], shares[1]
