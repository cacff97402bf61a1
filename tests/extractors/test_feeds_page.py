"""docs/feeds.md says what the contracts say; a feed of details names a feed that there is, of the same subject."""

from __future__ import annotations

from pathlib import Path

from extractors.contract import load_contracts
from extractors.feeds_page import describe_feeds

# The feeds of the domain notes' table, section 6, but for the Chongqing exchange.
FEEDS = {
    "hrss_card", "hrss_insured", "hrss_contrib", "hrss_employ", "ps_person", "ps_death", "ps_residence", "ca_assist",
    "ca_elder", "ca_marriage", "ca_funeral", "nhc_birth", "nhc_death", "nhc_ehealth", "nhsa_insured", "nhsa_assist",
    "dpf_cert", "tr_concession", "tr_card", "ct_reader", "ct_pass", "fin_subsidy", "fin_pay_result", "tax_payer",
    "tax_contrib", "mr_entity", "mr_person", "mr_change", "mr_penalty",
}  # fmt: skip


def test_the_page_is_what_the_contracts_say() -> None:
    page = Path(__file__).parents[2] / "docs" / "feeds.md"
    assert page.read_text(encoding="utf-8") == describe_feeds(load_contracts()), "run make docs"


def test_all_feeds_of_all_eleven_departments_arrive() -> None:
    contracts = load_contracts()
    assert set(contracts) >= FEEDS
    assert len({contract.department for contract in contracts.values()}) == 11


def test_details_are_of_a_feed_that_is_matched() -> None:
    contracts = load_contracts()
    for contract in contracts.values():
        if contract.details_of:
            whole = contracts[contract.details_of]
            assert whole.details_of is None
            assert whole.subject == contract.subject
