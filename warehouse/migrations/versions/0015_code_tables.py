"""Code tables as versioned reference data, what each feed sends for a code, and values that no table knows, counted."""

from warehouse.migrations.shape import index, table

revision = "0015"
down_revision = "0014"

LISTED = "is_listed bool!: Whether the list of this version still holds it; what it no longer holds stays"


def upgrade() -> None:
    """Make the tables; `migrate` fills those of ref from the files of extractors/reference and the contracts."""
    table(
        "ref.code_table",
        "Code tables in use, with the standard that defines them.",
        """
        code_table text!: Name of the table, as contracts give it
        title text!: Title
        standard text: Standard and edition; null where there is none
        source text!: Who defines it
        valid_from date: Since when: 1 January of the edition's year; null if not known
        valid_to date: Until when; null while in force
        """,
        key="code_table",
    )
    table(
        "ref.code",
        "What a code means, from when to when.",
        f"""
        code_table text!: Table
        code text!: Code in standard form
        name text!: Meaning
        parent text: Code it refines
        valid_from date!: Since when; -infinity if not known
        valid_to date: Until when; null while in force
        source text!: Standard, or who defines it
        {LISTED}
        """,
        key="code_table code valid_from",
    )
    table(
        "ref.code_variant",
        "Texts that stand for a code whoever sends them: the code, its name, and usual ways to write it.",
        f"""
        code_table text!: Table
        variant text!: Text, in capitals
        code text!: Code it stands for
        {LISTED}
        """,
        key="code_table variant",
    )
    table(
        "ref.feed_code",
        "What a feed sends for a value, as its contract maps it.",
        f"""
        feed text!: Feed
        field text!: Standard field
        received text!: Text as sent
        standard text!: Value it stands for
        version text!: Version of the layout
        {LISTED}
        """,
        key="feed field received version",
    )
    table(
        "ref.division",
        "Administrative divisions (GB/T 2260), one row a spell of a code.",
        f"""
        code text!: Six digits
        name text!: Name in that time
        level text!: province, prefecture or county
        parent text: Code of the division above it
        valid_from date!: Since when
        valid_to date: Until when; null while in force
        source text!: Where it is from
        {LISTED}
        """,
        key="code name valid_from",
    )
    table(
        "ref.division_successor",
        "Today's code of a division that is no more.",
        f"""
        old_code text!: Code that is no longer in force
        new_code text!: Code of the division it lies in today
        {LISTED}
        """,
        key="old_code",
    )
    table(
        "ops.unmapped_value",
        "Values of code columns that no list knows, counted by delivery; shown only where they cannot be a person's.",
        """
        feed text!: Feed
        batch_no text!: Delivery
        field text!: Field
        value text: Value as sent, where the field is open or internal or five rows or more share it; else null
        value_class text!: Shape of the value (D18, H3)
        row_count bigint!: Rows that hold it
        """,
    )
    index("ops.unmapped_value", "feed batch_no")
