"""A table or view of a department's database as one delivery: whole, by update time, or by its change log."""

from __future__ import annotations

import datetime as dt
import logging
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from extractors.contract import Contract, Mode
from extractors.manifest import Bookmark
from extractors.pull.bookmarks import Landed
from extractors.pull.cells import as_texts, highest
from extractors.pull.database import Database, open_database
from extractors.pull.fault import changed
from extractors.pull.keys import KeyComparison, key_places
from extractors.pull.writing import RowFile
from extractors.sources import ChangeLog, DatabaseSource, UpdateTime

log = logging.getLogger(__name__)
MOST_GONE = 0.05  # of the landed keys: more is not believed of a delta
Moment = dt.datetime | dt.date
Batches = Iterator[list[pa.Array]]


@dataclass(frozen=True)
class Taken:
    """Rows in a file, not yet a delivery."""

    file: Path
    mode: Mode
    rows: int
    bookmark: Bookmark
    note: str = ""


def take_table(
    contract: Contract, source: DatabaseSource, url: str, setting: str, landed: Landed, scratch: Path, as_of: dt.date
) -> Taken:
    """Read what is new since the landed bookmark into a file in `scratch`. Raises PullFault."""
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True, mode=0o700)
    with open_database(url, setting, source.time_zone) as database:
        return _Table(contract, source, database, scratch, as_of).take(landed)


class _Table:
    def __init__(
        self, contract: Contract, source: DatabaseSource, database: Database, scratch: Path, as_of: dt.date
    ) -> None:
        self.contract = contract
        self.source = source
        self.database = database
        self.scratch = scratch
        self.as_of = as_of
        self.read_columns = [c.source for c in contract.columns if c.field is not None]
        self.key = [contract.columns[place].source for place in key_places(contract)]
        self.path = scratch / f"rows.{contract.form.extension}"

    def take(self, landed: Landed) -> Taken:
        read, bookmark = self.source.read, landed.bookmark
        is_known = bookmark is not None and bookmark.by == read.by and bookmark.position is not None
        if isinstance(read, UpdateTime):
            if is_known and bookmark is not None:
                return self._by_update_time(read, bookmark, landed)
            return self._whole_until_now(read)
        if isinstance(read, ChangeLog):
            if is_known and bookmark is not None:
                return self._by_log(read, bookmark)
            position = self.database.highest_number(read.table, self._log_columns(read)[read.sequence])
            rows = self._write("full", self._rows(self.source.table, []))
            return Taken(self.path, "full", rows, Bookmark(by=read.by, position=position or 0, keys_compared=self.as_of))  # fmt: skip
        rows = self._write("full", self._rows(self.source.table, []))
        return Taken(self.path, "full", rows, Bookmark(by=read.by, keys_compared=self.as_of))

    def _rows(self, table: str, more: list[str], **how: object) -> Batches:
        """Batches of the columns that the contract takes, and `more` after them."""
        names = [*self.read_columns, *more]
        spelt = self.database.find_columns(table, [*names, *self.key])
        return self.database.read(table, [spelt[name] for name in names], **how)  # type: ignore[arg-type]

    def _write(
        self,
        mode: Mode,
        batches: Batches,
        *,
        see: Callable[[list[pa.Array]], None] | None = None,
        op: str | None = None,
    ) -> int:
        with RowFile(self.contract, mode, self.path) as file:
            for batch in batches:
                if see is not None:
                    see(batch)
                file.write(self._texts(batch, mode, op))
            return file.rows

    def _texts(self, batch: list[pa.Array], mode: Mode, op: str | None) -> list[pa.Array]:
        """All columns of the contract in order, null where one is not taken; in a delta the operation after them."""
        count = len(batch[0])
        found = dict(zip(self.read_columns, batch, strict=False))
        nothing = pa.nulls(count, pa.string())
        texts = [
            as_texts(found[column.source], self.source.time_zone) if column.source in found else nothing
            for column in self.contract.columns
        ]
        if mode == "delta":
            texts.append(as_texts(batch[-1], self.source.time_zone) if op is None else pa.repeat(op, count))
        return texts

    def _whole_until_now(self, read: UpdateTime) -> Taken:
        newest = _Newest(read.column, self.database.clock())
        rows = self._write("full", self._rows(self.source.table, [read.column]), see=newest.see)
        bookmark = Bookmark(by=read.by, position=newest.position(None), keys_compared=self.as_of)
        return Taken(self.path, "full", rows, bookmark, newest.note)

    def _by_update_time(self, read: UpdateTime, bookmark: Bookmark, landed: Landed) -> Taken:
        due = (
            bookmark.keys_compared is None
            or (self.as_of - bookmark.keys_compared).days >= read.compare_keys_days
        )  # fmt: skip
        if due and not self._is_readable(landed):
            log.info(
                "%s: snapshots since the last full delivery are not all there: everything anew", self.contract.feed
            )
            return self._whole_until_now(read)
        newest = _Newest(read.column, self.database.clock())
        spelt = self.database.find_columns(self.source.table, [read.column])
        since = (spelt[read.column], _since(str(bookmark.position), read.overlap_minutes))

        def rows() -> Batches:
            return self._rows(self.source.table, [read.column], since=since)

        if not due:
            count = self._write("delta", rows(), see=newest.see, op="U")
            after = Bookmark(by=read.by, position=newest.position(bookmark.position), keys_compared=bookmark.keys_compared)  # fmt: skip
            return Taken(self.path, "delta", count, after, newest.note)
        return self._with_keys(read, bookmark, landed, newest, rows)

    def _is_readable(self, landed: Landed) -> bool:
        return landed.chain is not None and all(
            manifest.schema_version in self.contract.schema_versions for manifest in landed.chain
        )

    def _with_keys(
        self, read: UpdateTime, bookmark: Bookmark, landed: Landed, newest: _Newest, rows: Callable[[], Batches]
    ) -> Taken:
        """Changed rows, and a deletion for each landed key that the source no longer has."""
        places = [self.read_columns.index(name) for name in self.key]
        zone = self.source.time_zone
        with KeyComparison(self.contract, self.scratch) as keys, RowFile(self.contract, "delta", self.path) as file:
            spelt = self.database.find_columns(self.source.table, self.key)
            for batch in self.database.read(self.source.table, [spelt[name] for name in self.key]):
                keys.add("present", [as_texts(column, zone) for column in batch])
            for batch in rows():  # after the keys: a row that appears meanwhile is among the pulled ones
                newest.see(batch)
                file.write(self._texts(batch, "delta", "U"))
                keys.add("pulled", [as_texts(batch[place], zone) for place in places])
            keys.add_landed(landed, self.scratch)
            missed, share_gone = keys.settle()
            ended = 0
            for batch in keys.gone():
                of_key = dict(zip(self.key, batch, strict=True))
                nothing = pa.nulls(len(batch[0]), pa.string())
                texts = [of_key.get(column.source, nothing) for column in self.contract.columns]
                file.write([*texts, pa.repeat("D", len(batch[0]))])
                ended += len(batch[0])
        if missed or share_gone > MOST_GONE:
            # Committed later than the overlap allows for; or perhaps no deletions but a view that shows too little: as a
            # full delivery it is the gate's to judge, by the contract's own limit.
            log.warning(
                "%s: %d keys of the source were never pulled, %.1f %% of the landed ones are gone: everything anew",
                self.contract.feed, missed, 100 * share_gone,
            )  # fmt: skip
            self.path.unlink()
            return self._whole_until_now(read)
        after = Bookmark(by=read.by, position=newest.position(bookmark.position), keys_compared=self.as_of)
        return Taken(self.path, "delta", file.rows, after, f"all keys compared, {ended} gone. {newest.note}".strip())

    def _log_columns(self, read: ChangeLog) -> dict[str, str]:
        return self.database.find_columns(read.table, [*self.read_columns, self.contract.op, read.sequence])

    def _by_log(self, read: ChangeLog, bookmark: Bookmark) -> Taken:
        spelt = self._log_columns(read)
        top = self.database.highest_number(read.table, spelt[read.sequence])
        assert isinstance(bookmark.position, int)
        if top is not None and top < bookmark.position:
            raise changed(
                f"{read.table}: its newest number is {top}, landed was {bookmark.position}. Was it emptied? To begin anew, "
                "take the feed's table whole: set read to {by: whole} for one night."
            )
        rows = self._rows(
            read.table,
            [read.sequence, self.contract.op],
            since=(spelt[read.sequence], bookmark.position - read.overlap + 1),
            newest_of=([spelt[name] for name in self.key], spelt[read.sequence]),
        )
        count = self._write("delta", rows)
        after = Bookmark(by=read.by, position=max(top or 0, bookmark.position), keys_compared=bookmark.keys_compared)
        return Taken(self.path, "delta", count, after)


