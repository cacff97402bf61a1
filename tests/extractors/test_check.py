"""`python -m extractors check FEED FILE`: what a person sees of a department's file."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.__main__ import main
from tests.extractors.conftest import CONTRACTS, PEOPLE, Desk
from tests.extractors.deliveries import render
from tests.extractors.samples import id_number, sample_rows, source_of

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
    assert "delimiter found ',', agreed ','" in told
    assert "21 matched: 社会保障号码, 姓名" in told
    assert "codes     card_generation: 1 一代 100.0%" in told
    assert "NOT KNOWN '7' 8.3%" in told
    assert "expected a code of the agreed list; ask the department" in told
    assert "card.csv: line 2 key 5***04|A******01" in told
    assert "sample    line 2: id_number 510***********" in told
    assert id_number(1) not in told
    assert not any(name in told for name in PEOPLE)


def test_a_file_of_another_layout_would_be_held(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "card.csv"
    file.write_bytes(render(CARD, sample_rows(CARD, 12)).replace("姓名".encode("gb18030"), "名字".encode("gb18030"), 1))
    assert main(["check", "hrss_card", str(file), "--as-of", "2026-11-01"]) == 1
    assert "COLUMN_RENAMED" in capsys.readouterr().out


def test_rejected_rows_are_shown_with_line_shape_and_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = sample_rows(CARD, 12)
    rows[3][source_of(CARD, "card_number")] = None
    file = tmp_path / "card.csv"
    file.write_bytes(render(CARD, rows) + "张三,一列太少\r\n".encode("gb18030"))
    assert main(["check", "hrss_card", str(file), "--as-of", "2026-11-01"]) == 0
    told = capsys.readouterr().out
    assert "card_number KEY_MISSING, first in line 5" in told
    assert "expected every column of the key filled; fill it" in told
    assert "COLUMN_COUNT, first in line 14" in told
    assert "quote values that hold the delimiter" in told
    assert "张三" not in told


def test_another_delimiter_encoding_and_unmatched_columns_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "card.csv"
    content = render(CARD, sample_rows(CARD, 12)).decode("gb18030").replace(",", ";").replace("姓名", "名字", 1)
    file.write_bytes(content.encode("utf-8"))
    assert main(["check", "hrss_card", str(file), "--as-of", "2026-11-01"]) == 1
    told = capsys.readouterr().out
    assert "encoding  found utf-8, agreed gb18030" in told
    assert "delimiter found ';', agreed ','" in told
    assert "1 absent: 姓名" in told
    assert "1 unmatched: 名字" in told


def test_a_file_without_header_shows_none_of_its_values(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "card.csv"
    file.write_bytes(render(CARD, sample_rows(CARD, 12)).partition(b"\r\n")[2])
    assert main(["check", "hrss_card", str(file), "--as-of", "2026-11-01"]) == 1
    told = capsys.readouterr().out
    assert not any(secret in told for secret in (*PEOPLE, id_number(1)))


@pytest.mark.parametrize("feed", sorted(CONTRACTS))
def test_every_form_is_described_without_its_values(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], feed: str
) -> None:
    contract = CONTRACTS[feed]
    file = tmp_path / f"sample.{contract.form.extension}"
    file.write_bytes(render(contract, sample_rows(contract, 6)))
    assert main(["check", feed, str(file), "--as-of", "2026-11-01"]) == 0
    told = capsys.readouterr().out
    assert "sample    line" in told
    assert "filled    " in told
    assert not any(secret in told for secret in (*PEOPLE, id_number(1), "13800000001"))


def test_an_unknown_feed_is_a_wrong_call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["check", "xx_none", str(tmp_path)])
    assert "hrss_card" in capsys.readouterr().err


def test_send_puts_a_delivery_into_an_inbox_that_is_received_as_it_is(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    """What docs/add-a-feed.md tells a newcomer to do with the first file of a department."""
    file = desk.folder / "from the department.csv"
    file.write_bytes(render(CARD, sample_rows(CARD, 3)))
    arguments = ["send", "hrss_card", str(file), str(desk.inbox), "--date", "2026-11-01"]
    assert main(arguments) == 0
    received = desk.receive(CARD)
    assert (received.held, [(d.batch_no, d.mode, d.row_count) for d in received.deliveries]) == (
        [], [("20261101-001", "full", 3)],
    )  # fmt: skip
    with pytest.raises(SystemExit):
        main(arguments)
    assert "--number 2" in capsys.readouterr().err
