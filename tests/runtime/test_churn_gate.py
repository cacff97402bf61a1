"""A night in which too many ids would go publishes nothing: files, cards and answers stay as they were (law 6)."""

from __future__ import annotations

import datetime as dt
import json

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from extractors.extract import read_extracted
from runtime.settings import read_settings
from runtime.steps.night import StepError, feed_folder
from tests.runtime.test_delta_night import DAY, first_batches, night_of, run, served, steps_of
from warehouse.database import Connection


def end_records(feed: str, batch_no: str, keys: list[str]) -> str:
    """A second delivery of a feed that ends these records; its number."""
    folder = feed_folder(read_settings(), feed, batch_no)
    whole, records = read_extracted(folder), pq.read_table(folder / "records.parquet")
    gone = records.filter(pc.is_in(records["source_key"], value_set=pa.array(keys, pa.string())))
    gone = gone.drop_columns(["op"]) if "op" in gone.column_names else gone
    second = folder.with_name(batch_no[:-3] + "900")
    second.mkdir()
    pq.write_table(gone.append_column("op", pa.repeat("D", gone.num_rows)), second / "records.parquet")
    for name in ("rejects", "findings"):
        pq.write_table(pq.read_table(getattr(whole, name)).slice(0, 0), second / f"{name}.parquet")
    told = json.loads((folder / "extract.json").read_text())
    counts = {"loaded": gone.num_rows, "rejected": 0, "duplicate": 0, "read": gone.num_rows}
    more = {"batch_no": second.name, "mode": "delta", "file_sm3": "0" * 64}
    (second / "extract.json").write_text(json.dumps(told | counts | more))
    return second.name


def test_too_many_ids_gone_publish_nothing(conn: Connection) -> None:
    first, second = night_of(DAY), night_of(DAY + dt.timedelta(days=1))
    batches = first_batches(first)
    run(first, batches)
    before = served(conn)
    rows = conn.execute(
        "select split_part(record_key, ':', 1), substr(record_key, strpos(record_key, ':') + 1) from core.crosswalk "
        "where master_id in (select master_id from core.person order by master_id limit (select count(*) / 10 from core.person))"
    ).fetchall()
    deltas = {
        feed: [end_records(feed, numbers[0], [key for of, key in rows if of == feed])]
        for feed, numbers in batches.items()
        if any(of == feed for of, _ in rows)
    }
    with pytest.raises(StepError, match="Nothing is published; what was published before stays live") as told:
        run(second, deltas)
    assert "of last night's master ids are gone" in str(told.value)
    assert steps_of(conn, second)[("gate_masters", "")][0] == "stopped"
    assert ("publish", "") not in steps_of(conn, second)
    assert served(conn) == before
    assert conn.execute("select count(*) from core.publication").fetchone() == (1,)
