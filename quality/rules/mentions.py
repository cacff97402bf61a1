"""Where a feed names a person: the record's own subject, or somebody else in it (head of household, spouse, parent)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from extractors.contract import Contract
from quality.rules.across import Question
from quality.rules.views import contracts, identified

REGISTER = "ps_person"


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
        if contract.feed != REGISTER and {"name", "id_number"} <= fields:
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


def beside_register(mention: Mention, condition: str, field: str, also: str = "") -> Question:
    """The question of records whose person stands in the register and of whom `condition` is true."""
    if mention.is_own:
        records = f"of_{mention.feed} AS record JOIN registered ON registered.master_id = record.master_id"
    else:
        records = f"landing.{mention.feed} AS record JOIN registered ON registered.id_number = record.{mention.number}"
    query = (
        f"SELECT record.source_key, '{field}' AS field, '{REGISTER}:' || registered.registered_key AS other_key"
        f" FROM {records} {also} WHERE {condition}"
    )
    return Question(mention.feed, (REGISTER, mention.feed), query)
