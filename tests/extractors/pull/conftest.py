"""A small feed, a place where its deliveries land, and real servers to pull it from."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from extractors.contract import Contract
from extractors.pull import Pulled, pull
from extractors.readers import open_reading
from extractors.snapshot import receive
from tests.extractors.pull import servers

DAY = dt.date(2026, 11, 1)
COLUMNS = {"KH": "card_number", "XM": "name", "DZ": "address", "DH": "phone", "GXSJ": "updated_at"}


def contract_of(source: dict[str, Any] | None, form: dict[str, Any] | None = None, **more: Any) -> Contract:
    """A contract of five columns and one that is not taken, keyed by the card number."""
    columns: list[dict[str, Any]] = [
        {"source": name, "english": name, "field": field, "format": "%Y-%m-%d %H:%M:%S" if name == "GXSJ" else None}
        for name, field in COLUMNS.items()
    ]
    columns.append({"source": "SY", "english": "cause", "ignored": "cause of death: must not be taken"})
    settings = {
        "feed": "hrss_small", "title": "小", "title_english": "Small", "owner": "某厅", "department": "hrss", "subject": "person",
        "purpose": "测试", "sharing": "conditional", "approval_no": "1", "frequency": "daily", "deadline": "22:00",
        "key": ["card_number"], "updated_column": "updated_at", "form": form or {"kind": "parquet"}, "columns": columns,
        "op": "CZ", "source": source,
    }  # fmt: skip
    return Contract.model_validate(settings | more)


@dataclass
class Office:
    """Pulls, receives, reads and lands as the night does; what is current is kept by key."""

    folder: Path
    known: dict[str, str] = field(default_factory=dict)
    current: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    def pull(self, contract: Contract, url: str | None, day: dt.date = DAY) -> Pulled:
        """Pull into the inbox; nothing has landed yet."""
        return pull(
            contract, url, inbox=self.inbox, snapshots=self.folder / "snapshots", workshop=self.folder / "workshop",
            known=self.known, as_of=day, waits=(0.05, 0.05),
        )  # fmt: skip

    def land(self, contract: Contract) -> list[str]:
        """Receive, read and land what lies in the inbox; returns the batches."""
        received = receive(contract, self.inbox, self.folder / "snapshots", self.known)
        assert [held for held in received.held if held.is_grave] == []
        for delivery in received.deliveries:
            reading = open_reading(contract, delivery.file, delivery.mode)
            rows = [row for batch in reading.batches for row in batch.to_pylist()]
            assert len(rows) == delivery.row_count
            assert len({row["c0"] for row in rows}) == len(rows)  # a key once, or landing would have to choose
            if delivery.mode == "full":
                self.current = {}
            for row in rows:
                if row["op"] == "D":
                    self.current.pop(row["c0"], None)
                else:
                    self.current[row["c0"]] = dict(zip(COLUMNS, (row[f"c{place}"] for place in range(5)), strict=True))
            self.known[delivery.batch_no] = delivery.file_sm3
        return [delivery.batch_no for delivery in received.deliveries]

    def night(self, contract: Contract, url: str, day: dt.date = DAY) -> Pulled:
        """Pull and land."""
        pulled = self.pull(contract, url, day)
        self.land(contract)
        return pulled

    def names(self) -> dict[str, str]:
        """Key → name of what is current."""
        return {key: row["XM"] for key, row in self.current.items()}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture(scope="session")
def mariadb_url() -> Iterator[str]:
    """A MariaDB of this test session."""
    if servers.MARIADB is None:
        pytest.skip(servers.NO_MARIADB)
    with tempfile.TemporaryDirectory(prefix="yidang-mariadb-") as folder, servers.mariadb(Path(folder)) as url:
        yield url


@dataclass
class Department:
    """A department's database: the table `small`, and the address it is read at."""

    url: str
    engine: sa.Engine

    def run(self, *statements: str) -> None:
        """Carry out statements in one transaction."""
        with self.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def insert(self, key: str, name: str, updated: str = "2026-11-01 08:00:00", table: str = "small") -> str:
        """The statement that adds a row."""
        stamp = "null" if updated == "null" else f"'{updated}'"
        return (
            f"insert into {table} (kh, xm, dz, dh, gxsj, sy) "
            f"values ('{key}', '{name}', '某街1号', '13800000001', {stamp}, 'secret')"
        )


@pytest.fixture(params=["postgresql", "mariadb"])
def department(request: pytest.FixtureRequest) -> Iterator[Department]:
    """The same table on both servers."""
    url = request.getfixturevalue("database_url" if request.param == "postgresql" else "mariadb_url")
    kind, rest = url.split("://")
    engine = sa.create_engine(
        f"{'postgresql+psycopg' if kind == 'postgresql' else 'mariadb+pymysql'}://{rest}", poolclass=sa.NullPool
    )
    found = Department(url, engine)
    moment = "timestamp" if kind == "postgresql" else "datetime"
    found.run(
        "drop table if exists small",
        f"create table small (kh varchar(20), xm varchar(50), dz varchar(200), dh varchar(20), gxsj {moment} null, "
        "sy varchar(50), more int)",
    )
    yield found
    engine.dispose()
