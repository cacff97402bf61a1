"""Words the migrations are written in: one line a column, with its comment."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSON, UUID

TYPES: dict[str, Any] = {
    "text": sa.Text(),
    "texts": ARRAY(sa.Text()),
    "int": sa.Integer(),
    "bigint": sa.BigInteger(),
    "date": sa.Date(),
    "time": sa.TIMESTAMP(),
    "moment": sa.TIMESTAMP(timezone=True),
    "bool": sa.Boolean(),
    "real": sa.Float(53),
    "json": JSON(),
    "uuid": UUID(),
}


def column(line: str) -> sa.Column[Any]:
    """A column from ``name type[!]: comment``; ``!`` says that it is never null, ``=now`` that the server fills it."""
    head, _, comment = line.partition(":")
    name, kind = head.split()
    now = kind.endswith("=now")
    kind = kind.removesuffix("=now")
    required = kind.endswith("!") or now
    kind = kind.removesuffix("!")
    serial = [sa.Identity(always=True)] if kind == "serial" else []
    sort = TYPES["bigint"] if kind == "serial" else TYPES[kind]
    default = sa.text("now()") if now else None
    return sa.Column(
        name, sort, *serial, nullable=not (required or serial), comment=comment.strip(), server_default=default
    )


def table(
    full_name: str,
    comment: str,
    columns: str,
    *,
    key: str | None = None,
    unlogged: bool = False,
    where: str | None = None,
) -> None:
    """Create a table.

    Parameters
    ----------
    columns
        One column a line, as `column` reads them.
    key
        Columns of the primary key, separated by spaces; ``where`` is an extra check constraint.
    unlogged
        For stage tables: a crash of the server empties them, and publishing then refuses.
    """
    schema, name = full_name.split(".")
    parts: list[Any] = [column(line.strip()) for line in columns.splitlines() if line.strip()]
    if key:
        parts.append(sa.PrimaryKeyConstraint(*key.split(), name=f"{name}_pkey"))
    if where:
        parts.append(sa.CheckConstraint(where, name=f"{name}_check"))
    op.create_table(name, *parts, schema=schema, comment=comment, prefixes=["unlogged"] if unlogged else [])


def index(full_name: str, columns: str) -> None:
    """An index over columns separated by spaces."""
    schema, name = full_name.split(".")
    op.create_index(f"{name}_{'_'.join(columns.split())}_idx", name, columns.split(), schema=schema)
