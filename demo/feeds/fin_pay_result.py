"""fin_pay_result 发放结果: what the banks say became of each row of a subsidy batch."""

from __future__ import annotations

import numpy as np

from demo import dates
from demo.chance import Bools, Ints
from demo.feeds import Feed, Sent
from demo.feeds.fin_subsidy import batches
from demo.feeds.hrss_insured import take_month
from demo.feeds.page import open_page
from demo.kinds import BIT
from demo.texts import join, number, take
from demo.world import World

REASONS = ("", "01", "02", "03", "04", "05")  # as the kinds of the dossier


def render(world: World, rows: Ints, older: Bools) -> Sent:
    """Results by row of the dossier; an older row is an earlier attempt."""
    page, table = open_page(world, "fin_pay_result", 45, rows, older)
    paid = world.dossiers["fin_subsidy"]
    batch = batches(take_month(dates.of_days(paid.since[table.other], dates.DIGITS)), paid.kind[table.other])
    row_no = number(table.other + 1)
    page.flags[table.kind == 1] |= BIT["account_inactive"]
    second = page.chance.below("result/second", rows, 30000) + 30000 - 3600 * older
    columns = {
        "batch": batch,
        "row_no": row_no,
        "result": take(["1", "0"], np.minimum(table.kind, 1)),
        "fail_reason": page.codes("result", take(list(REASONS), table.kind), ("99", "X")),
        "paid_time": dates.stamps(table.since * 86400 + second, digits=True),
    }
    return page.sent(join(batch, "|", row_no), columns)


FEED = Feed("fin_pay_result", "person", render, table="fin_pay_result")
