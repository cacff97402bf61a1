"""What goes wrong with people's names: typing, characters, notes, masks, other spellings."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from demo import vocabulary
from demo.chance import Bools, Chance, Ints
from demo.kinds import BIT
from demo.names import TIBETAN, YI
from demo.texts import Codes, Column, close_gaps, codes, from_codes, join, lengths, plain, put, take

INTERPUNCTS = ("•", "・", "‧", "．", ".", "﹒", "。", "●", " ", "-", "", "?")
DOT = ord("·")
# One kind of variant a row; shares of the rows that get one.
HAN_MIX: dict[str, float] = {
    "name_homophone": 0.30, "name_look_alike": 0.22, "name_traditional": 0.10, "name_note": 0.10,
    "name_swapped": 0.05, "name_dropped": 0.08, "name_doubled": 0.03, "name_rare": 0.12,
}  # fmt: skip
OWN_MIX: dict[str, float] = {
    "name_syllable": 0.62,
    "name_short": 0.18,
    "name_note": 0.04,
    "name_dropped": 0.06,
    "name_homophone": 0.10,
}
_VARIANTS = np.int64(sum(int(BIT[kind]) for kind in {*HAN_MIX, *OWN_MIX} - {"name_note"}))
NOTES = ("(已故)", "（已故）", "1", "2", "(户主)", "（大）", "(注销)", "同志")


@cache
def _table(kind: str) -> tuple[NDArray[np.uint32], Ints, Ints, NDArray[np.uint32]]:
    """(characters ascending, start, count, others) of one-character confusions."""
    if kind == "syllable":
        pairs: dict[str, list[str]] = {}
        for a, b in vocabulary.syllable_variants():
            pairs.setdefault(a, []).append(b)
        found = {a: tuple(b) for a, b in pairs.items()}
    else:
        found = {a: tuple(o for o in b if len(o) == 1) for a, b in vocabulary.confusions(kind).items()}
    letters = sorted(a for a in found if found[a])
    counts = np.array([len(found[a]) for a in letters], dtype=np.int64)
    others = np.array([ord(o) for a in letters for o in found[a]], dtype=np.uint32)
    return np.array([ord(a) for a in letters], dtype=np.uint32), np.cumsum(counts) - counts, counts, others


def confuse(chance: Chance, keys: Ints, names: Codes, kind: str, first: int = 0) -> tuple[Codes, Bools]:
    """(names with one character from place `first` on replaced by what it is confused with, which rows changed)."""
    letters, start, count, others = _table(kind)
    at = np.minimum(np.searchsorted(letters, names), len(letters) - 1)
    able = letters[at] == names
    able[:, :first] = False
    some = able.any(axis=1)
    pick = np.where(
        able, chance.uniform(f"confuse/{kind}/place", keys)[:, None] * 1.0 + np.modf(names * 0.61803)[0], -1.0
    )
    place = pick.argmax(axis=1)
    out = names.copy()
    rows = np.flatnonzero(some)
    chosen = at[rows, place[rows]]
    out[rows, place[rows]] = others[start[chosen] + chance.below(f"confuse/{kind}/which", keys[rows], count[chosen])]
    return out, some


def _shorten(chance: Chance, keys: Ints, names: Codes) -> Codes:
    """A Yi or Tibetan name cut to its first or last two characters."""
    out = np.zeros_like(names)
    front = chance.hit("short/front", keys, 0.5)
    out[:, :2] = names[:, :2]
    size = lengths(names)
    rows = np.flatnonzero(~front & (size >= 4))
    out[rows, 0], out[rows, 1] = names[rows, size[rows] - 2], names[rows, size[rows] - 1]
    return out


def vary(
    chance: Chance,
    keys: Ints,
    names: Codes,
    former: Codes,
    own: Bools,
    rate: NDArray[np.float64],
    flags: Ints,
) -> Column:
    """The name column as sent. `rate` is each row's chance of a variant; it is multiplied by 5 for `own` (Yi, Tibetan) names."""
    names = names.copy()
    size = lengths(names)
    hit = chance.hit("name/hit", keys, np.where(own, rate * 5, rate))
    for mix, here in ((HAN_MIX, hit & ~own), (OWN_MIX, hit & own)):
        rows = np.flatnonzero(here)
        kinds = list(mix)
        kind = chance.weighted("name/kind", keys[rows], list(mix.values()))
        for i, name in enumerate(kinds):
            _change(chance, name, rows[kind == i], keys, names, size, flags)
    rows = np.flatnonzero((former[:, 0] != 0) & chance.hit("name/former", keys, 0.18))
    names[rows] = former[rows]
    flags[rows] &= ~_VARIANTS  # of the present name, which is not sent
    flags[rows] |= BIT["name_former"]
    text = from_codes(close_gaps(names))
    text = _dots(chance, keys, names, text, flags)
    rows = np.flatnonzero(hit & ~own & (flags & BIT["name_note"] != 0) | (hit & own & (flags & BIT["name_note"] != 0)))
    text = put(
        text,
        rows,
        join(text.take(pa.array(rows)), take(list(NOTES), chance.below("name/note", keys[rows], len(NOTES)))),
    )
    text = _rare(chance, keys, names, text, flags)
    return _blanks(chance, keys, text, flags)


