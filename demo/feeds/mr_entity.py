"""mr_entity 市场主体登记: the register of market participants."""

from __future__ import annotations

import numpy as np

from demo import businesses as biz
from demo import dates, places, wrong_businesses
from demo.chance import Bools, Chance, Ints, scramble
from demo.feeds import Feed, Sent
from demo.feeds.spoilt import with_comma
from demo.feeds.times import updated
from demo.kinds import BIT
from demo.labelled_enterprises import phones
from demo.texts import NULL, Column, either, from_codes, from_digits, join, number, put, take
from demo.world import World

STATUS = ("1", "2", "4", "5", "6", "7")  # as businesses.OPEN ...
WORDS = (
    "存续",
    "吊销，未注销",
    "注销",
    "歇业",
    "清算",
    "迁出",
    "在业",
    "吊销未注销",
    "已注销",
    "停业",
    "清算",
    "迁出",
    "开业",
    "吊销",
    "注销",
    "歇业",
    "清算",
    "迁出",
)


def entity_numbers(business: Ints) -> Column:
    """The registry's own keys of businesses."""
    return join("51", number(scramble(business, 10**10) + 10**10, 14))


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Entities by row of world.entities."""
    chance, owned, people = Chance(world.seed), world.owned, world.people
    business = world.entities.business[rows]
    keys = business * 8 + 5 + 256_000_000_000 * older.astype(np.int64)
    flags = np.zeros(len(rows), dtype=np.int64)
    uncoded = (owned.closed[business] >= 0) & (owned.closed[business] < biz.CODE_REFORM)
    uscc = wrong_businesses.unified_codes(
        chance, keys, owned, business, np.where(uncoded, 0.95, 0.004), np.zeros(len(rows)), flags
    )
    name = wrong_businesses.names(chance, keys, owned, people, business, np.full(len(rows), 0.004), older, flags)
    nameless = np.flatnonzero(
        (owned.kind[business] == biz.INDIVIDUAL) & chance.hit("business/nameless", business, 0.015)
    )
    name = put(name, nameless, take(["无字号", ""], chance.below("business/nameless/how", business[nameless], 2)))
    rep = wrong_businesses.representatives(chance, keys, owned, business, older, flags)
    hyphen = chance.hit("org/hyphen", keys, 0.5)
    org = join(
        from_digits(owned.organisation[business, :8]),
        either(hyphen, "-", ""),
        from_digits(owned.organisation[business, 8:]),
    )
    renamed = (owned.former_trade_name[business] >= 0) & ~older & chance.hit("former/listed", business, 0.85)
    status = owned.status[business]
    wordy = chance.below("status/word", keys, 3)
    state = either(
        chance.hit("status/code", keys, 0.7), take(list(STATUS), status), take(list(WORDS), status + 6 * wordy)
    )
    odd = np.flatnonzero(chance.hit("status/odd", keys, 0.003))
    flags[odd] |= BIT["code_unmapped"]
    state = put(state, odd, take(["Z9", "正常", "8"], chance.below("status/odd/which", keys[odd], 3)))
    code = places.counties().codes[owned.county[business]]
    entity_no = entity_numbers(business)
    parent = owned.parent[business]
    closed = owned.closed[business]
    address = addresses(world, chance, business, keys, older, [30, 16, 24, 4, 10, 2, 6], flags)
    address = with_comma(address, np.flatnonzero(chance.hit("mr/comma", keys, 0.0002)), flags)
    listed = chance.hit("parent/listed", business, 0.85)
    flags[(parent >= 0) & ~listed & np.isin(status, (biz.OPEN, biz.SUSPENDED))] |= BIT["parent_missing"]
    columns = {
        "entity_no": entity_no,
        "uscc": uscc,
        "old_reg_no": biz.registration_text(owned, business),
        "org_code": either(chance.hit("others/org", business, 0.6), org, NULL),
        "name": name,
        "former_names": either(renamed, biz.former_names(owned, people, business), NULL),
        "type": type_texts(chance, world, business, keys, flags),
        "industry": biz.industries(owned, business),
        "legal_rep": from_codes(people.names[rep]),
        "capital": number(owned.capital[business]),
        "currency": take(["CNY", "156", "人民币"], chance.weighted("currency", keys, [0.9, 0.06, 0.04])),
        "founded": dates.of_days(owned.founded[business], dates.DASHES),
        "term": either(
            chance.hit("business/term", business, 0.4),
            dates.of_days(owned.founded[business] + 7305, dates.DASHES),
            NULL,
        ),
        "address": address,
        "area": number(code),
        "organ": join(take(list(places.counties().names), owned.county[business]), "市场监督管理局"),
        "status": state,
        "approve_date": dates.of_days(
            np.minimum(owned.founded[business] + chance.below("approved", business, 400), world.first), dates.DASHES
        ),
        "cancel_date": dates.of_days(closed, dates.DASHES),
        "cancel_reason": either(
            closed >= 0,
            take(["决议解散", "长期停业未经营", "被吊销", "个转企"], chance.below("closed/why", business, 4)),
            NULL,
        ),
        "parent_uscc": either(
            (parent >= 0) & listed,
            from_digits(owned.uscc[np.maximum(parent, 0)]),
            NULL,
        ),
        "phone": either(
            chance.hit("business/phone", business, 0.85),
            phones(chance, owned, people, business, rep, world.first, flags),
            NULL,
        ),
        "updated": updated(chance, world, world.entities.changed[rows], business * 8 + 5 + 4 * older, older),
    }
    return Sent(columns, entity_no, business, flags, np.full(len(rows), -1, dtype=np.int64))


def type_texts(chance: Chance, world: World, business: Ints, keys: Ints, flags: Ints) -> Column:
    """Four-digit types, a few unmapped."""
    text = biz.type_codes(world.owned, business)
    odd = np.flatnonzero(chance.hit("type/odd", keys, 0.002))
    flags[odd] |= BIT["code_unmapped"]
    return put(text, odd, take(["0000", "11", "A100"], chance.below("type/odd/which", keys[odd], 3)))


def addresses(
    world: World, chance: Chance, business: Ints, keys: Ints, older: Bools, forms: list[float], flags: Ints
) -> Column:
    """Seats of businesses; older rows hold the one before a move."""
    owned = world.owned
    moved = older & chance.hit("business/moved", business, 0.5)
    flags[moved] |= BIT["address_moved"]
    rural = np.isin(owned.kind[business], (biz.COOPERATIVE, biz.COLLECTIVE))
    urban = ~rural & chance.hit("business/urban", business, 0.8)
    form = chance.weighted("address/form", keys, forms)
    odd = chance.weighted("address/odd", keys, [66, 12, 14, 8])
    return places.addresses(chance, 500_000_000 + business * 2 + moved, owned.county[business], urban, form, odd)


FEED = Feed("mr_entity", "enterprise", render, table="entities")
