"""Columns that several person feeds share: numbers, names, sex, ethnic group, birth date."""

from __future__ import annotations

from functools import cache

import numpy as np

from demo import dates, vocabulary, wrong_ids, wrong_names
from demo.chance import Bools, Chance, Ints
from demo.identifiers import calendar_numbers
from demo.kinds import BIT
from demo.population import People
from demo.texts import Column, number, put, take

ETHNIC_NAMES = {1: "汉", 3: "回", 4: "藏", 6: "苗", 7: "彝", 8: "壮", 11: "满", 15: "土家", 33: "羌"}
UNMAPPED = 0.002
_UNSEEN = BIT["id_missing"] | BIT["id_placeholder"] | BIT["id_masked"]
LEVELS = (0.5, 1.0, 1.5)  # how much care the offices of a county take


@cache
def surname_letters() -> frozenset[int]:
    """First characters of Han surnames."""
    return frozenset(ord(word[0]) for word in vocabulary.surnames().words)


def ids(
    chance: Chance,
    people: People,
    person: Ints,
    keys: Ints,
    rates: dict[str, float],
    older: Bools,
    shared_rate: float,
    flags: Ints,
    owners: Ints,
) -> Column:
    """Identity numbers of one feed with its rates of trouble, in some counties half as often or half as often again.

    Second numbers stand on half of the rows of those who have one. `owners` is told whose number stands in rows
    that hold somebody else's.
    """
    levels = tuple({kind: rate * factor for kind, rate in {**wrong_ids.RATES, **rates}.items()} for factor in LEVELS)
    level = chance.below("county/care", people.county[person], len(LEVELS))
    kinds, kind = wrong_ids.choose(chance, keys, level, levels)
    numbers = people.numbers[person]
    doubled = (people.second_numbers[person, 0] != 0) & (older | chance.hit("second/used", keys, 0.5))
    planted = np.zeros_like(flags)
    rows = np.flatnonzero(doubled)
    numbers[rows] = people.second_numbers[person[rows]]
    planted[rows] |= BIT["id_second"]
    rows = np.flatnonzero(chance.hit("shared/person", person, shared_rate))
    owners[rows] = shared_with(chance, person[rows])
    numbers[rows] = people.numbers[owners[rows]]
    planted[rows] |= BIT["id_shared"]
    text = wrong_ids.write(chance, people, person, keys, numbers, kinds, kind, planted, owners)
    planted[owners >= 0] &= ~BIT["id_second"]
    planted[planted & BIT["id_relative"] != 0] &= ~BIT["id_shared"]
    planted[planted & _UNSEEN != 0] &= ~(BIT["id_second"] | BIT["id_shared"])  # no number is there to be seen
    flags |= planted
    return text


def shared_with(chance: Chance, person: Ints) -> Ints:
    """The stranger whose number stands in a person's rows (one id, two people); among those born before."""
    return chance.below("shared/with", person, np.maximum(person - 50, 1))


def names(chance: Chance, people: People, person: Ints, keys: Ints, rate: float, older: Bools, flags: Ints) -> Column:
    """Names of one feed; `rate` of Han names are written otherwise, five times as many Yi and Tibetan ones."""
    matrix = people.names[person]
    own = wrong_names.is_own(people.ethnic[person], matrix, surname_letters())
    former = people.former_names[person].copy()
    if rate < 0.005:
        former[~older] = 0
    return wrong_names.vary(chance, keys, matrix, former, own, np.full(len(keys), rate), flags)


def sexes(
    chance: Chance, people: People, person: Ints, keys: Ints, words: tuple[str, str], rate: float, flags: Ints
) -> Column:
    """Sex in the feed's words; `rate` disagree with the number, a few are unmapped."""
    sex = people.sex[person].copy()
    wrong = np.flatnonzero(chance.hit("sex/wrong", keys, rate))
    sex[wrong] = 3 - sex[wrong]
    flags[wrong] |= BIT["sex_wrong"]
    text = take(list(words), sex - 1)
    odd = np.flatnonzero(chance.hit("sex/odd", keys, UNMAPPED / 2))
    flags[odd] |= BIT["code_unmapped"]
    return put(text, odd, take(["3", "X", "Q", "7"], chance.below("sex/odd/which", keys[odd], 4)))


def ethnic(chance: Chance, people: People, person: Ints, keys: Ints, flags: Ints, codes_only: bool = False) -> Column:
    """Ethnic group codes, one in ten as a word, a few unmapped."""
    code = people.ethnic[person]
    text = number(code, 2)
    if not codes_only:
        word = np.flatnonzero(chance.hit("ethnic/word", keys, 0.1))
        text = put(text, word, take([ETHNIC_NAMES.get(i, "汉") for i in range(60)], code[word]))
    odd = np.flatnonzero(chance.hit("ethnic/odd", keys, UNMAPPED))
    flags[odd] |= BIT["code_unmapped"]
    return put(text, odd, take(["00", "ZZ", "60", "9X"], chance.below("ethnic/odd/which", keys[odd], 4)))


def births(
    chance: Chance, people: People, person: Ints, keys: Ints, form: int, rate: float, mixed: float, flags: Ints
) -> Column:
    """Birth dates: lunar birthdays, 01-01 defaults and typing errors by `rate`, other forms of date by `mixed`."""
    numbers = wrong_births(chance, people.birth[person], keys, rate, flags)
    text = dates.mixed(chance, keys, numbers, form, mixed, flags, dates.ENGLISH + 1)
    empty = np.flatnonzero(chance.hit("birth/empty", keys, mixed / 10))
    flags[empty] |= BIT["birth_missing"]
    return put(
        text, empty, take(["00000000", "99991231", "19000101"], chance.below("birth/empty/which", keys[empty], 3))
    )


def wrong_births(chance: Chance, days: Ints, keys: Ints, rate: float, flags: Ints) -> Ints:
    """YYYYMMDD numbers of birth days, a share `rate` of them wrong: lunar 43 %, 01-01 27 %, typing 30 %."""
    birth = days.copy()
    draw = chance.uniform("birth/wrong", keys) / max(rate, 1e-9)
    lunar = np.flatnonzero(draw < 0.43)
    birth[lunar] -= chance.between("birth/lunar", keys[lunar], 20, 50)
    flags[lunar] |= BIT["birth_lunar"]
    default = np.flatnonzero((draw >= 0.43) & (draw < 0.7))
    birth[default] = (
        birth[default].astype("datetime64[D]").astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    )
    flags[default] |= BIT["birth_default"]
    numbers = calendar_numbers(birth)
    typo = np.flatnonzero((draw >= 0.7) & (draw < 1.0))
    year, month, day = numbers[typo] // 10000, numbers[typo] // 100 % 100, numbers[typo] % 100
    turned = year * 10000 + day * 100 + month
    turned = np.where(day <= 12, turned, year * 10000 + month * 100 + day - 3)
    tens = year * 10000 + month * 100 + np.where(day == 1, 11, day // 10 + 1)
    ahead = np.where(month * 100 + day == 229, numbers[typo] + 10002 - 130, numbers[typo] + 10000)
    back = np.where(month * 100 + day == 229, numbers[typo] - 100000 - 1, numbers[typo] - 100000)
    other = np.choose(chance.below("birth/typo", keys[typo], 4), [ahead, back, turned, tens])
    other = np.maximum(other, 19000102)
    flags[typo[other != numbers[typo]]] |= BIT["birth_typo"]
    numbers[typo] = other
    return numbers
