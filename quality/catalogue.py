"""The catalogue of rules as a page: what each asks, what its owner reads, what to do."""

from __future__ import annotations

from collections.abc import Iterable
from inspect import getdoc

from quality.rules import RULES
from quality.rules.across import AcrossRule
from quality.rules.arrivals import DeliveryOverdue
from quality.rules.rule import FeedMeasureRule, MasterMeasureRule, RowRule, Rule
from quality.wording import DIMENSIONS

_KINDS: tuple[tuple[str, str, type[Rule]], ...] = (
    (
        "On rows",
        "Judged by Great Expectations on one column of a delivery or of the staged masters. The limit is the share of "
        "rows that must keep the rule; in a small delivery as many more may fail as chance explains in all but one of "
        "a thousand deliveries.",
        RowRule,
    ),
    ("On a delivery", "One number of a delivery, alone or against the feed's own history.", FeedMeasureRule),
    ("On a feed that sends nothing", "Limits stand in `quality/limits/arrivals.yml`.", DeliveryOverdue),
    ("On the night's masters", "One number of the staged masters, alone or against last night.", MasterMeasureRule),
    (
        "On landed records, within a feed and across departments",
        "SQL over the landed records and the files they belong to; every row it returns is a finding for the owner of the "
        "feed it names. Below each rule: its severity and the feeds it is asked of.",
        AcrossRule,
    ),
)
_INTRODUCTION = """# Rules of data quality

Made by `python -m quality rules`; do not edit. Dimensions are those of GB/T 36344-2018.

Limits of a feed stand in its contract (`extractors/feeds/<feed>.yml`, `expectations`), those of the master files in
`quality/limits/`. Each says how it was set (`set_by`). Severity `stop` holds the delivery (yesterday's records of the
feed stay) or the publish (nothing is published); `warn` is to be looked at; `inform` is noted. A new rule is one class
in `quality/rules/`.
"""


def render_catalogue() -> str:
    """The page `docs/rules.md`, the same for the same rules."""
    parts = [_INTRODUCTION]
    for title, text, kind in _KINDS:
        parts.append(f"\n## {title}\n{text}\n\n{_table(rule for rule in RULES.values() if isinstance(rule, kind))}")
    return "".join(parts)


def _table(rules: Iterable[Rule]) -> str:
    lines = ["| rule | dimension | asks | what the owner reads | what to do |", "|---|---|---|---|---|"]
    for rule in rules:
        name = f"`{rule.id}`"
        if isinstance(rule, AcrossRule):
            feeds = dict.fromkeys(one.feed for one in rule.questions())
            name += f"<br>{rule.severity}: {' '.join(feeds)}"
        asks = (getdoc(type(rule)) or "").split("\n\n")[0].replace("\n", " ")
        cells = (name, f"{rule.dimension} {DIMENSIONS[rule.dimension]}", asks, rule.sentence, rule.advice)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"
