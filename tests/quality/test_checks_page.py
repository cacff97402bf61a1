"""The night's page says what happened and needs nothing from anywhere else."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from quality.history import FeedHistory
from quality.pages.checks import render_night
from quality.pages.frame import write_page
from quality.verdict import Dimension, RuleResult, Severity, State, Verdict
from tests.quality.clean import NIGHT

RESULT = RuleResult(
    rule_id="filled", dimension=Dimension.COMPLETENESS, severity=Severity.WARN, field="id_number", passed=False,
    judged=True, observed=0.91, limit=0.97, allowed=0.968, unit="share", bound="at_least", failing=180,
    message="id_number is filled in 91%", sentence="“证件号码”有值的记录占91%，应不低于97%。", advice="请补录。",
    set_by="missing 0.5 % <as designed>",
)  # fmt: skip
NUMBERS = FeedHistory("hrss_card", "20261101-001", "full", "2026-11-01", 2000, 1990, 0, 7, 3)
FEED = Verdict(
    "feed", "hrss_card", "20261101-001", State.WARN, (RESULT, replace(RESULT, passed=True)), NUMBERS.as_dict()
)
MASTERS = Verdict("masters", "person", "", State.PASS, (), {"masters": 12345, "records": 50000, "reviews": 7})
EARLIER = [replace(NUMBERS, batch_no=f"2026102{day}-001", read=1500 + day, accepted=day != 5) for day in range(9)]


def page(*verdicts: Verdict) -> str:
    return render_night(
        verdicts,
        night=NIGHT,
        titles={"hrss_card": "持卡库"},
        histories={"hrss_card": EARLIER},
    )


class Balanced(HTMLParser):
    """Counts tags that are opened and never closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag not in ("meta", "link", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_needs_nothing_from_elsewhere() -> None:
    told = page(FEED, MASTERS)
    assert not re.search(r"https?:|//[a-z]|<script|<link|<img|url\(|@import", told)


def test_the_page_says_what_is_wrong_and_what_to_do() -> None:
    told = page(FEED, MASTERS)
    for words in (
        "持卡库",
        "个人主档",
        RESULT.sentence,
        RESULT.advice,
        "12,345",
        "91%",
        "≥ 97%",
        "2026-11-01",
    ):
        assert words in told
    assert told.count('class="refused"') == 1


def test_the_page_is_well_formed_and_escapes_what_people_wrote() -> None:
    parser = Balanced()
    parser.feed(page(FEED, MASTERS))
    assert parser.open == []
    assert "<as designed>" not in page(FEED)


def test_a_night_without_verdicts_has_a_page_too() -> None:
    assert "0 个检查对象" in render_night([], night=NIGHT, titles={})


def test_a_page_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "reports" / "night.html"
    write_page(page(FEED), path)
    assert path.read_text(encoding="utf-8") == page(FEED)
    assert [p.name for p in path.parent.iterdir()] == ["night.html"]
