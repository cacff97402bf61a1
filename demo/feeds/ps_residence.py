"""ps_residence 居住证: permits of people who live away from where they are registered."""

from __future__ import annotations

import numpy as np

from demo import dates, places
from demo.chance import Bools, Ints, scramble
from demo.feeds import Feed, Sent
from demo.feeds.hrss_card import addresses
from demo.feeds.page import open_page
from demo.texts import join, number
from demo.world import World

RATES = {
    "id_missing": 0.001,
    "id_placeholder": 0.0,
    "id_15": 0.0005,
    "id_typo": 0.0015,
    "id_excel": 0.0,
    "id_relative": 0.001,
}


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Permits by row of the dossier; an older row is the permit before it was renewed."""
    page, table = open_page(world, "ps_residence", 11, rows, older)
    codes = places.counties().codes
    area = number(codes[page.chance.weighted("residence/area", rows, places.counties().weights ** 1.2)])
    permit = join("51", number(scramble(rows, 10**10), 14))
    columns = {
        "permit_no": permit,
        "id_no": page.ids(RATES, 0.0002),
        "name": page.names(0.006),
        "living_addr": addresses(
            world, page.chance, page.subject, page.keys, np.zeros(len(rows), dtype=bool), page.flags
        ),
        "living_area": area,
        "from": dates.of_days(table.since, dates.DIGITS),
        "to": dates.of_days(table.until - 365 * older, dates.DIGITS),
    }
    return page.sent(permit, columns)


FEED = Feed("ps_residence", "person", render, table="ps_residence")
