"""ca_elder 高龄津贴: people of eighty and more, hand-typed workbooks with one sheet a prefecture, monthly and full."""

from __future__ import annotations

import numpy as np

from demo import places
from demo.chance import Bools, Chance, Ints, scramble
from demo.feeds import Feed, Sent
from demo.feeds.page import page_of
from demo.kinds import BIT
from demo.texts import either, join, number, take
from demo.world import World
from demo.wrong_ids import RATES as USUAL

RATES = {**USUAL, "id_typo": 0.005, "id_excel": 0.003, "id_missing": 0.006, "id_15": 0.006}
BANDS = ("80-89岁", "90-99岁", "100岁以上", "80岁", "90岁", "百岁")
AMOUNTS = (25, 100, 200)


def paid(world: World) -> Ints:
    """Persons of eighty and more who are paid, by prefecture; the dead stay until the civil affairs office knows."""
    chance, people, died = Chance(world.seed), world.people, world.life.died
    person = np.arange(len(people))
    old = world.today - people.birth >= 80 * 365.2425
    unknown = (died > world.today - 90) & chance.hit("elder/untold", person, 0.15)
    held = person[old & ((died < 0) | unknown) & chance.hit("elder/held", person, 0.9)]
    return held[np.lexsort((held, places.counties().codes[people.county[held]] // 100))]


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Persons by index; `older` rows are a second entry under the same number with another amount."""
    page = page_of(world, 17, rows, older, rows)
    page.flags[world.life.died[rows] >= 0] |= BIT["dead_but_active"]
    age = (world.today - world.people.birth[rows]) / 365.2425
    band = np.where(age >= 100, 2, np.where(age >= 90, 1, 0))
    allowance = join("G51", number(scramble(rows, 10**9), 10))
    amount = np.array(AMOUNTS)[band] + 5 * older
    short = page.chance.hit("elder/short", page.keys, 0.05)
    columns = {
        "prefecture": take(list(places.counties().cities), world.people.county[rows]),
        "allowance_no": allowance,
        "name": page.names(0.025),
        "id_no": page.ids(RATES),
        "age_band": page.codes("elder", take(list(BANDS), band + 3 * short), ("高龄", "老人")),
        "amount": join(number(amount), ".00"),
        "remark": either(page.chance.hit("elder/remark", page.keys, 0.05), "已年审", ""),
    }
    return page.sent(allowance, columns)


FEED = Feed("ca_elder", "person", render, monthly=paid)
