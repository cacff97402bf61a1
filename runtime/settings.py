"""Every setting of the project, read in one place from environment variables with the prefix ``YIDANG_``.

This module imports nothing of the project and nothing outside the standard library, so every room may use it.
docs/settings.md is generated from `describe_settings`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE_PREFIX = "YIDANG_SOURCE_"


class SettingError(ValueError):
    """A setting has a value that cannot be used; the message names it, what was found and what is expected."""


def read_memory(name: str, text: str) -> int:
    """Bytes from '6GiB', '512MB', '2G' or a plain number of bytes."""
    units = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
    cleaned = text.strip().lower().removesuffix("b").removesuffix("i")
    unit = cleaned[-1] if cleaned and cleaned[-1] in "kmgt" else ""
    number = cleaned.removesuffix(unit) if unit else cleaned
    try:
        return int(float(number) * units[unit])
    except ValueError as fault:
        raise SettingError(f"{name}={text!r} is not a size. Expected something like 6GiB or 512MiB.") from fault


def _machine_memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _setting(env: str, text: str) -> dict[str, str]:
    return {"env": env, "text": text}


@dataclass(frozen=True)
class Settings:
    """What a run is told from outside. Make it with `read_settings`; every field names its variable."""

    home: Path = field(
        metadata=_setting("YIDANG_HOME", "Folder of all state: PostgreSQL, Airflow, snapshots, logs. Default: var/")
    )
    database_url: str | None = field(
        metadata=_setting(
            "YIDANG_DATABASE_URL",
            "postgresql://user:password@host:port/database of your own PostgreSQL 15+. Default: an embedded server",
        )
    )
    airflow_database_url: str | None = field(
        metadata=_setting(
            "YIDANG_AIRFLOW_DATABASE_URL",
            "Where Airflow keeps its metadata. Default: database <name>_airflow beside the warehouse",
        )
    )
    postgres_bin: Path | None = field(
        metadata=_setting("YIDANG_POSTGRES_BIN", "Folder with initdb and postgres. Default: from the Python wheel")
    )
    inbox: Path = field(metadata=_setting("YIDANG_INBOX", "Folder where deliveries arrive. Default: YIDANG_HOME/inbox"))
    ui_port: int | None = field(
        metadata=_setting("YIDANG_UI_PORT", "Port of the Airflow UI on 127.0.0.1. Default: 8080, or the next free one")
    )
    persons: int = field(
        metadata=_setting("YIDANG_PERSONS", "Persons in the pretend province. Default: 90000 (1:1000 of Sichuan)")
    )
    seed: int = field(metadata=_setting("YIDANG_SEED", "Seed of the pretend province. Default: 7"))
    first_date: date = field(
        metadata=_setting("YIDANG_FIRST_DATE", "First night of the pretend province. Default: 2026-11-01")
    )
    memory_limit: int = field(
        metadata=_setting(
            "YIDANG_MEMORY_LIMIT",
            "Memory a run of the matcher keeps to, by moving arrays to files in TMPDIR. Default: half of the machine",
        )
    )
    threads: int = field(
        metadata=_setting("YIDANG_THREADS", "Threads of the set-based engine. Default: all processors")
    )
    corrections_on: tuple[int, ...] = field(
        metadata=_setting(
            "YIDANG_CORRECTIONS_ON",
            "Days on which the night hands out correction files, 1 Monday to 7 Sunday, 0 never. Default: 1",
        )
    )

    releasers: tuple[str, ...] = field(
        metadata=_setting(
            "YIDANG_RELEASERS",
            "Users of Airflow who may release what a gate stopped. Default: admin,engineer; * for everybody who may edit",
        )
    )
    release_hours: int = field(
        metadata=_setting(
            "YIDANG_RELEASE_HOURS",
            "Hours an engineer has to release what a gate stopped; then it stays held and the next night asks. Default: 20",
        )
    )

    @property
    def snapshots(self) -> Path:
        """Where deliveries are kept as they came."""
        return self.home / "snapshots"

    @property
    def corrections(self) -> Path:
        """Where the night writes correction files, a folder a department; personal, readable for the owner alone."""
        return self.home / "corrections"

    @property
    def reports(self) -> Path:
        """Where the night writes its reports, a folder a night; no personal value is in them."""
        return self.home / "reports"

    @property
    def workshop(self) -> Path:
        """Where what is being pulled lies until it is whole."""
        return self.home / "pulled"

    @property
    def truth(self) -> Path:
        """Where the pretend province writes its truth; only evaluation reads here."""
        return self.home / "truth"

    @property
    def logs(self) -> Path:
        """Where the servers write their logs."""
        return self.home / "logs"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings in force.

    Raises
    ------
    SettingError
        A variable has a value that cannot be used.
    """
    env = os.environ if environment is None else environment

    def text(name: str) -> str | None:
        return env.get(name) or None

    def number(name: str, default: int | None) -> int | None:
        found = text(name)
        if found is None:
            return default
        if not found.isascii() or not found.isdigit():
            raise SettingError(f"{name}={found!r} is not a whole number.")
        return int(found)

    def days(name: str) -> tuple[int, ...]:
        found = text(name) or "1"
        if not all(day in "01234567" and len(day) == 1 for day in found.split(",")):
            raise SettingError(f"{name}={found!r} are not days. Expected something like 1 or 1,4; 0 for never.")
        return tuple(int(day) for day in found.split(",") if day != "0")

    home = Path(text("YIDANG_HOME") or ROOT / "var").absolute()
    first = text("YIDANG_FIRST_DATE") or "2026-11-01"
    try:
        first_date = date.fromisoformat(first)
    except ValueError as fault:
        raise SettingError(f"YIDANG_FIRST_DATE={first!r} is not a date. Expected YYYY-MM-DD.") from fault
    memory = text("YIDANG_MEMORY_LIMIT")
    bin_folder = text("YIDANG_POSTGRES_BIN")
    return Settings(
        home=home,
        database_url=text("YIDANG_DATABASE_URL"),
        airflow_database_url=text("YIDANG_AIRFLOW_DATABASE_URL"),
        postgres_bin=Path(bin_folder) if bin_folder else None,
        inbox=Path(text("YIDANG_INBOX") or home / "inbox").absolute(),
        ui_port=number("YIDANG_UI_PORT", None),
        persons=number("YIDANG_PERSONS", 90_000) or 0,
        seed=number("YIDANG_SEED", 7) or 0,
        first_date=first_date,
        memory_limit=read_memory("YIDANG_MEMORY_LIMIT", memory) if memory else _machine_memory() // 2,
        threads=number("YIDANG_THREADS", None) or os.cpu_count() or 1,
        corrections_on=days("YIDANG_CORRECTIONS_ON"),
        releasers=tuple((text("YIDANG_RELEASERS") or "admin,engineer").replace(" ", "").split(",")),
        release_hours=number("YIDANG_RELEASE_HOURS", 20) or 20,
    )


def source_url(connection: str, environment: Mapping[str, str] | None = None) -> str | None:
    """URL of the source that contracts call `connection`, None where it is not set. It holds a secret: never show it."""
    env = os.environ if environment is None else environment
    return env.get(SOURCE_PREFIX + connection.upper()) or None


def describe_settings() -> list[tuple[str, str]]:
    """(variable, what it does) of every setting, in the order of the class, then those of sources."""
    described = [(str(f.metadata["env"]), str(f.metadata["text"])) for f in fields(Settings)]
    what = (
        "URL of what contracts name as `connection` of their source, with user and password: "
        "postgresql:// mariadb:// mysql:// oracle:// dm:// kingbase:// sftp:// https://. Default: its feeds are not pulled"
    )
    return [*described, (f"{SOURCE_PREFIX}<CONNECTION>", what)]
