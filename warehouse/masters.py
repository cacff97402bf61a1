"""Stage the masters of a run: all of them come in, only what differs from the live files goes to the database."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal, Protocol, cast

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql

from warehouse.copy import copy_in, copy_out, distinct_count, keyed
from warehouse.database import Connection, CountError, WarehouseError, compose, lock, name, one, transaction
from warehouse.golden import golden_columns

Subject = Literal["person", "enterprise"]
SUBJECTS: tuple[Subject, ...] = ("person", "enterprise")
STAGE_TABLES = ("", "_value", "_crosswalk", "_link", "_review", "_redirect", "_event", "_gone", "_scope")
EMPTY = pa.array([], pa.string())
VALUE = ("master_id", "field", "value", "record_key", "is_winner", "rule")
LINK = ("left_key", "right_key", "rule", "score", "reasons")
REVIEW = ("review_kind", "left_key", "right_key", "score", "reason")
REDIRECT = ("retired_id", "master_id")
EVENT = ("event_kind", "master_id", "other_id", "record_count")


class Assignment(Protocol):
    """What `matching.identity.assign` gives."""

    @property
    def crosswalk(self) -> pa.Table: ...
    @property
    def events(self) -> pa.Table: ...
    @property
    def redirects(self) -> pa.Table: ...
    @property
    def next_number(self) -> int: ...


class Golden(Protocol):
    """What `matching.survivorship.choose` gives."""

    @property
    def masters(self) -> pa.Table: ...
    @property
    def field_values(self) -> pa.Table: ...


class Resolved(Protocol):
    """What `matching.resolve.resolve` gives, as far as it is kept; ``findings`` too where there are any."""

    @property
    def links(self) -> pa.Table: ...
    @property
    def reviews(self) -> pa.Table: ...


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What a run has looked at: the deliveries (None: all landed before staging), the records (None: all of them).

    `files`: ids of the live files that hold those records. `state_name`: the folder of what the matcher remembers after the run, if it remembers anything. `judged_until`: the
    last judgement it knew.
    """

    batches: list[tuple[str, str]] | None = None
    scope: pa.Array | None = None
    state_name: str | None = None
    judged_until: int | None = None
    files: pa.Array | None = None


def read_crosswalk(conn: Connection, subject: Subject, record_keys: pa.Array | None = None) -> pa.Table:
    """Which record belongs to which live file: [record_key, master_id] in order of record_key; of these keys, if given."""
    if record_keys is None:
        return copy_out(
            conn,
            compose(
                "select record_key, master_id from core.crosswalk where subject = {s} order by record_key",
                s=sql.Literal(subject),
            ),
        )
    with keyed(conn, record_keys, "record_key") as wanted:
        return copy_out(
            conn,
            compose(
                "select c.record_key, c.master_id from {w} w cross join lateral (select record_key, master_id "
                "from core.crosswalk where record_key = w.record_key and subject = {s} offset 0) c order by c.record_key",
                w=wanted, s=sql.Literal(subject),
            ),
        )  # fmt: skip


def read_former_files(conn: Connection, subject: Subject, record_keys: pa.Array) -> pa.Table:
    """[record_key, master_id] of these records in files that were merged into others, as those were when retired."""
    with keyed(conn, record_keys, "record_key") as wanted:
        return copy_out(
            conn,
            compose(
                "select distinct h.record_key, h.master_id from {w} w join core.crosswalk_history h "
                "on h.record_key = w.record_key and h.subject = {s} join core.redirect r on r.retired_id = h.master_id "
                "and r.since_run_id = h.until_run_id order by 1, 2",
                w=wanted, s=sql.Literal(subject),
            ),
        )  # fmt: skip


def read_state_name(conn: Connection, subject: Subject) -> str | None:
    """The folder of what the matcher remembers of the published records; None if it remembers nothing."""
    row = conn.execute("select state_name from core.match_state where subject = %s", (subject,)).fetchone()
    return str(row[0]) if row else None


def read_next_number(conn: Connection, subject: Subject) -> int:
    """The number the next new file gets; 0 for the first night."""
    row = conn.execute("select next_number from core.id_counter where subject = %s", (subject,)).fetchone()
    return int(row[0]) if row else 0


def _pick(rows: pa.Table, wanted: tuple[str, ...], what: str) -> pa.Table:
    missing = [c for c in wanted if c not in rows.column_names]
    if missing:
        raise WarehouseError(f"{what} lacks the columns {missing}; it has {rows.column_names}.")
    return rows.select(list(wanted))


