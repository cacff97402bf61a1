"""A paged API on loopback that does what APIs do: tokens that end, 429, pages that break off, rows that move."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from extractors.pull import PullFault
from tests.extractors.pull.conftest import Office, contract_of

FORM = {"kind": "json_lines"}
BY_NUMBER = {"by": "number", "total": "data.total"}
SINCE = {"parameter": "after", "column": "GXSJ", "overlap_minutes": 10}


def source(**more: Any) -> dict[str, Any]:
    return {
        "kind": "http", "connection": "nhc", "path": "/births", "rows": "data.rows", "pages": BY_NUMBER, "size": 10,
        "token": "/token", **more,
    }  # fmt: skip


@dataclass
class Server:
    """What the API serves and how it misbehaves. `before` is called before each page with the asked parameters."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    before: Callable[[dict[str, str]], int | None] = lambda _: None
    tokens: list[str] = field(default_factory=list)
    lasts: int = 3600
    asked: list[dict[str, str]] = field(default_factory=list)
    broken: set[int] = field(default_factory=set)  # of the requests for pages, by number from 0, cut in the middle
    wait: dict[int, str] = field(default_factory=dict)  # answered 429 with this Retry-After
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://client:ge%2Fheim@127.0.0.1:{self.port}/api"

    def token(self, form: dict[str, str]) -> tuple[int, Any]:
        if (form.get("client_id"), form.get("client_secret")) != ("client", "ge/heim"):
            return 401, {}
        self.tokens.append(f"t{len(self.tokens)}")
        return 200, {"access_token": self.tokens[-1], "expires_in": self.lasts}

    def page(self, asked: dict[str, str]) -> Any:
        rows = [row for row in self.rows if (row["GXSJ"] or "") >= asked.get("after", "")]
        size = int(asked["size"])
        if "cursor" in asked or "page" not in asked:
            start = int(asked.get("cursor", 0))
            following = str(start + size) if start + size < len(rows) else None
            return {"data": {"rows": rows[start : start + size]}, "next": following}
        start = (int(asked["page"]) - 1) * size
        return {"data": {"rows": rows[start : start + size], "total": len(rows)}}


