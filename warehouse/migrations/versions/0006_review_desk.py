"""The review desk: acts on cases, judgements waiting for a second person, what is at stake."""

from alembic import op

from warehouse.migrations.shape import column, index, table

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables and columns."""
    for name, line in (
        ("review", "stake int: What is at stake, larger first: answers held back, benefits, records"),
        ("review", "deferred_until date: Logical date before which a deferred case rests"),
        ("judgement", "act_id bigint: Lines written by one act of a steward share it"),
    ):
        op.add_column(name, column(line), schema="core")
    op.execute("create index review_queue_idx on core.review (subject, stake desc, review_id) where state <> 'gone'")
    op.execute("create sequence core.judgement_act")
    table(
        "core.proposal",
        "A verdict that needs a second person before it counts.",
        """
        proposal_id serial: Number of the proposal
        review_id bigint!: Case it answers
        verdict text!: same or not_same
        proposed_by text!: First person
        proposed_at moment=now: When, by the clock of the server
        reason text!: Why, in words
        needs text!: What makes it need a second person: size or benefits
        outcome text: confirmed or refused; null while it waits
        closed_by text: Second person
        closed_at moment: When, by the clock of the server
        """,
        key="proposal_id",
        where="(outcome is null) = (closed_by is null) and closed_by is distinct from proposed_by",
    )
    op.execute("create unique index proposal_waiting_idx on core.proposal (review_id) where outcome is null")
    table(
        "core.review_act",
        "What stewards did with a case: taken, released, deferred, unsure, proposed, confirmed, refused, decided. Append-only.",
        """
        act_id serial: Number of the act
        review_id bigint!: Case
        act text!: taken, released, deferred, unsure, proposed, confirmed, refused, decided
        acted_by text!: Who
        acted_at moment=now: When, by the clock of the server
        note text: A word; never a personal value
        """,
        key="act_id",
    )
    index("core.review_act", "review_id")
    table(
        "ref.benefit_feed",
        "Feeds whose records decide over money a person receives; joining files that hold them needs two people.",
        """
        feed text!: Feed
        description text!: What is paid
        """,
        key="feed",
    )
    op.execute("insert into ref.benefit_feed values ('ca_assist', 'Minimum allowance and other social assistance')")
    table(
        "ref.review_rule",
        "Numbers the review desk goes by.",
        """
        rule text!: Name of the number
        value int!: The number
        description text!: What it says
        """,
        key="rule",
    )
    op.execute(
        "insert into ref.review_rule values "
        "('four_eyes_records', 12, 'Joining files that together hold more records than this needs two people'), "
        "('take_minutes', 30, 'A case taken longer ago than this may be taken by another steward'), "
        "('look_minutes', 30, 'A reason given for looking at a file counts for this long')"
    )
