"""What happened: runs, steps, deliveries, rejects, findings, verdicts, events."""

from warehouse.migrations.shape import index, table

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    table(
        "ops.run",
        "One execution of the nightly job, with its logical date and its outcome.",
        """
        run_id text!: Name of the run, night-<logical date> for a nightly one
        logical_date date!: The night the run stands for; every rule that needs a date uses this one
        state text!: running, success, incomplete (published, but a feed was held or stopped) or failed (not published)
        started_at moment=now: When the run began, by the clock of the server
        finished_at moment: When it ended
        counts json: Counts of the run as the summary shows them
        """,
        key="run_id",
        where="state in ('running', 'success', 'incomplete', 'failed')",
    )
    index("ops.run", "logical_date")
    table(
        "ops.step",
        "One step of a run for one feed or subject.",
        """
        run_id text!: Run it belongs to
        step text!: Name of the step (receive, extract, gate, land, match, master, publish, report ...)
        feed text!: Feed or subject it worked on; empty if it works on all
        state text!: running, success, warn, held, stopped, failed or skipped
        started_at moment=now: When it began, by the clock of the server
        ended_at moment: When it ended
        row_count bigint: Rows it dealt with
        seconds real: How long it took
        note text: A word for a person; never a personal value
        """,
        key="run_id step feed",
        where="state in ('running', 'success', 'warn', 'held', 'stopped', 'failed', 'skipped')",
    )
    table(
        "ops.delivery",
        "One arrived batch of a feed and what became of its rows; read = loaded + rejected + duplicate.",
        """
        feed text!: Feed
        batch_no text!: Batch number, unique in its feed
        state text!: landed, held (could not be received or extracted) or stopped (by a gate)
        run_id text!: Run that wrote this line
        business_date date: Day the delivery speaks of
        mode text: full or delta
        file_sm3 text: SM3 of the file as received
        schema_version text: Version of the layout named in the manifest
        read_count bigint: Rows read from the file
        loaded_count bigint: Rows that became records, counted in the landing table
        rejected_count bigint: Rows rejected, counted in ops.reject
        duplicate_count bigint: Exact repetitions of a row in the same delivery
        inserted_count bigint: Records new to the feed
        updated_count bigint: Records whose content changed
        deleted_count bigint: Records that ended, by op D or by absence from a full delivery
        unchanged_count bigint: Records that came again as they were
        superseded_count bigint: Rows of a late delivery that later deliveries had already overtaken
        finding_count bigint: Findings about this delivery and its rows
        reason text: Finding code if held or stopped
        published_run_id text: Run that published what it changed; null until then
        recorded_at moment=now: When this line was written, by the clock of the server
        """,
        key="feed batch_no",
        where="state <> 'landed' or read_count = loaded_count + rejected_count + duplicate_count",
    )
    index("ops.delivery", "run_id")
    table(
        "ops.reject",
        "A row that could not become a record. Protected: holds received values.",
        """
        feed text!: Feed
        batch_no text!: Delivery
        line_no bigint: Line or row in the file
        source_key text: Key of the row if it could be read; personal
        reason text!: Why it was rejected
        field text: Field that caused it
        value_class text: Shape of the value (D18, H3), never the value
        received text: The whole row as received, JSON; personal
        """,
    )
    index("ops.reject", "feed batch_no")
    table(
        "ops.finding",
        "Something wrong or doubtful that a department or steward must see; open until the record says otherwise.",
        """
        finding_id serial: Number of the finding
        feed text!: Feed, or the subject for findings about masters
        batch_no text!: Delivery that showed it first
        line_no bigint: Line or row in that delivery
        source_key text: Record it is about; null if it is about the delivery; personal
        field text: Field it is about
        code text!: What is wrong
        value_class text: Shape of the value (D18, H3), never the value
        severity text!: stop, warn or inform
        run_id text!: Run that found it
        closed_batch_no text: Delivery after which it was no longer so; null while it is open
        """,
        key="finding_id",
    )
    index("ops.finding", "feed source_key")
    index("ops.finding", "feed batch_no")
    table(
        "ops.verdict",
        "What a quality gate said about a delivery or about staged masters.",
        """
        verdict_id serial: Number of the verdict
        run_id text!: Run
        feed text!: Feed, or the subject (person, enterprise) for staged masters
        batch_no text: Delivery judged; null for masters
        state text!: pass, warn or stop
        detail json!: The verdict with every rule's outcome, as the gate wrote it
        recorded_at moment=now: When it was written, by the clock of the server
        """,
        key="verdict_id",
        where="state in ('pass', 'warn', 'stop')",
    )
    index("ops.verdict", "run_id feed")
    table(
        "ops.change_event",
        "One thing that happened to a master file: created, joined, merged, split, redirected, retired, changed.",
        """
        event_id serial: Number of the event, in order of publishing
        run_id text!: Run that published it
        subject text!: person or enterprise
        event_kind text!: created, joined, merged, split, redirected, retired, changed
        master_id text!: File it happened to
        other_id text: The other file of a merge, split or redirect
        record_count bigint: Records concerned
        event_date date!: Logical date of the run
        """,
        key="event_id",
    )
    index("ops.change_event", "master_id")
    index("ops.change_event", "run_id")
    table(
        "ops.applied_file",
        "SQL files (card services, mart views) as they are in force now.",
        """
        path text!: File inside the package
        content_md5 text!: MD5 of its content when it was applied
        """,
        key="path",
    )
