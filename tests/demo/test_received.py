"""The pipeline's own readers take a day of the province: every row accounted for, and planted faults come out as such."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from demo.deliveries import FEEDS
from extractors.contract import Contract, load_contracts
from extractors.extract import extract
from extractors.snapshot import receive
from tests.demo.conftest import FIRST, Province

UNREADABLE = {
    "hrss_card": "columns_shifted", "mr_entity": "columns_shifted", "nhsa_insured": "id_name_swapped",
    "ca_marriage": "columns_shifted", "dpf_cert": "columns_shifted",
    "mr_person": "columns_shifted", "mr_penalty": "columns_shifted",
    "fin_subsidy": "columns_shifted",
}  # fmt: skip


# Fields that the first day has no value for: aid that stopped, ... every other column of every feed is understood.
EMPTY = {"ca_assist": {"assist_stop"}, "nhsa_assist": {"valid_to"}, "tr_concession": {"valid_to"}}


def empty_fields(contract: Contract, records: Path) -> set[str]:
    """Fields of the contract that no record has a value for."""
    table = pq.read_table(records)
    return {f.name for f in contract.fields if table[f.name].null_count == table.num_rows}


@pytest.mark.parametrize("feed", sorted(FEEDS))
def test_what_was_planted_is_found(province: Province, feed: str, tmp_path: Path) -> None:
    contract = load_contracts()[feed]
    received = receive(contract, province.inbox, tmp_path / "snapshots", {}, business_date_to=FIRST)
    assert [held for held in received.held if held.is_grave] == []
    (delivery,) = received.deliveries
    extracted = extract(contract, delivery, tmp_path / "out", as_of=FIRST, threads=2)
    assert extracted.held is None
    assert extracted.read == len(province.files[feed])
    assert extracted.read == extracted.loaded + extracted.rejected + extracted.duplicate
    assert empty_fields(contract, extracted.records) <= EMPTY.get(feed, set())
    lost = province.keys_with(feed, UNREADABLE[feed]) if feed in UNREADABLE else set()
    again = province.keys_with(feed, "duplicate_row")
    conflicting = province.keys_with(feed, "key_conflict")
    assert len(again - lost) <= extracted.duplicate <= len(again)
    assert len(conflicting - lost) <= extracted.rejected - len(lost) <= len(conflicting | (lost & again))
    told = {key for name, key in province.record if name == feed}
    with duckdb.connect() as engine:
        keys = {
            row[0]
            for row in engine.execute("select source_key from read_parquet(?)", [str(extracted.records)]).fetchall()
        }
    assert keys == told - lost
