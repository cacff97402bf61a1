"""The rule on feeds that send nothing: there is no delivery to judge, only the day on which one was due."""

from __future__ import annotations

from quality.rules.rule import Rule
from quality.verdict import Dimension


class DeliveryOverdue(Rule):
    """A feed's next delivery has landed by its contract's deadline; the limit is how many days it may be late."""

    id = "delivery_overdue"
    dimension = Dimension.TIMELINESS
    unit = "days"
    bound = "at_most"
    message = "the delivery is {observed} days late, at most {limit} expected"
    sentence = "本期数据超过约定时限仍未入库。"
    advice = "请按约定时限报送；已报送的，请核对文件和清单是否到达、上一批是否被拦截；延迟的请说明原因和预计时间。"
