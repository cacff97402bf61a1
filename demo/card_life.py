"""One day of the social security cards: they are lost, replaced, and made for those who have none."""

from __future__ import annotations

import numpy as np

from demo.chance import Chance
from demo.tables import extend
from demo.world import CARD_LOST, CARD_NORMAL, CARD_REPLACED, World

LOST, REISSUED, FIRST_CARDS = 1.2e-4, 0.05, 0.01


def live(world: World, chance: Chance) -> None:
    """Cards are lost, replaced and made for those who have none."""
    cards = world.cards
    key = cards.person * 16 + cards.serial
    alive = world.life.died[cards.person] < 0
    waiting = np.flatnonzero((cards.status == CARD_LOST) & alive & chance.hit("card/again", key, REISSUED))
    lost = np.flatnonzero((cards.status == CARD_NORMAL) & alive & chance.hit("card/lost", key, LOST))
    cards.status[lost], cards.changed[lost] = CARD_LOST, world.day
    cards.status[waiting], cards.changed[waiting] = CARD_REPLACED, world.day
    serial = np.zeros(len(world.people), dtype=np.int64)
    np.maximum.at(serial, cards.person, cards.serial + 1)
    none = np.flatnonzero((serial == 0) & (world.life.died < 0))
    person = np.concatenate([np.unique(cards.person[waiting]), none[chance.hit("card/first", none, FIRST_CARDS)]])
    person = person[serial[person] < 8]  # a series of numbers holds eight cards
    if len(person):
        day = np.full(len(person), world.day)
        extend(
            cards, person=person, serial=serial[person], owner=person, county=world.people.county[person], issued=np.full(len(person), world.today),
            status=np.full(len(person), CARD_NORMAL), extra=np.zeros(len(person)), created=day, changed=day,
        )  # fmt: skip
