"""ca_marriage 婚姻登记: weddings, divorces and reissued certificates, with both spouses in one row."""

from __future__ import annotations

import numpy as np

from demo import dates, places
from demo.chance import Bools, Ints, scramble
from demo.feeds import Feed, Sent
from demo.feeds.page import open_page
from demo.feeds.spoilt import with_comma
from demo.texts import from_codes, join, number, take
from demo.world import World
from demo.wrong_ids import RATES as USUAL

RATES = {**USUAL, "id_15": 0.02, "id_missing": 0.003, "id_relative": 0.0}
KINDS = ("结婚登记", "离婚登记", "补领婚姻登记证", "结婚", "离婚", "补领")


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Registrations by row of the dossier; its subject is the wife."""
    page, table = open_page(world, "ca_marriage", 15, rows, older)
    people, chance = world.people, page.chance
    husband = table.other
    certificate = join("J51", number(scramble(rows, 10**9), 12))
    office = join(take(list(places.counties().names), people.county[page.subject]), "民政局婚姻登记处")
    comma = np.flatnonzero(chance.hit("marriage/comma", page.keys, 0.0004))
    columns = {
        "register_no": certificate,
        "husband_name": from_codes(people.names[husband]),
        "husband_id": page.ids(RATES, 0.0, husband),
        "husband_nationality": take(["中国", "CHN"], chance.hit("marriage/word", rows, 0.1).astype(np.int64)),
        "wife_name": page.names(0.015),
        "wife_id": page.ids(RATES, 0.0002),
        "wife_nationality": take(["中国", "CHN"], chance.hit("marriage/word", rows, 0.1).astype(np.int64)),
        "kind": page.codes(
            "marriage", take(list(KINDS), table.kind + 3 * chance.hit("marriage/short", page.keys, 0.2)), ("婚登", "9")
        ),
        "register_date": page.days("marriage", table.since - 3 * older, dates.DASHES, 0.02),
        "office": with_comma(office, comma, page.flags),
    }
    return page.sent(certificate, columns)


FEED = Feed("ca_marriage", "person", render, table="ca_marriage")
