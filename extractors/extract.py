"""One delivery from its snapshot to records, rejects and findings in Parquet, with every row accounted.

read = loaded + rejected + duplicate, each counted again from what was written. Nothing is visible until all is: the
three files are written beside their final place and moved, the summary extract.json last.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from queue import SimpleQueue

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from extractors import standardise
from extractors.contract import Contract, Mode
from extractors.held import Held, HeldFault
from extractors.results import write_results
from extractors.rows_ahead import RowsAhead
from extractors.shape import check_shape
from extractors.snapshot import Delivery
from extractors.staging import MACROS, Stage
from extractors.standardise.soundness import Soundness
from extractors.standardise.spells import division_ends

log = logging.getLogger(__name__)
SUMMARY = "extract.json"
RESULTS = ("records.parquet", "rejects.parquet", "findings.parquet", "unmapped.parquet")
# DuckDB errors whose messages speak of statements and resources, never of values.
VALUE_FREE = (duckdb.CatalogException, duckdb.BinderException, duckdb.ParserException, duckdb.OutOfMemoryException)
MEMORY_LIMIT = "700MB"


class ExtractError(RuntimeError):
    """The project broke its own law for a delivery; the message gives counts, never values."""


@dataclass(frozen=True)
class Extracted:
    """What became of a delivery. With `held` set the whole file was refused: counts are zero, no records exist."""

    feed: str
    batch_no: str
    mode: Mode
    business_date: dt.date
    file_sm3: str
    schema_version: str
    read: int
    loaded: int
    rejected: int
    duplicate: int
    folder: Path
    held: Held | None = None

    @property
    def records(self) -> Path:
        """Rows in standard form; the file does not exist for a held delivery."""
        return self.folder / "records.parquet"

    @property
    def rejects(self) -> Path:
        """Rows that could not become records, in full: protected."""
        return self.folder / "rejects.parquet"

    @property
    def findings(self) -> Path:
        """What is wrong or doubtful, by line and field, without values."""
        return self.folder / "findings.parquet"

    @property
    def unmapped(self) -> Path:
        """Values of code columns that no list knows, counted; shown only where they are nobody's own."""
        return self.folder / "unmapped.parquet"


def extract(
    contract: Contract,
    delivery: Delivery,
    out: Path,
    *,
    as_of: dt.date,
    threads: int | None = None,
    memory_limit: str = MEMORY_LIMIT,
) -> Extracted:
    """Read, standardise and judge a delivery; write records, rejects and findings into `out` and return the counts.

    A file refused as a whole gives `held` and no records. Doing it again gives the same files. Raises ExtractError
    where the counts do not add up or a statement fails, OSError where `out` cannot be written.
    """
    nothing = Extracted(
        feed=delivery.feed,
        batch_no=delivery.batch_no,
        mode=delivery.mode,
        business_date=delivery.business_date,
        file_sm3=delivery.file_sm3,
        schema_version=delivery.schema_version,
        read=0,
        loaded=0,
        rejected=0,
        duplicate=0,
        folder=out,
    )
    partial = out / ".extract.partial"
    _clear(out, partial)
    partial.mkdir(parents=True, mode=0o700)
    source = RowsAhead(contract, delivery, partial)
    connection = standardise.connect(
        as_of=as_of, threads=threads, memory_limit=memory_limit, temp_directory=partial / "spill", keys=False
    )
    try:
        layout = source.layout()
        soundness = Soundness(as_of, division_ends(connection, as_of.year))
        stage = Stage(layout, delivery.mode, partial, soundness)
        read = _stage(connection, stage, delivery, source)
        found = write_results(connection, layout, delivery, stage, partial)
        extracted = _counted(nothing, partial, read)
    except (duckdb.Error, pa.ArrowException) as fault:
        reason = str(fault) if isinstance(fault, VALUE_FREE) else "its message may hold values and is not shown"
        message = f"{delivery.feed} {delivery.batch_no}: extracting failed, {type(fault).__name__}: {reason}"
        raise ExtractError(message) from None
    except HeldFault as fault:
        held = Held(fault.code, delivery.file.name, fault.message, delivery.batch_no)
        extracted = replace(nothing, held=held)
        log.warning("%s %s held: %s", delivery.feed, delivery.batch_no, fault.code)
    else:
        for name in RESULTS:
            (partial / name).replace(out / name)
        log.info("%s %s: %d read, findings %s", delivery.feed, delivery.batch_no, read, found)
    finally:
        source.close()
        connection.close()
        shutil.rmtree(partial, ignore_errors=True)
    _write_summary(extracted, out)
    return extracted


