"""One API: answers as JSON, with a bearer token that is fetched and renewed, patient with a server that asks for it."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from time import monotonic, sleep
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from extractors.pull.address import Address, read_address
from extractors.pull.fault import SourceDown, changed, refused

SECONDS = 60.0
LONGEST_WAIT = 600.0  # seconds; a server that asks for more is down for this night
MOST_WAITS = 20  # in a row for one page
LARGEST_PAGE = 64 << 20
EARLY = 30.0  # seconds before its end at which a token is renewed


class Api:
    """A client of one server."""

    def __init__(self, client: httpx.Client, address: Address, token_path: str | None) -> None:
        self.client = client
        self.address = address
        self.shown = address.shown
        self.token_path = token_path
        self.token: str | None = None
        self.renew_at = 0.0
        self.date: str | None = None

    def clock(self, zone: str) -> dt.datetime | None:
        """What the server's clock said with its last answer, in a zone; None if it says nothing."""
        try:
            return parsedate_to_datetime(self.date or "").astimezone(ZoneInfo(zone))
        except (TypeError, ValueError):
            return None

    def get(self, path: str, parameters: Mapping[str, str]) -> Any:
        """The JSON of a page, numbers as the texts they came as. Raises PullFault."""
        for _ in range(MOST_WAITS):
            status, headers, body = self._send("GET", path, params=dict(parameters), headers=self._bearer())
            if status == 401 and self.token is not None:
                self.token = None  # it may have ended early: once more with a new one
                status, headers, body = self._send("GET", path, params=dict(parameters), headers=self._bearer())
            if status in (429, 503) and "retry-after" in headers:
                self._wait(headers)
                continue
            return self._json(status, body, path)
        raise SourceDown(f"{self.shown}{path}: asked us to wait {MOST_WAITS} times in a row.")

    def _send(self, method: str, path: str, **more: Any) -> tuple[int, httpx.Headers, bytes]:
        try:
            with self.client.stream(method, path, **more) as answer:
                body = bytearray()
                for block in answer.iter_bytes():
                    body += block
                    if len(body) > LARGEST_PAGE:
                        raise changed(f"{self.shown}{path}: a page of more than {LARGEST_PAGE >> 20} MiB. Ask for smaller pages ('size').")  # fmt: skip
                self.date = answer.headers.get("date", self.date)
                return answer.status_code, answer.headers, bytes(body)
        except httpx.TransportError as fault:
            raise SourceDown(f"{self.shown}{path}: does not answer or broke off ({type(fault).__name__}).") from None
        except httpx.HTTPError as fault:
            raise changed(f"{self.shown}{path}: an answer that is none ({type(fault).__name__}).") from None

    def _bearer(self) -> dict[str, str]:
        if self.token_path is None:
            return {}
        if self.token is None or monotonic() >= self.renew_at:
            user, password = self.address.user or "", self.address.password or ""
            form = {"grant_type": "client_credentials", "client_id": user, "client_secret": password}
            status, _, body = self._send("POST", self.token_path, data=form)
            answer = self._json(status, body, self.token_path)
            token = answer.get("access_token") if isinstance(answer, dict) else None
            if not isinstance(token, str):
                raise changed(f"{self.shown}{self.token_path}: answers without 'access_token'.")
            lasts = str(answer.get("expires_in") or "")
            self.token = token
            self.renew_at = monotonic() + (max(1.0, float(lasts) - EARLY) if lasts.isdigit() else 1e9)
        return {"Authorization": f"Bearer {self.token}"}

    def _json(self, status: int, body: bytes, path: str) -> Any:
        if status in (401, 403):
            raise refused(f"{self.shown}{path}: refused us ({status}). Check user and password in the setting.")
        if status == 429 or status >= 500:
            raise SourceDown(f"{self.shown}{path}: answers {status}.")
        if status != 200:
            raise changed(f"{self.shown}{path}: answers {status}, expected 200. Check the paths in the contract.")
        try:
            return json.loads(body, parse_int=str, parse_float=str)
        except ValueError:
            raise SourceDown(f"{self.shown}{path}: answers {len(body)} bytes that are no JSON.") from None

    def _wait(self, headers: httpx.Headers) -> None:
        asked = headers["retry-after"]
        if asked.isdigit():
            seconds = float(asked)
        else:
            try:
                until = parsedate_to_datetime(asked)
                seconds = (until - parsedate_to_datetime(headers["date"])).total_seconds()
            except (KeyError, TypeError, ValueError):
                seconds = 60.0
        if seconds > LONGEST_WAIT:
            raise SourceDown(f"{self.shown}: asks us to come back in {seconds:.0f} s. Pull later.")
        sleep(max(0.0, seconds))


@contextmanager
def open_api(url: str, setting: str, token_path: str | None) -> Iterator[Api]:
    """An API by its URL. The option `ca=FILE` names the certificates to trust; without a token, user and password of

    the URL are sent with every request (basic authentication).
    """
    address = read_address(url, setting, ("https", "http"))
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would log every query, and a cursor may be a person's key
    port = f":{address.port}" if address.port else ""
    basic = None
    if token_path is None and address.user is not None:
        basic = httpx.BasicAuth(address.user, address.password or "")
    with httpx.Client(
        base_url=f"{address.scheme}://{address.host}{port}{address.path}",
        auth=basic,
        timeout=SECONDS,
        verify=address.options.get("ca", True),
        trust_env=False,
        follow_redirects=False,
    ) as client:
        yield Api(client, address, token_path)


def within(page: Any, place: str) -> Any:
    """What stands in a page at a place such as data.rows; None if nothing does."""
    for part in place.split("."):
        page = page.get(part) if isinstance(page, dict) else None
    return page
