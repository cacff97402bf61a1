"""How SQLAlchemy speaks to DM and KingbaseES with nothing but their drivers.

Only what pulling needs: to select from one table. The vendors' own dialect packages do not load beside SQLAlchemy 2.1.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any

from sqlalchemy import URL
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2
from sqlalchemy.engine.default import DefaultDialect

DM_PORT, KINGBASE_PORT = 5236, 54321


class Dm(DefaultDialect):
    """DM 达梦: plain SQL through dmPython, which fetches from the server as rows are asked for."""

    name = "dm"
    driver = "dmPython"
    default_paramstyle = "qmark"
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> ModuleType:
        """The driver. Raises ModuleNotFoundError."""
        return import_module("dmPython")

    def create_connect_args(self, url: URL) -> Any:
        """What dmPython.connect takes."""
        named = {"user": url.username, "password": url.password, "server": url.host, "port": url.port or DM_PORT}
        return [], {**named, **url.query}


class Kingbase(PGDialect_psycopg2):
    """KingbaseES 人大金仓: PostgreSQL's SQL through ksycopg2, the vendor's build of psycopg2."""

    driver = "ksycopg2"
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> ModuleType:
        """The driver. Raises ModuleNotFoundError."""
        return import_module("ksycopg2")

    @property
    def _psycopg2_extensions(self) -> ModuleType:
        return import_module("ksycopg2.extensions")

    @property
    def _psycopg2_extras(self) -> ModuleType:
        return import_module("ksycopg2.extras")

    def create_connect_args(self, url: URL) -> Any:
        """What ksycopg2.connect takes."""
        return super().create_connect_args(url if url.port else url.set(port=KINGBASE_PORT))  # type: ignore[no-untyped-call]

    def _get_server_version_info(self, connection: Any) -> tuple[int, ...]:  # noqa: ARG002 - its words are no PostgreSQL's
        return (12,)


registry.register("dm.dmPython", __name__, "Dm")
registry.register("kingbase.ksycopg2", __name__, "Kingbase")
