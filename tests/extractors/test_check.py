"""`python -m extractors check FEED FILE`: what a person sees of a department's file."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.__main__ import main
from tests.extractors.conftest import CONTRACTS, PEOPLE
from tests.extractors.deliveries import render
from tests.extractors.samples import sample_rows, source_of

CARD = CONTRACTS["hrss_card"]


def test_a_good_file_is_described_without_its_values(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = sample_rows(CARD, 12)
    rows[0][source_of(CARD, "sex")] = "7"
    file = tmp_path / "card.csv"
    file.write_bytes(render(CARD, rows))
    assert main(["check", "hrss_card", str(file), "--as-of", "2026-11-01"]) == 0
    told = capsys.readouterr().out
    assert "12 read = 12 loaded + 0 rejected + 0 duplicate" in told
    assert "gb18030" in told
    assert "sex CODE_UNMAPPED, first in line 2" in told
    assert "TAKEN" in told
    assert not any(name in told for name in PEOPLE)


def test_a_file_of_another_layout_would_be_held(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "card.csv"
    file.write_bytes(render(CARD, sample_rows(CARD, 12)).replace("姓名".encode("gb18030"), "名字".encode("gb18030"), 1))
    assert main(["check", "hrss_card", str(file), "--as-of", "2026-11-01"]) == 1
    assert "COLUMN_RENAMED" in capsys.readouterr().out


def test_an_unknown_feed_is_a_wrong_call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["check", "xx_none", str(tmp_path)])
    assert "hrss_card" in capsys.readouterr().err
