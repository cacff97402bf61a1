"""python -m runtime COMMAND: what the Makefile calls."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys

from runtime import airflow, postgres, session, supervisor
from runtime.settings import SettingError, Settings, read_settings


def _run(settings: Settings) -> int:
    from runtime import night

    try:
        return night.run_night(settings, night.read_asked(dict(os.environ)))
    except night.NightError as fault:
        print(f"yidang: {fault}", file=sys.stderr)
        return 1


def _ui(settings: Settings) -> int:
    from runtime.night import say_where

    servers = supervisor.running_servers(settings) or session.start_servers(settings, stays=True)
    say_where(settings, servers)
    print("It stays up until `make stop`.")
    return 0


def _stop(settings: Settings) -> int:
    print("Stopped." if session.stop_servers(settings) else "Nothing was running.")
    return 0


def _psql(settings: Settings) -> int:
    place = postgres.find_place(settings.home, settings.postgres_bin)
    psql = str(place.bin / "psql")
    if settings.database_url is not None:
        return subprocess.run([psql, settings.database_url], check=False).returncode
    with postgres.serving(place) as server:
        url = postgres.ensure_database(place, server, "yidang")
        return subprocess.run([psql, url], check=False, env={**os.environ, "PAGER": "cat"}).returncode


def _reset(settings: Settings) -> int:
    session.stop_servers(settings)
    supervisor.end_leftovers(settings)
    place = postgres.find_place(settings.home, settings.postgres_bin)
    postgres.stop_server(place)
    shutil.rmtree(place.data.parent, ignore_errors=True)
    shutil.rmtree(settings.home, ignore_errors=True)
    print(f"Deleted {settings.home}." + (" Your own database was left as it is." if settings.database_url else ""))
    return 0


def _docs(settings: Settings) -> int:
    from runtime.pages import write_pages

    for page in write_pages(settings):
        print(page)
    return 0


COMMANDS = {
    "run": _run,
    "ui": _ui,
    "stop": _stop,
    "psql": _psql,
    "reset": _reset,
    "docs": _docs,
    "supervise": supervisor.supervise,
}


def main() -> int:
    """Parse the command line and run the command; known faults end with a message, not a traceback."""
    parser = argparse.ArgumentParser(prog="python -m runtime", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    chosen = parser.parse_args().command
    try:
        return COMMANDS[chosen](read_settings())
    except (SettingError, supervisor.SupervisorError, postgres.PostgresError, airflow.AirflowError) as fault:
        print(f"yidang: {fault}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nyidang: interrupted. Run the same command again; it finishes the job.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
