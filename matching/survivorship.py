"""Golden values: for each field the best department's newest value; what loses is kept beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from extractors.fields import read_yaml

Authority = Mapping[str, Sequence[str]]
NOT_GOLDEN = ("record_key", "feed", "department", "updated_at", "former_id_number")
HIDDEN = "[?？*＊□■�]"
"""Signs of a masked or unreadable value: kept as evidence, golden only where nothing better is known."""
NUMBERS = ("id_number", "legal_rep_id")
DATES = ("birth_date", "death_date", "founded_date")
SAID_BY_NOBODY = {"life_state": "alive"}
"""The golden value of a field where no record of a file has a word on it."""
RULES = {
    "only_value": "no record of the file says otherwise",
    "nobodys": "a placeholder such as 111111111111111111 is nobody's number",
    "exclusive": "a number belongs to one file only: this one has more right to it",
    "whole": "a whole, valid value goes before a masked or doubtful one",
    "authority": "the department whose duty it is goes before others (authority.yml)",
    "newest": "of departments of one rank the newest word counts",
    "record_key": "level in all else: the smallest record key",
}
"""Why a value is golden, or why it lost to the golden one; in order, the first that tells the two apart."""
EXCLUSIVE = "exclusive"
"""The authority's list of fields whose value belongs to one subject only: golden in one file at most."""
KEYS = {
    "id_number": """CASE WHEN length(value) = 18 THEN left(value, 17)
        WHEN regexp_full_match(value, '[0-9]{6}[4-9][0-9]{8}') AND right(value, 3) < '996'
        THEN left(value, 6) || '19' || substr(value, 7) ELSE value END"""
}
"""SQL: what two writings of one sound number have in common, whose check character says nothing more: 15 digits and their upgrade,
where no 18 digits of the 2000s fit too. Whoever has one key must be tied in the matcher's model, or a night misses a claim."""
SOUND = ("DOB_MISMATCH", "SEX_MISMATCH", "TYPE_MISMATCH")
"""Reasons of a record against its number that leave it somebody's number. Only such a one is exclusive: a mistyped number is
golden where nothing better is known, and no file can have more right to it."""
AGREES = {"id_number": "replace(CAST(birth_date AS VARCHAR), '-', '') = substr(id_number, 7, 8)"}
"""SQL: whether the rest of a record agrees with its number."""


@dataclass(frozen=True, slots=True)
class Golden:
    """`masters` one row a file: master_id and each field; `field_values` [master_id, field, value, record_key, is_winner,
    rule].

    `field_values` has every distinct value a file's records give, with the best record that gives it. `rule` says by
    what the golden value won against the next one, and every other one lost against the golden one (see `RULES`).
    """

    masters: pa.Table
    field_values: pa.Table


def read_authority(subject: str) -> Authority:
    """Orders of departments for the fields of 'person' or 'enterprise' (models/authority.yml)."""
    told = read_groups(subject)
    orders = {field: group.authority for group in told.values() for field in group.fields}
    return orders | {EXCLUSIVE: tuple(_content(subject)[EXCLUSIVE])}


@dataclass(frozen=True, slots=True)
class Group:
    """A field group: departments best first, its single golden values, its lists (tables of core)."""

    authority: tuple[str, ...]
    fields: tuple[str, ...]
    lists: tuple[str, ...]


def read_groups(subject: str) -> dict[str, Group]:
    """The field groups of 'person' or 'enterprise' in the order of models/authority.yml.

    Raises
    ------
    ValueError
        No such subject, or a field or list that stands in two groups: it would have two orders.
    """
    groups = {
        name: Group(tuple(told["authority"]), tuple(told.get("fields", ())), tuple(told.get("lists", ())))
        for name, told in _content(subject)["groups"].items()
    }
    for named in ([*group.fields] for group in groups.values()), ([*group.lists] for group in groups.values()):
        flat = [name for part in named for name in part]
        if twice := sorted({name for name in flat if flat.count(name) > 1}):
            raise ValueError(
                f"authority.yml, {subject}: {twice} stand in two groups; expected one order of departments"
            )
    return groups


def _content(subject: str) -> Mapping[str, Any]:
    content = read_yaml(Path(__file__).parent / "models" / "authority.yml")
    if subject not in content:
        raise ValueError(f"authority.yml has no subject {subject!r}; it has {sorted(content)}")
    found: Mapping[str, Any] = content[subject]
    return found


def choose(records: pa.Table, crosswalk: pa.Table, authority: Authority, further: pa.Table | None = None) -> Golden:
    """One golden record for each master of the crosswalk [record_key, master_id].

    `records`: canonical columns in standard form, with department and updated_at. `further`: record_key and fields that
    are golden but no evidence for matching, one row a record that has any of them. Order of preference: whole values
    before masked ones, valid numbers before doubtful ones (where `<field>_reasons` says so), the department's rank,
    the newest `updated_at`, the smallest record_key. Every record must be in the crosswalk and the other way round.
    A value of an exclusive field is golden in one file only: that of most records that agree with it, then of the best
    department, then of most records; if two files are level in all, in none. The others take their next best value.
    """
    further = records.select(["record_key"]) if further is None else further
    given = [*records.column_names, *further.column_names]
    fields = [name for name in given if name not in NOT_GOLDEN and not name.endswith("_reasons")]
    with duckdb.connect() as connection:
        connection.register("records", records)
        connection.register("further", further)
        connection.register("crosswalk", crosswalk)
        connection.execute(
            "CREATE TEMP TABLE filed AS SELECT c.master_id, r.*, f.* EXCLUDE (record_key) FROM crosswalk c "
            "JOIN records r USING (record_key) LEFT JOIN further f USING (record_key)"
        )
        held = connection.execute("SELECT count(*) FROM filed").fetchone()
        if held is None or held[0] != crosswalk.num_rows or held[0] != records.num_rows:
            raise ValueError(
                f"{records.num_rows} records and {crosswalk.num_rows} rows of the crosswalk meet in "
                f"{held[0] if held else 0}: expected every record in the crosswalk once"
            )
        connection.execute(
            "CREATE TEMP TABLE held("
            "master_id VARCHAR, field VARCHAR, value VARCHAR, record_key VARCHAR, place BIGINT, is_winner BOOLEAN, "
            "rule VARCHAR)"
        )
        for field in fields:
            connection.execute(_values(field, authority, records.column_names))
        columns = ", ".join(f"{_cast(field)} AS {field}" for field in fields)
        masters = connection.sql(
            f"""SELECT m.master_id, {columns} FROM (SELECT DISTINCT master_id FROM crosswalk) m
                LEFT JOIN (SELECT * FROM held WHERE is_winner) h USING (master_id)
                GROUP BY m.master_id ORDER BY m.master_id"""
        ).to_arrow_table()
        values = connection.sql(
            "SELECT master_id, field, value, record_key, is_winner, rule FROM held ORDER BY master_id, field, place"
        ).to_arrow_table()
    return Golden(masters, values)


