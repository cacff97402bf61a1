"""nhc_birth 出生医学证明: children with their parents; many have no name when the certificate is written."""

from __future__ import annotations

import numpy as np

from demo import dates, places
from demo.chance import Bools, Ints, scramble
from demo.feeds import Feed, Sent
from demo.feeds.page import open_page
from demo.texts import NULL, either, from_codes, from_digits, join, number, take
from demo.world import World
from demo.wrong_ids import RATES as USUAL

RATES = {**USUAL, "id_missing": 0.04, "id_typo": 0.004}


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Certificates by row of the dossier; the number is the mother's, the child has none yet."""
    page, table = open_page(world, "nhc_birth", 12, rows, older)
    people, chance = world.people, page.chance
    mother = np.where(table.other >= 0, table.other, people.head[page.subject])
    father = np.where(people.spouse[mother] >= 0, people.spouse[mother], mother)
    paired = (table.other >= 0) & (people.spouse[mother] >= 0)
    certificate = join(
        take(list("QRSTU"), chance.below("birth/letter", rows, 5)), "51", number(scramble(rows, 10**7), 7)
    )
    second = chance.below("birth/second", rows, 86400)
    business = chance.below("birth/hospital", page.subject // 50, len(world.owned))
    columns = {
        "cert_no": certificate,
        "child_name": either(
            chance.hit("birth/named", rows, 0.55) & ~older, from_codes(people.names[page.subject]), NULL
        ),
        "sex": page.sexes(),
        "birth_time": dates.stamps(table.since * 86400 + second - 3600 * older),
        "mother_name": either(table.other >= 0, from_codes(people.names[mother]), NULL),
        "mother_id": either(table.other >= 0, page.ids(RATES, 0.0, mother), NULL),
        "father_name": either(paired, from_codes(people.names[father]), NULL),
        "father_id": either(paired & chance.hit("birth/father", rows, 0.9), from_digits(people.numbers[father]), NULL),
        "hospital_uscc": from_digits(world.owned.uscc[business]),
        "area": number(places.counties().codes[people.county[mother]]),
    }
    return page.sent(certificate, columns)


FEED = Feed("nhc_birth", "person", render, table="nhc_birth")
