"""What a file holds besides what it is matched by: golden values, lists, categories by dated rules, conflicts."""

from alembic import op

from warehouse.migrations.shape import column, table

revision = "0012"
down_revision = "0011"

PERSON = (
    "life_state text: alive (no record speaks of death), presumed_dead or confirmed_dead (by Public Security)",
    "death_date date: Day of death, by the best department that names one",
    "household_relation text: GB/T 4761: relation to the head of the household",
    "marital_status text: GB/T 2261.2, as the household register says",
    "education text: GB/T 4658, as the household register says",
)
ENTERPRISE = (
    "industry_code text: GB/T 4754",
    "founded_date date: Day of founding",
    "tax_status text: State of the tax registration",
)


def upgrade() -> None:
    """Make the tables and columns."""
    for subject, lines in (("person", PERSON), ("enterprise", ENTERPRISE)):
        for schema, name in (("core", subject), ("core", f"{subject}_history"), ("stage", subject)):
            for line in lines:
                op.add_column(name, column(line), schema=schema)
    # Files that are live lack the new values: the next night makes all of them anew.
    op.execute("delete from core.match_state")
    op.create_index("person_birth_date_idx", "person", ["birth_date"], schema="core")
    table(
        "core.fact_state",
        "How each list of file_contents.yml was described when it was filled; another description fills it anew.",
        """
        fact text!: Name of the list
        content_md5 text!: MD5 of its description
        run_id text!: Run that filled it
        """,
        key="fact",
    )
    table(
        "ref.feed",
        "The feeds there are, from their contracts.",
        """
        feed text!: Feed
        department text!: Department that sends it
        subject text!: person or enterprise
        title text!: Title in Chinese
        title_english text!: Title in English
        """,
        key="feed",
    )
    table(
        "ref.authority",
        "Whose word counts for a golden field or a list, from matching/models/authority.yml.",
        """
        subject text!: person or enterprise
        field_group text!: Group of fields
        field text!: Golden field or list
        department text!: Department
        rank int!: 1 for the best
        """,
        key="subject field department",
    )
    table(
        "ref.category_rule",
        "Which fact makes a person belong to which category, from when to when; lines are added and ended, never changed.",
        """
        rule_id text!: Name of the rule
        category text!: Category
        band text: Band within the category, as 80 of elderly
        evidence text!: age, or the fact it rests on (core.person_evidence)
        evidence_value text: Value the fact must have; null: any
        from_age int: Age from which on, in full years, the birthday included
        until_age int: Age from which on no longer
        valid_from date!: First day the rule is in force
        valid_to date: Last day it is in force; null: until further notice
        basis text!: Where the rule is from
        known_from date!: Logical date from which on the system went by it
        known_until date: Logical date from which on it no longer did
        """,
        key="rule_id valid_from known_from",
        where="(evidence = 'age') = (from_age is not null) and (evidence = 'age' or until_age is null)",
    )
    op.execute(_RULES)
    op.execute(_APPEND_ONLY)
    table(
        "ref.conflict",
        "Kinds of conflict inside a master file that stewards must see.",
        """
        code text!: Code of the finding
        subject text!: person or enterprise
        severity text!: warn or inform
        description text!: What it says
        advice text!: What to do
        """,
        key="code",
    )
    op.execute(_CONFLICTS)
    op.execute(
        "comment on column ops.finding.origin is 'What finds it: delivery (extraction and landing), reject (rejected rows), "
        "receive (held before), gate (limits of deliveries and masters), across (rules over departments), calendar, "
        "master (conflicts inside a file, ref.conflict)'"
    )


