"""What can go wrong with a source, and trying again after a while. No message holds a secret or a row's value."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from extractors.held import HeldCode, HeldFault

log = logging.getLogger(__name__)
T = TypeVar("T")
WAITS = (2.0, 10.0, 30.0)  # seconds before each further attempt


class PullFault(HeldFault):
    """A source that cannot be pulled from; holds its feed, and only this one."""


class SourceDown(PullFault):
    """The source does not answer, or broke off: worth another attempt."""

    def __init__(self, message: str) -> None:
        super().__init__("SOURCE_DOWN", message)


def refused(message: str) -> PullFault:
    """The source answers, but not to us: user, password, rights, host key."""
    return PullFault("SOURCE_REFUSED", message)


def changed(message: str) -> PullFault:
    """The source is not as the contract says."""
    return PullFault("SOURCE_CHANGED", message)


def not_set_up(message: str) -> PullFault:
    """Something is missing or wrong on our side: a setting, a driver."""
    return PullFault("SOURCE_NOT_SET_UP", message)


def patiently(attempt: Callable[[], T], what: str, waits: tuple[float, ...] = WAITS) -> T:
    """The result of `attempt`, tried again after each of `waits` seconds while the source is down.

    Raises PullFault: SourceDown after the last attempt, any other at once.
    """
    for number, wait in enumerate(waits, 1):
        try:
            return attempt()
        except SourceDown as fault:
            log.warning("%s: attempt %d: %s Trying again in %g s.", what, number, fault.message, wait)
            time.sleep(wait)
    return attempt()


__all__ = ["HeldCode", "PullFault", "SourceDown", "changed", "not_set_up", "patiently", "refused"]
