"""Columns the live, the history and the stage tables of the masters share, as migration 0002 made them."""

SINCE = """
since_run_id text!: Run that made this version
since_date date!: Logical date of that run: from when the system believed this
"""
UNTIL = """
until_run_id text!: Run that ended this version
until_date date!: Logical date of that run: from then on the system no longer believed this
"""

CREATED = """
created_run_id text!: Run that made this file
created_date date!: Logical date of that run
"""

PERSON = """
master_id text!: Lasting id of the person: opaque, with a check character, never derived from personal numbers
name text: Name in standard form
former_name text: Former name
sex text: GB/T 2261.1: 0 unknown, 1 male, 2 female, 9 not stated
ethnicity text: GB/T 3304, two digits
birth_date date: Birth date
id_number text: Current identity number in standard form
phone text: Mobile or fixed phone
address text: Address in standard form
area_code text: GB/T 2260 code of the county
household_no text: Household book number
card_number text: Social security card number, unique only within its issuing area
record_count int!: Records of all feeds behind this file
"""
ENTERPRISE = """
master_id text!: Lasting id of the enterprise: opaque, with a check character, never derived from its numbers
name text: Name in standard form
former_name text: Former name
uscc text: Unified social credit code (GB 32100)
registration_no text: Business registration number (GS 15)
organisation_code text: Organisation code (GB 11714)
legal_rep_name text: Legal representative; personal
legal_rep_id text: Identity number of the legal representative; personal
phone text: Phone
address text: Registered address
area_code text: GB/T 2260 code of the county
enterprise_type text: Type of registration
status text: State of the registration
parent_uscc text: Code of the enterprise this one is a branch of
record_count int!: Records of all feeds behind this file
"""
SUBJECT = """
subject text!: person or enterprise
"""
CROSSWALK = """
record_key text!: Record, <feed>:<source key>; personal
master_id text!: File the record belongs to
"""
VALUE = """
master_id text!: File
field text!: Field of the standard
value text!: One value a record gives for it, in standard form; personal
record_key text!: The best record that gives it, <feed>:<source key>; personal
feed text!: Feed of that record
is_winner bool!: Whether this is the golden value
"""
LINK = """
master_id text!: File the left record belongs to
left_key text!: Record; personal
right_key text!: Record it was compared with; personal
rule text!: Rule or model that linked them
score real: Evidence in bits; null where a rule needs none
reasons text: The comparisons behind it
"""
CARD = """
record_key text!: Record of the card, hrss_card:<source key>; personal
card_number text: Number on the card, unique only within the issuing area; personal
issue_area_code text: GB/T 2260 code of the issuing area
master_id text!: Person the card belongs to
card_status text: State of the card (code table card_status)
card_generation text: Generation of the card
card_issue_date date: Date of issue
card_valid_to date: Last day of validity
"""


REVIEW = """
review_kind text!: What kind of doubt
left_key text!: Record; personal
right_key text!: Record; personal
score real: Evidence in bits
reason text: Why it is here
"""
REDIRECT = """
retired_id text!: File that was retired
master_id text!: File that took its records; may itself be retired later
"""
