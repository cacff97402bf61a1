"""No verdict, page, log line or error carries a value of a row, whatever is planted in whichever column."""

from __future__ import annotations

import json
import logging
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractors.contract import load_contracts
from quality.gates import gate_feed, gate_masters
from quality.pages.checks import render_night
from quality.verdict import Verdict
from tests.quality.clean import BATCH, NIGHT, clean_cards, clean_persons, table_of
from tests.quality.test_master_gate import LAST, NOW

COLUMNS = ("name", "sex", "ethnicity", "id_number", "card_status", "phone", "source_key")
# Values a person would be known by: names, numbers, phones, made so that no honest page contains them by chance.
PLANTED = st.one_of(
    st.text(alphabet="龘靐齉爩鱻麤龗灪吁", min_size=2, max_size=4),
    st.from_regex(r"\A5101041985[0-9]{7}[0-9X]\Z"),
    st.from_regex(r"\A1[3-9][0-9]{9}\Z"),
    st.from_regex(r"\A62220212345678[0-9]{5}\Z"),
)


def everything(verdict: Verdict) -> str:
    page = render_night([verdict], night=NIGHT, titles={"hrss_card": "持卡库"})
    return json.dumps(verdict.as_dict(), ensure_ascii=False) + page + str(verdict) + repr(verdict.results)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    column=st.sampled_from(COLUMNS),
    values=st.lists(PLANTED, min_size=3, max_size=3, unique=True),
    rows=st.integers(5, 60),
)
def test_a_feed_verdict_holds_no_planted_value(
    caplog: pytest.LogCaptureFixture, column: str, values: list[str], rows: int
) -> None:
    caplog.set_level(logging.DEBUG)
    columns = clean_cards(200)
    for row in range(rows):
        columns[column][row] = values[row % 3]
        columns["id_number_reasons"][row] = ["CHECK"]
    verdict = gate_feed(
        load_contracts()["hrss_card"], table_of(columns),
        batch_no=BATCH, mode="full", business_date=NIGHT, rejected=7, as_of=NIGHT,
    )  # fmt: skip
    told = everything(verdict) + caplog.text
    assert [value for value in values if value in told] == []
    assert "王明" not in told


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(column=st.sampled_from(("name", "sex", "id_number", "master_id")), value=PLANTED)
def test_a_verdict_on_masters_holds_no_planted_value(caplog: pytest.LogCaptureFixture, column: str, value: str) -> None:
    caplog.set_level(logging.DEBUG)
    columns: dict[str, list[Any]] = clean_persons(200)
    columns[column][:40] = [value] * 40
    columns["valid_id_count"][:40] = [3] * 40
    verdict = gate_masters("person", table_of(columns), now=NOW, last=LAST, as_of=date(2026, 11, 1))
    assert value not in everything(verdict) + caplog.text
