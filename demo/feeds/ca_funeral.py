"""ca_funeral 火化: cremations as the funeral homes write them down; the number is often missing."""

from __future__ import annotations

import numpy as np

from demo import dates, places
from demo.chance import Bools, Ints, scramble
from demo.feeds import Feed, Sent
from demo.feeds.page import open_page
from demo.texts import join, number, take
from demo.world import World
from demo.wrong_ids import RATES as USUAL

RATES = {**USUAL, "id_missing": 0.055, "id_typo": 0.006, "id_relative": 0.005, "id_15": 0.006}


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Cremations by row of the dossier."""
    page, table = open_page(world, "ca_funeral", 16, rows, older)
    home = places.counties()
    certificate = join("H", number(home.codes[world.people.county[page.subject]]), number(scramble(rows, 10**8), 8))
    burnt = np.minimum(
        table.since + 2 + page.chance.below("funeral/day", rows, 3), world.first + np.maximum(table.created, 0)
    )
    columns = {
        "cert_no": certificate,
        "name": page.names(0.02),
        "id_no": page.ids(RATES),
        "sex": page.sexes(("男", "女")),
        "death_date": page.days("funeral/death", table.since - older, dates.DASHES, 0.03),
        "cremation_date": page.days("funeral/fire", burnt, dates.DASHES, 0.03),
        "place": join(take(list(home.names), world.people.county[page.subject]), "殡仪馆"),
    }
    return page.sent(certificate, columns)


FEED = Feed("ca_funeral", "person", render, table="ca_funeral")
