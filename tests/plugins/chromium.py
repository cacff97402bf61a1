"""A headless Chromium of this machine, driven by Playwright; a clear word where either is missing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@contextmanager
def open_chromium() -> Iterator[Any]:
    """A Playwright browser; the calling test is skipped where there is no Chromium or no Playwright."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("No Chromium is installed (Debian: apt-get install chromium): the console was not tested.")
    driver = pytest.importorskip(
        "playwright.sync_api", reason="Playwright is not installed (requirements-dev.txt): the console was not tested."
    )
    with driver.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=found, headless=True, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()
