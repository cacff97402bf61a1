"""Files of a real OpenSSH server: finished ones only, whole, from a server whose key is known."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest

from extractors.manifest import sm3_of
from extractors.pull import PullFault, files
from tests.extractors.pull import servers
from tests.extractors.pull.conftest import Office, contract_of

FORM = {"kind": "csv", "encoding": "utf-8", "line_end": "lf"}
SFTP = {"kind": "sftp", "connection": "hrss", "folder": "out"}


@pytest.fixture(scope="module")
def server() -> Iterator[servers.SftpServer]:
    if servers.SSHD is None:
        pytest.skip(servers.NO_SSHD)
    with tempfile.TemporaryDirectory(prefix="yidang-sftp-") as folder, servers.sftp_server(Path(folder)) as running:
        yield running


@pytest.fixture
def out(server: servers.SftpServer) -> Path:
    """The department's folder, empty."""
    folder = server.home / "out"
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    return folder


def send(folder: Path, number: int, names: list[str], *, manifest: bool = True, padding: int = 0) -> Path:
    """Put a full file of these names into a folder, and its manifest."""
    stem = f"hrss_small_20261101_20261101-{number:03}"
    path = folder / f"{stem}.csv"
    rows = [f"A{n},{name},{'街' * padding},1,2026-11-01 08:00:00,\n" for n, name in enumerate(names)]
    path.write_text("KH,XM,DZ,DH,GXSJ,SY\n" + "".join(rows), encoding="utf-8")
    if manifest:
        told = {
            "feed": "hrss_small", "batch_no": f"20261101-{number:03}", "business_date": "2026-11-01", "mode": "full",
            "row_count": len(names), "file_name": path.name, "file_sm3": sm3_of(path), "sender": "某厅", "schema_version": "1",
        }  # fmt: skip
        (folder / f"{stem}.manifest.json").write_text(json.dumps(told))
    return path


def test_a_finished_file_arrives_and_lands_once(server: servers.SftpServer, out: Path, office: Office) -> None:
    contract = contract_of(SFTP, FORM)
    send(out, 1, ["甲", "乙"])
    send(out, 2, ["丙"], manifest=False)  # still being written, for all one can tell
    (out / "hrss_other_1.csv").write_text("not of this feed")
    pulled = office.pull(contract, server.url())
    assert pulled.batches == ("20261101-001",)
    assert "1 files without a manifest are taken when theirs has come" in pulled.note
    assert sorted(path.name.split(".", 1)[1] for path in office.inbox.iterdir()) == ["csv", "manifest.json"]
    assert office.pull(contract, server.url()).batches == ()  # it waits in the inbox already
    assert office.land(contract) == ["20261101-001"]
    send(out, 2, ["丙"])
    assert office.night(contract, server.url()).batches == ("20261101-002",)
    assert office.names() == {"A0": "丙"}
    assert office.pull(contract, server.url()).batches == ()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # the library's own reader ends
