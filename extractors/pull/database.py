"""A department's database, read through SQLAlchemy: the only module outside the warehouse that imports it.

Reading changes nothing there: the transaction is read-only and sees one state of the data where the server can do so.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy import exc

from extractors.pull import dialects  # noqa: F401 - makes two more kinds of URL known
from extractors.pull.cells import as_column
from extractors.pull.fault import PullFault, SourceDown, changed, not_set_up, refused

BATCH_ROWS = 20_000
CONNECT_SECONDS = 15
SILENCE_SECONDS = 600  # a query may need its time before the first row
# Drivers by the first word of the URL; of those that do not come with the project, the packages to install.
DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "oracle": "oracle+oracledb",
    "dm": "dm+dmPython",
    "kingbase": "kingbase+ksycopg2",
}
PACKAGES = {
    "mysql": "pymysql",
    "mariadb": "pymysql",
    "oracle": "oracledb",
    "dm": "dmPython",
    "kingbase": "ksycopg2",
}
ONE_STATE = {"postgresql": "REPEATABLE READ", "mysql": "REPEATABLE READ", "mariadb": "REPEATABLE READ"}
# So that a server that does not answer, or falls silent in the middle, is down and not waited for all night.
LIBPQ = {"connect_timeout": CONNECT_SECONDS, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 6}
PATIENCE = {
    "psycopg": LIBPQ,
    "ksycopg2": LIBPQ,
    "pymysql": {"connect_timeout": CONNECT_SECONDS, "read_timeout": SILENCE_SECONDS},
    "oracledb": {"tcp_connect_timeout": CONNECT_SECONDS, "expire_time": 1},
    "dmPython": {"connection_timeout": CONNECT_SECONDS},
}
# Login and rights, by SQLSTATE, the own numbers of MariaDB, Oracle and DM; tables that are not there or not seen.
REFUSALS = ("28", "3D", "42501", "1044", "1045", "1049", "1142", "1143", "ORA-01017", "ORA-01031", "ORA-28000", "-2501")
NO_TABLE = ("42P01", "3F000", "1146", "ORA-00942", "-2106")
OWN_CODE = re.compile(r"\[CODE:(-?\d+)\]")  # how DM writes it

# PostgreSQL tells no SQLSTATE of a login that failed: what its message says of it, in English and Chinese.
REFUSAL_WORDS = ("authentication", "password", "pg_hba.conf", "does not exist", "认证", "口令", "密码", "不存在")


class Database:
    """A connection to a source within one transaction."""

    def __init__(self, connection: sa.Connection, zone: str, shown: str) -> None:
        self.connection = connection
        self.zone = zone
        self.shown = shown

    def clock(self) -> dt.datetime:
        """What the source's own clock says, in the zone of the source."""
        with _told(self.shown):
            found = self.connection.execute(sa.select(sa.func.current_timestamp())).scalar_one()
        if not isinstance(found, dt.datetime):
            raise changed(
                f"{self.shown}: its clock tells a {type(found).__name__}, no moment. Read it whole ({{by: whole}})."
            )
        return found.astimezone(ZoneInfo(self.zone)) if found.tzinfo else found.replace(tzinfo=ZoneInfo(self.zone))

    def find_columns(self, table: str, wanted: Sequence[str]) -> dict[str, str]:
        """The table's own spelling of each wanted column: exact, or the only one that differs by case alone.

        Raises PullFault(SOURCE_CHANGED) naming what is missing.
        """
        schema, name = _parts(table)
        source = sa.table(name, schema=schema)
        with _told(self.shown, f"no table or view {table} that this user may see. Check name and rights."):
            asked: sa.Select[Any] = sa.select(sa.literal_column("*")).select_from(source).where(sa.false())
            found = list(self.connection.execute(asked).keys())
        spelt = {}
        for column in wanted:
            alike = [other for other in found if other == column] or [
                other for other in found if other.casefold() == column.casefold()
            ]
            if len(alike) == 1:
                spelt[column] = alike[0]
        missing = [column for column in wanted if column not in spelt]
        if missing:
            raise changed(f"{self.shown}: {table} lacks the columns {missing}. Agree on a new version of the contract.")
        return spelt

    def highest_number(self, table: str, column: str) -> int | None:
        """The highest number in a column, None for an empty table."""
        schema, name = _parts(table)
        source = sa.table(name, sa.column(column), schema=schema)
        with _told(self.shown):
            found = self.connection.execute(sa.select(sa.func.max(source.c[column]))).scalar_one()
        return None if found is None else int(found)

    def read(
        self,
        table: str,
        columns: Sequence[str],
        *,
        since: tuple[str, dt.datetime | dt.date | int] | None = None,
        newest_of: tuple[Sequence[str], str] | None = None,
    ) -> Iterator[list[pa.Array]]:
        """Batches of these columns, as the driver gives them.

        since: only rows whose column is not below the value, or null: what has no time is never passed over.
        newest_of: (key, number): of rows with one key only the one with the highest number.
        """
        schema, name = _parts(table)
        named = list(dict.fromkeys([*columns, *(since[:1] if since else ()), *(newest_of[0] if newest_of else ())]))
        source = sa.table(name, *(sa.column(column) for column in named), schema=schema)
        query: sa.Select[Any] = sa.select(*(source.c[column] for column in columns))
        if newest_of:
            key, number = newest_of
            place = sa.func.row_number().over(
                partition_by=[source.c[column] for column in key], order_by=source.c[number].desc()
            )
            query = query.add_columns(place.label("yidang_place"))
        if since:
            column, value = since
            query = query.where(sa.or_(source.c[column] >= value, source.c[column].is_(None)))
        if newest_of:
            placed = query.subquery()
            query = sa.select(*(placed.c[column] for column in columns)).where(placed.c.yidang_place == 1)
        with _told(self.shown):
            result = self.connection.execution_options(yield_per=BATCH_ROWS).execute(query)
            for rows in result.partitions():
                yield [as_column(name, values) for name, values in zip(columns, zip(*rows, strict=True), strict=True)]


