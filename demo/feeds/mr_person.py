"""mr_person 主要人员: legal representatives, shareholders, directors, supervisors and operators of enterprises."""

from __future__ import annotations

import numpy as np

from demo.business_dossiers import SHAREHOLDER
from demo.chance import Bools, Ints
from demo.feeds import Feed, Sent
from demo.feeds.mr_entity import entity_numbers
from demo.feeds.page import open_page
from demo.feeds.spoilt import with_comma
from demo.texts import NULL, either, from_digits, join, number, take
from demo.world import World

RATES = {"id_missing": 0.01, "id_typo": 0.003, "id_masked": 0.02, "id_relative": 0.001}
ROLES = ("法定代表人", "股东", "董事", "监事", "经营者")


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Officers by row of the dossier."""
    page, table = open_page(world, "mr_person", 30, rows, older)
    business, owned = table.subject, world.owned
    person = np.where(table.other >= 0, table.other, owned.legal_rep[business])
    entity_no, serial = entity_numbers(business), number(table.kind + 1)
    name = with_comma(
        page.names(0.004, person), np.flatnonzero(page.chance.hit("officer/comma", page.keys, 0.0002)), page.flags
    )
    coded = page.chance.hit("officer/coded", business, 0.97)
    share = 10 + page.chance.below("officer/share", rows, 90) + older
    columns = {
        "entity_no": entity_no,
        "serial": serial,
        "uscc": either(coded, from_digits(owned.uscc[business]), NULL),
        "role": page.codes("officer/role", take(list(ROLES), table.kind), ("其他", "99")),
        "cert_type": take(["身份证", "10"], page.chance.hit("officer/cert", page.keys, 0.3).astype(np.int64)),
        "cert_no": page.ids(RATES, 0.0, person),
        "share": either((table.kind == SHAREHOLDER) | older, join(number(share), ".00"), NULL),
        "name": name,
    }
    return page.sent(join(entity_no, "|", serial), columns)


FEED = Feed("mr_person", "enterprise", render, table="mr_person")
