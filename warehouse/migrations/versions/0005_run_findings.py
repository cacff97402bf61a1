"""What the matcher could not do as asked, one line a run and kind."""

from warehouse.migrations.shape import index, table

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table."""
    table(
        "ops.run_finding",
        "What the matcher could not do as asked in a run: over-full blocks, numbers held under too many names, cut links.",
        """
        run_id text!: Run
        subject text!: person or enterprise
        code text!: What happened
        detail text: In words; never a personal value
        found_count bigint!: How many subjects it concerns
        """,
    )
    index("ops.run_finding", "run_id subject")
