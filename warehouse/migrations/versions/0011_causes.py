"""Events say by what they were caused, runs up to which judgement they went; what was judged or told is only added to."""

from alembic import op

from warehouse.migrations.shape import column, table

revision = "0011"
down_revision = "0010"

ADDED_ONLY = ("core.judgement", "core.review_act", "ops.change_event", "audit.person_view")


def upgrade() -> None:
    """Add the column; refuse updates and deletions."""
    op.add_column(
        "change_event",
        column(
            "cause text: judgement N; delivery FEED BATCH; nearby (evidence of other files); rematch (all matched anew)"
        ),
        schema="ops",
    )
    op.add_column(
        "staged_run",
        column("judged_until bigint: The last judgement the run knew; null: it was not told"),
        schema="stage",
    )
    table(
        "core.judgement_effect",
        "Up to which judgement those of a subject are in effect.",
        """
        subject text!: person or enterprise
        judgement_id bigint!: The last judgement that the published run knew
        run_id text!: That run
        """,
        key="subject",
    )
    op.execute(
        "insert into core.judgement_effect select s.subject, max(j.judgement_id), max(s.run_id) from stage.staged_run s "
        "join core.publication p on p.run_id = s.run_id join core.judgement j on j.subject = s.subject "
        "and j.judged_at <= s.staged_at group by s.subject"
    )
    op.execute(
        """
        create function core.refuse_change() returns trigger language plpgsql as $$
        begin
            raise exception '%.% is only ever added to; expected a further row, found an attempt to % one',
                tg_table_schema, tg_table_name, lower(tg_op)
                using hint = 'Take a judgement back by a further line (withdrawn), never by changing it.';
        end $$
        """
    )
    op.execute("comment on function core.refuse_change() is 'Trigger: a row of this table is never changed or deleted'")
    for added in ADDED_ONLY:
        op.execute(
            f"create trigger added_only before update or delete on {added} "
            "for each row execute function core.refuse_change()"
        )
