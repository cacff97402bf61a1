"""Findings that departments act on: states with legal changes only, due dates in working days, one line a fault."""

from alembic import op

from warehouse.migrations.shape import column, index, table

revision = "0009"
down_revision = "0008"

STATES = "('open', 'sent', 'answered', 'corrected', 'accepted', 'disputed', 'expired')"
# One finding is one fault of one thing: it keeps its line when it vanishes and comes back.
IDENTITY = "feed, code, field, source_key, held_batch_no"
NEW = (
    "department text: Who has to act: a department's code, steward for master files, platform for what runs the nights",
    "origin text: What finds it: delivery (extraction and landing), reject (rejected rows), receive (held before), gate "
    "(limits of deliveries and masters), across (rules over departments), calendar",
    "held_batch_no text: Delivery it is about, if one was held",
    "other_key text: Record key of the record that disagrees; personal",
    "row_count bigint: Rows it concerns in the last delivery; 1 if it is about a record",
    "last_batch_no text: Delivery that showed it last; null for what no delivery shows",
    "last_run_id text: Run that found it last",
    "first_seen date: Business date it was seen first; for rules over departments the logical date",
    "last_seen date: Business date it was seen last",
    "state text: open, sent, answered, corrected, accepted, disputed or expired",
    "state_since date: Logical date since which it is in this state",
    "state_by text: Who or what put it there: a run, or a person as signed in",
    "state_note text: A word with it; of an answer, what the department wrote; may be personal",
    "due_date date: Last day to answer, in working days since it was sent; null if not sent, or if no notice of "
    "holidays is known for that year",
    "return_count int: How often it came back after it was corrected",
    "export_id bigint: Correction file that carried it last",
)
TRANSITIONS = {
    ("open", "sent"): "a correction file carries it",
    ("open", "accepted"): "a steward holds it for right as it is",
    ("open", "corrected"): "a delivery no longer shows it",
    ("sent", "answered"): "the department says it is corrected",
    ("sent", "accepted"): "the department says it is right as it is",
    ("sent", "disputed"): "the department says the finding is wrong",
    ("sent", "expired"): "nobody answered in time",
    ("sent", "corrected"): "a delivery no longer shows it",
    ("answered", "corrected"): "a delivery shows the correction",
    ("answered", "open"): "a later delivery still shows it",
    ("answered", "accepted"): "the department changed its answer",
    ("answered", "disputed"): "the department changed its answer",
    ("answered", "expired"): "no delivery showed the correction in time",
    ("accepted", "open"): "it changed since, or a steward took the acceptance back",
    ("accepted", "corrected"): "a delivery no longer shows it",
    ("disputed", "open"): "a steward holds the finding up",
    ("disputed", "accepted"): "a steward agrees with the department",
    ("disputed", "corrected"): "a delivery no longer shows it",
    ("expired", "sent"): "a correction file carries it again",
    ("expired", "answered"): "the department answered late",
    ("expired", "accepted"): "the department answered late",
    ("expired", "disputed"): "the department answered late",
    ("expired", "corrected"): "a delivery no longer shows it",
    ("corrected", "open"): "it came back",
}


def upgrade() -> None:
    """Make the reference tables, give every finding a state, and let the database refuse what is not legal."""
    _reference()
    _grow_findings()
    _records_of_work()
    _guards()


def _reference() -> None:
    table(
        "ref.holiday",
        "Days that are not what their weekday says: holidays from Monday to Friday, weekends worked instead.",
        """
        day date!: Day
        is_working bool!: Whether it is worked
        name text!: Holiday it belongs to
        """,
        key="day",
    )
    table(
        "ref.holiday_year",
        "Years whose holidays are known, with the notice of the State Council that set them.",
        """
        year int!: Year
        notice text!: Number or title of the notice
        issued_on date!: Date of the notice
        """,
        key="year",
    )
    table(
        "ref.finding_transition",
        "Changes of a finding's state that are legal; the database refuses every other.",
        """
        from_state text!: State before
        to_state text!: State after
        meaning text!: When it happens
        """,
        key="from_state to_state",
    )
    for (before, after), meaning in TRANSITIONS.items():
        op.execute(f"insert into ref.finding_transition values ('{before}', '{after}', '{meaning}')")
    table(
        "ref.finding_due",
        "Working days a department has to answer, by severity.",
        """
        severity text!: stop, warn or inform
        working_days int!: Working days from the day after the file was made
        set_by text!: Where the number comes from
        """,
        key="severity",
    )
    op.execute(
        "insert into ref.finding_due values "
        "('stop', 3, 'a feed stands still: agreed with the departments'), "
        "('warn', 10, 'time for checking and correcting of the sharing regulation: 10 working days'), "
        "('inform', 20, 'nobody is harmed while it stands: twice the regulation')"
    )


