"""ct_reader 读者: library readers, typed at the counter; a full file every week."""

from __future__ import annotations

import numpy as np

from demo import places
from demo.chance import Bools, Ints, scramble
from demo.feeds import Feed, Sent
from demo.feeds.page import open_page
from demo.feeds.spoilt import mojibake
from demo.texts import join, number, take
from demo.world import World
from demo.wrong_ids import RATES as USUAL

RATES = {**USUAL, "id_missing": 0.05, "id_masked": 0.02, "id_typo": 0.006}
STATES = ("1", "0", "2", "正常", "停用", "挂失")  # as the states of the dossier


def readers(world: World) -> Ints:
    """All readers."""
    return np.arange(len(world.dossiers["ct_reader"]))


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Readers by row of the dossier."""
    page, table = open_page(world, "ct_reader", 42, rows, older)
    chance = page.chance
    library = join(take(list(places.counties().names), world.people.county[page.subject]), "图书馆")
    garbled = np.flatnonzero(chance.hit("reader/mojibake", page.keys, 0.0004))
    reader_no = join("R51", number(scramble(rows, 10**8), 9))
    deposit = 100 * chance.below("reader/deposit", rows, 3) + 50 * older
    word = chance.hit("reader/word", page.keys, 0.1)
    columns = {
        "reader_no": reader_no,
        "id_no": page.ids(RATES),
        "name": page.names(0.02),
        "library": mojibake(chance, page.keys, library, garbled, page.flags),
        "deposit": join(number(deposit), ".00"),
        "status": page.codes("reader", take(list(STATES), table.state + 3 * word), ("9", "黑名单")),
    }
    return page.sent(reader_no, columns)


FEED = Feed("ct_reader", "person", render, weekly=readers)