class _Newest:
    """The newest update time seen; a time after the source's own clock is one that never was and moves nothing."""

    def __init__(self, column: str, now: dt.datetime) -> None:
        self.column = column
        self.now = now
        self.found: Moment | None = None
        self.in_future = 0

    def see(self, batch: list[pa.Array]) -> None:
        """Look at the update times, the last column of a batch."""
        times = batch[-1]
        if pa.types.is_null(times.type):
            return
        if not (pa.types.is_timestamp(times.type) or pa.types.is_date(times.type)):
            raise changed(f"column {self.column}: holds {times.type}. Expected days or moments: cast it in the view.")
        now = self.now if pa.types.is_timestamp(times.type) and times.type.tz else self.now.replace(tzinfo=None)
        limit = pa.scalar(now.date() if pa.types.is_date(times.type) else now, times.type)
        is_past = pc.less_equal(times, limit)
        self.in_future += pc.sum(pc.invert(is_past)).as_py() or 0
        newest = highest(times.filter(is_past))
        if newest is not None and not isinstance(newest, int) and (self.found is None or newest > self.found):
            self.found = newest

    def position(self, earlier: str | int | None) -> str | int | None:
        """Where the next pull goes on: the newest time in ISO form, the earlier position if nothing was newer."""
        if self.found is None:
            return earlier
        if earlier is not None and _moment(str(earlier)) >= self.found:
            return earlier
        return self.found.isoformat()

    @property
    def note(self) -> str:
        """Something to say where rows bear a time that is still to come."""
        return f"{self.in_future} rows bear an update time after the source's own clock." if self.in_future else ""


def _moment(text: str) -> Moment:
    return dt.date.fromisoformat(text) if len(text) == 10 else dt.datetime.fromisoformat(text)


def _since(position: str, minutes: int) -> Moment:
    """An update time less the overlap; days go back a whole day at least, as a day says nothing of its hour."""
    moment = _moment(position)
    if isinstance(moment, dt.datetime):
        return moment - dt.timedelta(minutes=minutes)
    return moment - dt.timedelta(days=max(1, -(-minutes // 1440)))
