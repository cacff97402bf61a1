"""What a gate stopped and what people decided on it: incidents with their state, decisions that are only added to."""

from alembic import op

from warehouse.migrations.shape import index, table

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make both tables; the database refuses to change or delete a decision."""
    table(
        "ops.incident",
        "A delivery or a publish that a gate stopped: what, where, expected, found, what to do, and what became of it.",
        """
        incident_id serial: Number of the incident
        run_id text!: Run that stopped it last
        opened_on date!: Logical date on which it was stopped first
        feed text!: Feed, or the subject (person, enterprise) whose publish was stopped
        batch_no text: Delivery that is held; null for a publish
        file_sm3 text: SM3 of the held file: a release counts for this file alone
        rules texts!: Rules that stopped it; a release counts for these alone
        what text!: What happened, in one line
        expected text!: What the limits ask for
        found text!: What was measured
        advice text!: What the owner of the feed or an engineer does about it
        state text!: open, kept (an engineer left it held), released, or settled (landed, published or overtaken)
        opened_at moment=now: When it was opened, by the clock of the server
        settled_run_id text: Run that landed or published what it was about, or what came after it
        """,
        key="incident_id",
        where="state in ('open', 'kept', 'released', 'settled')",
    )
    op.execute(
        "create unique index incident_unsettled on ops.incident (feed, coalesce(batch_no, ''), coalesce(file_sm3, '')) "
        "where state <> 'settled'"
    )
    index("ops.incident", "run_id")
    table(
        "audit.release",
        "Every decision on an incident: who, when, why. Only ever added to.",
        """
        release_id serial: Number of the decision
        incident_id bigint!: Incident
        decision text!: released, kept, or timed_out (nobody answered; it stays held and is asked again)
        reason text!: Why, in the words of who decided
        decided_by text!: Who, as signed in to Airflow; platform if nobody answered
        decided_at moment!: When, by Airflow's clock
        recorded_at moment=now: When it was written, by the clock of the server
        """,
        key="release_id",
        where="decision in ('released', 'kept', 'timed_out') and reason <> ''",
    )
    index("audit.release", "incident_id")
    op.execute(
        "create trigger added_only before update or delete on audit.release "
        "for each row execute function core.refuse_change()"
    )
