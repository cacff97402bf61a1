"""How many files there are: kept by difference, so that a night need not count whole tables."""

from alembic import op

from warehouse.migrations.shape import table

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Make the tables and count what is there."""
    table(
        "core.file_size",
        "How many live files have how many records; a night moves the counts by the files it wrote.",
        """
        subject text!: person or enterprise
        record_count int!: Records of a file
        file_count bigint!: Files with so many records
        """,
        key="subject record_count",
        where="file_count >= 0",
    )
    table(
        "core.file_fill",
        "How many live files have a value in each golden field; a night moves the counts by the files it wrote.",
        """
        subject text!: person or enterprise
        field text!: Golden field
        file_count bigint!: Files with a value in it
        """,
        key="subject field",
        where="file_count >= 0",
    )
    op.execute("""
        do $$ declare s text; counted text; named text; begin
            foreach s in array array['person', 'enterprise'] loop
                execute format('insert into core.file_size select %1$L, record_count, count(*) from core.%1$I group by 2', s);
                select string_agg(format('count(%1$I) as %1$I', attname), ', '), string_agg(format('(%1$L, c.%1$I)', attname), ', ')
                into counted, named from pg_attribute
                where attrelid = format('core.%I', s)::regclass and attnum > 0 and not attisdropped and attname not in
                    ('master_id', 'record_count', 'fingerprint', 'created_run_id', 'created_date', 'since_run_id', 'since_date');
                execute format('insert into core.file_fill select %1$L, f.* from (select %2$s from core.%1$I) c '
                    'cross join lateral (values %3$s) f', s, counted, named);
            end loop;
        end $$
    """)
