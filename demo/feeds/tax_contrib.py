"""tax_contrib 社保费征缴: contributions collected from units by insurance, a full file of the month."""

from __future__ import annotations

import numpy as np

from demo import dates, places, wrong_businesses
from demo.business_dossiers import WORKERS_KINDS, payers
from demo.chance import Bools, Ints
from demo.dossiers import month_before
from demo.feeds import Feed, Sent
from demo.feeds.hrss_insured import take_month, unit_numbers
from demo.feeds.page import page_of
from demo.feeds.spoilt import mojibake
from demo.texts import NULL, either, from_digits, join, number
from demo.world import World


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Units and insurances by number (business * 8 + place of the insurance); a unit is spoilt alike in all its rows."""
    business, kind = rows // 8, np.array(WORKERS_KINDS)[rows % 8]
    page = page_of(world, 33, business, older, business)
    chance, owned = page.chance, world.owned
    missing, old = np.full(len(rows), 0.05), np.full(len(rows), 0.02)
    uscc = wrong_businesses.unified_codes(chance, page.keys, owned, business, missing, old, page.flags)
    name = wrong_businesses.names(
        chance, page.keys, owned, world.people, business, np.full(len(rows), 0.08), older, page.flags
    )
    name = mojibake(
        chance, page.keys, name, np.flatnonzero(chance.hit("contrib/mojibake", page.keys, 0.0004)), page.flags
    )
    month = take_month(dates.of_days(np.full(len(rows), month_before(world.today)), dates.DIGITS))
    heads = 1 + chance.below("contrib/heads", business, 40)
    paid = month_before(world.today) + 5 + chance.below("contrib/day", business, 20) - older
    unit_no = unit_numbers(business)
    columns = {
        "taxpayer_no": either(chance.hit("contrib/payer", business, 0.9), from_digits(owned.uscc[business]), NULL),
        "uscc": uscc,
        "name": name,
        "unit_no": unit_no,
        "area": number(places.counties().codes[owned.county[business]]),
        "insurance": number(kind),
        "month": month,
        "head_count": number(heads),
        "amount": join(number(heads * (400 + kind)), ".00"),
        "paid_date": dates.of_days(paid, dates.DASHES),
    }
    return page.sent(join(unit_no, "|", number(kind), "|", month), columns)


FEED = Feed("tax_contrib", "enterprise", render, monthly=payers)
