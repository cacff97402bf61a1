"""A paged API as one delivery of JSON lines: page after page onto disk, going on where an earlier attempt broke off.

Rows that move between pages while they are read would be lost or come twice. So with numbered pages every page must tell
the same total, the rows must add up to it, and the first and the last page must be the same when asked for again;
otherwise everything is read again. An API with cursors keeps its own state and needs none of this.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from extractors.contract import Contract, Mode
from extractors.manifest import Bookmark
from extractors.pull.api import Api, open_api, within
from extractors.pull.bookmarks import Landed
from extractors.pull.fault import changed, patiently
from extractors.pull.tables import Taken
from extractors.sources import HttpSource, PagesByNumber

BY = "pages"
TIMES_ANEW = 3  # how often everything is read again where it changed meanwhile
STATE = "state.json"


@dataclass
class _Progress:
    """What is here already. Kept on disk after each page."""

    asked: dict[str, str]  # the query without page
    pages: int = 0
    rows: int = 0
    kept: int = 0  # without those that a full list tells as deleted
    total: int | None = None
    cursor: str | None = None
    newest: str | None = None
    first: str = ""  # digest of the first page
    last: str = ""
    is_done: bool = False
    size: int = 0  # bytes of the file after the last page


def take_pages(
    contract: Contract,
    source: HttpSource,
    url: str,
    setting: str,
    landed: Landed,
    workshop: Path,
    waits: tuple[float, ...],
) -> Taken:
    """Read all pages into a file in `workshop`. Raises PullFault."""
    since = source.since
    bookmark = landed.bookmark if landed.bookmark is not None and landed.bookmark.by == BY else None
    position = str(bookmark.position) if since and bookmark and bookmark.position is not None else None
    asked = {source.size_parameter: str(source.size)}
    mode: Mode = "full"
    if since and position:
        moment = dt.datetime.strptime(position, since.format) - dt.timedelta(minutes=since.overlap_minutes)  # noqa: DTZ007
        asked[since.parameter] = moment.strftime(since.format)
        mode = "delta"
    with open_api(url, setting, source.token) as api:
        for _ in range(TIMES_ANEW):
            reading = _Reading(contract, source, api, workshop, asked, mode)
            if patiently(reading.read, contract.feed, waits):
                newest = max(filter(None, (reading.progress.newest, position)), default=None)
                return Taken(reading.path, mode, reading.progress.kept, Bookmark(by=BY, position=newest))
            shutil.rmtree(workshop)
    raise changed(f"{api.shown}: its rows changed while its pages were read, {TIMES_ANEW} times. Pull at a quieter hour, or ask for pages by cursor.")  # fmt: skip


class _Reading:
    def __init__(
        self, contract: Contract, source: HttpSource, api: Api, workshop: Path, asked: dict[str, str], mode: Mode
    ) -> None:
        self.contract = contract
        self.source = source
        self.api = api
        self.mode = mode
        self.path = workshop / "rows.jsonl"
        self.state = workshop / STATE
        workshop.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.progress = self._earlier(asked) or _Progress(asked)

    def _earlier(self, asked: dict[str, str]) -> _Progress | None:
        """What an attempt that broke off left here, if it asked the same. Rows of a page not noted down are cut off."""
        if not self.state.exists() or not self.path.exists():
            return None
        progress = _Progress(**json.loads(self.state.read_text(encoding="utf-8")))
        if progress.asked != asked or self.path.stat().st_size < progress.size:
            return None
        with self.path.open("r+b") as file:
            file.truncate(progress.size)
        return progress

    def read(self) -> bool:
        """Read on to the end; False if the rows changed meanwhile. Raises PullFault."""
        done = self.progress
        pages = self.source.pages
        if not done.pages:
            self.path.unlink(missing_ok=True)
        while not done.is_done:
            page, rows = self._page(done.pages, done.cursor)
            if isinstance(pages, PagesByNumber):
                total = self._total(page, pages)
                if done.total is not None and total != done.total:
                    return False
                done.total = total
                done.is_done = not rows or done.rows + len(rows) >= total
            else:
                done.cursor = str(within(page, pages.next) or "") or None
                done.is_done = done.cursor is None
            self._keep(rows)
        return self._still_the_same(pages) if isinstance(pages, PagesByNumber) else True

    def _page(self, number: int, cursor: str | None) -> tuple[Any, list[dict[str, Any]]]:
        pages = self.source.pages
        asked = dict(self.progress.asked)
        if isinstance(pages, PagesByNumber):
            asked[pages.parameter] = str(pages.first + number)
        elif cursor is not None:
            asked[pages.parameter] = cursor
        page = self.api.get(self.source.path, asked)
        rows = within(page, self.source.rows)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise changed(f"{self.api.shown}: page {number + 1} holds no list of rows at {self.source.rows!r}.")
        return page, rows

    def _total(self, page: Any, pages: PagesByNumber) -> int:
        found = within(page, pages.total)
        if not isinstance(found, str) or not found.isdigit():
            raise changed(f"{self.api.shown}: a page tells no number of rows at {pages.total!r}.")
        return int(found)

    def _keep(self, rows: list[dict[str, Any]]) -> None:
        done, op = self.progress, self.contract.op
        done.last = _digest(rows)
        done.first = done.first or done.last
        if self.mode == "delta":
            kept = [row if op in row else {**row, op: "U"} for row in rows]
        else:  # what a list of everything tells as deleted is not there; its other operations say nothing
            kept = [{key: value for key, value in row.items() if key != op} for row in rows if row.get(op) != "D"]
        if self.source.since is not None:
            since = self.source.since
            now = self.api.clock(since.time_zone)
            limit = now.strftime(since.format) if now else None  # a time still to come would hide all that follows
            times = [str(row[since.column]) for row in rows if row.get(since.column)]
            newest = max([time for time in times if limit is None or time <= limit], default="")
            done.newest = max(newest, done.newest or "") or None
        untaken = {column.source: None for column in self.contract.columns if column.ignored}
        kept = [{**row, **untaken} for row in kept]  # what nobody may take is not even kept
        body = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in kept).encode()
        with self.path.open("ab") as file:
            file.write(body)
            done.size = file.tell()
        done.pages += 1
        done.rows += len(rows)
        done.kept += len(kept)
        self.state.with_suffix(".new").write_text(json.dumps(done.__dict__), encoding="utf-8")
        self.state.with_suffix(".new").replace(self.state)

    def _still_the_same(self, pages: PagesByNumber) -> bool:
        done = self.progress
        if done.rows != done.total:
            return False
        for number, kept in {0: done.first, done.pages - 1: done.last}.items():
            page, rows = self._page(number, None)
            if self._total(page, pages) != done.total or _digest(rows) != kept:
                return False
        return True


def _digest(rows: list[dict[str, Any]]) -> str:
    return sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()