def _golden(conn: Connection, subject: Subject, masters: pa.Table, crosswalk: pa.Table) -> pa.Table:
    """Masters with exactly the live columns; record_count is counted from the crosswalk."""
    wanted = [c for c in golden_columns(conn, subject) if c != "record_count"]
    unknown = [c for c in masters.column_names if c not in (*wanted, "record_count")]
    if unknown:
        raise WarehouseError(
            f"core.{subject} has no columns {unknown} for the golden masters. Add them by a migration."
        )
    counted = (
        crosswalk.group_by("master_id").aggregate([([], "count_all")]).rename_columns(["master_id", "record_count"])
    )
    columns = {c: masters[c] if c in masters.column_names else pa.nulls(masters.num_rows, pa.string()) for c in wanted}
    joined = pa.table(columns).join(counted, "master_id")
    if joined["record_count"].null_count or masters.num_rows != counted.num_rows:
        raise CountError(
            f"{subject}: {masters.num_rows} masters, but the crosswalk names {counted.num_rows}; every master needs "
            "records and every record a master. Nothing was staged."
        )
    return joined


def _fingerprints(links_of: str, columns: list[str]) -> str:
    """SQL: one MD5 for each master over its golden record, records, values and links, whatever their order."""

    def mixed(names: tuple[str, ...]) -> str:
        text = " || chr(31) || ".join(f"coalesce({n}::varchar, chr(30))" for n in names)
        return f"bit_xor(md5_number_upper({text})) as u, bit_xor(md5_number_lower({text})) as l"

    golden = " || chr(31) || ".join(f"coalesce({c}::varchar, chr(30))" for c in columns)
    return f"""
        with r as (select master_id, {mixed(("record_key",))} from crosswalk group by master_id),
        v as (select master_id, {mixed(VALUE[1:])} from field_value group by master_id),
        k as (select master_id, {mixed(LINK)} from {links_of} group by master_id)
        select m.*, md5(concat_ws('/', {golden}, r.u, r.l, coalesce(v.u, 0), coalesce(v.l, 0), coalesce(k.u, 0),
            coalesce(k.l, 0))) as fingerprint
        from master m join r using (master_id) left join v using (master_id) left join k using (master_id)"""


def stage(
    conn: Connection,
    subject: Subject,
    run_id: str,
    *,
    assignment: Assignment,
    golden: Golden,
    resolution: Resolved,
    taken_in: TakenIn | None = None,
) -> dict[str, int]:
    """Put what differs from the live files into the stage tables; replaces what was staged for this subject before.

    Parameters
    ----------
    assignment
        ``crosswalk`` [record_key, master_id] of all records, ``events`` [event_kind, master_id, other_id,
        record_count], ``redirects`` [retired_id, master_id], ``next_number``.
    golden
        ``masters`` one row a file, columns of core.<subject> (absent ones are null); ``field_values`` [master_id,
        field, value, record_key, is_winner, rule]; the rule may be absent.
    resolution
        ``links`` [left_key, right_key, rule, score, reasons], ``reviews`` [review_kind, left_key, right_key, score,
        reason].
    taken_in
        What the run looked at. With a scope all of the above speak of its records and their files only.

    Returns
    -------
    Rows in each stage table.

    Raises
    ------
    CountError
        A record without a file, a file without records, or a record in two files.
    """
    taken_in = taken_in or TakenIn()
    crosswalk = _pick(assignment.crosswalk, ("record_key", "master_id"), "The crosswalk")
    if distinct_count(crosswalk["record_key"]) != crosswalk.num_rows or crosswalk["master_id"].null_count:
        raise CountError(f"{subject}: the crosswalk names a record twice, or a record without a file.")
    with transaction(conn, f"staging {subject} of {run_id}"):
        lock(conn, f"stage.{subject}")
        master = _golden(conn, subject, golden.masters, crosswalk)
        live = _live(conn, subject, taken_in)
        tables = _changed_only(
            master,
            crosswalk,
            _pick(_ruled(golden.field_values), VALUE, "The field values"),
            _pick(resolution.links, LINK, "The links"),
            live,
        )
        tables["_review"] = _pick(resolution.reviews, REVIEW, "The reviews")
        tables["_redirect"] = _pick(assignment.redirects, REDIRECT, "The redirects")
        tables["_event"] = _pick(assignment.events, EVENT, "The events")
        tables["_scope"] = pa.table({"record_key": taken_in.scope if taken_in.scope is not None else EMPTY})
        _keep_findings(conn, subject, run_id, getattr(resolution, "findings", None))
        counts = {suffix: _fill(conn, f"stage.{subject}{suffix}", tables[suffix]) for suffix in STAGE_TABLES}
        conn.execute(
            "insert into stage.staged_run (subject, run_id, master_count, record_count, value_count, link_count, "
            "review_count, staged_counts, next_number, is_delta, batches, state_name, judged_until, "
            "staged_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, now()) "
            "on conflict (subject) do update set (run_id, master_count, record_count, value_count, link_count, "
            "review_count, staged_counts, next_number, is_delta, batches, state_name, judged_until, "
            "staged_at) = row ("
            "excluded.run_id, excluded.master_count, excluded.record_count, excluded.value_count, excluded.link_count, "
            "excluded.review_count, excluded.staged_counts, excluded.next_number, excluded.is_delta, excluded.batches, "
            "excluded.state_name, excluded.judged_until, excluded.staged_at)",
            (
                subject, run_id, master.num_rows, crosswalk.num_rows, golden.field_values.num_rows,
                resolution.links.num_rows, resolution.reviews.num_rows, json.dumps(counts), assignment.next_number,
                taken_in.scope is not None, None if taken_in.batches is None else json.dumps(taken_in.batches),
                taken_in.state_name, taken_in.judged_until,
            ),
        )  # fmt: skip
    return {f"{subject}{suffix}": count for suffix, count in counts.items()}


