"""Settings: read once, wrong ones named, the page says what the class says."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.pages import settings_page
from runtime.settings import ROOT, SettingError, read_settings


def test_without_any_variable_everything_has_a_default() -> None:
    found = read_settings({})
    assert found.database_url is None
    assert found.persons == 90_000
    assert found.inbox == found.home / "inbox"
    assert found.memory_limit > 2**28


@pytest.mark.parametrize(
    ("text", "bytes_"),
    [("6GiB", 6 * 2**30), ("512MB", 512 * 2**20), ("2g", 2 * 2**30), ("1024", 1024), ("1.5G", 1610612736)],
)
def test_memory_is_read_in_usual_forms(text: str, bytes_: int) -> None:
    assert read_settings({"YIDANG_MEMORY_LIMIT": text}).memory_limit == bytes_


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("YIDANG_MEMORY_LIMIT", "much"),
        ("YIDANG_UI_PORT", "http"),
        ("YIDANG_FIRST_DATE", "1 Nov"),
        ("YIDANG_PERSONS", "-5"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name):
        read_settings({name: value})


def test_no_other_module_reads_the_environment_for_settings() -> None:
    readers = []
    for path in ROOT.glob("*/**/*.py"):
        relative = path.relative_to(ROOT)
        if relative.parts[0] in (".venv", "var", "tests", "benchmarks") or relative == Path("runtime/settings.py"):
            continue
        text = path.read_text()
        if 'environ["YIDANG' in text or 'environ.get("YIDANG' in text or 'getenv("YIDANG' in text:
            readers.append(str(relative))
    assert set(readers) <= {"runtime/night.py"}  # which sets the inbox for the servers it starts


def test_the_page_of_settings_is_up_to_date() -> None:
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == settings_page()
