"""Pages of a night need nothing from elsewhere, escape what they are told, and say what is late."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest

from extractors.contract import load_contracts
from quality.pages.coverage import render_coverage
from quality.pages.frame import PAGES, bar, table
from quality.pages.morning import Morning, late_feeds, render_morning
from quality.pages.reconciliation import render_reconciliation
from quality.pages.scorecard import render_scorecard
from quality.rules import RULES
from quality.wording import wording
from tests.quality.test_checks_page import FEED, MASTERS, Balanced
from tests.quality.test_checks_page import page as data_docs

NIGHT = date(2026, 11, 9)
CONTRACTS = load_contracts()
TITLES = {feed: contract.title for feed, contract in CONTRACTS.items()}


def pages() -> dict[str, str]:
    score = {"department": "hrss", "feed": "hrss_card", "rules_judged": 10, "rules_kept": 9, "stops": 0, "warnings": 1}
    scores = [
        {**score, "night": NIGHT - timedelta(days), "dimension": dimension}
        for days in range(20)
        for dimension in ("conformity", "accuracy")
    ]
    finding = {
        "department": "hrss",
        "feed": "hrss_card",
        "code": "ID_CHECK",
        "severity": "warn",
        "next_due_date": NIGHT,
    }
    findings = [{**finding, "state": state, "finding_count": 7} for state in ("open", "sent", "corrected")]
    days = [{"day": NIGHT, "department": "hrss", "found_count": 3, "corrected_count": 2, "return_count": 1}]
    cover = {
        "subject": "person",
        "files_total": 100,
        "undated": 1,
        "within_year": 40,
        "within_three_years": 20,
        "older": 9,
    }
    covered = [
        {**cover, "kind": "golden", "fact": "phone", "files_with": 70, "newest_date": NIGHT},
        {**cover, "kind": "list", "fact": "death", "files_with": 70, "newest_date": None},
    ]
    pair = {"department": "ps", "other_department": "hrss", "is_whole": False, "is_suppressed": False}
    present = [
        {**pair, "area_code": None, "is_whole": True, "in_both": 900, "only_here": 40},
        {**pair, "area_code": "510104", "in_both": 100, "only_here": 25},
        {**pair, "area_code": "510105", "in_both": 100, "only_here": None, "is_suppressed": True},
    ]
    moved = {"department": "hrss", "found": 5, "corrected": 1, "returned": 0, "expired": 2, "due_soon": 3}
    morning = Morning(
        night=NIGHT, run_id="night-2026-11-09", state="incomplete", seconds=300.0,
        last_seen={"hrss_card": NIGHT - timedelta(3)},
        troubles=[{"feed": "ps_person", "step": "gate", "state": "stopped", "note": "<short> by 40 %"}],
        deliveries=[{"feed": "ps_person", "mode": "full", "read": 10, "rejected": 1, "before": 14}],
        changes=[{"subject": "person", "what": "new", "number": 12}], findings=[moved], waiting={"person": 4},
    )  # fmt: skip
    return {
        "morning": render_morning(morning, CONTRACTS),
        "scorecard": render_scorecard(night=NIGHT, scores=scores, findings=findings, days=days, titles=TITLES),
        "data-docs": data_docs(FEED, MASTERS),
        "coverage": render_coverage(night=NIGHT, rows=covered, lists={"death": "死亡"}),
        "reconciliation": render_reconciliation(night=NIGHT, rows=present, areas={"510104": "锦江区"}),
    }


MADE = pages()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_needs_nothing_from_elsewhere(name: str) -> None:
    told = re.sub(r'xmlns(:\w+)?="[^"]*"', "", MADE[name])  # names of vocabularies, not addresses to load
    assert not re.search(r"https?:|[\"'(]//[a-z]|<script|<link|<img|url\((?!#)|@import|<iframe", told)
    parser = Balanced()
    parser.feed(re.sub(r"<(path|line|rect|circle|use|image)([^>]*)/>", r"<\1\2></\1>", told))
    assert parser.open == []
    for other in PAGES:
        assert f'href="{other}.html"' in told


def test_the_pages_say_what_they_were_told() -> None:
    said = {
        "morning": ("晚 2 天", "拦截", "&lt;short&gt; by 40 %", "新建 12", "5.0 分钟", "-4", "待人工复核"),
        "scorecard": ("持卡库", "90", "证件号码校验位不符", "待答复", "<svg"),
        "coverage": ("联系电话", "死亡（清单）", "70.0%", "<svg"),
        "reconciliation": ("锦江区 510104", "20.0%", "另有 1 个地区不足 10 人"),
    }
    for name, words in said.items():
        assert [word for word in words if word not in MADE[name]] == [], name


@pytest.mark.parametrize(
    ("feed", "days_ago", "late"),
    [
        ("hrss_card", 0, None), ("hrss_card", 1, None), ("hrss_card", 2, 1),  # daily: yesterday's may come tonight
        ("dpf_cert", 6, None), ("dpf_cert", 7, 0), ("dpf_cert", 9, 2), ("ca_assist", 30, None), ("ca_assist", 33, 2),
    ],
)  # fmt: skip
def test_a_feed_is_late_by_its_own_frequency(feed: str, days_ago: int, late: int | None) -> None:
    seen = dict.fromkeys(CONTRACTS, NIGHT) | {feed: NIGHT - timedelta(days_ago)}
    assert late_feeds(CONTRACTS, seen, NIGHT) == ([] if late is None else [(feed, late)])


def test_a_feed_that_never_came_is_said() -> None:
    assert late_feeds(CONTRACTS, {n: NIGHT for n in CONTRACTS if n != "ps_person"}, NIGHT) == [("ps_person", -1)]


def test_tables_align_numbers_and_escape_words() -> None:
    made = table(["a", "b"], [["<b>", 1234], [bar(0.5), None]])
    assert "&lt;b&gt;" in made
    assert '<td class="number">1,234</td>' in made
    assert "<svg" in made
    assert table(["a"], []) == '<p class="soft">无</p>'
    unused: Any = bar(None)
    assert unused == "—"


def test_every_rule_and_code_has_words_without_gaps() -> None:
    told = {code: wording(code) for code in (*RULES, "ID_CHECK", "USCC_LEN", "NO_SUCH_CODE")}
    assert not [code for code, words in told.items() if "{" in "".join(words) or not all(words)]
    assert told["USCC_LEN"][0] == "统一社会信用代码位数不对"
    assert told["NO_SUCH_CODE"][0] == "内容与约定不符（NO_SUCH_CODE）"
