"""The tables of the lists follow file_contents.yml, as the landing tables follow the contracts; with their history."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from psycopg import sql

from extractors.contract import Contract
from matching.survivorship import read_groups
from warehouse.contents import Fact, load_facts
from warehouse.database import Connection, WarehouseError, columns, compose, name
from warehouse.landing_tables import comment_on

Columns = Mapping[str, tuple[str, str]]
SINCE: Columns = {
    "since_run_id": ("text not null", "Run that made this version"),
    "since_date": ("date not null", "Logical date of that run: from when the system believed this"),
}
UNTIL: Columns = {
    "until_run_id": ("text not null", "Run that ended this version"),
    "until_date": ("date not null", "Logical date of that run: from then on the system no longer believed this"),
}
KEPT: Columns = {
    "valid_from": ("date", "Since when this version is so, as the department says; null if it does not say"),
    "batch_no": ("text", "Delivery that brought it first"),
}
OWNER = "master_id"


def compared(fact: Fact) -> Columns:
    """The columns in which a row differs from its former version."""
    own = {column: (told.type, told.meaning) for column, told in fact.columns.items()}
    feeds = ", ".join(dict.fromkeys(source.feed for source in fact.sources))
    return {
        "record_key": ("text not null", f"Record it is from, <feed>:<source key>, of {feeds}; personal"),
        **({OWNER: ("text not null", "File it belongs to")} if fact.subject else {}),
        **own,
        "holds_from": ("date", "First day the fact holds, as the department says; null if it does not say"),
        "holds_to": ("date", "Last day the fact holds, as the department says; null if it does not say"),
    }


def sync_facts(conn: Connection, contracts: Iterable[Contract]) -> None:
    """Make or extend the tables of all lists, their indexes and the functions that ask about the past.

    Raises
    ------
    WarehouseError
        A column is there with another type.
    """
    _sync_authority(conn, contracts)
    conn.execute("set local check_function_bodies = off")  # core.survivor_on may come after this
    for fact in load_facts():
        live = {**compared(fact), **KEPT, **SINCE}
        there = [_is_there(conn, source.feed) for source in fact.sources]
        if not _is_new(conn, f"lists/{fact.name}", repr((fact, live, there, _ON, _STILL_HERE))):
            continue
        _sync_table(conn, fact.name, live, fact.about, "record_key")
        _sync_table(conn, f"{fact.name}_history", {**live, **UNTIL}, f"Former versions of core.{fact.name}", None)
        asked = [OWNER] if fact.subject else [*fact.by_number]
        for column in (*asked, *fact.index):
            _index(conn, "core", fact.name, f'"{column}"', column)
        for column in ("record_key", *asked):
            _index(conn, "core", f"{fact.name}_history", f'"{column}"', column)
        for source in fact.sources:
            if source.owner and source.owner_key != "source_key" and _is_there(conn, source.feed):
                _index(conn, "landing", source.feed, f"({source.owner_key})", "owner")
        _make_on(conn, fact, list(live))


def _is_new(conn: Connection, path: str, text: str) -> bool:
    """Whether a list is described otherwise than when its tables were made; then it is written down."""
    digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    row = conn.execute("select content_md5 from ops.applied_file where path = %s", (path,)).fetchone()
    if row is not None and row[0] == digest:
        return False
    conn.execute(
        "insert into ops.applied_file values (%s, %s) on conflict (path) do update set content_md5 = excluded.content_md5",
        (path, digest),
    )
    return True


def _is_there(conn: Connection, feed: str) -> bool:
    row = conn.execute("select to_regclass(%s)", (f"landing.{feed}",)).fetchone()
    return row is not None and row[0] is not None


def _index(conn: Connection, schema: str, table: str, what: str, called: str) -> None:
    conn.execute(
        compose(
            "create index if not exists {index} on {table} ({what})",
            index=name(f"{table}_{called}_idx"), table=name(schema, table), what=sql.SQL(what),
        )
    )  # fmt: skip


def _sync_table(conn: Connection, table: str, wanted: Columns, about: str, key: str | None) -> None:
    rows = conn.execute(
        "select attname, format_type(atttypid, atttypmod), coalesce(col_description(attrelid, attnum), '') "
        "from pg_attribute where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped",
        (f"core.{table}",),
    ).fetchall()
    there = {str(r[0]): (str(r[1]), str(r[2])) for r in rows}
    if not there:
        lines = [sql.SQL("{} {}").format(name(c), sql.SQL(kind)) for c, (kind, _) in wanted.items()]
        lines += [sql.SQL("primary key ({})").format(name(key))] if key else []
        conn.execute(
            compose("create table {table} ({lines})", table=name("core", table), lines=sql.SQL(", ").join(lines))
        )
    comment_on(conn, "table", ("core", table), about)
    for column, (kind, meaning) in wanted.items():
        plain = kind.replace(" not null", "")
        if there and column not in there:
            add = "alter table {table} add column {column} {kind}"
            conn.execute(compose(add, table=name("core", table), column=name(column), kind=sql.SQL(plain)))
        elif there and _plain(there[column][0]) != plain:
            raise WarehouseError(
                f"core.{table}.{column} is {there[column][0]}, file_contents.yml says {plain}. A column never changes "
                "its type by itself: give it another name, or write a migration that converts it."
            )
        if there.get(column, ("", ""))[1] != meaning:
            comment_on(conn, "column", ("core", table, column), meaning)


def _plain(kind: str) -> str:
    return kind.replace("timestamp without time zone", "timestamp")


def _sync_authority(conn: Connection, contracts: Iterable[Contract]) -> None:
    """ref.authority and ref.feed say what authority.yml and the contracts say."""
    departments = [(c.feed, c.department, c.subject, c.title, c.title_english) for c in contracts]
    ranks = [
        (subject, group, fact, department, rank)
        for subject in ("person", "enterprise")
        for group, told in read_groups(subject).items()
        for rank, department in enumerate(told.authority, 1)
        for fact in dict.fromkeys((*told.fields, *told.lists))
    ]
    for table, width, wanted in (("ref.feed", 5, departments), ("ref.authority", 5, ranks)):
        found = conn.execute(compose("select * from {t}", t=table)).fetchall()
        if sorted(map(tuple, found)) != sorted(wanted):
            conn.execute(compose("delete from {t}", t=table))
            places = sql.SQL(", ").join([sql.Placeholder()] * width)
            with conn.cursor() as cursor:
                cursor.executemany(compose("insert into {t} values ({p})", t=table, p=places), wanted)


_ON = """
create function core.{fn}({key} text, valid_on date, known_on date)
returns table ({result})
language sql stable strict parallel safe as $body$
    with said as (
        select {own_t}, t.since_date, null::date as until_date from {live} t where {mine}
        union all
        select {own_t}, t.since_date, t.until_date from {history} t where {mine}
    ), known as (
        select s.*, min(s.since_date) over (partition by s.record_key) as first_date from said s
        where s.since_date <= known_on
    )
    select distinct on (s.record_key) {own_s}, s.since_date
    from known s
    where case when s.since_date = s.first_date then coalesce(s.holds_from, s.valid_from, s.since_date)
            else coalesce(s.valid_from, s.since_date) end <= valid_on
      and (s.holds_from is null or s.holds_from <= valid_on)
      and (s.until_date is null or s.until_date > known_on or (s.until_date > valid_on and s.until_date > s.since_date
          {still_here}))
    order by s.record_key, s.since_date desc, s.until_date desc nulls first
