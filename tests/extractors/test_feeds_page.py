"""docs/feeds.md says what the contracts say; the feeds, their forms and how often they come are those
of the domain notes; a feed of details names a feed that there is, of the same subject."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.contract import SHEET, Contract, load_contracts
from extractors.feeds_page import describe_feeds
from extractors.forms import CsvForm, FixedWidthForm, XlsxForm, XmlForm

# The table of the domain notes, section 6, but for the Chongqing exchange: feed -> (form, how often), each in full.
FIXED = "fixed_width gb18030 crlf"
MERGED = "xlsx, two header rows, a column for the sheet"
GB_CSV, BOM_CSV, VIEW_CSV = "csv gb18030", "csv utf-8 bom", "csv utf-8"
JSON = "json_lines utf-8"
TABLE = {
    "hrss_card": (GB_CSV, "daily delta, weekly full"),
    "hrss_insured": ("database", "fifteen-minute delta"),
    "hrss_contrib": (GB_CSV, "monthly"),
    "hrss_employ": ("xlsx", "daily delta"),
    "ps_person": (FIXED, "daily delta, yearly full"),
    "ps_death": (FIXED, "daily delta"),
    "ps_residence": (FIXED, "daily delta"),
    "ca_assist": (MERGED, "monthly full"),
    "ca_elder": (MERGED, "monthly full"),
    "ca_marriage": (BOM_CSV, "daily delta"),
    "ca_funeral": (BOM_CSV, "daily delta"),
    "nhc_birth": (JSON, "hourly delta"),
    "nhc_death": (JSON, "hourly delta"),
    "nhc_ehealth": (JSON, "hourly delta"),
    "nhsa_insured": ("database", "five-minute delta"),
    "nhsa_assist": (JSON, "five-minute delta"),
    "dpf_cert": (BOM_CSV, "weekly full"),
    "tr_concession": (JSON, "daily delta"),
    "tr_card": (JSON, "daily delta"),
    "ct_reader": ("xml utf-8", "weekly full"),
    "ct_pass": ("xml utf-8", "weekly full"),
    "fin_subsidy": (GB_CSV, "monthly batches"),
    "fin_pay_result": (FIXED, "monthly batches"),
    "tax_payer": ("xml gb18030, nested", "daily delta"),
    "tax_contrib": ("xml gb18030, nested", "monthly full"),
    "mr_entity": (VIEW_CSV, "hourly delta, monthly full"),
    "mr_person": (VIEW_CSV, "hourly delta, monthly full"),
    "mr_change": (VIEW_CSV, "hourly delta, monthly full"),
    "mr_penalty": (VIEW_CSV, "hourly delta, monthly full"),
}
MORE_OFTEN = {"nhsa_insured": "weekly full"}  # sent besides what the table asks


def test_the_page_is_what_the_contracts_say() -> None:
    page = Path(__file__).parents[2] / "docs" / "feeds.md"
    assert page.read_text(encoding="utf-8") == describe_feeds(load_contracts()), "run make docs"


def test_all_feeds_of_all_eleven_departments_arrive() -> None:
    contracts = load_contracts()
    assert set(contracts) >= set(TABLE)  # further feeds need no test of their own
    assert len({contracts[feed].department for feed in TABLE}) == 11


def test_details_are_of_a_feed_that_is_matched() -> None:
    contracts = load_contracts()
    for contract in contracts.values():
        if contract.details_of:
            whole = contracts[contract.details_of]
            assert whole.details_of is None
            assert whole.subject == contract.subject


@pytest.mark.parametrize("feed", TABLE)
def test_form_and_frequency_are_as_the_table_says(feed: str) -> None:
    contract = load_contracts()[feed]
    form, often = TABLE[feed]
    assert sorted(_told_forms(contract) & {form}) == [form]
    said = [part for part in contract.frequency.split(", ") if part != MORE_OFTEN.get(feed)]
    assert said == often.split(", ") or (often == "monthly" and said[0].split()[0] == "monthly")
    sent = {mode for mode in ("full", "delta") if mode in often.replace(",", "").split()}
    assert sent <= set(contract.modes)


def _told_forms(contract: Contract) -> set[str]:
    """Every wording of the table that a contract's form answers to."""
    form = contract.form
    told = {form.kind, f"{form.kind} {form.encoding}"}
    if contract.source is not None:
        told.add(contract.source.kind)
    if isinstance(form, CsvForm) and form.bom:
        told.add(f"csv {form.encoding} bom")
    if isinstance(form, FixedWidthForm):
        told.add(f"fixed_width {form.encoding} {form.line_end}")
    if isinstance(form, XlsxForm) and form.header_rows == 2 and SHEET in {column.source for column in contract.columns}:
        told.add(MERGED)
    if isinstance(form, XmlForm) and form.row.count("/") >= 2 and form.declared.lower() == form.encoding:
        told.add(f"xml {form.encoding}, nested")
    return told
