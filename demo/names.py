"""People's names: Han surnames and given names by generation, Yi clan names, Tibetan names, rare characters."""

from __future__ import annotations

import numpy as np

from demo import vocabulary
from demo.chance import Bools, Chance, Ints
from demo.texts import Codes, close_gaps, codes

WIDTH = 8
HAN, HUI, TIBETAN, MIAO, YI, TUJIA, QIANG = 1, 3, 4, 6, 7, 15, 33


def surname_of(chance: Chance, keys: Ints, village: Ints, county: Ints) -> Ints:
    """A surname index for each family: often one of its village's or county's few, else by province-wide frequency."""
    weights = vocabulary.surnames().weights
    home = chance.uniform("surname/home", keys)
    slot = (chance.uniform("surname/slot", keys) ** 2 * 6).astype(np.int64)
    own = chance.weighted("surname/own", keys, weights)
    in_village = chance.weighted("surname/place", village * 64 + slot + 1_000_000, weights)
    in_county = chance.weighted("surname/place", county * 64 + slot * 2, weights)
    return np.where(home < 0.22, in_village, np.where(home < 0.36, in_county, own))


def clan_of(chance: Chance, keys: Ints) -> Ints:
    """A Yi clan index for each family."""
    return chance.weighted("clan", keys, vocabulary.minority_names("yi", "clan", "").weights)


def _han_given(chance: Chance, keys: Ints, shared: Ints, sex: Ints, year: Ints) -> Codes:
    """Given names (rows, 2); `shared` keys the generation character, -1 for none."""
    given = np.zeros((len(keys), 2), dtype=np.uint32)
    for value in (1, 2):
        rows = np.flatnonzero(sex == value)
        table = vocabulary.given_characters(value)
        letters = codes(table.words, 1)[:, 0]
        given[rows, 0] = letters[chance.weighted("given/first", keys[rows], table.weights)]
        given[rows, 1] = letters[chance.weighted("given/second", keys[rows], table.weights)]
        kin = rows[shared[rows] >= 0]
        given[kin, 0] = letters[chance.weighted("given/shared", shared[kin], table.weights)]
    one = chance.hit("given/one", keys, np.where((year >= 1970) & (year < 2000), 0.22, 0.09)) & (shared < 0)
    given[one, 1] = 0
    popular = chance.hit("given/popular", keys, 0.28) & (shared < 0)
    for value, start, end, table in vocabulary.popular_given():
        rows = np.flatnonzero(popular & (sex == value) & (year >= start) & (year <= end))
        given[rows] = codes(table.words, 2)[chance.weighted("given/common", keys[rows], table.weights)]
    rare = np.flatnonzero(chance.hit("given/rare", keys, 0.003))
    letters = codes([r[0] for r in vocabulary.rare_characters()], 1)[:, 0]
    given[rare, 1] = letters[chance.below("given/which", keys[rare], len(letters))]
    return given


def full_names(
    chance: Chance, keys: Ints, ethnic: Ints, sex: Ints, year: Ints, surname: Ints, clan: Ints, shared: Ints
) -> Codes:
    """Names as a matrix (rows, 8) of code points.

    Yi people bear clan and given name (three in four; the rest a Han name), Tibetans one or two given names.
    """
    han = np.hstack([codes(vocabulary.surnames().words, 2)[surname], _han_given(chance, keys, shared, sex, year)])
    names = np.zeros((len(keys), WIDTH), dtype=np.uint32)
    names[:, :4] = han
    own = ethnic_name(chance, keys, ethnic)
    clans = codes(vocabulary.minority_names("yi", "clan", "").words, 3)
    for value in (1, 2):
        rows = np.flatnonzero(own & (ethnic == YI) & (sex == value))
        table = vocabulary.minority_names("yi", "given", str(value))
        names[rows] = 0
        names[rows, :3] = clans[clan[rows]]
        names[rows, 3:6] = codes(table.words, 3)[chance.weighted("yi", keys[rows], table.weights)]
        rows = np.flatnonzero(own & (ethnic == TIBETAN) & (sex == value))
        table = vocabulary.minority_names("tibetan", "given", str(value))
        words = codes(table.words, 3)
        names[rows] = 0
        names[rows, :3] = words[chance.weighted("tibetan/1", keys[rows], table.weights)]
        second = rows[chance.hit("tibetan/two", keys[rows], 0.72)]
        names[second, 4:7] = words[chance.weighted("tibetan/2", keys[second], table.weights)]
        second = second[(names[second, :3] != names[second, 4:7]).any(axis=1)]
        names[rows[(names[rows, :3] == names[rows, 4:7]).all(axis=1)], 4:7] = 0
        dotted = second[chance.hit("tibetan/dot", keys[second], 0.06)]
        names[dotted, 3] = ord("·")
    return close_gaps(names)


def ethnic_name(chance: Chance, keys: Ints, ethnic: Ints) -> Bools:
    """Who bears a name of the own tradition."""
    return (ethnic == TIBETAN) | ((ethnic == YI) & chance.hit("yi/own", keys, 0.75))
