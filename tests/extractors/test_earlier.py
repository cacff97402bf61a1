"""An earlier layout and the present one both load while they overlap, with the same records from both."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from extractors.contract import FEEDS_FOLDER, Contract, ContractError, load_contract
from extractors.extract import Extracted, extract
from extractors.snapshot import receive
from tests.extractors.conftest import CONTRACTS
from tests.extractors.samples import DAY, sample_rows, send

NEW_NAMES = {
    "mr_entity": "字号",
    "hrss_card": "持卡人备用电话",
    "ps_person": "服务处所",
    "nhsa_insured": "note",
    "tax_payer": "bz",
}


def content_of(feed: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((FEEDS_FOLDER / f"{feed}.yml").read_text(encoding="utf-8"))
    return content


def two_layouts(folder: Path, feed: str, **changes: Any) -> Contract:
    """A feed whose version 2 renames the name's column and adds one; version 1 is valid until DAY."""
    content = content_of(feed)
    old = [dict(column) for column in content["columns"]]
    for column in content["columns"]:
        if column.get("field") == "name":
            column["source"] += "2"
    added = {
        "source": NEW_NAMES[feed],
        "english": "new",
        "field": "household_no" if feed == "nhsa_insured" else "employer_name",
    }
    if content["form"]["kind"] == "fixed_width":
        added["width"] = 40
    content["columns"].insert(3, added)
    content |= {"version": "2", "earlier": [{"version": "1", "valid_until": DAY, "columns": old}]} | changes
    path = folder / f"{feed}.yml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return load_contract(path)


def taken(contract: Contract, folder: Path, version: str, rows: list[dict[str, Any]]) -> Extracted:
    folder.mkdir()
    send(contract.layout_of(version), folder / "inbox", rows, schema_version=version)
    received = receive(contract, folder / "inbox", folder / "snapshots", {})
    assert received.held == []
    return extract(contract, received.deliveries[0], received.deliveries[0].folder, as_of=DAY, threads=1)


@pytest.mark.parametrize("feed", sorted(NEW_NAMES))
def test_both_layouts_give_the_same_records(tmp_path: Path, feed: str) -> None:
    contract = two_layouts(tmp_path, feed)
    old_contract, new_contract = contract.layout_of("1"), contract.layout_of("2")
    old = taken(contract, tmp_path / "old", "1", _sent(sample_rows(old_contract, 12)))
    new = taken(
        contract, tmp_path / "new", "2", [row | {NEW_NAMES[feed]: None} for row in sample_rows(new_contract, 12)]
    )
    assert (old.held, new.held, old.loaded, new.loaded) == (None, None, 12, 12)
    tables = [pq.read_table(found.records) for found in (old, new)]
    assert set(tables[0].column_names) == set(tables[1].column_names)
    names = [name for name in tables[0].column_names if name != "record_hash"]
    first, second = (table.select(names).to_pylist() for table in tables)
    assert first == second
    if contract.form.kind != "fixed_width":  # whose columns stand in another order
        assert tables[0]["record_hash"] == tables[1]["record_hash"]


def _sent(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{source: value for source, value in row.items() if not source.startswith("@absent")} for row in rows]


def test_an_earlier_layout_ends_on_its_last_day(tmp_path: Path) -> None:
    contract = two_layouts(tmp_path, "hrss_card")
    layout = contract.layout_of("1")
    rows = _sent(sample_rows(layout, 12))
    send(layout, tmp_path / "inbox", rows, day=DAY + dt.timedelta(days=1), schema_version="1")
    send(layout, tmp_path / "inbox", rows, day=DAY, number=2, schema_version="3")
    held = receive(contract, tmp_path / "inbox", tmp_path / "snapshots", {}).held
    assert [one.code for one in held] == ["SCHEMA_UNKNOWN", "SCHEMA_UNKNOWN"]
    assert any("until 2026-11-01" in one.message and "Send it in version 2" in one.message for one in held)


def test_a_file_of_the_old_layout_announced_as_the_new_one_is_held(tmp_path: Path) -> None:
    contract = two_layouts(tmp_path, "hrss_card")
    layout = contract.layout_of("1")
    send(layout, tmp_path / "inbox", _sent(sample_rows(layout, 12)), schema_version="2")
    delivery = receive(contract, tmp_path / "inbox", tmp_path / "snapshots", {}).deliveries[0]
    held = extract(contract, delivery, delivery.folder, as_of=DAY, threads=1).held
    assert held is not None
    assert held.code == "COLUMN_RENAMED"


@pytest.mark.parametrize(
    ("earlier", "said"),
    [
        ({"version": "2"}, "must differ"),
        (
            {"columns": [{"source": "备注", "english": "x", "field": "household_no"}]},
            "household_no.*no fields of the present",
        ),
        ({"columns": [{"source": "姓名", "english": "x", "field": "name"}]}, "lacks .*issue_area_code.* of the key"),
        ({"valid_until": "soon"}, "earlier.0.valid_until"),
        ({"columns": []}, "earlier.0.columns"),
    ],
)
def test_what_is_wrong_with_an_earlier_layout_is_said(tmp_path: Path, earlier: dict[str, Any], said: str) -> None:
    sound = {"version": "1", "valid_until": DAY, "columns": content_of("hrss_card")["columns"]}
    with pytest.raises(ContractError, match=rf"(?s)hrss_card\.yml: .*{said}"):
        two_layouts(tmp_path, "hrss_card", earlier=[sound | earlier])


def test_replaying_a_delivery_of_a_layout_no_longer_kept_says_what_to_do(tmp_path: Path) -> None:
    contract = two_layouts(tmp_path, "hrss_card")
    send(contract, tmp_path / "inbox", sample_rows(contract, 12), schema_version="2")
    delivery = receive(contract, tmp_path / "inbox", tmp_path / "snapshots", {}).deliveries[0]
    held = extract(CONTRACTS["hrss_card"], delivery, delivery.folder, as_of=DAY, threads=1).held
    assert held is not None
    assert held.code == "SCHEMA_UNKNOWN"
    assert "under 'earlier'" in held.message


def test_an_unknown_version_has_no_layout() -> None:
    with pytest.raises(KeyError):
        load_contract(FEEDS_FOLDER / "hrss_card.yml").layout_of("9")
