"""Real servers on loopback for these tests: MariaDB and OpenSSH of the machine, each in a folder of its own."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from runtime.postgres import free_port
from runtime.processes import die_with_parent

PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin"
MARIADB = shutil.which("mariadbd", path=PATH)
INSTALL_MARIADB = shutil.which("mariadb-install-db", path=PATH)
SSHD = shutil.which("sshd", path=PATH)
SFTP_SERVER = "/usr/lib/openssh/sftp-server"
NO_MARIADB = "no MariaDB here: Debian's package mariadb-server brings one (.ci/run installs it)"
NO_SSHD = "no OpenSSH server here: Debian's package openssh-server brings one (.ci/run installs it)"


@contextmanager
def mariadb(folder: Path) -> Iterator[str]:
    """A running MariaDB; gives mariadb://user:password@host:port/test with all rights."""
    assert MARIADB is not None
    assert INSTALL_MARIADB is not None
    data, port = folder / "mariadb", free_port()
    account = getpass.getuser()
    subprocess.run(
        [INSTALL_MARIADB, "--no-defaults", f"--datadir={data}", f"--user={account}", "--skip-test-db",
         "--auth-root-authentication-method=normal"],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    start = folder / "start.sql"
    start.write_text(  # one statement a line
        "create database test;\n"
        "create user reader@'127.0.0.1' identified by 'a/b@c';\n"
        "grant all on *.* to reader@'127.0.0.1';\n"
    )
    command = [
        MARIADB, "--no-defaults", f"--datadir={data}", f"--user={account}", f"--port={port}", "--bind-address=127.0.0.1",
        f"--socket={folder / 'mariadb.sock'}", f"--pid-file={folder / 'mariadb.pid'}", f"--init-file={start}",
        "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=16M", "--innodb-flush-log-at-trx-commit=0",
        "--performance-schema=OFF", "--skip-name-resolve", "--character-set-server=utf8mb4",
    ]  # fmt: skip
    with (folder / "mariadb.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=die_with_parent)
    try:
        wait_for_port(port, server, folder / "mariadb.log")
        yield f"mariadb://reader:a%2Fb%40c@127.0.0.1:{port}/test"
    finally:
        server.terminate()
        server.wait(30)


@dataclass
class SftpServer:
    """A running OpenSSH server that knows one account by its key; `home` is what it serves."""

    home: Path
    port: int
    host_key: str
    key: Path
    folder: Path
    process: subprocess.Popen[bytes] = field(repr=False)

    def url(self, *, host_key: str | None = None, key: Path | None = None) -> str:
        """sftp:// URL of the served folder."""
        trusted = (self.host_key if host_key is None else host_key).replace(" ", "%20").replace("+", "%2B")
        return f"sftp://{getpass.getuser()}@127.0.0.1:{self.port}/{self.home}?host_key={trusted}&key={key or self.key}"

    def break_connections(self) -> None:
        """End every connection that is open now."""
        for child in subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=False
        ).stdout.split():
            os.kill(int(child), signal.SIGKILL)


@contextmanager
def sftp_server(folder: Path) -> Iterator[SftpServer]:
    """OpenSSH's own server with its sftp-server, for the account that runs the tests."""
    assert SSHD is not None
    home = folder / "served"
    home.mkdir()
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    allowed = folder / "authorized_keys"
    allowed.write_text((folder / "user.pub").read_text())
    for path in (allowed, folder / "host", folder / "user"):
        path.chmod(0o600)
    port = free_port()
    settings = folder / "sshd_config"
    settings.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder / 'host'}\nAuthorizedKeysFile {allowed}\n"
        f"PasswordAuthentication no\nStrictModes no\nUsePAM no\nPidFile {folder / 'sshd.pid'}\n"
        f"PermitRootLogin prohibit-password\nSubsystem sftp {SFTP_SERVER}\n"
    )
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    with (folder / "sshd.log").open("wb") as log:
        server = subprocess.Popen(
            [SSHD, "-D", "-e", "-f", str(settings)], stdout=log, stderr=log, preexec_fn=die_with_parent
        )
    try:
        wait_for_port(port, server, folder / "sshd.log")
        host_key = " ".join((folder / "host.pub").read_text().split()[:2])
        yield SftpServer(home, port, host_key, folder / "user", folder, server)
    finally:
        server.terminate()
        server.wait(30)


def wait_for_port(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server answers; its own last words if it ends first."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended: {log.read_text(errors='replace')[-800:]}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the server was not up in 60 s")
