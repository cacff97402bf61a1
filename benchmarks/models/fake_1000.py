"""fake_1000: English persons with typing errors, first name and surname swapped, missing values (splink_datasets, MIT)."""

from __future__ import annotations

from matching.general import alike, equal, slips
from matching.model import Block, Model, Thresholds, Value

TEXT = "nullif(lower(trim(v)), '')"

MODEL = Model(
    name="fake_1000",
    version="1",
    prefix="F",
    required=("first_name", "surname", "dob", "city", "email"),
    values=(
        Value("first_name", "first_name", TEXT, "name"),
        Value("surname", "surname", TEXT, "name"),
        Value("dob", "dob", TEXT),
        Value("city", "city", TEXT),
        Value("email", "email", TEXT),
        Value("email_name", "email", f"nullif(split_part({TEXT}, '@', 1), '')"),
        Value("birth_year", "dob", "substr(v, 1, 4)"),
    ),
    comparisons=(
        alike("first_name", title="first name"),
        alike("surname"),
        slips("dob", title="birth date"),
        equal("city"),
        alike("email"),
    ),
    blocks=(
        Block("e-mail", ("email",)),
        Block("name of the e-mail address", ("email_name",)),
        Block("birth date", ("dob",)),
        Block("names", ("first_name", "surname")),
        Block("names crossed", ("first_name", "surname"), against=("surname", "first_name")),
        Block("first name and year", ("first_name", "birth_year")),
        Block("surname and year", ("surname", "birth_year")),
        Block("surname and city", ("surname", "city")),
        Block("first name and city", ("first_name", "city")),
    ),
    thresholds=Thresholds(accept=0.5, review=0.1),
)