_FIRST = "'2000-01-01', null"
_AGE = "Municipal rules on care for the aged; an assumption of the design, to be confirmed"
_RULES = "insert into ref.category_rule values " + ", ".join(
    f"('{rule}', '{category}', {band}, '{evidence}', {value}, {low}, {high}, {_FIRST}, '{basis}', '1900-01-01', null)"
    for rule, category, band, evidence, value, low, high, basis in (
        *(
            (f"elderly_{low}", "elderly", f"'{low}'", "age", "null", low, high, _AGE)
            for low, high in ((60, 65), (65, 70), (70, 80), (80, 90), (90, 100), (100, "null"))
        ),
        ("minor_under_14", "minor", "null", "age", "null", 0, 14, "Personal Information Protection Law, article 28"),
        ("working_age", "working_age", "null", "age", "null", 16, 60,
         "Labour Law, article 15; upper end as in labour statistics, to be confirmed"),
        ("disabled", "disabled", "null", "disability", "null", "null", "null", "GB/T 26341-2010: a valid certificate"),
        ("minimum_urban", "minimum_allowance", "null", "assistance", "'urban_minimum'", "null", "null",
         "Interim measures for social assistance"),
        ("minimum_rural", "minimum_allowance", "null", "assistance", "'rural_minimum'", "null", "null",
         "Interim measures for social assistance"),
        ("destitute", "destitute", "null", "assistance", "'destitute'", "null", "null",
         "Interim measures for social assistance"),
        ("marginal", "marginal_income", "null", "assistance", "'marginal'", "null", "null",
         "Interim measures for social assistance"),
        ("orphan", "orphan", "null", "assistance", "'orphan'", "null", "null", "Interim measures for social assistance"),
        ("unemployed", "registered_unemployed", "null", "employment", "'unemployed'", "null", "null",
         "Employment Promotion Law: registration of unemployment"),
        ("hardship", "employment_hardship", "null", "hardship", "null", "null", "null",
         "Employment Promotion Law, article 52"),
        ("veteran", "veteran", "null", "concession", "'veteran'", "null", "null",
         "A concession granted to veterans; no feed of Veterans Affairs yet"),
        ("student", "student", "null", "concession", "'student'", "null", "null",
         "A concession granted to students; no feed of Education yet"),
    )
)  # fmt: skip
_APPEND_ONLY = """
create function ref.keep_category_rule() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.known_until is null and new.known_until is not null
       and (to_jsonb(new) - 'known_until') = (to_jsonb(old) - 'known_until') then
        return new;
    end if;
    raise exception 'A line of ref.category_rule is never changed or deleted, or what was answered would change.'
        using hint = 'End it by setting known_until, and insert another one with known_from of that day.';
end $$;
comment on function ref.keep_category_rule() is 'Refuses changes of category rules; a line may only be ended';
create trigger keep_category_rule before update or delete on ref.category_rule
    for each row execute function ref.keep_category_rule();
"""
_CONFLICTS = """insert into ref.conflict values
    ('NO_WINNER', 'both', 'warn', 'Records name values for a field, but none may be golden',
     'See whose number it is: another file has more right to it, or two have the same'),
    ('LEVEL_VALUES', 'both', 'inform', 'Two values of a field are level in authority and date; the golden one is arbitrary',
     'Ask the department which holds'),
    ('TWO_REGISTRATIONS', 'person', 'warn', 'More than one household registration is in force',
     'Ask Public Security which one is to be cancelled'),
    ('TWO_NUMBERS_IN_FORCE', 'person', 'warn', 'Registrations in force name different citizen numbers',
     'Ask Public Security which number is the current one'),
    ('BIRTH_AGAINST_NUMBER', 'person', 'inform', 'The golden birth date is not the one in the golden number',
     'Ask Public Security which is right'),
    ('DEATH_NOT_CONFIRMED', 'person', 'inform', 'Dead by a certificate or a cremation, not by Public Security',
     'Payments wait; ask Public Security to confirm or to contradict'),
    ('DEAD_BUT_REGISTERED', 'person', 'warn', 'Signs of death beside a household registration in force',
     'Ask Public Security to cancel the registration, or the other department to withdraw the sign'),
    ('DEATH_DATES_DIFFER', 'person', 'inform', 'Departments name different days of death', 'Ask for the certificate'),
    ('ACTIVE_AFTER_DEATH', 'person', 'warn', 'Something of the person began after the day of death',
     'See whether the sign of death or the later record is of another person'),
    ('TWO_LEGAL_REPRESENTATIVES', 'enterprise', 'inform', 'The officers name two legal representatives',
     'Ask Market Regulation which one is current'),
    ('SHARES_OVER_WHOLE', 'enterprise', 'inform', 'The shares of the shareholders are over 100 per cent together',
     'Ask Market Regulation for the list of shareholders'),
    ('TWO_REGISTRATIONS_OPERATING', 'enterprise', 'warn', 'Two registrations of one enterprise are in operation',
     'Ask Market Regulation which one is to end')"""
