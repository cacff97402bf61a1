"""dpf_cert 残疾人证: certificates of disability, a full file every week."""

from __future__ import annotations

import numpy as np

from demo import dates
from demo.chance import Bools, Ints
from demo.dossiers import ENDED
from demo.feeds import Feed, Sent
from demo.feeds.hrss_card import addresses
from demo.feeds.page import open_page
from demo.feeds.spoilt import with_comma
from demo.person_facts import phone_numbers
from demo.texts import NULL, either, from_codes, from_digits, join, number, take
from demo.world import World
from demo.wrong_ids import RATES as USUAL

RATES = {**USUAL, "id_missing": 0.004, "id_15": 0.005}
STATUS = ("1", "3", "2", "4", "5")  # valid, cancelled, expired, frozen, moved
WORDS = ("视力", "听力", "言语", "肢体", "智力", "精神", "多重")


def certificates(world: World) -> Ints:
    """All certificates."""
    return np.arange(len(world.dossiers["dpf_cert"]))


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Certificates by row of the dossier; the number holds the holder's, the category and the grade."""
    page, table = open_page(world, "dpf_cert", 22, rows, older)
    people, chance = world.people, page.chance
    grade = 1 + chance.weighted("disability/grade", page.subject, [0.15, 0.3, 0.3, 0.25])
    reissued = chance.hit("disability/reissued", page.subject, 0.1)
    no = join(from_digits(people.numbers[page.subject]), number(table.kind), number(grade), either(reissued, "B1", ""))
    expired = (table.until < world.today) & (table.state != ENDED)
    word = chance.hit("disability/word", page.keys, 0.08)
    guarded = table.other >= 0
    phone = number(phone_numbers(chance, people, np.maximum(table.other, 0), world.first, world.life.phone))
    address = addresses(world, chance, page.subject, page.keys, older, page.flags)
    address = with_comma(address, np.flatnonzero(chance.hit("dpf/comma", page.keys, 0.0004)), page.flags)
    columns = {
        "cert_no": no,
        "id_no": page.ids(RATES),
        "name": page.names(0.015),
        "category": page.codes(
            "category", either(word, take(list(WORDS), table.kind - 1), number(table.kind)), ("9", "其他残疾")
        ),
        "grade": page.codes("grade", number(grade), ("5", "无级")),
        "issue_date": page.days("dpf/issued", table.since, dates.DASHES, 0.01),
        "valid_to": dates.of_days(table.until - older, dates.DASHES),
        "status": take(list(STATUS), np.where(expired, 2, table.state)),
        "guardian": either(guarded, from_codes(people.names[table.other]), NULL),
        "guardian_phone": either(guarded, phone, NULL),
        "hukou_addr": address,
    }
    return page.sent(no, columns)


FEED = Feed("dpf_cert", "person", render, weekly=certificates)
