"""Archives: told by their bytes, unpacked with limits, removed afterwards, and held when they cannot be trusted."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from extractors.readers import archives, open_reading
from tests.extractors.conftest import CONTRACTS, Desk, mode_of
from tests.extractors.deliveries import render
from tests.extractors.readers.contracts import contract, held, read
from tests.extractors.samples import sample_rows

CARDS = contract({"kind": "csv", "encoding": "gb18030"}, ("姓名", "卡号"))
PLAIN = "姓名,卡号\r\n张某,A1\r\n李某,A2\r\n".encode("gb18030")
ROWS = [(2, None, "张某", "A1"), (3, None, "李某", "A2")]


def zipped(*files: tuple[bytes, bytes]) -> bytes:
    """A zip whose file names are these bytes, without the UTF-8 mark, as systems with a GBK code page write them."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, content) in enumerate(files):
            archive.writestr(f"{number}".ljust(len(name), "_"), content)
    packed = stream.getvalue()
    for number, (name, _) in enumerate(files):
        packed = packed.replace(f"{number}".ljust(len(name), "_").encode(), name)
    return packed


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hrss_small_20261101_20261101-001.csv.gz"


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(PLAIN),
        gzip.compress(PLAIN[:9]) + gzip.compress(PLAIN[9:]),
        zipped(("持卡库_成都.csv".encode("gbk"), PLAIN)),
        zipped(("持卡库_成都.csv".encode(), PLAIN)),
        zipped((b"\xff\xff\xff\xff.csv", PLAIN)),
    ],
    ids=["gz", "gz in two parts", "gbk name", "utf-8 name without its mark", "name in no encoding"],
)
def test_a_packed_file_is_read_like_the_plain_one_and_nothing_stays(file: Path, packed: bytes) -> None:
    file.write_bytes(packed)
    reading = open_reading(CARDS, file, "full", file.parent)
    batches = list(reading.batches)
    assert [row["c0"] for batch in batches for row in batch.to_pylist()] == ["张某", "李某"]
    assert list(file.parent.iterdir()) == [file]
    found, _ = read(CARDS, file, packed)
    assert found == ROWS


def test_names_of_zips_are_understood_as_gbk(file: Path) -> None:
    file.write_bytes(zipped(("持卡库.csv".encode("gbk"), PLAIN)))
    with archives._open_zip(file) as archive:
        assert archive.namelist() == ["持卡库.csv"]


@pytest.mark.parametrize("feed", ["ca_assist", "hrss_card", "nhsa_insured", "ps_person", "tax_payer"])
def test_every_form_may_come_packed(desk: Desk, feed: str) -> None:
    of = CONTRACTS[feed]
    rows = sample_rows(of, 12)
    plain = render(of, rows, mode=mode_of(of))
    name = f"导出.{of.form.extension}".encode("gbk")
    for number, packed in enumerate([gzip.compress(plain), zipped((name, plain))], 1):
        extracted = desk.extract(of, rows, mode=mode_of(of), content=packed, number=number)
        assert (extracted.held, extracted.loaded) == (None, 12)
    assert not list(desk.folder.rglob("unpacked-*"))


def test_a_bomb_is_refused_before_it_is_unpacked(file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(archives, "RATIO_FREE_BYTES", 1 << 20)
    bomb = bytes(64 << 20)
    for packed in (gzip.compress(bomb, 9), zipped((b"a.csv", bomb))):
        fault = held(CARDS, file, packed)
        assert fault.code == "FILE_BROKEN"
        assert "unpacks to more than" in fault.message
    monkeypatch.setattr(archives, "LARGEST_BYTES", 10)
    assert "more than 10 bytes" in held(CARDS, file, gzip.compress(PLAIN)).message
    assert not list(tmp_path.rglob("unpacked-*"))


def test_what_cannot_be_unpacked_is_held_with_the_reason(file: Path) -> None:
    whole = gzip.compress(PLAIN * 1000)
    archive = zipped((b"a.csv", PLAIN * 1000))
    locked = bytearray(zipped((b"a.csv", PLAIN)))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(signature) + flags] |= 1
    wrong_sum = bytearray(whole)
    wrong_sum[-6] ^= 0xFF
    cases = {
        "cannot be unpacked": [
            whole[: len(whole) // 2],
            bytes(wrong_sum),
            archive[: len(archive) // 2],
            whole + b"x" * 9,
        ],
        "holds 2 files": [zipped((b"a.csv", PLAIN), (b"b.csv", PLAIN))],
        "holds 0 files": [zipped()],
        "encrypted": [bytes(locked)],
        "within an archive": [gzip.compress(whole), zipped((b"a.csv", archive))],
    }
    for words, contents in cases.items():
        for content in contents:
            fault = held(CARDS, file, content)
            assert fault.code == "FILE_BROKEN"
            assert words in fault.message
            assert file.name in fault.message


def test_an_empty_file_within_an_archive_is_an_empty_file(file: Path) -> None:
    assert held(CARDS, file, gzip.compress(b"")).code == "EMPTY_FILE"