def _cast(field: str) -> str:
    best = f"max(h.value) FILTER (h.field = '{field}')"
    if field in SAID_BY_NOBODY:
        return f"coalesce({best}, '{SAID_BY_NOBODY[field]}')"
    return f"TRY_CAST({best} AS DATE)" if field in DATES else best


def _values(field: str, authority: Authority, columns: Sequence[str]) -> str:
    """SQL: the distinct values of one field, ranked within their file."""
    order = list(authority.get(field, authority.get("*", ())))
    ranks = "".join(f" WHEN '{department}' THEN {place}" for place, department in enumerate(order))
    rank = f"CASE department{ranks} ELSE {len(order)} END" if order else "0"
    doubtful = f"regexp_matches({field}, '{HIDDEN}')"
    if f"{field}_reasons" in columns:
        doubtful += f" OR coalesce(len({field}_reasons), 0) > 0"
    elif field in NUMBERS:
        doubtful += f" OR length({field}) <> 18 OR {field} LIKE '%000'"
    best = f"{{'doubtful': {doubtful}, 'rank': {rank}, 'age': coalesce(-epoch(TRY_CAST(updated_at AS TIMESTAMP)), 1e18), 'key': record_key}}"
    agrees = AGREES.get(field, "false") if "birth_date" in columns else "false"
    claims, is_sound, is_nobodys = "judged AS (SELECT *, true AS is_own FROM told)", "true", "false"
    if field in authority.get(EXCLUSIVE, ()):
        claims = _claims(KEYS.get(field, "value"))
        if f"{field}_reasons" in columns:
            told = f"coalesce({field}_reasons, [])"
            is_sound, is_nobodys = (
                f"len(list_filter({told}, lambda r: r NOT IN {SOUND})) = 0",
                f"list_contains({told}, 'PLACEHOLDER')",
            )
    return f"""INSERT INTO held
        WITH told AS (
            SELECT master_id, CAST({field} AS VARCHAR) AS value, min({best}) AS best, count(*) AS records,
                   count(*) FILTER ({agrees}) AS agreeing, bool_or({is_nobodys}) AS is_nobodys, bool_and({is_sound}) AS is_sound
            FROM filed WHERE {field} IS NOT NULL GROUP BY ALL),
        {claims},
        ordered AS (SELECT *, row_number() OVER w AS place, lead({{'own': is_own, 'nobodys': is_nobodys, 'best': best}}) OVER w AS next,
            first_value({{'own': is_own, 'nobodys': is_nobodys, 'best': best}}) OVER w AS top FROM judged
            WINDOW w AS (PARTITION BY master_id ORDER BY NOT is_own, best.doubtful, best.rank, best.age, best.key)),
        against AS (SELECT *, CASE place WHEN 1 THEN next ELSE top END AS other FROM ordered)
        SELECT master_id, '{field}', value, best.key, place, is_own AND place = 1,
            CASE WHEN is_nobodys THEN 'nobodys' WHEN NOT is_own THEN 'exclusive' WHEN other IS NULL THEN 'only_value'
                WHEN other.nobodys THEN 'nobodys' WHEN NOT other.own THEN 'exclusive'
                WHEN best.doubtful <> other.best.doubtful THEN 'whole' WHEN best.rank <> other.best.rank THEN 'authority'
                WHEN best.age <> other.best.age THEN 'newest' ELSE 'record_key' END FROM against"""


def _claims(key: str) -> str:
    """SQL: which of the told values are their file's own, where one value belongs to one file."""
    return f"""given AS (
            SELECT *, CASE WHEN is_sound AND NOT regexp_matches(value, '{HIDDEN}') THEN {key} END AS key FROM told),
        claims AS (
            SELECT key, master_id, {{'agreeing': -sum(agreeing), 'doubtful': min(best.doubtful), 'rank': min(best.rank),
                'records': -sum(records)}} AS claim
            FROM given WHERE key IS NOT NULL GROUP BY ALL),
        owners AS (
            SELECT key, arg_min(master_id, claim) AS owner FROM claims c JOIN (SELECT key, min(claim) AS best FROM claims GROUP BY key) b USING (key)
            GROUP BY key HAVING count(*) FILTER (c.claim = b.best) = 1),
        judged AS (
            SELECT g.*, NOT g.is_nobodys AND (g.key IS NULL OR coalesce(o.owner = g.master_id, false)) AS is_own FROM given g LEFT JOIN owners o USING (key))"""