class _Answers(BaseHTTPRequestHandler):
    served: Server

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        status, body = self.served.token({key: values[0] for key, values in form.items()})
        self._answer(status, body)

    def do_GET(self) -> None:
        asked = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
        served, number = self.served, len(self.served.asked)
        served.asked.append(asked)
        if self.headers.get("authorization") != f"Bearer {served.tokens[-1] if served.tokens else ''}":
            self._answer(401, {})
        elif number in served.wait:
            self._answer(429, {}, {"Retry-After": served.wait[number]})
        elif status := served.before(asked):
            self._answer(status, {})
        else:
            self._answer(200, served.page(asked), cut=number in served.broken)

    def _answer(self, status: int, body: Any, headers: dict[str, str] | None = None, *, cut: bool = False) -> None:
        text = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(text)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text[: len(text) // 2] if cut else text)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    served = Server()
    listening = ThreadingHTTPServer(("127.0.0.1", 0), type("Answers", (_Answers,), {"served": served}))
    served.port = listening.server_address[1]
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield served
    listening.shutdown()
    listening.server_close()
    thread.join()


def rows(count: int, day: int = 1) -> list[dict[str, Any]]:
    return [
        {"KH": f"A{n:03}", "XM": "甲乙丙丁"[n % 4], "DZ": None, "DH": 13800000000 + n, "GXSJ": f"2026-10-{day:02} 08:{n % 60:02}:00", "SY": "secret"}
        for n in range(count)
    ]  # fmt: skip


def test_all_pages_are_one_full_delivery(server: Server, office: Office) -> None:
    server.rows = rows(35)
    pulled = office.night(contract_of(source(), FORM), server.url)
    assert pulled.rows == 35
    assert list(office.current) == [f"A{n:03}" for n in range(35)]
    assert office.current["A001"]["DH"] == "13800000001"
    assert len(server.tokens) == 1
    assert "secret" not in next(office.inbox.glob("*.jsonl")).read_text()


def test_a_full_list_may_tell_operations(server: Server, office: Office) -> None:
    server.rows = [row | {"CZ": "D" if n == 3 else "U"} for n, row in enumerate(rows(12))]
    assert office.night(contract_of(source(since=SINCE), FORM), server.url).rows == 11
    assert "A003" not in office.current


def test_numbers_come_as_they_were_written(server: Server, office: Office) -> None:
    server.rows = [{"KH": 123456789012345678901, "XM": "甲", "DZ": 1.10, "DH": None, "GXSJ": None, "SY": None}]
    office.night(contract_of(source(), FORM), server.url)
    assert office.current["123456789012345678901"]["DZ"] == "1.1"


def test_only_what_changed_is_asked_for_with_an_overlap(server: Server, office: Office) -> None:
    contract = contract_of(source(since=SINCE), FORM)
    server.rows = [*rows(12), {**rows(1)[0], "KH": "B", "GXSJ": "2099-01-01 00:00:00"}]  # the last from a wrong clock
    office.night(contract, server.url)
    server.rows.append({**rows(1)[0], "KH": "C", "GXSJ": "2026-10-01 08:05:00"})
    server.rows.append({**rows(1)[0], "KH": "A000", "XM": "改", "GXSJ": "2026-10-02 08:00:00"})
    server.rows.pop(0)
    server.rows.append({**rows(1)[0], "KH": "A001", "GXSJ": "2026-10-02 08:00:00", "CZ": "D"})
    server.rows.pop(0)
    pulled = office.night(contract, server.url)
    assert server.asked[-1]["after"] == "2026-10-01 08:01:00"
    assert pulled.batches == ("20261101-002",)
    assert office.names()["A000"] == "改"
    assert "A001" not in office.current
    assert {"B", "C"} <= set(office.current)


@pytest.mark.parametrize("pages", [BY_NUMBER, {"by": "cursor", "next": "next"}])
def test_a_connection_that_breaks_off_goes_on_at_its_page(
    server: Server, office: Office, pages: dict[str, Any]
) -> None:
    server.rows = rows(45)
    server.broken = {2, 4}
    assert office.night(contract_of(source(pages=pages), FORM), server.url).rows == 45
    key = "page" if pages["by"] == "number" else "cursor"
    first = [asked.get(key, "-") for asked in server.asked[:7]]
    assert first == (
        ["1", "2", "3", "3", "4", "4", "5"] if key == "page" else ["-", "10", "20", "20", "30", "30", "40"]
    )


def test_no_query_is_logged(server: Server, office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """A cursor may be the key of a row."""
    caplog.set_level(logging.INFO)
    server.rows = rows(25)
    office.pull(contract_of(source(pages={"by": "cursor", "next": "next"}), FORM), server.url)
    assert "cursor" not in caplog.text


def test_nobody_else_pulls_the_same_feed_meanwhile(server: Server, office: Office) -> None:
    server.rows = rows(5)
    server.before = lambda _: pulled_too()

    def pulled_too() -> None:
        with pytest.raises(PullFault, match=r"SOURCE_DOWN: hrss_small: is being pulled by another process"):
            office.pull(contract_of(source(), FORM), server.url)

    assert office.pull(contract_of(source(), FORM), server.url).rows == 5


def test_a_killed_pull_goes_on_at_its_page(server: Server, office: Office) -> None:
    server.rows = rows(45)
    server.before = lambda asked: 500 if asked.get("page") == "4" else None
    with pytest.raises(PullFault, match=r"SOURCE_DOWN.*/births: answers 500"):
        office.pull(contract_of(source(), FORM), server.url)
    rest = office.folder / "workshop" / "hrss_small" / "pages" / "rows.jsonl"
    rest.write_bytes(rest.read_bytes() + b'{"half a row')  # killed while a page was written
    server.before, asked = lambda _: None, len(server.asked)
    assert office.night(contract_of(source(), FORM), server.url).rows == 45
    assert server.asked[asked]["page"] == "4"
    assert len(office.current) == 45


def test_a_token_that_ends_is_renewed(server: Server, office: Office) -> None:
    server.rows = rows(45)

    def end(asked: dict[str, str]) -> int | None:
        if asked.get("page") == "3" and len(server.tokens) == 1:
            server.tokens.append("another")  # the first is no longer valid
            return 401
        return None

    server.before = end
    assert office.night(contract_of(source(), FORM), server.url).rows == 45
    assert len(server.tokens) == 3


def test_a_server_that_asks_to_wait_is_given_its_time(
    server: Server, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("extractors.pull.api.sleep", waited.append)
    server.rows = rows(25)
    server.wait = {1: "7", 2: "2"}
    assert office.night(contract_of(source(), FORM), server.url).rows == 25
    assert waited == [7, 2]
    server.wait = {len(server.asked): "86400"}
    office.known.clear()
    server.wait |= {len(server.asked) + n: "86400" for n in range(5)}
    with pytest.raises(PullFault, match=r"SOURCE_DOWN.*asks us to come back in 86400 s"):
        office.pull(contract_of(source(), FORM), server.url)


@pytest.mark.parametrize("change", ["removed", "added", "moved"])
def test_rows_that_change_while_they_are_paged_are_read_again(server: Server, office: Office, change: str) -> None:
    """Without it, a row that slips from the third page to the second would be lost."""
    server.rows = rows(45)

    def meddle(asked: dict[str, str]) -> None:
        if asked.get("page") == "3" and server.before is not quiet:
            server.before = quiet
            if change in ("removed", "moved"):
                server.rows.pop(1)
            if change in ("added", "moved"):
                server.rows.append({**rows(1)[0], "KH": "Z"})

    def quiet(_: dict[str, str]) -> None:
        return None

    server.before = meddle
    office.night(contract_of(source(), FORM), server.url)
    assert sorted(office.current) == sorted(row["KH"] for row in server.rows)


def test_rows_that_never_stand_still_hold_the_feed(server: Server, office: Office) -> None:
    server.rows = rows(25)
    server.before = lambda asked: server.rows.append({**rows(1)[0], "KH": f"Z{len(server.asked)}"}) if asked.get("page") == "2" else None  # type: ignore[func-returns-value]  # fmt: skip
    with pytest.raises(PullFault, match=r"SOURCE_CHANGED.*rows changed while its pages were read"):
        office.pull(contract_of(source(), FORM), server.url)
    assert not list(office.inbox.glob("hrss_small*"))


def test_a_wrong_secret_and_answers_of_another_kind_are_told(server: Server, office: Office) -> None:
    server.rows = rows(3)
    with pytest.raises(PullFault, match=r"SOURCE_REFUSED.*/token: refused us") as told:
        office.pull(contract_of(source(), FORM), server.url.replace("ge%2Fheim", "falsch"))
    assert "falsch" not in str(told.value)
    with pytest.raises(PullFault, match=r"SOURCE_CHANGED.*page 1 holds no list of rows at 'rows'"):
        office.pull(contract_of(source(rows="rows"), FORM), server.url)
    with pytest.raises(PullFault, match=r"SOURCE_CHANGED.*tells no number of rows"):
        office.pull(contract_of(source(pages={"by": "number", "total": "count"}), FORM), server.url)
    with pytest.raises(PullFault, match=r"SOURCE_DOWN.*does not answer"):
        office.pull(contract_of(source(), FORM), "http://client:x@127.0.0.1:9/api")
