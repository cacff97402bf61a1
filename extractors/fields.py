"""The standard fields: one description of each, read from fields.yml, used wherever the field appears."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict

Subject = Literal["person", "enterprise"]
Kind = Literal[
    "id",
    "uscc",
    "organisation_code",
    "registration_no",
    "person_name",
    "company_name",
    "date",
    "timestamp",
    "month",
    "phone",
    "sex",
    "ethnicity",
    "code",
    "choice",
    "area",
    "address",
    "bank_card",
    "amount",
    "number_text",
    "text",
]
Protection = Literal["open", "internal", "personal", "sensitive", "identifier"]
TYPES: dict[str, Literal["date", "timestamp", "decimal"]] = {
    "date": "date",
    "timestamp": "timestamp",
    "amount": "decimal",
}
FIELDS_FILE = Path(__file__).with_name("fields.yml")


class Field(BaseModel):
    """One standard field as it appears for one subject (a name is a person's name or a company's name)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    chinese: str
    kind: Kind
    protection: Protection
    description: str
    description_chinese: str = ""  # for the layout document of the department
    values: dict[str, str] = {}
    form: str = ""  # of a number_text: regular expression of its standard form
    ahead: bool = False  # a date that lies in the future as a rule: a two-digit year is read so

    @property
    def type(self) -> Literal["text", "date", "timestamp", "decimal"]:
        """Type of the standard form: text, DATE, TIMESTAMP (local, microseconds) or DECIMAL(18,2)."""
        return TYPES.get(self.kind, "text")

    @property
    def has_reasons(self) -> bool:
        """Whether records carry `<name>_reasons`, the list of everything that is wrong with the number."""
        return self.kind in ("id", "uscc", "organisation_code", "registration_no")


def read_yaml(path: Path) -> Any:
    """A YAML file, by the parser in C where there is one (ten times faster). Raises yaml.YAMLError."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@cache
def load_fields(subject: Subject) -> dict[str, Field]:
    """All standard fields for a subject, by name in the order of fields.yml. Raises ValueError on an unknown key."""
    found = read_yaml(FIELDS_FILE)
    fields = {}
    for name, description in found.items():
        for_subject = {
            key: value[subject] if isinstance(value, dict) and key != "values" else value
            for key, value in description.items()
        }
        fields[name] = Field(name=name, **for_subject)
    return fields
