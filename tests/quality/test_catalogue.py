"""The catalogue of rules is whole, its page is current, and every contract's expectations can be judged by it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from string import Formatter

import pytest

from extractors.contract import load_contracts
from quality.__main__ import main
from quality.catalogue import render_catalogue
from quality.codes import coded_fields
from quality.rules import RULES, rule_named
from quality.rules.across import AcrossRule
from quality.rules.rule import MeasureRule
from quality.thresholds import limits_of

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
ALWAYS = {
    "unique_key",
    "row_count_at_least",
    "row_count_against_last",
    "reject_rate",
    "filled",
    "valid_id",
    "arrived_in_time",
}


def test_the_page_is_what_the_rules_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_catalogue(), "run: python -m quality rules --out docs/rules.md"


def test_every_rule_is_on_the_page_once() -> None:
    assert sorted(re.findall(r"^\| `(\w+)`", render_catalogue(), re.MULTILINE)) == sorted(RULES)


def test_the_command_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--out", str(tmp_path / "docs" / "rules.md")]) == 0
    assert main(["rules"]) == 0
    assert (tmp_path / "docs" / "rules.md").read_text(encoding="utf-8") == capsys.readouterr().out


def test_every_rule_says_its_part() -> None:
    for rule in RULES.values():
        assert re.search(r"[\u4e00-\u9fff]", rule.sentence + rule.advice)
        assert rule.sentence.endswith("。")
        assert rule.advice.endswith("。")
        if not isinstance(rule, AcrossRule):
            named = {name for _, name, _, _ in Formatter().parse(rule.message + rule.sentence) if name}
            assert named <= {"field", "label", "observed", "limit", "code"}
            assert {"observed", "limit"} <= named


@pytest.mark.parametrize("feed", sorted(load_contracts()))
def test_the_expectations_of_a_feed_can_be_judged(feed: str) -> None:
    contract = load_contracts()[feed]
    limits = limits_of(contract.expectations)
    has_numbers = any(field.has_reasons for field in contract.fields)
    assert {limit.rule for limit in limits} >= (ALWAYS if has_numbers else ALWAYS - {"valid_id"})
    reasons = {field.name for field in contract.fields if field.has_reasons}
    for limit in limits:
        rule = rule_named(limit.rule)
        assert not isinstance(rule, AcrossRule)
        assert len(limit.set_by) > 7
        assert bool(limit.field) or not rule.needs_field
        assert limit.limit is not None or not isinstance(rule, MeasureRule)
        if limit.rule in ("valid_id", "valid_against_last"):
            assert limit.field in reasons
        if limit.rule in ("in_code_table", "share_against_last"):
            assert limit.field in coded_fields(contract)
    stops = {limit.rule for limit in limits if limit.severity == "stop"}
    assert stops >= {"unique_key", "row_count_at_least", "row_count_against_last"}


def test_great_expectations_is_not_imported_before_a_gate_runs() -> None:
    """It takes seconds: neither the rules, the gates nor the page may pull it in."""
    modules = "quality.gates, quality.findings, quality.pages.frame, quality.catalogue, quality.masters"
    code = f"import sys, {modules}; sys.exit(any(m.split('.')[0] == 'great_expectations' for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=PAGE.parents[1]).returncode == 0
