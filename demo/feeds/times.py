"""Update times of rows: the first day's lie in the years before it, later ones on the day of the change."""

from __future__ import annotations

import numpy as np

from demo import dates
from demo.chance import Bools, Chance, Ints
from demo.texts import Column
from demo.world import World


def updated(
    chance: Chance,
    world: World,
    changed: Ints,
    keys: Ints,
    older: Bools,
    not_before: Ints | None = None,
    digits: bool = False,
) -> Column:
    """Text of the update times; an `older` version lies days before the row's own."""
    second = chance.below("updated/second", keys - 4 * older, 86400)
    back = np.where(changed == 0, 1 + chance.below("updated/back", keys - 4 * older, 900), 0)
    day = world.first + changed - back
    if not_before is not None:
        day = np.where(changed == 0, np.minimum(np.maximum(day, not_before), world.first - 1), day)
    day = day - np.where(older, 3 + chance.below("updated/older", keys, 300), 0)
    return dates.stamps(day * 86400 + second, digits)