$body$
"""
_STILL_HERE = """and not exists (
              select from {live} o where o.record_key = s.record_key and o.master_id <> s.master_id and o.since_date <= known_on
              union all select from {history} o where o.record_key = s.record_key and o.master_id <> s.master_id
                  and o.since_date <= known_on and o.until_date > known_on)"""


def _make_on(conn: Connection, fact: Fact, live: list[str]) -> None:
    """core.<list>_on: what was believed on day known_on about day valid_on, of one file or of one number."""
    own = [c for c in live if c not in SINCE]
    kinds = {**compared(fact), **KEPT}
    result = ", ".join(f'"{c}" {kinds[c][0].replace(" not null", "")}' for c in own) + ", known_from date"
    key = OWNER if fact.subject else "id_number"
    function, table, past = f"{fact.name}_on", name("core", fact.name), name("core", f"{fact.name}_history")
    if fact.subject:
        mine = f"t.master_id = core.survivor_on({function}.master_id, known_on)"
    else:
        mine = "(" + " or ".join(f"t.{c} = {function}.id_number" for c in fact.by_number) + ")"
    still = compose(_STILL_HERE, live=table, history=past) if fact.subject else sql.SQL("")
    conn.execute(compose("drop function if exists core.{fn}(text, date, date)", fn=function))
    conn.execute(
        compose(
            _ON, fn=function, key=name(key), result=sql.SQL(result), own_t=columns(own, "t"), own_s=columns(own, "s"),
            live=table, history=past, mine=sql.SQL(mine), still_here=still,
        )
    )  # fmt: skip
    who = "of a file" if fact.subject else "of a person by number"
    about = f"What was believed on day known_on to be so on day valid_on {who}: {fact.about}; personal"
    conn.execute(
        compose("comment on function core.{fn}(text, date, date) is {about}", fn=function, about=sql.Literal(about))
    )
