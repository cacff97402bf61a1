"""nhc_ehealth 电子健康卡: people who registered for the electronic health card, typed in a mobile application."""

from __future__ import annotations

from demo import dates
from demo.chance import Bools, Ints
from demo.feeds import Feed, Sent
from demo.feeds.hrss_card import card_codes
from demo.feeds.page import open_page
from demo.texts import number
from demo.world import World

RATES = {"id_missing": 0.012, "id_masked": 0.015}


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Electronic cards by row of the dossier."""
    page, table = open_page(world, "nhc_ehealth", 14, rows, older)
    ehealth = card_codes(page.chance, number(510000 + rows * 0), page.subject * 64 + 14)
    columns = {
        "ehealth_id": ehealth,
        "id_no": page.ids(RATES),
        "name": page.names(0.02),
        "sex": page.sexes(("M", "F")),
        "phone": page.phones("nhc_ehealth", 0.05),
        "registered": page.days("nhc_ehealth", table.since - 9 * older, dates.DASHES),
    }
    return page.sent(ehealth, columns)


FEED = Feed("nhc_ehealth", "person", render, table="nhc_ehealth")