def _live(conn: Connection, subject: Subject, taken_in: TakenIn) -> pa.Table:
    """[master_id, fingerprint] of the live files; with a scope, of those that hold its records."""
    if taken_in.scope is None:
        return copy_out(conn, compose("select master_id, fingerprint from {core}", core=name("core", subject)))
    files = taken_in.files
    if files is None:
        files = read_crosswalk(conn, subject, taken_in.scope)["master_id"].combine_chunks()
    with keyed(conn, pc.unique(files), "master_id") as wanted:
        return copy_out(
            conn,
            compose(
                "select m.master_id, m.fingerprint from {w} w cross join lateral (select master_id, fingerprint "
                "from {core} where master_id = w.master_id offset 0) m",
                w=wanted, core=name("core", subject),
            ),
        )  # fmt: skip


def _keep_findings(conn: Connection, subject: Subject, run_id: str, findings: pa.Table | None) -> None:
    """What the matcher could not do as asked, and how often: [code, detail, count] into ops.run_finding."""
    conn.execute("delete from ops.run_finding where run_id = %s and subject = %s", (run_id, subject))
    if findings is None or findings.num_rows == 0:
        return
    rows = _pick(findings, ("code", "detail", "count"), "The findings").rename_columns(
        ["code", "detail", "found_count"]
    )
    for column, value in (("run_id", run_id), ("subject", subject)):
        rows = rows.append_column(column, pa.repeat(pa.scalar(value), rows.num_rows))
    copy_in(conn, "ops.run_finding", rows)


def _changed_only(
    master: pa.Table, crosswalk: pa.Table, field_value: pa.Table, link: pa.Table, live: pa.Table
) -> dict[str, pa.Table]:
    """Rows of the files whose fingerprint is not the live one, and the live files that are gone."""
    engine = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    try:
        for table, rows in (
            ("master", master), ("crosswalk", crosswalk), ("field_value", field_value), ("link", link), ("live", live)
        ):  # fmt: skip
            engine.register(table, rows)
        engine.execute(
            "create temp table owned_link as select c.master_id, k.* from link k "
            "left join crosswalk c on c.record_key = k.left_key"
        )
        orphans = engine.execute("select count(*) from owned_link where master_id is null").fetchone()
        if orphans is not None and orphans[0]:
            raise CountError(f"{orphans[0]} links name a record the crosswalk does not have. Nothing was staged.")
        fingerprints = _fingerprints("owned_link", master.column_names)
        engine.execute(
            f"create temp table changed as select * from ({fingerprints}) m where not exists (select 1 from live l "
            "where l.master_id = m.master_id and replace(l.fingerprint, '-', '') = m.fingerprint)"
        )

        def of_changed(source: str, columns: str) -> pa.Table:
            return cast(
                pa.Table,
                engine.sql(
                    f"select {columns} from {source} s where master_id in (select master_id from changed) "
                    "order by master_id"
                ).to_arrow_table(),
            )

        return {
            "": engine.sql("select * from changed order by master_id").to_arrow_table(),
            "_crosswalk": of_changed("crosswalk", "record_key, master_id"),
            "_value": _with_feed(of_changed("field_value", ", ".join(VALUE))),
            "_link": of_changed("owned_link", ", ".join(("master_id", *LINK))),
            "_gone": engine.sql("select master_id from live anti join master using (master_id)").to_arrow_table(),
        }
    finally:
        engine.close()


def _ruled(values: pa.Table) -> pa.Table:
    """The values with the rule that chose them; null where whoever chose does not say."""
    if "rule" in values.column_names:
        return values
    return values.append_column("rule", pa.nulls(values.num_rows, pa.string()))


def _with_feed(values: pa.Table) -> pa.Table:
    """Adds the feed, which a record key begins with."""
    parts = pc.split_pattern(values["record_key"], ":", max_splits=1)
    return values.append_column("feed", pc.list_element(parts, 0))


def _fill(conn: Connection, table: str, rows: pa.Table) -> int:
    conn.execute(compose("truncate {table}", table=table))
    written = copy_in(conn, table, rows)
    counted = int(one(conn, compose("select count(*) from {table}", table=table))[0])
    if not written == counted == rows.num_rows:
        raise CountError(f"{table}: {rows.num_rows} rows were sent, the table holds {counted}. Nothing was staged.")
    if counted:
        conn.execute(compose("analyze {table}", table=table))
    return counted
