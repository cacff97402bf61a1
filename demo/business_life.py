"""One day of the province's enterprises: they open, close, change name or representative; shops become companies.

Rates a day: domain.md 10 (4,330 founded and 1,610 deregistered of 9.5 million).
"""

from __future__ import annotations

import numpy as np

from demo import businesses as biz
from demo import vocabulary
from demo.chance import Chance, Ints
from demo.tables import extend
from demo.world import World

FOUNDED, CLOSED, RENAMED, NEW_REP, CONVERTED = 4.6e-4, 1.7e-4, 1.2e-4, 1.2e-4, 3e-5


def live(world: World, chance: Chance) -> None:
    """Let one day pass, in place."""
    owned = world.owned
    every = np.arange(len(owned))
    live = owned.status == biz.OPEN
    closing = every[live & chance.hit("business/close", every, CLOSED)]
    owned.status[closing], owned.closed[closing] = biz.CLOSED, world.today
    renamed = every[
        live
        & (owned.kind == biz.COMPANY)
        & (owned.former_trade_name < 0)
        & chance.hit("business/rename", every, RENAMED * 3)
    ]
    renamed = renamed[~np.isin(renamed, owned.parent)]
    owned.former_trade_name[renamed] = owned.trade_name[renamed]
    owned.trade_name[renamed] = chance.below("business/new name", renamed, len(vocabulary.trade_names()))
    led = every[
        live
        & (owned.former_legal_rep < 0)
        & np.isin(owned.kind, (biz.COMPANY, biz.BRANCH))
        & chance.hit("business/rep", every, NEW_REP * 3)
    ]
    owned.former_legal_rep[led] = owned.legal_rep[led]
    owned.legal_rep[led] = biz.owners(chance, world.people, led, owned.county[led], world.today)
    shops = every[live & (owned.kind == biz.INDIVIDUAL) & chance.hit("business/convert", every, CONVERTED * 3)]
    owned.status[shops], owned.closed[shops] = biz.CLOSED, world.today
    touched = np.concatenate([closing, renamed, led, shops])
    for table in (world.entities, world.taxpayers):
        table.changed[np.isin(table.business, touched)] = world.day
    _found(world, chance, shops)


def _found(world: World, chance: Chance, shops: Ints) -> None:
    """New businesses, among them the companies that shops were converted to."""
    owned = world.owned
    count = int(FOUNDED * len(owned) + chance.uniform("business/how many", np.array([0]))[0]) + len(shops)
    if count == 0:
        return
    fresh = biz.make(chance, world.people, count, world.today)
    keys = len(owned) + np.arange(count)
    fresh.founded = world.today - chance.below("business/lag", keys, 4)
    fresh.status[:], fresh.closed[:], fresh.parent[:], fresh.successor_of[:] = biz.OPEN, -1, -1, -1
    fresh.former_trade_name[:], fresh.former_legal_rep[:] = -1, -1
    fresh.trade_name = chance.below("business/fresh name", keys, len(vocabulary.trade_names()))
    lone = fresh.kind == biz.BRANCH
    fresh.kind[lone], fresh.tail[lone] = biz.COMPANY, -1
    fresh.kind[: len(shops)], fresh.form[: len(shops)], fresh.tail[: len(shops)] = biz.COMPANY, 0, -1
    fresh.successor_of[: len(shops)], fresh.county[: len(shops)] = shops, owned.county[shops]
    fresh.legal_rep[: len(shops)], fresh.trade_name[: len(shops)] = owned.legal_rep[shops], owned.trade_name[shops]
    fresh.trade[: len(shops)] = owned.trade[shops] % biz.trade_range(biz.COMPANY)[1]
    odd = (fresh.kind == biz.COMPANY) & (fresh.form == biz.NO_FORM)
    fresh.form[odd] = 0
    fresh.organisation, fresh.uscc, fresh.registration = biz.numbers(
        chance, keys, fresh.kind, fresh.county, fresh.founded
    )
    extend(owned, **{name: getattr(fresh, name) for name in vars(fresh)})
    day = np.full(count, world.day)
    extend(world.entities, business=keys, created=day, changed=day)
    taxed = keys[chance.hit("business/taxed", keys, 0.8)]
    if len(taxed):
        extend(
            world.taxpayers,
            business=taxed,
            created=np.full(len(taxed), world.day),
            changed=np.full(len(taxed), world.day),
        )
