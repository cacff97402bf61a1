"""What rules over landed records look at together, as named views put before the query that names them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from extractors.contract import Contract, load_contracts
from quality.rules.across import Place

# One registration of a file: the one that is live, else the one that ended last. Files with two live ones are left to
# the stewards: which of them is right is what they decide.
_REGISTERED = """
    SELECT single.master_id, single.source_key AS registered_key, single.name, single.former_name, single.id_number,
        single.birth_date, single.sex, single.cancel_reason
    FROM of_ps_person AS single LEFT JOIN registered_often AS often ON often.master_id = single.master_id
    WHERE often.master_id IS NULL
    UNION ALL
    SELECT master_id, source_key, name, former_name, id_number, birth_date, sex, cancel_reason FROM (
        SELECT one.*, often.live, row_number() OVER (PARTITION BY one.master_id
            ORDER BY CASE WHEN one.cancel_reason IS NULL THEN 0 ELSE 1 END, one.cancel_date DESC NULLS LAST,
                one.source_key) AS place
        FROM of_ps_person AS one JOIN registered_often AS often ON often.master_id = one.master_id) AS ranked
    WHERE place = 1 AND live <= 1"""
_REGISTERED_OFTEN = """
    SELECT master_id, count(*) - count(cancel_reason) AS live FROM of_ps_person GROUP BY master_id HAVING count(*) > 1"""
# Numbers a person had before, by the register's own word: listed as former, or of a registration that ended.
_FORMER_NUMBER = """
    SELECT master_id, former_id_number AS id_number FROM of_ps_person WHERE former_id_number IS NOT NULL
    UNION
    SELECT one.master_id, one.id_number FROM of_ps_person AS one
        JOIN registered_often AS often ON often.master_id = one.master_id
    WHERE one.cancel_reason IS NOT NULL AND often.live = 1"""
# The dead: no live registration is left and one ended by death, or a death was registered, certified or followed by a
# funeral (domain 7: the first signal counts, Public Security confirms).
_DEAD = """
    SELECT master_id, min(died_on) AS died_on, min(told_by) AS told_by FROM (
        SELECT master_id, max(cancel_date) AS died_on, 'ps_person:' || min(source_key) AS told_by
        FROM of_ps_person GROUP BY master_id
        HAVING count(*) = count(cancel_reason) AND count(CASE WHEN cancel_reason = 'death' THEN 1 END) > 0
        {others}) AS signal
    GROUP BY master_id"""
_DEATHS = {"ps_death": "death_date", "nhc_death": "cast(death_time AS date)", "ca_funeral": "death_date"}
_ENTITY = """
    SELECT of_mr_entity.* FROM of_mr_entity LEFT JOIN (
        SELECT master_id FROM of_mr_entity GROUP BY master_id HAVING count(*) > 1) AS twice
        ON twice.master_id = of_mr_entity.master_id
    WHERE twice.master_id IS NULL"""
_UNREGISTERED = """
    SELECT one.master_id, '{feed}' AS feed, one.source_key, one.name, one.id_number FROM of_{feed} AS one
        LEFT JOIN registered_file AS known ON known.master_id = one.master_id
    WHERE known.master_id IS NULL AND one.name IS NOT NULL"""
_USUAL_NAME = """
    SELECT master_id, name, record_key FROM (
        SELECT master_id, name, min(feed || ':' || source_key) AS record_key,
            row_number() OVER (PARTITION BY master_id ORDER BY count(*) DESC, name) AS place
        FROM unregistered GROUP BY master_id, name) AS ranked
    WHERE place = 1"""
_WIDE = frozenset({"address", "living_address", "updated_at", "text_before", "text_after"})
_NAME = re.compile(
    r"\b(registered|registered_often|registered_file|former_number|unregistered|usual_name|dead|entity|of_[a-z_]+)\b"
)


@cache
def contracts() -> Mapping[str, Contract]:
    """The contracts of all feeds."""
    return load_contracts()


def identified(subject: str) -> list[Contract]:
    """Contracts of the feeds whose records identify such subjects, and so belong to files."""
    return [one for one in contracts().values() if one.subject == subject and not one.details_of]


def with_views(query: str, place: Place, feeds: frozenset[str]) -> str:
    """The query with the definition of every view it names before it, and its tables where `place` says.

    `feeds` are those that have tables; a view leaves out the optional ones that have none.
    """
    ordered: dict[str, str] = {}
    _collect(query, feeds, ordered)
    head = ", ".join(f"{name} AS ({text})" for name, text in ordered.items())
    whole = f"WITH {head} {query}" if head else query
    return whole.replace("landing.", f"{place.landing}.").replace("core.crosswalk", place.crosswalk)


def _collect(text: str, feeds: frozenset[str], ordered: dict[str, str]) -> None:
    for name in dict.fromkeys(_NAME.findall(text)):
        if name not in ordered:
            definition = _define(name, feeds)
            _collect(definition, feeds, ordered)
            ordered[name] = definition


def _define(name: str, feeds: frozenset[str]) -> str:
    if name == "dead":
        others = "".join(
            f" UNION ALL SELECT master_id, {day}, '{feed}:' || source_key FROM of_{feed}"
            for feed, day in _DEATHS.items()
            if feed in feeds
        )
        return _DEAD.format(others=others)
    if name == "unregistered":
        carry = [
            one.feed
            for one in identified("person")
            if one.feed in feeds - {"ps_person"} and {"name", "id_number"} <= {field.name for field in one.fields}
        ]
        return " UNION ALL ".join(_UNREGISTERED.format(feed=feed) for feed in carry)
    if name.startswith("of_"):
        return _records(name.removeprefix("of_"))
    return {
        "registered": _REGISTERED, "registered_often": _REGISTERED_OFTEN, "former_number": _FORMER_NUMBER,
        "entity": _ENTITY, "registered_file": "SELECT DISTINCT master_id FROM of_ps_person", "usual_name": _USUAL_NAME,
    }[name]  # fmt: skip


def _records(feed: str) -> str:
    """The current records of a feed with the file of each; long texts that no rule compares are left out.

    That keys of its records begin with its name is said beside the join: by its index the server then reads the feed's
    part of the crosswalk alone.
    """
    contract = contracts()[feed]
    fields = [field.name for field in contract.fields if field.name not in _WIDE]
    columns = ", ".join(f"landed.{name}" for name in fields)
    return (
        f"SELECT crossed.master_id, landed.source_key, {columns} FROM landing.{feed} AS landed"
        f" JOIN core.crosswalk AS crossed ON crossed.record_key = '{feed}:' || landed.source_key"
        f" AND starts_with(crossed.record_key, '{feed}:')"
    )
