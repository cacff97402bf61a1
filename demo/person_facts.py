"""Facts of a person that more than one file shows: phone, card number, household number, dwelling."""

from __future__ import annotations

import numpy as np

from demo import places
from demo.chance import Bools, Chance, Ints, scramble
from demo.population import People
from demo.texts import Column, join, number, take

HUKOU, LIVING, FORMER = 0, 1, 2
_PREFIXES = np.array([130, 131, 133, 135, 136, 137, 138, 139, 150, 151, 152, 153, 155, 157, 158, 159, 166, 176, 177, 178, 180, 181, 182, 183, 184, 187, 188, 189, 191, 193, 199])  # fmt: skip


def phone_numbers(chance: Chance, people: People, person: Ints, today: int, version: Ints) -> Ints:
    """Mobile numbers: children's and many old people's is the head's; 1 % were recycled from a stranger.

    `version` is the number of changes of each person's phone (rows of `people`), so that an owner's number is the same
    in every row that shows it; give the version before for rows with an old number.
    """
    age = (today - people.birth[person]) // 365
    share = (
        (age < 15) | ((age > 72) & chance.hit("phone/elder", person, 0.6)) | chance.hit("phone/couple", person, 0.06)
    )
    owner = np.where(share, people.head[person], person)
    recycled = chance.hit("phone/recycled", owner, 0.01)
    stranger = chance.below("phone/stranger", owner, np.maximum(owner, 1))
    return _phone(np.where(recycled, stranger, owner) * 16 + version[owner] % 16)


def _phone(owner: Ints) -> Ints:
    spread = scramble(owner, 10**10)
    return np.asarray(_PREFIXES[spread // 10**8 % len(_PREFIXES)] * 10**8 + spread % 10**8)


def cadre_phones(people: People, person: Ints) -> Ints:
    """The number of the village cadre of each person's neighbourhood."""
    return _phone(people.village[person] * 16 + 4_000_000_000)


def household_numbers(household: Ints) -> Column:
    """Household numbers (户号), nine digits."""
    return number(scramble(household, 10**9), 9)


def card_numbers(chance: Chance, people: People, person: Ints, serial: Ints) -> Column:
    """Social security card numbers, a letter and eight digits; 2 % are also given out by another issuing area."""
    shared = person ^ 1
    other = (shared < len(people)) & chance.hit("card/also", person // 2, 0.02)
    shared = np.where(other, np.minimum(person, shared), person)
    apart = people.county[person] != people.county[np.minimum(shared, len(people) - 1)]
    owner = np.where(apart, shared, person)
    return card_texts(owner, serial)


def card_texts(owner: Ints, serial: Ints) -> Column:
    """Card numbers of a person's series, a letter and eight digits."""
    spread = scramble(owner * 8 + serial, 10**9)
    return join(take(list("ABCDEFGHJK"), spread // 10**8), number(spread % 10**8, 8))


def dwellings(chance: Chance, household: Ints, county: Ints, urban: Bools, kind: Ints) -> tuple[Ints, Ints, Bools]:
    """(key, county, urban) of households' registered, living (72 % the same) or former dwelling."""
    apart = (kind == LIVING) & chance.hit("dwelling/apart", household, 0.28)
    away = apart & chance.hit("dwelling/away", household, 0.4) | (kind == FORMER) & chance.hit(
        "dwelling/from", household, 0.25
    )
    other = chance.weighted("dwelling/county", household, places.counties().weights ** 1.2)
    town = np.where(apart, True, np.where(kind == FORMER, chance.hit("dwelling/town", household, 0.3), urban))
    return household * 4 + np.where(kind == FORMER, 2, np.where(apart, 1, 0)), np.where(away, other, county), town
