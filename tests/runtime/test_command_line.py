"""`python -m runtime COMMAND`: what is handed on to commands that parse for themselves, options first or last."""

from __future__ import annotations

import sys

import pytest

from runtime import __main__ as command


@pytest.mark.parametrize("name", ["replay", "rejects"])
@pytest.mark.parametrize(
    "given",
    [[], ["--feed", "hrss_card"], ["list", "--feed", "hrss_card"], ["--help"], ["--to", "2026-11-05", "--keep"]],
)
def test_options_are_handed_on(monkeypatch: pytest.MonkeyPatch, name: str, given: list[str]) -> None:
    handed: list[list[str]] = []
    monkeypatch.setitem(command.WITH_ARGUMENTS, name, lambda _, asked: handed.append(asked.rest) or 0)
    monkeypatch.setattr(sys, "argv", ["runtime", name, *given])
    assert command.main() == 0
    assert handed == [given]


def test_an_option_nobody_knows_is_a_wrong_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["runtime", "recount", "--feed", "hrss_card"])
    with pytest.raises(SystemExit):
        command.main()
