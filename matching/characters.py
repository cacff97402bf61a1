"""What is known of single characters: readings, look-alikes, syllables that minority names write in several ways."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice, product
from typing import Any

import numpy as np
import numpy.typing as npt

PLACEHOLDERS = frozenset("?*")
"""Signs of a name in matching: `?` stands for a character nobody could write, `*` masks one or more."""

# Syllables that Yi and Tibetan names write with different characters [domain 3, M]: each group counts as one sound.
MINORITY_SYLLABLES = (
    "泽次才茨慈措",
    "绒桑容荣戎松",
    "洛罗络",
    "四索所泗思",
    "郎朗浪",
    "吉杰基",
    "呷嘎甲噶戛加",
    "曲取区去且切",
    "惹热若日",
    "莫嫫么木姆穆",
    "卓志珠智",
    "玛嘎姆妈马",
    "降绛姜江",
    "央泱样",
    "扎札匝",
    "尔耳二",
    "古谷姑",
    "布补卜不",
    "阿啊",
    "友有尤",
    "伍五乌吾",
    "里力利李",
    "丁登邓",
    "珠朱",
    "白贝",
    "尼宁",
    "益依伊以义",
    "西希喜",
    "仁让任",
    "批排披",
    "措错初",
    "旺汪望",
    "格根更",
    "青清庆钦",
    "牛纽",
    "铁特",
    "拉腊",
    "木莫",
    "海哈",
    "子支孜",
    "沙杀",
    "勒乐",
)

# Sounds that Sichuan speech and typing by pinyin do not keep apart.
FOLDED_SOUNDS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ing", "in"), ("eng", "en"), ("ang", "an"))


def fold_sound(reading: str) -> str:
    """A toneless reading with the distinctions dropped that typists miss: n/l, zh/z, in/ing, hui/fei."""
    for long, short in FOLDED_SOUNDS:
        reading = reading.replace(long, short)
    return "l" + reading[1:] if reading.startswith("n") else reading


BEYOND = 0x34000
"""Code points from here on are no characters with readings."""


@dataclass(slots=True)
class Characters:
    """Look-ups over single characters, built once from the reference table."""

    readings: dict[str, frozenset[str]] = field(default_factory=dict)
    folded: dict[str, frozenset[str]] = field(default_factory=dict)
    look_alikes: dict[str, frozenset[str]] = field(default_factory=dict)
    four_corner: dict[str, str] = field(default_factory=dict)
    syllables: dict[str, frozenset[int]] = field(default_factory=dict)
    first: dict[str, str] = field(default_factory=dict)
    sounds: frozenset[str] = frozenset()
    bits: npt.NDArray[np.uint64] = field(default_factory=lambda: np.zeros(BEYOND, np.uint64))

    def heard(self, points: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint64]:
        """Bits of the readings and syllables of signs, given as code points: two without a common bit sound otherwise."""
        found: npt.NDArray[np.uint64] = self.bits[np.where(points < BEYOND, points, 0)]
        return found

    def same_sound(self, one: str, two: str) -> bool:
        """Some reading of one is some reading of the other."""
        return not self.readings.get(one, _NONE).isdisjoint(self.readings.get(two, _NONE))

    def near_sound(self, one: str, two: str) -> bool:
        """The same, with the distinctions dropped that typists miss."""
        return not self.folded.get(one, _NONE).isdisjoint(self.folded.get(two, _NONE))

    def look_alike(self, one: str, two: str) -> bool:
        """Listed as look-alikes, in either direction, or equal in four-corner code."""
        if two in self.look_alikes.get(one, _NONE) or one in self.look_alikes.get(two, _NONE):
            return True
        corner = self.four_corner.get(one)
        return corner is not None and corner == self.four_corner.get(two)

    def one_syllable(self, one: str, two: str) -> bool:
        """Two ways to write one syllable of a Yi or Tibetan name."""
        return not self.syllables.get(one, _NO_NUMBERS).isdisjoint(self.syllables.get(two, _NO_NUMBERS))


MOST_READINGS = 32
_NONE: frozenset[str] = frozenset()
_NO_NUMBERS: frozenset[int] = frozenset()


_LOADED = Characters()
_SIGNS: set[str] = set()


def load(connection: Any, signs: set[str] | None = None) -> Characters:
    """What the reference table `ref_char` of a standardising connection knows of these signs (None: of all).

    A sign is read once a process: the table is part of the program, every connection has the same.
    """
    if not _LOADED.sounds:
        _begin(_LOADED, connection)
    if signs is None:
        signs = {sign for (sign,) in connection.execute("SELECT ch FROM ref_char").fetchall()}
    if fresh := signs - _SIGNS:
        _read(_LOADED, connection, sorted(fresh))
        _SIGNS.update(fresh)
    return _LOADED


def _begin(known: Characters, connection: Any) -> None:
    """What does not hang on single signs of the table: every syllable that is a reading; the syllables of minority names."""
    query = "SELECT DISTINCT unnest(list_append(coalesce(readings, []), surname_reading)) FROM ref_char"
    known.sounds = frozenset(sound for (sound,) in connection.execute(query).fetchall() if sound is not None)
    groups: dict[str, set[int]] = {}
    for number, syllables in enumerate(MINORITY_SYLLABLES):
        for sign in syllables:
            groups.setdefault(sign, set()).add(number)
    known.syllables = {sign: frozenset(numbers) for sign, numbers in groups.items()}
    for sign, group in groups.items():
        known.bits[ord(sign)] |= _bits(group)


def _read(known: Characters, connection: Any, signs: list[str]) -> None:
    query = (
        "SELECT ch, readings, surname_reading, four_corner, look_alikes FROM ref_char "
        "WHERE ch IN (SELECT unnest(?::VARCHAR[]))"
    )
    heard: dict[tuple[str, ...], tuple[frozenset[str], frozenset[str]]] = {}
    for sign, readings, surname, corner, alikes in connection.execute(query, [signs]).fetchall():
        every = (*(readings or ()), *([surname] if surname else ()))
        if every:
            if every not in heard:
                heard[every] = frozenset(every), frozenset(fold_sound(reading) for reading in every)
            known.readings[sign], known.folded[sign] = heard[every]
            known.first[sign] = surname or every[0]
        if corner:
            known.four_corner[sign] = corner
        if alikes:
            known.look_alikes[sign] = frozenset(alikes)
        if ord(sign) < BEYOND:
            known.bits[ord(sign)] |= _bits(map(_number, every))


def _number(reading: str) -> int:
    return int.from_bytes(reading.encode(), "little")


def _bits(numbers: Iterable[int]) -> np.uint64:
    """A few of 64 bits, chosen by the numbers."""
    return np.uint64(sum({1 << number * 37 % 64 for number in numbers}))


def latin_forms(name: str, known: Characters) -> frozenset[str]:
    """Spellings of a name in Latin capitals: its words in order of the alphabet as in name keys, or written in one.

    The family name has 1 or 2 characters and stands first or last; every reading counts (domain 3), at most MOST_READINGS.
    """
    heard = [_spellings(sign, known) for sign in name]
    forms: set[str] = set()
    for syllables in islice(product(*heard), MOST_READINGS):
        forms.add(" ".join(sorted(syllables)))
        for cut in range(min(3, max(len(syllables), 1))):
            family, rest = "".join(syllables[:cut]), "".join(syllables[cut:])
            forms |= {rest + family, family + rest, " ".join(sorted(filter(None, (family, rest))))}
    return frozenset(forms)


def _spellings(sign: str, known: Characters) -> list[str]:
    """The readings of a sign in capitals, the usual one first, `lv` also as LU and LYU; the sign itself if it has none."""
    usual = known.first.get(sign, sign)
    every = [usual, *sorted(known.readings.get(sign, _NONE) - {usual})]
    wider = [r.replace("v", u) for u in ("v", "u", "yu") for r in every if u == "v" or r[1:2] == "v"]
    return [reading.upper() for reading in wider]
