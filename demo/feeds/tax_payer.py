"""tax_payer 纳税人登记: taxpayers with their legal representative's number."""

from __future__ import annotations

import numpy as np

from demo import businesses as biz
from demo import places, wrong_businesses, wrong_ids
from demo.chance import Bools, Chance, Ints, scramble
from demo.feeds import Feed, Sent
from demo.feeds.mr_entity import addresses
from demo.feeds.spoilt import mojibake
from demo.feeds.times import updated
from demo.kinds import BIT
from demo.labelled_enterprises import phones
from demo.texts import NULL, either, from_codes, from_digits, join, number, put, take
from demo.world import World


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Taxpayers by row of world.taxpayers."""
    chance, owned, people = Chance(world.seed), world.owned, world.people
    business = world.taxpayers.business[rows]
    keys = business * 8 + 6 + 256_000_000_000 * older.astype(np.int64)
    flags = np.zeros(len(rows), dtype=np.int64)
    uncoded = (owned.closed[business] >= 0) & (owned.closed[business] < biz.CODE_REFORM)
    missing = np.where(uncoded, 0.95, 0.03)
    uscc = wrong_businesses.unified_codes(chance, keys, owned, business, missing, np.full(len(rows), 0.02), flags)
    gone = flags & BIT["uscc_missing"] != 0
    old_number = join(from_digits(owned.uscc[business, 2:8]), from_digits(owned.organisation[business]))
    taxpayer_no = either(gone, either(chance.hit("tax/old", keys, 0.6), old_number, NULL), uscc)
    name = wrong_businesses.names(
        chance,
        keys,
        owned,
        people,
        business,
        np.full(len(rows), 0.05),
        older | chance.hit("tax/stale", business, 0.12),
        flags,
    )
    name = mojibake(chance, keys, name, np.flatnonzero(chance.hit("tax/mojibake", keys, 0.0002)), flags)
    rep = wrong_businesses.representatives(
        chance, keys, owned, business, older | chance.hit("tax/stale rep", business, 0.12), flags
    )
    rep_ids = from_digits(people.numbers[rep])
    listed = chance.hit("tax/rep id", business, 0.93)
    masked = np.flatnonzero(listed & chance.hit("rep/masked", keys, 0.03))
    flags[masked] |= BIT["id_masked"]
    rep_ids = put(rep_ids, masked, wrong_ids.masked(chance, keys[masked], people.numbers[rep[masked]]))
    status = owned.status[business]
    state = np.select([status == biz.CLOSED, status == biz.REVOKED, status == biz.SUSPENDED], [3, 2, 1], 0)
    stale = (status == biz.CLOSED) & chance.hit("tax/open", business, 0.05)
    flags[stale] |= BIT["status_old"]
    state = np.where(stale, 0, state)
    text = take(
        ["03", "04", "05", "07", "正常", "停业", "非正常户", "注销"], state + 4 * chance.hit("status/word", keys, 0.1)
    )
    odd = np.flatnonzero(chance.hit("status/odd", keys, 0.004))
    flags[odd] |= BIT["code_unmapped"]
    text = put(text, odd, take(["00", "99", "02"], chance.below("status/odd/which", keys[odd], 3)))
    flags[(world.life.died[rep] >= 0) & listed & (state == 0)] |= BIT["dead_but_active"]
    single = owned.kind[business] == biz.INDIVIDUAL
    code = places.counties().codes[owned.county[business]]
    serial = join("1", number(scramble(business, 10**10), 10), "000000000")
    columns = {
        "registration_serial": serial,
        "taxpayer_no": taxpayer_no,
        "uscc": uscc,
        "name": name,
        "type": take(
            ["1", "2", "单位纳税人", "个体工商户"], single + 2 * chance.hit("type/word", keys, 0.1).astype(np.int64)
        ),
        "status": text,
        "industry": biz.industries(owned, business),
        "tax_office": join("1", number(code), "0000"),
        "legal_rep_name": from_codes(people.names[rep]),
        "legal_rep_id": either(listed, rep_ids, NULL),
        "address": addresses(world, chance, business, keys, older, [25, 18, 26, 8, 10, 4, 6], flags),
        "phone": either(
            chance.hit("business/phone", business, 0.8),
            phones(chance, owned, people, business, rep, world.first, flags),
            NULL,
        ),
        "area": number(np.where(chance.hit("area/city", keys, 0.05), code // 100 * 100, code)),
        "updated": updated(chance, world, world.taxpayers.changed[rows], business * 8 + 6 + 4 * older, older),
    }
    return Sent(columns, serial, business, flags, np.full(len(rows), -1, dtype=np.int64))


FEED = Feed("tax_payer", "enterprise", render, table="taxpayers")
