"""Publish: what is staged becomes live in one transaction, with history and events; all of it or nothing."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from psycopg import sql

from warehouse.causes import gather_causes
from warehouse.conflicts import publish_conflicts
from warehouse.database import Connection, WarehouseError, compose, lock, name, one, settle, transaction
from warehouse.facts import publish_facts
from warehouse.golden import publish_masters
from warehouse.masters import STAGE_TABLES, SUBJECTS, Subject
from warehouse.publish_counts import PublishCounts, SubjectCounts
from warehouse.records import parted, subject_feeds
from warehouse.recount import recount_all, recount_scope, recount_told, require
from warehouse.redirects import publish_events, publish_redirects
from warehouse.reviews import publish_reviews
from warehouse.totals import count_files, move_totals, recount_totals
from warehouse.values import publish_values
from warehouse.versions import Version, end_and_add


def publish(conn: Connection, run_id: str, as_of: date) -> PublishCounts:
    """Make everything `run_id` staged live, in one transaction.

    Former versions go to the history tables with the run that ended them; events, redirects, review, the lists of the
    files and findings about them follow.
    Publishing a run a second time does nothing, unless it was staged again since.

    Parameters
    ----------
    as_of
        Logical date of the run; stands in since_date and until_date.

    Raises
    ------
    WarehouseError
        The stage tables were emptied since staging (a crash of the server): run the master step again.
    CountError
        The live tables would not hold what was staged (law 1); nothing was published.
    """
    with transaction(conn, f"publishing {run_id}"):
        lock(conn, "publish")
        before = conn.execute(
            "select p.counts from core.publication p where p.run_id = %s and not exists "
            "(select from stage.staged_run s where s.run_id = p.run_id and s.staged_at > p.published_at) "
            "order by p.publication_id desc limit 1",
            (run_id,),
        ).fetchone()
        if before is not None:
            return _read_counts(before[0])
        version = Version(run_id, as_of)
        subjects: dict[str, SubjectCounts] = {}
        looked_at: dict[str, bool] = {}
        conn.execute(
            "create temp table fact_file (subject text, master_id text, primary key (subject, master_id)) on commit drop"
        )
        conn.execute(
            "create temp table scope_record (subject text, feed text, source_key text, record_key text, master_id text, "
            "since_run_id text) on commit drop"
        )
        for subject in SUBJECTS:
            staged = conn.execute(
                "select master_count, record_count, value_count, link_count, staged_counts, next_number, "
                "coalesce(is_delta, false), batches, judged_until from stage.staged_run where subject = %s and run_id = %s",
                (subject, run_id),
            ).fetchone()
            if staged is not None:
                lock(conn, f"stage.{subject}")
                _check_stage(conn, subject, run_id, staged[4])
                subjects[subject] = _publish_subject(conn, subject, version, staged)
                looked_at[subject] = staged[6]
        facts = publish_facts(conn, version, looked_at)
        findings = publish_conflicts(conn, version, {s for s, is_delta in looked_at.items() if not is_delta})
        counts = PublishCounts(subjects, facts, findings)
        _close(conn, version, counts)
        conn.execute("drop table fact_file, scope_record")
    for published, done in subjects.items():
        settle(conn, "core", dict.fromkeys((published, f"{published}_value", "crosswalk", "link"), done.rows_written))
    settle(conn, "core", facts)
    return counts


def _check_stage(conn: Connection, subject: Subject, run_id: str, staged: dict[str, int]) -> None:
    for suffix in STAGE_TABLES:
        table = f"stage.{subject}{suffix}"
        found = int(one(conn, compose("select count(*) from {table}", table=table))[0])
        if found != staged[suffix]:
            raise WarehouseError(
                f"{table} holds {found} rows, but {staged[suffix]} were staged by {run_id}; the server was restarted "
                "or another run staged since. Nothing was published. Run the master step of this run again."
            )


def _publish_subject(conn: Connection, subject: Subject, version: Version, staged: tuple[Any, ...]) -> SubjectCounts:
    master_count, record_count, value_count, link_count, _, next_number, is_delta, batches, judged_until = staged
    # The temporary tables of a delta are read once or twice: a small sample of each is enough.
    conn.execute("set local default_statistics_target " + ("= 10" if is_delta else "to default"))
    told_before = int(one(conn, "select coalesce(max(event_id), 0) from ops.change_event")[0])
    conn.execute(
        compose(
            "create temp table touched on commit drop as "
            "select master_id from {stage} union select master_id from {gone}",
            stage=name("stage", subject), gone=name("stage", f"{subject}_gone"),
        )
    )  # fmt: skip
    conn.execute("alter table touched add primary key (master_id)")
    conn.execute("analyze touched")
    files_before, _ = count_files(conn, subject)
    new, changed, retired = publish_masters(conn, subject, version)
    if is_delta:
        move_totals(conn, subject, "known_file")
    else:
        recount_totals(conn, subject)
    conn.execute("drop table known_file")
    is_subject = compose("t.subject = {s}", s=sql.Literal(subject))
    constant = {"subject": sql.Literal(subject)}
    moved, joined = end_and_add(
        conn, "core.crosswalk", f"stage.{subject}_crosswalk", ("record_key", "master_id"), (), version,
        where=is_subject, constants=constant,
    )  # fmt: skip
    values = publish_values(conn, subject, version)
    links = end_and_add(
        conn, "core.link", f"stage.{subject}_link", ("master_id", "left_key", "right_key", "rule"),
        ("score", "reasons"), version, where=is_subject, constants=constant,
    )  # fmt: skip
    merged = publish_redirects(conn, subject, version)
    gather_causes(conn, subject, version, batches=batches, judged_until=judged_until, is_delta=is_delta)
    split = publish_events(conn, subject, version)
    conn.execute("drop table event_cause, changed_file")
    if is_delta:
        _gather_scope(conn, subject)
    opened, gone, still_open = publish_reviews(conn, subject, version, is_delta=is_delta)
    conn.execute(
        "insert into core.id_counter (subject, next_number) values (%s, %s) on conflict (subject) "
        "do update set next_number = greatest(core.id_counter.next_number, excluded.next_number)",
        (subject, next_number),
    )
    conn.execute("insert into fact_file select %s, master_id from touched", (subject,))
    conn.execute("drop table touched")
    recount = recount_scope if is_delta else recount_all
    recount(conn, subject, master_count, record_count, value_count, link_count)
    recount_told(conn, subject, told_before, changed)
    files, records = count_files(conn, subject)
    require(subject, "files there are, against those before, new and retired", files, files_before + new - retired)
    return SubjectCounts(
        new=new, changed=changed, merged=merged, split=split, retired=retired, records_moved=moved,
        review_opened=opened, review_gone=gone, masters=files, records=records, review_open=still_open,
        rows_written=new + changed + retired + moved + joined + sum(values) + sum(links) + opened + gone,
    )  # fmt: skip


def _gather_scope(conn: Connection, subject: Subject) -> None:
    """Add to the temp table scope_record in which file the records stand now that a staged delta looked at."""
    conn.execute(
        compose(
            # One look into the index a record: joined, the whole crosswalk would be read.
            f"insert into scope_record select {{s}}, {parted('s.record_key')}, s.record_key, c.master_id, c.since_run_id "
            "from {scope} s left join lateral (select t.master_id, t.since_run_id from core.crosswalk t "
            "where t.record_key = s.record_key and t.subject = {s} limit 1) c on true",
            scope=name("stage", f"{subject}_scope"), s=sql.Literal(subject),
        )
    )  # fmt: skip
    conn.execute("create index if not exists scope_feed on scope_record (feed)")
    conn.execute("analyze scope_record")


def _close(conn: Connection, version: Version, counts: PublishCounts) -> None:
    written = {
        "subjects": {s: asdict(c) for s, c in counts.subjects.items()}, "facts": counts.facts, "findings": counts.findings,
    }  # fmt: skip
    conn.execute(
        "insert into core.publication (run_id, as_of, counts) values (%s, %s, %s)",
        (version.run_id, version.as_of, json.dumps(written)),
    )
    for subject in counts.subjects:
        batches, state_name, staged_at, judged_until = one(
            conn,
            "select batches, state_name, staged_at, judged_until from stage.staged_run where subject = %s",
            (subject,),
        )
        taken_in = (
            "recorded_at <= %s"
            if batches is None
            else "(feed, batch_no) in (select * from unnest(%s::text[], %s::text[]))"
        )
        which = (staged_at,) if batches is None else ([b[0] for b in batches], [b[1] for b in batches])
        conn.execute(
            "update ops.delivery set published_run_id = %s where published_run_id is null and state = 'landed' "
            "and feed = any(%s) and " + taken_in,
            (version.run_id, subject_feeds(subject), *which),
        )
        if judged_until is not None:
            conn.execute(
                "insert into core.judgement_effect values (%s, %s, %s) on conflict (subject) do update set "
                "(judgement_id, run_id) = row (excluded.judgement_id, excluded.run_id)",
                (subject, judged_until, version.run_id),
            )
        conn.execute("delete from core.match_state where subject = %s", (subject,))
        if state_name is not None:
            conn.execute("insert into core.match_state values (%s, %s, %s)", (subject, state_name, version.run_id))


def _read_counts(written: dict[str, Any]) -> PublishCounts:
    subjects = {s: SubjectCounts(**c) for s, c in written["subjects"].items()}
    return PublishCounts(subjects, written.get("facts", {}), int(written.get("findings", 0)), is_repeat=True)