def _grow_findings() -> None:
    for line in NEW:
        op.add_column("finding", column(line), schema="ops")
    op.execute("alter table ops.finding alter column batch_no drop not null")
    op.execute(
        "update ops.finding f set department = split_part(f.feed, '_', 1), row_count = 1, return_count = 0, "
        "origin = case when f.source_key is null and f.severity = 'stop' then 'receive' else 'delivery' end, "
        "held_batch_no = case when f.source_key is null and f.severity = 'stop' then f.batch_no end, "
        "last_batch_no = f.batch_no, last_run_id = f.run_id, "
        "first_seen = coalesce(r.logical_date, date '1970-01-01'), last_seen = coalesce(r.logical_date, '1970-01-01'), "
        "state = case when f.closed_batch_no is null then 'open' else 'corrected' end, "
        "state_since = coalesce(r.logical_date, '1970-01-01'), state_by = f.run_id "
        "from ops.finding g left join ops.run r on r.run_id = g.run_id where g.finding_id = f.finding_id"
    )
    op.execute(
        "with line as (select finding_id, row_number() over newest as place, count(*) over whole as times, "
        f"min(first_seen) over whole as first_seen from ops.finding window newest as (partition by {IDENTITY} "
        f"order by finding_id desc), whole as (partition by {IDENTITY})), "
        "kept as (update ops.finding f set return_count = times - 1, first_seen = line.first_seen from line "
        "where line.finding_id = f.finding_id and place = 1 and times > 1) "
        "delete from ops.finding f using line where line.finding_id = f.finding_id and place > 1"
    )
    required = "department origin row_count first_seen last_seen state state_since state_by return_count"
    for name in required.split():
        op.execute(f"alter table ops.finding alter column {name} set not null")
    for name, value in (("row_count", "1"), ("state", "'open'"), ("return_count", "0")):
        op.execute(f"alter table ops.finding alter column {name} set default {value}")
    op.execute(f"alter table ops.finding add constraint finding_state check (state in {STATES})")
    op.execute("alter table ops.finding add constraint finding_seen check (first_seen <= last_seen)")
    op.drop_column("finding", "closed_batch_no", schema="ops")
    op.execute("drop index ops.finding_feed_source_key_idx")
    op.execute("drop index ops.finding_feed_batch_no_idx")
    op.execute(
        "create unique index finding_identity on ops.finding "
        "(feed, coalesce(source_key, ''), code, coalesce(field, ''), coalesce(held_batch_no, ''))"
    )
    op.execute("create index finding_open_idx on ops.finding (department, state) where state <> 'corrected'")


def _records_of_work() -> None:
    table(
        "ops.finding_event",
        "Every change of a finding's state. Append-only; written by the database itself.",
        """
        event_id serial: Number of the change
        finding_id bigint!: Finding
        from_state text!: State before
        to_state text!: State after
        on_date date!: Logical date
        changed_by text!: A run, or a person as signed in
        note text: A word with it; may be personal
        batch_no text: Delivery that had been seen last
        recorded_at moment=now: When, by the clock of the server
        """,
        key="event_id",
    )
    index("ops.finding_event", "finding_id")
    index("ops.finding_event", "on_date")
    table(
        "audit.correction_file",
        "Every correction file that left the warehouse and every answer file that came back: who, when, why, which.",
        """
        export_id serial: Number of the file
        kind text!: export or answer
        department text!: Department
        made_by text!: Who made it or read it in
        made_at moment=now: When, by the clock of the server
        reason text!: Why, in the words of who did it
        on_date date!: Logical date
        finding_count bigint!: Findings in it
        file_sm3 text: SM3 of the file
        answers_id bigint: Of an answer, the file it answers
        """,
        key="export_id",
        where="kind in ('export', 'answer')",
    )
    table(
        "audit.correction_line",
        "Which findings a correction file carried.",
        """
        export_id bigint!: File
        finding_id bigint!: Finding
        """,
        key="export_id finding_id",
    )


def _guards() -> None:
    """Set-based: one look at all rows a statement changed, not one a row."""
    op.execute("""
        create function ops.finding_changed() returns trigger language plpgsql as $$
        declare wrong text;
        begin
            select format('%s to %s', o.state, n.state) into wrong
            from was o join became n using (finding_id)
            where o.state <> n.state and not exists (select from ref.finding_transition t
                where t.from_state = o.state and t.to_state = n.state) limit 1;
            if wrong is not null then
                raise exception 'a finding cannot go from %', wrong
                    using errcode = 'check_violation', constraint = 'finding_transition',
                    schema = 'ops', table = 'finding', column = 'state';
            end if;
            insert into ops.finding_event (finding_id, from_state, to_state, on_date, changed_by, note, batch_no)
            select finding_id, o.state, n.state, n.state_since, n.state_by, n.state_note, n.last_batch_no
            from was o join became n using (finding_id) where o.state <> n.state order by finding_id;
            return null;
        end $$""")
    op.execute(
        "create trigger finding_changed after update on ops.finding referencing old table as was new table as became "
        "for each statement execute function ops.finding_changed()"
    )
    op.execute("""
        create function ops.finding_begins() returns trigger language plpgsql as $$
        begin
            raise exception 'a finding begins as open, not as %', new.state
                using errcode = 'check_violation', constraint = 'finding_transition',
                schema = 'ops', table = 'finding', column = 'state';
        end $$""")
    op.execute(
        "create trigger finding_begins before insert on ops.finding for each row when (new.state <> 'open') "
        "execute function ops.finding_begins()"
    )
    op.execute(
        "comment on function ops.finding_changed() is 'Refuses changes of state that ref.finding_transition does not list, "
        "and writes the legal ones to ops.finding_event'"
    )
    op.execute("comment on function ops.finding_begins() is 'Refuses a new finding in another state than open'")
