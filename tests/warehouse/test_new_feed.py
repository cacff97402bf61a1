"""One more feed of an existing form is one YAML and no code: its file is received, extracted and landed."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from extractors.contract import FEEDS_FOLDER, load_contracts
from extractors.extract import extract
from extractors.snapshot import receive
from tests.extractors.samples import DAY, sample_rows, send
from warehouse import runs
from warehouse.database import Connection, one
from warehouse.landing import land
from warehouse.migrate import migrate

WORDS = {
    "feed": "dpf_grant",
    "title": "残疾人补贴",
    "title_english": "Grants to disabled persons",
    "owner": "四川省残疾人联合会",
    "department": "dpf",
    "subject": "person",
    "purpose": "社会保障卡一卡通服务",
    "sharing": "conditional",
    "approval_no": "SC-DPF-2026-001",
    "authority": [],
    "frequency": "weekly full",
    "deadline": "22:00",
    "form": {"kind": "csv", "encoding": "utf-8", "bom": True},
    "key": ["card_number"],
    "op": "操作",
    "columns": [
        {"source": "残疾人证号", "english": "cert_no", "field": "card_number", "length": 22, "required": True},
        {"source": "身份证号", "english": "id_no", "field": "id_number", "length": 18},
        {"source": "姓名", "english": "name", "field": "name", "length": 50, "required": True},
        {"source": "监护人", "english": "guardian", "ignored": "not needed for the file"},
        {"source": "户籍地址", "english": "hukou_addr", "field": "address", "length": 200},
    ],
    "expectations": [{"rule": "unique_key", "limit": 1, "severity": "stop", "set_by": "the federation's own key"}],
}


def test_one_yaml_and_no_code(tmp_path: Path, conn: Connection, warehouse_url: str) -> None:
    folder = tmp_path / "feeds"
    shutil.copytree(FEEDS_FOLDER, folder)
    (folder / "dpf_grant.yml").write_text(yaml.safe_dump(WORDS, allow_unicode=True), encoding="utf-8")
    contracts = load_contracts(folder)
    contract = contracts["dpf_grant"]
    send(contract, tmp_path / "inbox", sample_rows(contract, 5))
    received = receive(contract, tmp_path / "inbox", tmp_path / "snapshots", {})
    assert received.held == []
    extracted = extract(contract, received.deliveries[0], received.deliveries[0].folder, as_of=DAY, threads=1)
    migrate(warehouse_url, contracts.values())
    runs.begin_run(conn, "night-2026-11-01", DAY)
    counts = land(conn, contract, extracted, run_id="night-2026-11-01")
    assert (counts.read, counts.loaded, counts.inserted) == (5, 5, 5)
    assert one(conn, "select count(*), count(name), count(id_number) from landing.dpf_grant") == (5, 5, 5)
    described = one(conn, "select obj_description('landing.dpf_grant'::regclass)")
    assert "残疾人补贴" in str(described[0])