def test_a_broken_download_goes_on_where_it_broke(
    server: servers.SftpServer, out: Path, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = contract_of(SFTP, FORM)
    path = send(out, 1, ["甲"] * 20_000, padding=200)
    part = office.folder / "workshop" / "hrss_small" / path.name
    began: list[int] = []
    fetch = files.Folder.fetch

    def watched(folder: files.Folder, remote: files.Remote, to: Path) -> None:
        if remote.name == path.name:
            began.append(to.stat().st_size if to.exists() else 0)
        fetch(folder, remote, to)

    read = paramiko.SFTPFile.read
    cuts: list[int] = []

    def cut(stream: paramiko.SFTPFile, size: int) -> bytes:
        if stream.tell() >= 1 << 20 and not cuts:
            cuts.append(stream.tell())
            server.break_connections()
        return read(stream, size)

    monkeypatch.setattr(files.Folder, "fetch", watched)
    monkeypatch.setattr(paramiko.SFTPFile, "read", cut)
    office.pull(contract, server.url())
    assert len(began) == 2
    assert began[1] >= 1 << 20
    assert sm3_of(office.inbox / path.name) == sm3_of(path)
    assert not part.exists()


def test_a_file_that_changed_meanwhile_is_taken_from_its_beginning(
    server: servers.SftpServer, out: Path, office: Office
) -> None:
    contract = contract_of(SFTP, FORM)
    path = send(out, 1, ["甲"] * 1000)
    workshop = office.folder / "workshop" / "hrss_small"
    workshop.mkdir(parents=True)
    (workshop / path.name).write_bytes(b"half of another file")
    (workshop / f"{path.name}.of").write_text(json.dumps([path.name, path.stat().st_size, 1]))
    office.pull(contract, server.url())
    assert sm3_of(office.inbox / path.name) == sm3_of(path)


def test_a_corrected_file_replaces_the_one_in_the_inbox(server: servers.SftpServer, out: Path, office: Office) -> None:
    contract = contract_of(SFTP, FORM)
    send(out, 1, ["甲"])
    office.pull(contract, server.url())
    path = send(out, 1, ["乙"])
    os.utime(path, (1, 1))
    assert office.pull(contract, server.url()).batches == ("20261101-001",)
    office.land(contract)
    assert office.names() == {"A0": "乙"}


def test_an_announced_file_that_is_missing_is_left_to_receive(
    server: servers.SftpServer, out: Path, office: Office
) -> None:
    """Pulling adds no judgement of its own: what is wrong with a delivery is said where files are received."""
    send(out, 1, ["甲"]).unlink()
    (out / "hrss_small_20261101_20261101-002.manifest.json").write_text("{")
    office.pull(contract_of(SFTP, FORM), server.url())
    assert sorted(path.name for path in office.inbox.iterdir()) == [
        "hrss_small_20261101_20261101-001.manifest.json", "hrss_small_20261101_20261101-002.manifest.json",
    ]  # fmt: skip


def test_an_unknown_or_changed_host_key_is_refused(server: servers.SftpServer, out: Path, office: Office) -> None:
    send(out, 1, ["甲"])
    contract = contract_of(SFTP, FORM)
    other = (server.folder / "user.pub").read_text().split()[1]
    with pytest.raises(PullFault, match=r"SOURCE_REFUSED.*another host key than the known one"):
        office.pull(contract, server.url(host_key=f"ssh-ed25519 {other}"))
    empty = server.folder / "known_hosts"
    empty.write_text("")
    url = server.url().split("?")[0] + f"?key={server.key}&known_hosts={empty}"
    with pytest.raises(PullFault, match=r"SOURCE_REFUSED.*host key is not known here"):
        office.pull(contract, url)
    empty.write_text(f"[127.0.0.1]:{server.port} {server.host_key}\n")
    assert office.pull(contract, url).batches == ("20261101-001",)
    with pytest.raises(PullFault, match=r"SOURCE_NOT_SET_UP.*host key cannot be read"):
        office.pull(contract, server.url(host_key="rubbish"))


def test_a_wrong_key_a_wrong_folder_and_a_server_that_is_down_are_told(
    server: servers.SftpServer, office: Office
) -> None:
    with pytest.raises(PullFault, match=r"SOURCE_REFUSED.*refused the login"):
        office.pull(contract_of(SFTP, FORM), server.url(key=server.folder / "host"))
    with pytest.raises(PullFault, match=r"SOURCE_CHANGED.*has no .*nowhere. Check 'folder'"):
        office.pull(contract_of(SFTP | {"folder": "nowhere"}, FORM), server.url())
    with pytest.raises(PullFault, match=r"SOURCE_DOWN"):
        office.pull(contract_of(SFTP, FORM), "sftp://someone:geheim@127.0.0.1:9/x")
    with pytest.raises(PullFault, match=r"SOURCE_NOT_SET_UP.*a URL of 'ftp'"):
        office.pull(contract_of(SFTP, FORM), "ftp://someone:geheim@127.0.0.1:9/x")