@contextmanager
def open_database(url: str, setting: str, zone: str) -> Iterator[Database]:
    """A database within one read-only transaction. Raises PullFault; its messages hold neither user nor password."""
    kind, _, rest = url.partition("://")
    try:
        address = sa.make_url(f"{DRIVERS.get(kind, kind)}://{rest}")
    except exc.ArgumentError:
        expected = ", ".join(DRIVERS)
        raise not_set_up(f"{setting}: not a URL of a database. Expected KIND://user:password@host:port/name, KIND one of {expected}.") from None  # fmt: skip
    shown = f"{kind}://{address.host or ''}:{address.port or ''}/{address.database or ''}"
    try:
        driver = address.get_driver_name()
        engine = sa.create_engine(
            address, poolclass=sa.NullPool, hide_parameters=True, connect_args=PATIENCE.get(driver, {})
        )
    except (exc.NoSuchModuleError, ImportError):
        package = PACKAGES.get(kind.partition("+")[0], "the SQLAlchemy dialect and driver of this database")
        raise not_set_up(f"{setting}: no driver for {kind}:// is installed. Install {package} into .venv.") from None
    try:
        with _told(shown):
            connection = engine.connect()
        with connection:
            _begin(connection, engine.dialect.name, zone, shown)
            yield Database(connection, zone, shown)
    finally:
        engine.dispose()


def _begin(connection: sa.Connection, dialect: str, zone: str, shown: str) -> None:
    with _told(shown):
        if dialect in ONE_STATE:
            connection.execution_options(isolation_level=ONE_STATE[dialect])
        if dialect == "postgresql":
            connection.execution_options(postgresql_readonly=True)
            connection.execute(sa.select(sa.func.set_config("TimeZone", zone, False)))
        elif dialect in ("mysql", "mariadb"):
            offset = dt.datetime(2026, 1, 1, tzinfo=ZoneInfo(zone)).strftime("%z")
            connection.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")
            connection.exec_driver_sql(f"SET SESSION time_zone = '{offset[:3]}:{offset[3:]}'")
            connection.commit()  # the next transaction is the read-only one


def _parts(table: str) -> tuple[str | None, str]:
    schema, _, name = table.rpartition(".")
    return schema or None, name


@contextmanager
def _told(shown: str, no_table: str = "a table is missing. Compare it with the contract.") -> Iterator[None]:
    """Faults of the driver as faults of the source: its code, never its text, which may hold a value."""
    try:
        yield
    except PullFault:
        raise
    except exc.DBAPIError as fault:
        code = _code(fault.orig)
        kind = f"{type(fault.orig).__name__} {code}".strip()
        is_login = not code and any(word in str(fault.orig) for word in REFUSAL_WORDS)
        if is_login or (code and code.startswith(REFUSALS)):
            raise refused(f"{shown}: refused us ({kind}). Check user, password and the right to read.") from None
        if code.startswith(NO_TABLE):
            raise changed(f"{shown}: {no_table}") from None
        if isinstance(fault, exc.ProgrammingError | exc.DataError | exc.NotSupportedError):
            raise changed(f"{shown}: refused the query ({kind}). Compare the table with the contract.") from None
        raise SourceDown(f"{shown}: does not answer or broke off ({kind}). Check the server and the way to it.") from None  # fmt: skip
    except (exc.SQLAlchemyError, OSError) as fault:
        raise SourceDown(f"{shown}: cannot be read ({type(fault).__name__}).") from None


def _code(fault: BaseException | None) -> str:
    """The driver's own number of a fault: MariaDB's, DM's, Oracle's, or the SQLSTATE; empty where it tells none."""
    first = fault.args[0] if fault is not None and fault.args else ""
    if isinstance(first, int):
        return str(first)
    if own := OWN_CODE.match(str(first)):
        return own[1]
    return str(
        getattr(first, "full_code", None) or getattr(fault, "sqlstate", None) or getattr(fault, "pgcode", None) or ""
    )
