"""The clean columns that every peer is given: our standard form, written once; this time is nobody's."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from matching.inputs import open_records
from matching.model import Setting
from matching.resolve import load_model, prepare

COLUMNS = {
    "person": (
        "id", "name", "sound", "surname", "sex", "birth", "phone", "card", "household", "address", "area",
    ),
    "enterprise": (
        "whole_code", "code", "registration", "name", "trade", "body", "tail", "legal_rep", "legal_rep_id", "phone",
        "address", "area",
    ),
}  # fmt: skip


def write_clean(subject: str, records: list[Path], out: Path, as_of: date) -> None:
    """Parquet: `n` int32 (the record's row) and the standard columns as text, null where nothing is known.

    Birth dates missing in the field are taken from the valid number, as any careful user of a peer would.
    """
    profiles = prepare(open_records(records), load_model(subject), Setting(as_of)).profiles
    columns: dict[str, pa.Array] = {"n": pa.array(np.arange(len(profiles.of_record), dtype=np.int32))}
    for name in COLUMNS[subject]:
        column = profiles[name]
        codes = column.codes
        if name == "birth":
            codes = np.where(codes >= 0, codes, profiles["id_birth"].codes)
        of_record = codes[profiles.of_record]
        columns[name] = column.values.take(pa.array(of_record, mask=of_record < 0))
    pq.write_table(pa.table(columns), out)
