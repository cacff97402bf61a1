"""The URL of a source: what it names, and what of it may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from extractors.pull.fault import not_set_up


@dataclass(frozen=True)
class Address:
    """A URL in its parts. `shown` is free of user and password."""

    scheme: str
    host: str
    port: int | None
    path: str
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    options: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def shown(self) -> str:
        """What a message may say of it."""
        return f"{self.scheme}://{self.host}{f':{self.port}' if self.port else ''}{self.path}"


def read_address(url: str, setting: str, schemes: tuple[str, ...]) -> Address:
    """The parts of a URL. Raises PullFault(SOURCE_NOT_SET_UP) naming the setting and what is expected, not the URL."""
    expected = " or ".join(f"{scheme}://user:password@host:port/..." for scheme in schemes)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise not_set_up(f"{setting}: not a URL. Expected {expected}; special characters as %XX.") from None
    if parts.scheme not in schemes or not parts.hostname:
        raise not_set_up(f"{setting}: a URL of {parts.scheme or 'no scheme'!r}. Expected {expected}.")
    return Address(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port,
        path=parts.path,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        options=dict(parse_qsl(parts.query)),
    )
