"""Where a feed names a person: the record's own subject, or somebody else in it (head of household, spouse, parent)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from extractors.contract import Contract
from quality.rules.views import contracts, identified


@dataclass(frozen=True, slots=True)
class Mention:
    """The fields that hold a person's name and number in a feed; `is_own` where the record is about that person."""

    feed: str
    name: str
    number: str
    is_own: bool


def own_mentions() -> Iterator[Mention]:
    """The subject of each record, in the feeds that identify persons; the household register itself left out."""
    for contract in identified("person"):
        fields = {field.name for field in contract.fields}
        if contract.feed != "ps_person" and {"name", "id_number"} <= fields:
            yield Mention(contract.feed, "name", "id_number", is_own=True)


def other_mentions() -> Iterator[Mention]:
    """Persons named beside the subject with a number of their own, in any feed."""
    for contract in contracts().values():
        names = {field.name for field in contract.fields if field.kind == "person_name"}
        for number in numbers_of(contract):
            name = f"{number.removesuffix('_number').removesuffix('_id')}_name"
            if number != "id_number" and name in names:
                yield Mention(contract.feed, name, number, is_own=False)


def numbers_of(contract: Contract) -> list[str]:
    """The fields of a feed that hold identity numbers of persons."""
    return [field.name for field in contract.fields if field.kind == "id" and not field.name.startswith("former_")]
