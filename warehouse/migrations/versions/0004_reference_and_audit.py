"""Reference tables the rules look at, and the log of who looked at whom."""

from alembic import op

from warehouse.migrations.shape import index, table

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables."""
    table(
        "ref.review_kind",
        "Kinds of doubt and whether they hold back the answers of card services.",
        """
        review_kind text!: Kind, as the matcher names it
        description text!: What a steward reads
        holds_answers bool!: Whether card services answer under_review while a case of this kind is open
        """,
        key="review_kind",
    )
    op.execute(
        "insert into ref.review_kind values "
        "('shared_id', 'One number, two subjects that do not fit each other', true), "
        "('typo_id', 'Numbers that look like one mistyped', true), "
        "('no_id_single_evidence', 'No number on one side and only one piece of evidence', true), "
        "('doubtful', 'Evidence neither strong enough to join nor weak enough to part', true), "
        "('two_ids', 'Two different valid numbers, all else agrees: two registrations, or twins', true)"
    )
    table(
        "audit.person_view",
        "Every look at a file by a person: who, when, which file, why.",
        """
        view_id serial: Number of the look
        viewed_by text!: Who, as signed in
        viewed_at moment=now: When, by the clock of the server
        subject text!: person or enterprise
        master_id text!: File looked at
        page text!: Where it was shown
        reason text!: Why, in the words of who looked
        """,
        key="view_id",
    )
    index("audit.person_view", "master_id")
    op.execute(
        "create index person_value_number_idx on core.person_value (value) "
        "where field in ('id_number', 'former_id_number')"
    )
    op.execute("create index enterprise_value_number_idx on core.enterprise_value (value) where field = 'uscc'")