def _change(chance: Chance, kind: str, rows: Ints, keys: Ints, names: Codes, size: Ints, flags: Ints) -> None:
    """Change `names[rows]` in place by one kind."""
    here, who = names[rows], keys[rows]
    changed = np.ones(len(rows), dtype=bool)
    if kind in ("name_homophone", "name_look_alike", "name_traditional"):
        here, changed = confuse(chance, who, here, kind.removeprefix("name_"))
    elif kind == "name_syllable":
        here, _ = confuse(chance, who, here, "syllable")
        twice = chance.hit("name/twice", who, 0.25)
        again, _ = confuse(chance, who + 1, here, "syllable")
        here = np.where(twice[:, None], again, here)
        changed = (here != names[rows]).any(axis=1)  # the second change may take back the first
    elif kind == "name_short":
        here, changed = _shorten(chance, who, here), size[rows] >= 4
    elif kind == "name_swapped":
        changed = size[rows] == 3
        here = np.where(changed[:, None], here[:, [0, 2, 1, *range(3, here.shape[1])]], here)
    elif kind == "name_dropped":
        changed = size[rows] >= 3
        place = 1 + chance.below("name/drop", who, np.maximum(size[rows] - 1, 1))
        at = np.flatnonzero(changed)
        here[at, place[at]] = 0
    elif kind == "name_doubled":
        at = np.flatnonzero(size[rows] <= 4)
        changed[:] = False
        changed[at] = True
        here[at, size[rows][at]] = here[at, size[rows][at] - 1]
    elif kind == "name_rare":
        _placeholder(chance, who, here, size[rows])
    elif kind != "name_note":
        raise ValueError(f"wrong_names: kind of variant is {kind}; expected one of HAN_MIX or OWN_MIX")
    names[rows] = here
    flags[rows[changed]] |= BIT[kind]


def _placeholder(chance: Chance, keys: Ints, names: Codes, size: Ints) -> None:
    """One given-name character replaced by a placeholder, in place."""
    marks = np.array([ord(c) for c in "?*□■〇？＊"], dtype=np.uint32)
    place = 1 + chance.below("rare/place", keys, np.maximum(size - 1, 1))
    names[np.arange(len(keys)), place] = marks[chance.below("rare/mark", keys, len(marks))]


def _dots(chance: Chance, keys: Ints, names: Codes, text: Column, flags: Ints) -> Column:
    """Interpuncts written in other ways (60 % of names that hold one)."""
    rows = np.flatnonzero((names == DOT).any(axis=1) & chance.hit("dot", keys, 0.6))
    way = chance.below("dot/how", keys[rows], len(INTERPUNCTS))
    source = text.take(pa.array(rows))
    for i, mark in enumerate(INTERPUNCTS):
        at = np.flatnonzero(way == i)
        source = put(source, at, plain(pc.replace_substring(source.take(pa.array(at)), "·", mark)))
    flags[rows] |= BIT["name_interpunct"]
    return put(text, rows, source)


PRIVATE = {"䶮": "\ue863", "㛃": "\ue000", "㳚": "\ue001", "㵥": "\ue002", "𬭚": "\ue003", "𫖯": "\ue004"}


def _rare(chance: Chance, keys: Ints, names: Codes, text: Column, flags: Ints) -> Column:
    """Rare characters as pinyin, placeholder, private use or two parts (45 % of names that hold one)."""
    letters = vocabulary.rare_characters()
    rare = codes([c for c, _ in letters], 1)[:, 0]
    rows = np.flatnonzero(np.isin(names, rare).any(axis=1) & chance.hit("rare", keys, 0.45))
    way = chance.below("rare/how", keys[rows], 5)
    source = text.take(pa.array(rows))
    parts = vocabulary.confusions("parts")
    for character, pinyin in letters:
        ways = (pinyin, "?", PRIVATE.get(character, "□"), parts.get(character, ("*",))[0], pinyin.lower())
        for i, other in enumerate(ways):
            at = np.flatnonzero(way == i)
            source = put(source, at, plain(pc.replace_substring(source.take(pa.array(at)), character, other)))
    flags[rows] |= BIT["name_rare"]
    private = pc.match_substring_regex(source, "[\ue000-\uf8ff]").to_numpy(zero_copy_only=False)
    flags[rows[np.asarray(private, dtype=bool)]] |= BIT["name_private_use"]
    return put(text, rows, source)


def _blanks(chance: Chance, keys: Ints, text: Column, flags: Ints) -> Column:
    """Blanks around and inside names, zero-width characters (1.5 % of rows)."""
    rows = np.flatnonzero(chance.hit("blank", keys, 0.015))
    source = text.take(pa.array(rows))
    first, rest = plain(pc.utf8_slice_codeunits(source, 0, 1)), plain(pc.utf8_slice_codeunits(source, 1))
    ways = (
        join(source, " "),
        join(source, "  "),
        join(" ", source),
        join(first, "\u3000", rest),
        join(source, "\u200b"),
        join(first, " ", rest),
        join(source, "\u3000"),
    )
    flags[rows] |= BIT["name_form"]
    return put(text, rows, plain(pc.choose(pa.array(chance.below("blank/how", keys[rows], len(ways))), *ways)))


def mask(chance: Chance, keys: Ints, names: Codes) -> Column:
    """Names masked for display: 张*, 张**, *三."""
    size = lengths(names)
    out = names.copy()
    places = np.arange(names.shape[1])[None, :]
    last = chance.hit("mask/last", keys, 0.2)
    keep = np.where(last[:, None], places == (size - 1)[:, None], places == 0)
    out[(places < size[:, None]) & ~keep] = ord("*")
    one = chance.hit("mask/one", keys, 0.3) & ~last
    out[one, 2:] = 0
    return from_codes(out)


def is_own(ethnic: Ints, names: Codes, surname_words: frozenset[int]) -> Bools:
    """Rows with a Yi or Tibetan name (not a Han name borne by a Yi person)."""
    han_like = np.isin(names[:, 0], np.array(sorted(surname_words), dtype=np.uint32)) & (lengths(names) <= 3)
    return (ethnic == TIBETAN) | ((ethnic == YI) & ~han_like)