def read_extracted(folder: Path) -> Extracted:
    """What `extract` wrote about a delivery. Raises FileNotFoundError if it was not extracted to the end."""
    summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    held = Held(**summary["held"]) if summary["held"] else None
    business_date = dt.date.fromisoformat(summary["business_date"])
    return Extracted(**(summary | {"held": held, "business_date": business_date, "folder": folder}))


def _clear(out: Path, partial: Path) -> None:
    shutil.rmtree(partial, ignore_errors=True)
    for name in (SUMMARY, *RESULTS):
        (out / name).unlink(missing_ok=True)


def _write_summary(extracted: Extracted, out: Path) -> None:
    summary = asdict(extracted) | {"business_date": extracted.business_date.isoformat()}
    del summary["folder"]
    partial = out / f".{SUMMARY}.partial"
    partial.write_text(json.dumps(summary, ensure_ascii=False), encoding="utf-8")
    partial.replace(out / SUMMARY)


def _stage(connection: duckdb.DuckDBPyConnection, stage: Stage, delivery: Delivery, source: RowsAhead) -> int:
    """Stage all rows of a delivery and look at it as a whole; returns the number of rows read. Raises HeldFault.

    One thread reads; as many as DuckDB has threads stage, each a chunk at a time and by itself: that keeps all busy
    where one statement over one chunk would not.
    """
    contract = stage.contract
    for macro in MACROS:
        connection.execute(macro)
    workers = int(connection.execute("SELECT current_setting('threads')").fetchall()[0][0])
    connection.execute("SET threads = 1")
    rows = _in_parallel(connection, stage, source.chunks(), workers)
    connection.execute(f"SET threads = {workers}")
    if delivery.row_count != rows:
        message = f"{delivery.file.name}: {rows} rows found, {delivery.row_count} announced. Send it again, whole."
        raise HeldFault("COUNT_WRONG", message)
    if rows == 0 and delivery.mode == "full":
        raise HeldFault("EMPTY_FILE", f"{delivery.file.name}: announced as full but holds no row. Send the file again.")
    check_shape(connection, contract, delivery.file.name)
    connection.execute("CREATE TEMP TABLE new_column AS SELECT unnest(?::VARCHAR[]) AS name", [source.new_columns])
    return rows


def _in_parallel(connection: duckdb.DuckDBPyConnection, stage: Stage, chunks: Iterator[pa.Table], workers: int) -> int:
    """Stage the chunks while the next ones are read, `workers` of them at once; returns their rows."""
    idle: SimpleQueue[duckdb.DuckDBPyConnection] = SimpleQueue()
    own = [connection.cursor() for _ in range(workers)]
    for cursor in own:
        idle.put(cursor)

    def work(step: Callable[..., None], *given: object) -> None:
        cursor = idle.get()
        try:
            step(cursor, *given)
        finally:
            idle.put(cursor)

    rows = number = 0
    staging: set[Future[None]] = set()
    try:
        with ThreadPoolExecutor(workers) as pool:
            for number, chunk in enumerate(chunks):
                rows += chunk.num_rows
                if len(staging) > workers:  # one waits for a worker; more would only fill memory
                    done, staging = wait(staging, return_when=FIRST_COMPLETED)
                    for one in done:
                        one.result()
                staging.add(pool.submit(work, stage.take, number, chunk))
            for one in staging:
                one.result()
            for one in [pool.submit(work, stage.take_odd, odd) for odd in stage.left(workers)]:
                one.result()
    finally:
        for cursor in own:
            cursor.close()
    stage.views(connection, number + 1)
    return rows


def _counted(nothing: Extracted, partial: Path, read: int) -> Extracted:
    """The counts, from the written files. Raises ExtractError if a row is not accounted for."""
    loaded, rejected = (pq.read_metadata(partial / name).num_rows for name in RESULTS[:2])
    findings = ds.dataset(partial / RESULTS[2])
    duplicate = findings.count_rows(filter=pc.field("code") == "DUPLICATE_ROW")
    if read != loaded + rejected + duplicate:
        raise ExtractError(
            f"{nothing.feed} {nothing.batch_no}: {read} rows read, but {loaded} loaded + {rejected} rejected + "
            f"{duplicate} duplicate. Nothing was written; this is a fault of the program, not of the file."
        )
    return replace(nothing, read=read, loaded=loaded, rejected=rejected, duplicate=duplicate)
