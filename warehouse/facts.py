"""Lists of a file (addresses, cards, insurances, officers ...) follow the landed records and the crosswalk.

A night looks at the rows its deliveries brought or ended, and at those whose record came to another file; all of a list
are looked at where the subject was matched anew as a whole, or where the list is described otherwise than before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from psycopg import sql

from warehouse.contents import Fact, Source, load_facts
from warehouse.database import Connection, CountError, columns, compose, name, one
from warehouse.fact_tables import KEPT, OWNER, compared
from warehouse.records import detail_feeds
from warehouse.versions import Version

Batches = dict[str, list[str]]


def publish_facts(conn: Connection, version: Version, staged: dict[str, bool]) -> dict[str, int]:
    """Bring every list to its landed records and their files; returns how many rows of each are new, changed or gone.

    Part of the publishing transaction, after the crosswalk; needs the temp table ``scope_record`` of what deltas looked at. Rows that are equal are not written, and keep the day since
    when the department first said so. Adds the files whose lists changed to the temp table ``fact_file``.

    Parameters
    ----------
    staged
        Subjects that are published with this run → whether the run looked at some of the records only.

    Raises
    ------
    CountError
        A list does not hold what it should after writing; nothing is published.
    """
    conn.execute("create temp table fact_record (feed text, row_key text, primary key (feed, row_key)) on commit drop")
    known = {str(r[0]): r[1] for r in conn.execute("select fact, content_md5 from core.fact_state").fetchall()}
    digests = {f.name: hashlib.md5(repr(f).encode(), usedforsecurity=False).hexdigest() for f in load_facts()}
    whole = {
        f.name
        for f in load_facts()
        if known.get(f.name) != digests[f.name] or (f.subject is not None and staged.get(f.subject) is False)
    }
    batches = _new_batches(conn, staged)
    _gather_changed(conn, version, staged, batches, [s for f in load_facts() if f.name not in whole for s in f.sources])
    conn.execute("analyze fact_record")
    looked_at = {str(r[0]) for r in conn.execute("select distinct feed from fact_record").fetchall()}
    landed = {
        str(r[0]) for r in conn.execute("select tablename from pg_tables where schemaname = 'landing'").fetchall()
    }
    written: dict[str, int] = {}
    for fact in load_facts():
        if fact.name in whole or looked_at & {source.feed for source in fact.sources}:
            written[fact.name] = _bring(conn, fact, version, landed, whole=fact.name in whole)
        if known.get(fact.name) != digests[fact.name]:
            conn.execute(
                "insert into core.fact_state values (%s, %s, %s) on conflict (fact) do update set "
                "(content_md5, run_id) = row (excluded.content_md5, excluded.run_id)",
                (fact.name, digests[fact.name], version.run_id),
            )
    for feed, numbers in batches.items():
        if feed in detail_feeds():
            conn.execute(
                "update ops.delivery set published_run_id = %s where feed = %s and batch_no = any(%s)",
                (version.run_id, feed, numbers),
            )
    conn.execute("drop table fact_record")
    return written


def _new_batches(conn: Connection, staged: dict[str, bool]) -> Batches:
    """Deliveries that are published with this run: those the staged subjects took in, and all new ones of details."""
    found: Batches = {}
    for subject in staged:
        taken = one(conn, "select batches from stage.staged_run where subject = %s", (subject,))[0]
        for feed, batch in taken or []:
            found.setdefault(feed, []).append(batch)
    rows = conn.execute(
        "select feed, batch_no from ops.delivery where state = 'landed' and published_run_id is null and feed = any(%s)",
        (detail_feeds(),),
    ).fetchall()
    for feed, batch in rows:
        found.setdefault(str(feed), []).append(str(batch))
    return found


def _gather_changed(
    conn: Connection, version: Version, staged: dict[str, bool], batches: Batches, sources: list[Source]
) -> None:
    """Fill fact_record: landed rows, present or gone, that are other than published, or whose record has another file.

    Only of the feeds of these sources: lists that are filled whole need no list of what changed.
    """
    feeds = {feed for source in sources for feed in (source.feed, source.owner_feed)}
    add = "insert into fact_record (feed, row_key) {chosen} on conflict do nothing"
    for subject in (s for s, is_delta in staged.items() if is_delta):
        moved = compose(
            "select s.feed, s.source_key from scope_record s where s.subject = {s} and (s.since_run_id is null or s.since_run_id = {run})",
            s=sql.Literal(subject), run=sql.Literal(version.run_id),
        )  # fmt: skip
        conn.execute(compose(add, chosen=moved))
    for feed, numbers in batches.items():
        if feed not in feeds:
            continue
        changed = compose(
            "select {feed}, source_key from {live} where batch_no = any({b}) "
            "union select {feed}, source_key from {past} where until_batch_no = any({b})",
            feed=sql.Literal(feed), live=name("landing", feed), past=name("landing", f"{feed}_history"),
            b=sql.Literal(numbers),
        )  # fmt: skip
        conn.execute(compose(add, chosen=changed))
    for source in (s for s in sources if s.owner or s.by_group):
        _gather_details(conn, add, source)


def _gather_details(conn: Connection, add: str, source: Source) -> None:
    """Rows of details whose record changed its file; of a group, the key of the group instead of those of its rows."""
    if one(conn, "select to_regclass(%s)", (f"landing.{source.feed}",))[0] is None:
        return
    parts: dict[str, sql.Composable | str] = {
        "feed": sql.Literal(source.feed), "owner": sql.Literal(source.owner_feed),
        "live": name("landing", source.feed), "past": name("landing", f"{source.feed}_history"),
        "key": sql.SQL(source.owner_key),
    }  # fmt: skip
    if not source.by_group:
        owned = (
            "select {feed}, l.source_key from fact_record r join {live} l on {key} = r.row_key where r.feed = {owner}"
        )
        conn.execute(compose(add, chosen=compose(owned, **parts)))
        return
    groups = (
        "select {feed}, {key} from fact_record r join {live} l on l.source_key = r.row_key where r.feed = {feed} and {key} is not null "
        "union select {feed}, {key} from fact_record r join {past} l on l.source_key = r.row_key where r.feed = {feed} and {key} is not null "
        "union select {feed}, r.row_key from fact_record r where r.feed = {owner}"
    )
    conn.execute(compose("create temp table fact_group (feed, row_key) on commit drop as " + groups, **parts))
    conn.execute("delete from fact_record where feed = %s", (source.feed,))
    conn.execute("insert into fact_record select * from fact_group")
    conn.execute("drop table fact_group")


def _now(fact: Fact, source: Source, *, whole: bool) -> sql.Composed:
    """SELECT of the rows a source gives now: of all its landed rows, or of those in fact_record."""
    own = [*fact.columns]
    told = [source.columns.get(column, f'"{column}"') for column in own]
    key = "min(owner_key)" if source.by_group else "source_key"
    valid, batch = ("max(updated_at)::date", "max(batch_no)") if source.by_group else ("updated_at::date", "batch_no")
    wanted = sql.SQL(", ").join(
        [sql.SQL("{} as {}").format(sql.SQL(text), name(column)) for column, text in zip(own, told, strict=True)]
    )
    landed = "select *, {owner_key} as owner_key from {landing} l"
    if not whole:
        by = "{owner_key}" if source.by_group else "l.source_key"
        landed = f"select l.*, {{owner_key}} as owner_key from fact_record r join {{landing}} l on {by} = r.row_key where r.feed = {{feed}}"
    grouped = "group by owner_key" if source.by_group else ""
    given = compose(
        f"select {{feed}} || ':' || {key} as record_key, {{owner}} || ':' || {'min(owner_key)' if source.by_group else 'owner_key'} as owner_key, "
        f"{{wanted}}, ({source.holds_from})::date as holds_from, ({source.holds_to})::date as holds_to, "
        f"{valid} as valid_from, {batch} as batch_no from ({landed}) l where {source.where or 'true'} {grouped}",
        feed=sql.Literal(source.feed), owner=sql.Literal(source.owner_feed), wanted=wanted,
        landing=name("landing", source.feed), owner_key=sql.SQL(source.owner_key),
    )  # fmt: skip
    kept = columns(["holds_from", "holds_to", *KEPT], "g")
    if fact.subject is None:
        return compose(
            "select g.record_key, {own}, {kept} from ({given}) g", own=columns(own, "g"), kept=kept, given=given
        )
    return compose(
        "select g.record_key, c.master_id, {own}, {kept} from ({given}) g join core.crosswalk c on c.record_key = g.owner_key",
        own=columns(own, "g"), kept=kept, given=given,
    )  # fmt: skip


def _fill(conn: Connection, fact: Fact, now: sql.Composed, parts: dict[str, sql.Composable | str]) -> int:
    """Write the rows of an empty list; returns how many."""
    insert = "insert into {live} ({kept}, since_run_id, since_date) select {kept_n}, {run}, {day} from ({now}) n"
    added = conn.execute(compose(insert, now=now, **parts)).rowcount
    if fact.subject:
        note = "insert into fact_file select distinct {subject}, {owner} from {live} on conflict do nothing"
        conn.execute(compose(note, **parts))
    if added > 10_000:
        conn.execute(compose("analyze {live}", **parts))
    return added


def _bring(conn: Connection, fact: Fact, version: Version, landed: Collection[str], *, whole: bool) -> int:
    """Write one list; returns the rows added and those that ended without a successor."""
    own, sources = list(compared(fact)), [s for s in fact.sources if s.feed in landed]
    if not sources:
        return 0
    kept = [*own, *KEPT]
    feeds = sql.Literal([s.feed for s in sources])
    parts: dict[str, sql.Composable | str] = {
        "live": name("core", fact.name), "history": name("core", f"{fact.name}_history"),
        "kept": columns(kept), "kept_n": columns(kept, "n"), "own_n": columns(own, "n"), "own_t": columns(own, "t"),
        "run": sql.Literal(version.run_id), "day": sql.Literal(version.as_of), "feeds": feeds,
        "subject": sql.Literal(fact.subject), "owner": name(OWNER),
    }  # fmt: skip
    now = sql.SQL(" union all ").join([_now(fact, source, whole=whole) for source in sources])
    if not one(conn, compose("select exists (select from {live})", **parts))[0]:
        return _fill(conn, fact, now, parts)
    conn.execute(compose("create temp table fact_now on commit drop as {now}", now=now))
    if whole:  # a few rows are found without
        conn.execute("create index on fact_now (record_key)")
        conn.execute("analyze fact_now")
    looked_at = "{live} t" if whole else (
        "(select o.* from fact_record r join {live} o on o.record_key = r.feed || ':' || r.row_key where r.feed = any({feeds})) t"
    )  # fmt: skip
    ended = (
        "select t.record_key, not exists (select from fact_now n where n.record_key = t.record_key) as is_gone "
        f"from {looked_at} where not exists (select from fact_now n where n.record_key = t.record_key "
        "and row ({own_n}) is not distinct from row ({own_t}))"
    )
    conn.execute(compose("create temp table fact_ended on commit drop as " + ended, **parts))
    note = (
        "insert into fact_file select {subject}, {owner} from {what} on conflict do nothing"
        if fact.subject
        else "select 1"
    )
    removed = int(one(conn, "select count(*) filter (where is_gone) from fact_ended")[0])
    conn.execute(
        compose(
            "with ended as (delete from {live} t using fact_ended e where e.record_key = t.record_key returning t.*), "
            f"noted as ({note.replace('{what}', 'ended')}) "
            "insert into {history} ({kept}, since_run_id, since_date, until_run_id, until_date) "
            "select {kept}, since_run_id, since_date, {run}, {day} from ended",
            **parts,
        )
    )
    added = conn.execute(
        compose(
            "with added as (insert into {live} ({kept}, since_run_id, since_date) select {kept_n}, {run}, {day} "
            "from fact_now n where not exists (select from {live} t where t.record_key = n.record_key) returning *), "
            f"noted as ({note.replace('{what}', '(select distinct master_id from added) a' if fact.subject else 'added')}) "
            "select count(*) from added",
            **parts,
        )
    ).fetchone()
    expected = int(one(conn, "select count(*) from fact_now")[0])
    found = int(one(conn, compose(f"select count(*) from {looked_at}", **parts))[0])
    conn.execute("drop table fact_now, fact_ended")
    if found != expected:
        raise CountError(
            f"core.{fact.name}: counted {found} rows, expected {expected}. Nothing was published; what was live stays. "
            "If a delivery landed meanwhile, publish again."
        )
    return removed + int(added[0] if added else 0)
