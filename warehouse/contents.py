"""What a master file holds besides what it is matched by: read from file_contents.yml, checked against the contracts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from extractors.fields import Subject, load_fields, read_yaml
from warehouse.database import WarehouseError

PATH = Path(__file__).with_name("file_contents.yml")
TYPES = {"text": "text", "date": "date", "timestamp": "timestamp", "decimal": "numeric(18,2)"}


class Source(BaseModel):
    """What one feed gives to a list; the expressions are SQL over a landed row."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    feed: str
    holds_from: str = "null::date"
    holds_to: str = "null::date"
    columns: dict[str, str] = {}
    where: str | None = None
    owner: str | None = None
    owner_key: str = "source_key"
    by_group: bool = False

    @model_validator(mode="before")
    @classmethod
    def _read_as(cls, told: dict[str, Any]) -> dict[str, Any]:
        return {("columns" if key == "as" else key): value for key, value in told.items()}

    @property
    def owner_feed(self) -> str:
        """The feed of the record whose file the row belongs to."""
        return self.owner or self.feed


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list: its type in PostgreSQL and what it means."""

    type: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A list: a table core.<name> with history. `subject` is None where it belongs to files by numbers only."""

    name: str
    subject: Subject | None
    about: str
    columns: dict[str, Column]
    sources: tuple[Source, ...]
    by_number: tuple[str, ...] = ()
    index: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        """The live table."""
        return f"core.{self.name}"


@cache
def load_facts() -> tuple[Fact, ...]:
    """All lists in the order of the file.

    Raises
    ------
    WarehouseError
        A column is no standard field and has no meaning of its own, or a source has an unknown key.
    """
    return tuple(_fact(name, told) for name, told in read_yaml(PATH)["lists"].items())


@cache
def load_values(subject: str) -> dict[str, dict[str, str]]:
    """Further golden fields of a subject → feed → SQL over its landed row."""
    found: dict[str, dict[str, str]] = read_yaml(PATH)["values"][subject]
    return found


def _fact(name: str, told: dict[str, Any]) -> Fact:
    unknown = set(told) - {"subject", "about", "columns", "sources", "by_number", "index"}
    subject: Subject | None = told.get("subject")
    by_number = tuple(told.get("by_number", ()))
    if unknown or (subject is None) != bool(by_number):
        raise WarehouseError(f"{PATH.name}, {name}: unknown {sorted(unknown)}; expected either subject or by_number.")
    try:
        sources = tuple(Source.model_validate(source) for source in told["sources"])
    except ValidationError as fault:
        raise WarehouseError(f"{PATH.name}, {name}: {fault}") from fault
    given = told["columns"]
    meanings: dict[str, Any] = dict.fromkeys(given) if isinstance(given, list) else given
    columns = {column: _column(name, subject or "person", column, own) for column, own in meanings.items()}
    return Fact(name, subject, told["about"], columns, sources, by_number, tuple(told.get("index", ())))


def _column(name: str, subject: Subject, column: str, own: dict[str, str] | None) -> Column:
    if own is not None:
        return Column(own.get("type", "text"), own["meaning"])
    field = load_fields(subject).get(column)
    if field is None:
        raise WarehouseError(
            f"{PATH.name}, {name}: {column} is no standard field. Describe it in extractors/fields.yml, or say here "
            "what it means."
        )
    return Column(TYPES[field.type], f"{field.chinese}: {field.description} ({field.protection})")
