"""Masters: persons, enterprises, crosswalk, values, links, review, judgements, redirects, cards, each with history."""

from warehouse.migrations import master_columns as m
from warehouse.migrations.shape import index, table

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    for subject, columns, what in (
        ("person", m.PERSON, "One individual, one file"),
        ("enterprise", m.ENTERPRISE, "One enterprise, one file"),
    ):
        table(
            f"core.{subject}",
            f"{what}: the golden record, published.",
            columns
            + "fingerprint uuid!: MD5 over all that is held about this file; equal means nothing to write"
            + m.CREATED
            + m.SINCE,
            key="master_id",
        )
        table(f"core.{subject}_history", f"Former versions of core.{subject}.", columns + m.SINCE + m.UNTIL)
        index(f"core.{subject}_history", "master_id")
        table(
            f"core.{subject}_value",
            f"Every value the records of a {subject} give for a field: the golden one and those that lost.",
            m.VALUE + m.SINCE,
        )
        index(f"core.{subject}_value", "master_id")
        table(f"core.{subject}_value_history", f"Former rows of core.{subject}_value.", m.VALUE + m.SINCE + m.UNTIL)
        index(f"core.{subject}_value_history", "master_id")
    index("core.person", "id_number")
    index("core.enterprise", "uscc")
    table(
        "core.crosswalk",
        "Which record belongs to which file now.",
        m.SUBJECT + m.CROSSWALK + m.SINCE,
        key="record_key",
    )
    index("core.crosswalk", "master_id")
    table(
        "core.crosswalk_history",
        "Which record belonged to which file before.",
        m.SUBJECT + m.CROSSWALK + m.SINCE + m.UNTIL,
    )
    index("core.crosswalk_history", "record_key")
    table(
        "core.link",
        "Accepted links between records, with score and reasons: why they are together.",
        m.SUBJECT + m.LINK + m.SINCE,
    )
    index("core.link", "master_id")
    table("core.link_history", "Links that no longer hold.", m.SUBJECT + m.LINK + m.SINCE + m.UNTIL)
    index("core.link_history", "master_id")
    table(
        "core.redirect",
        "Where a retired file answers now; chains are followed by core.survivor.",
        m.SUBJECT + m.REDIRECT + m.SINCE,
        key="retired_id",
    )
    index("core.redirect", "master_id")
    table(
        "core.redirect_history",
        "Redirects that were undone because the retired file lives again.",
        m.SUBJECT + m.REDIRECT + m.SINCE + m.UNTIL,
    )
    table(
        "core.review",
        "What the matcher would not decide, and what became of it.",
        """
        review_id serial: Number of the case"""
        + m.SUBJECT
        + m.REVIEW
        + """
        left_id text: File of the left record when it was published last
        right_id text: File of the right record when it was published last
        state text!: open, taken, deferred, decided or gone (the records say otherwise now)
        opened_run_id text!: Run that asked first
        opened_date date!: Logical date of that run
        closed_run_id text: Run after which it was gone or decided
        taken_by text: Steward who has it
        taken_at moment: Since when
        """,
        key="review_id",
        where="state in ('open', 'taken', 'deferred', 'decided', 'gone')",
    )
    index("core.review", "subject left_key right_key")
    index("core.review", "left_id")
    index("core.review", "right_id")
    table(
        "core.judgement",
        "Verdicts of people and authoritative lists on two records. Append-only; withdrawn by a further line.",
        """
        judgement_id serial: Number of the judgement
        subject text!: person or enterprise
        left_key text!: Record; personal
        right_key text!: Record; personal
        verdict text!: same, not_same or unsure; withdrawn takes back withdraws_id
        withdraws_id bigint: Judgement this line takes back
        source text!: steward, or the authoritative list
        judged_by text!: Who
        second_by text: Second person where four eyes are needed
        reason text: Why, in words
        evidence json: What was seen when judging; personal
        judged_at moment=now: When, by the clock of the server
        """,
        key="judgement_id",
        where="verdict in ('same', 'not_same', 'unsure') or (verdict = 'withdrawn' and withdraws_id is not null)",
    )
    table("core.card", "Social security cards and whose they are, published.", m.CARD + m.SINCE, key="record_key")
    index("core.card", "card_number issue_area_code")
    index("core.card", "master_id")
    table("core.card_history", "Former versions of core.card.", m.CARD + m.SINCE + m.UNTIL)
    index("core.card_history", "record_key")
    table(
        "core.id_counter",
        "The next number a new file gets; numbers are never used twice.",
        """
        subject text!: person or enterprise
        next_number bigint!: Next number
        """,
        key="subject",
    )
    table(
        "core.publication",
        "What was published when; the newest line is what is live.",
        """
        publication_id serial: Number of the publication
        run_id text!: Run that was published
        as_of date!: Logical date all derived facts are true for
        counts json!: What changed, by subject
        published_at moment=now: When, by the clock of the server
        """,
        key="publication_id",
    )
    index("core.publication", "run_id")
