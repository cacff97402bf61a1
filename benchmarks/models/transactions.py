"""Payments as the sender's and the receiver's bank write them: cut memos, later days, amounts after fees (splink_datasets)."""

from __future__ import annotations

from matching.general import alike, near_amounts, near_days
from matching.model import Block, Model, Thresholds, Value, Words

MEMO = "nullif(trim(regexp_replace(lower(v), '[^a-z0-9]+', ' ', 'g')), '')"
DAY = "CAST(try_cast(v AS DATE) AS VARCHAR)"
TENTHS = "ln(nullif(greatest(try_cast(v AS DOUBLE), 0), 0)) / ln(1.1)"
"""The amount in steps of a tenth."""

MODEL = Model(
    name="transactions",
    version="1",
    prefix="T",
    required=("side", "memo", "transaction_date", "amount"),
    values=(
        Value("side", "side", "v"),
        Value("memo", "memo", MEMO),
        Value("memo_start", "memo", f"substr({MEMO}, 1, 5)"),
        Value("day", "transaction_date", DAY, "day"),
        Value("week", "transaction_date", "CAST(date_trunc('week', try_cast(v AS DATE)) AS VARCHAR)", "week"),
        Value("week_after", "transaction_date", "CAST(date_trunc('week', try_cast(v AS DATE) + 7) AS VARCHAR)", "week"),
        Value("amount", "amount", "CAST(try_cast(v AS DOUBLE) AS VARCHAR)"),
        Value("pounds", "amount", "CAST(round(try_cast(v AS DOUBLE)) AS VARCHAR)"),
        Value("about", "amount", f"CAST(floor({TENTHS}) AS VARCHAR)"),
        Value("about_half", "amount", f"CAST(floor({TENTHS} + 0.5) AS VARCHAR)"),
        Value("next_day", "transaction_date", "CAST(try_cast(v AS DATE) + 1 AS VARCHAR)", "day"),
        Value("second_day", "transaction_date", "CAST(try_cast(v AS DATE) + 2 AS VARCHAR)", "day"),
    ),
    comparisons=(
        near_amounts("amount", (0.001, 0.01, 0.03, 0.1)),
        near_days("day", (1, 2, 4, 7, 14)),
        alike("memo", (0.95, 0.88, 0.75)),
    ),
    blocks=(
        Block("amount", ("amount",), refine=("week",)),
        Block("pounds and week", ("pounds", "week")),
        Block("start of the memo and week", ("memo_start", "week"), refine=("about",)),
        Block("start of the memo and the week after", ("memo_start", "week_after"), ("memo_start", "week"), ("about",)),
        Block("start of the memo and amount", ("memo_start", "about"), refine=("week",)),
        Block("start of the memo and amount, half a step on", ("memo_start", "about_half"), refine=("week",)),
        Block("amount and next day", ("about", "next_day"), ("about", "day")),
        Block("amount and second day", ("about", "second_day"), ("about", "day")),
        Block("amount, half a step on, and next day", ("about_half", "next_day"), ("about_half", "day")),
        Block("amount, half a step on, and second day", ("about_half", "second_day"), ("about_half", "day")),
        Words("words of the memo", "memo", most_holders=60, least=0.5),
    ),
    thresholds=Thresholds(accept=0.5, review=0.1),
    two_sided=True,
    rounds=1,
)
