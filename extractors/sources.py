"""Where a feed is pulled from: what a contract says about a department's database, SFTP server or paged API.

No address and no secret stands in a contract: `connection` names a setting, YIDANG_SOURCE_<CONNECTION>, or an Airflow
connection, yidang_<connection>, which holds them as one URL.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict
from pydantic import Field as Setting

Name = Annotated[str, Setting(pattern=r"^[a-z][a-z0-9_]*$")]
Minutes = Annotated[int, Setting(ge=0, le=60 * 24 * 7)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WholeTable(_Part):
    """Every row each time: the delivery is full, and what is gone at the source ends here."""

    by: Literal["whole"]


class UpdateTime(_Part):
    """Rows whose update time is not older than the newest landed one, less an overlap.

    The overlap must be longer than the source's longest transaction: a row is stamped when it is changed and seen when it
    is committed. What was deleted leaves no update time behind, so all keys are compared every so many days.
    """

    by: Literal["update_time"]
    column: str  # source column of the contract, or one of the table that is only looked at
    overlap_minutes: Minutes = 60
    compare_keys_days: int = Setting(default=7, ge=1)


class ChangeLog(_Part):
    """A table of changes beside the table of rows: the operation (the contract's `op`), a sequence number, all columns.

    The first pull takes the table whole. A number is drawn when a change is made and seen when it is committed, so
    the last `overlap` numbers are read again.
    """

    by: Literal["change_log"]
    table: str
    sequence: str
    overlap: int = Setting(default=1_000, ge=0)


class DatabaseSource(_Part):
    """A table or view, reached through SQLAlchemy. Only the columns that the contract takes are read."""

    kind: Literal["database"]
    connection: Name
    table: str = Setting(pattern=r"^[^.\s]+(\.[^.\s]+)?$")  # name, or schema.name
    read: Annotated[WholeTable | UpdateTime | ChangeLog, Setting(discriminator="by")]
    time_zone: str = "Asia/Shanghai"  # of moments that carry their zone


class SftpSource(_Part):
    """A folder of files, each finished when its manifest is there: the department sends the manifest last."""

    kind: Literal["sftp"]
    connection: Name
    folder: str = "."


class PagesByNumber(_Part):
    """Pages are asked for by number, and each tells the number of rows in all: how a change meanwhile is seen."""

    by: Literal["number"]
    parameter: str = "page"
    first: int = 1
    total: str  # where a page tells the number of rows in all


class PagesByCursor(_Part):
    """Each page tells how to ask for the next; the server keeps the state that is being paged through."""

    by: Literal["cursor"]
    parameter: str = "cursor"
    next: str  # where a page tells the next cursor; absent, null or empty on the last


class Since(_Part):
    """Ask only for what changed since the newest landed update time, less an overlap."""

    parameter: str
    column: str  # key of a row that holds its update time, in a form that sorts, such as 2026-11-01 02:00:00
    format: str = "%Y-%m-%d %H:%M:%S"
    overlap_minutes: Minutes = 60
    time_zone: str = "Asia/Shanghai"  # of these times


class HttpSource(_Part):
    """A paged API that answers JSON. With `token` a bearer token is fetched with the user and password of the URL."""

    kind: Literal["http"]
    connection: Name
    path: str
    rows: str  # where a page holds its list of rows, such as data.rows
    pages: Annotated[PagesByNumber | PagesByCursor, Setting(discriminator="by")]
    size_parameter: str = "size"
    size: int = Setting(default=1_000, ge=1, le=100_000)
    token: str | None = None  # path that answers {"access_token": ..., "expires_in": seconds}
    since: Since | None = None


AnySource = Annotated[DatabaseSource | SftpSource | HttpSource, Setting(discriminator="kind")]
WRITABLE = {"database": ("parquet", "json_lines", "csv"), "http": ("json_lines",)}


def check_source(source: AnySource, *, form: str, encoding: str, modes: Sequence[str], columns: Sequence[str]) -> None:
    """Raise ValueError where a source does not fit the rest of its contract."""
    written = WRITABLE.get(source.kind)
    if written is not None and (form not in written or encoding != "utf-8"):
        raise ValueError(f"source: what is pulled is written as {' or '.join(written)} in utf-8, not as {form}")
    gradual = (
        source.read.by != "whole" if isinstance(source, DatabaseSource)
        else isinstance(source, HttpSource) and source.since is not None
    )  # fmt: skip
    needed = {"full", "delta"} if gradual else set() if isinstance(source, SftpSource) else {"full"}
    if not needed <= set(modes):
        raise ValueError(f"source: this reading gives {sorted(needed)} deliveries; 'modes' allows {list(modes)}")
    if isinstance(source, HttpSource) and source.since is not None and source.since.column not in columns:
        raise ValueError(f"source: since: {source.since.column} is no column of this feed")
