"""Nights through real Airflow: the first, the second, a broken one, a killed one, and what the tables say."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from benchmarks.leaks import search
from extractors.manifest import sm3_of
from runtime import airflow, postgres, supervisor
from runtime.airflow import AirflowError
from runtime.settings import ROOT, read_settings
from tests.conftest import open_folder

T = TypeVar("T")
PERSONS = 3000
FEEDS = ("hrss_card", "ps_person", "nhsa_insured", "ca_assist", "mr_entity", "tax_payer")
FIRST, SECOND, THIRD = "2026-11-01", "2026-11-02", "2026-11-03"


@dataclass
class Site:
    """One state folder with servers up, for the time of this module."""

    home: Path
    url: str

    def run(self, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {k: v for k, v in os.environ.items() if k not in ("INBOX", "DATE", "YIDANG_DATABASE_URL")}
        environment |= {"YIDANG_HOME": str(self.home), "YIDANG_PERSONS": str(PERSONS), **more}
        return subprocess.run(
            [sys.executable, "-m", "runtime", "run"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def ask(self, statement: str) -> str:
        place = postgres.find_place(self.home)
        return postgres.run_sql(place, self.url, statement)


def runtime_command(home: Path, name: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "YIDANG_DATABASE_URL"} | {"YIDANG_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-m", "runtime", name], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with open_folder() as home:
        yield from _serve(home)


def _serve(home: Path) -> Iterator[Site]:
    up = runtime_command(home, "ui")
    assert up.returncode == 0, up.stdout + up.stderr
    servers = supervisor.running_servers(read_settings({"YIDANG_HOME": str(home)}))
    assert servers is not None
    yield Site(home, servers.warehouse_url)
    stopped = runtime_command(home, "stop")
    assert "Stopped" in stopped.stdout
    left = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(supervisor.MARK) == str(home):
                left.append(process.cmdline())
        except psutil.Error:
            continue
    assert left == [], "the supervisor left orphans"


def feed_lines(output: str) -> dict[str, list[int]]:
    """feed or subject -> the numbers of its line in the summary."""
    summary = output[output.index("Summary of") :]
    found = re.findall(r"^  (\w+) +([\d,]+) +([\d,]+) +([\d,]+) +([\d,]+)(?: +([\d,]+))?$", summary, re.MULTILINE)
    return {line[0]: [int(n.replace(",", "")) for n in line[1:] if n] for line in found}


@pytest.fixture(scope="module")
def first(site: Site) -> subprocess.CompletedProcess[str]:
    return site.run()


@pytest.fixture(scope="module")
def second(site: Site, first: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    assert first.returncode == 0
    return site.run()


def test_the_first_night_is_green(first: subprocess.CompletedProcess[str]) -> None:
    assert first.returncode == 0, first.stdout + first.stderr
    assert f"Night of {FIRST}" in first.stdout
    assert "Airflow UI: http://127.0.0.1:" in first.stdout


def test_the_summary_is_what_the_tables_hold(site: Site, first: subprocess.CompletedProcess[str]) -> None:
    lines = feed_lines(first.stdout)
    for feed in FEEDS:
        read, loaded, rejected, duplicate = lines[feed]
        assert read == loaded + rejected + duplicate
        assert loaded == int(site.ask(f"select count(*) from landing.{feed}"))
        assert rejected == int(site.ask(f"select count(*) from ops.reject where feed = '{feed}'"))
    assert lines["person"][0] == int(site.ask("select count(*) from core.person"))
    assert lines["enterprise"][0] == int(site.ask("select count(*) from core.enterprise"))


def test_cards_answer(site: Site, first: subprocess.CompletedProcess[str]) -> None:
    assert first.returncode == 0
    card = site.ask("select card_number || ' ' || issue_area_code from core.card where card_status = 'normal' limit 1")
    number, area = card.split()
    holder = site.ask(f"select answer from card.who_holds('{number}', '{area}')")
    assert holder in ("found", "under_review")
    assert site.ask("select answer from card.who_holds('Z99999999', '510100')") == "not_found"


def test_feeds_have_their_names_in_the_grid(site: Site, first: subprocess.CompletedProcess[str]) -> None:
    assert first.returncode == 0
    tasks = client_of(site).task_instances(airflow.DAG_ID, f"night-{FIRST}")
    names = {t["rendered_map_index"] for t in tasks if t["task_id"] == "by_feed.land"}
    assert "hrss_card" in names
    assert {t["state"] for t in tasks if t["task_id"] != "ask_release"} == {"success"}
    assert {t["state"] for t in tasks if t["task_id"] == "ask_release"} == {"skipped"}  # no gate stopped anything


def test_the_second_night_is_a_delta_and_keeps_ids(site: Site, second: subprocess.CompletedProcess[str]) -> None:
    assert second.returncode == 0, second.stdout + second.stderr
    assert f"Night of {SECOND}" in second.stdout
    lines = feed_lines(second.stdout)
    assert 0 < sum(lines[feed][0] for feed in FEEDS if feed in lines) < PERSONS / 5
    kept = site.ask("select count(*) from core.person where created_run_id = 'night-2026-11-01'")
    assert int(kept) > PERSONS * 0.9


def test_a_night_that_is_done_changes_nothing(site: Site, second: subprocess.CompletedProcess[str]) -> None:
    assert second.returncode == 0
    before = site.ask("select count(*), max(run_id) from ops.change_event")
    again = site.run(DATE=SECOND)
    assert again.returncode == 0
    assert "Nothing new" in again.stdout
    assert site.ask("select count(*), max(run_id) from ops.change_event") == before


def test_a_broken_night_keeps_yesterday_and_publishes_the_rest(
    site: Site, second: subprocess.CompletedProcess[str], tmp_path: Path
) -> None:
    """A header renamed, a file cut in half, a list half empty; the truth is hidden: the pipeline cannot have read it.

    What the gate stopped is asked of an engineer while the night ends; released, it lands at once.
    """
    assert second.returncode == 0
    inbox = tmp_path / "inbox"
    demo = [
        sys.executable, "-m", "demo", "deliver", "--date", THIRD, "--first", FIRST, "--persons", str(PERSONS),
        "--seed", "7", "--inbox", str(inbox), "--truth", str(tmp_path / "truth"),
    ]  # fmt: skip
    subprocess.run(demo, cwd=ROOT, check=True)
    shutil.rmtree(tmp_path / "truth")
    for feed in ("hrss_card", "nhsa_insured", "nhsa_assist"):
        send_full_again(site.home / "inbox", inbox, feed)
    shorten(inbox, "nhsa_assist")
    shutil.move(site.home / "truth", tmp_path / "hidden")
    rename_header(inbox, "hrss_card")
    halve(inbox, "nhsa_insured")
    cards, insured = (site.ask(f"select count(*) from landing.{f}") for f in ("hrss_card", "nhsa_insured"))
    aided = int(site.ask("select count(*) from landing.nhsa_assist"))
    broken = site.run(INBOX=str(inbox), DATE=THIRD)
    shutil.move(tmp_path / "hidden", site.home / "truth")
    assert broken.returncode == 1, broken.stdout
    assert "COLUMN_RENAMED" in broken.stdout
    assert "HASH_WRONG" in broken.stdout
    assert site.ask("select count(*) from landing.hrss_card") == cards
    assert site.ask("select count(*) from landing.nhsa_insured") == insured
    assert site.ask(f"select state from ops.run where run_id = 'night-{THIRD}'") == "incomplete", broken.stdout
    landed = site.ask(f"select count(*) from ops.delivery where run_id = 'night-{THIRD}' and state = 'landed'")
    assert int(landed) >= 1
    assert int(site.ask("select count(*) from landing.nhsa_assist")) == aided, "yesterday's records stay"
    release_what_was_stopped(site)
    assert int(site.ask("select count(*) from landing.nhsa_assist")) < 0.6 * aided


def release_what_was_stopped(site: Site) -> None:
    """The engineer answers in Airflow, with a reason and the wish to run at once; steward and viewer may not."""
    incident = "select state || ' ' || feed || ' ' || array_to_string(rules, ',') from ops.incident"
    assert site.ask(incident) == "open nhsa_assist row_count_against_last"
    (question,) = wait_for(lambda: client_of(site).hitl_questions())
    assert question["subject"].startswith("nhsa_assist 20261103-001")
    assert "row_count_against_last ≤ 0.3" in question["body"]
    given = {"reason": "the county ended its list, told by phone", "run_now": True}
    with pytest.raises(AirflowError, match="403"):
        client_of(site, "steward").answer_question(question, "Release", given)
    client_of(site, "engineer").answer_question(question, "Release", given)
    wait_for(lambda: site.ask("select 1 from ops.incident where state = 'settled'"))
    log = site.ask("select decision || '|' || decided_by || '|' || reason from audit.release")
    assert log == "released|engineer|the county ended its list, told by phone"
    assert (
        site.ask("select state from ops.verdict where feed = 'nhsa_assist' order by verdict_id desc limit 1") == "warn"
    )
    wait_for(lambda: client_of(site).run_states("yidang_release") == ["success"])


def client_of(site: Site, user: str = "admin") -> airflow.Client:
    settings = read_settings({"YIDANG_HOME": str(site.home)})
    servers = supervisor.running_servers(settings)
    assert servers is not None
    return airflow.Client(servers.ui_port, airflow.account_of(settings, user))


def wait_for(look: Callable[[], T], seconds: float = 300) -> T:
    """What `look` gives as soon as it gives something."""
    until = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.5)
    return found


def test_no_personal_value_is_anywhere_but_in_the_data(site: Site, second: subprocess.CompletedProcess[str]) -> None:
    """Data Docs, other reports, logs, Airflow's tables with the XComs, runs, verdicts, findings: no id, phone, name, card."""
    values, seen, hits = search(site.home, second.stdout + second.stderr)
    assert {"id", "phone", "name", "bank card"} <= set(values["kind"].to_pylist())
    assert values.num_rows > PERSONS
    assert {"files in reports/", "files in logs/", "files in airflow/", "Airflow: xcom", "Airflow: log", "warehouse: ops",
            "PostgreSQL server log"} <= set(seen)  # fmt: skip
    assert hits.to_pylist() == []


def send_full_again(source: Path, inbox: Path, feed: str) -> None:
    """The full file of the first night as a delivery of the third."""
    words = json.loads(next(source.glob(f"{feed}_{FIRST.replace('-', '')}_*.manifest.json")).read_text())
    old, batch_no = words["file_name"], f"{THIRD.replace('-', '')}-001"
    name = f"{feed}_{THIRD.replace('-', '')}_{batch_no}{Path(old).suffix}"
    shutil.copyfile(source / old, inbox / name)
    words |= {"file_name": name, "batch_no": batch_no, "business_date": THIRD}
    (inbox / f"{Path(name).stem}.manifest.json").write_text(json.dumps(words))


def rename_header(inbox: Path, feed: str) -> None:
    """The department calls a column otherwise today; manifest and hash agree with the file."""
    manifest = next(inbox.glob(f"{feed}_*.manifest.json"))
    words = json.loads(manifest.read_text())
    path = inbox / words["file_name"]
    path.write_bytes(path.read_bytes().replace("姓名".encode("gb18030"), "名字".encode("gb18030"), 1))
    words["file_sm3"] = sm3_of(path)
    manifest.write_text(json.dumps(words))


def shorten(inbox: Path, feed: str) -> None:
    """A full file of JSON lines with the first half of them, and a manifest that says so."""
    manifest = next(inbox.glob(f"{feed}_*.manifest.json"))
    words = json.loads(manifest.read_text())
    path = inbox / words["file_name"]
    lines = path.read_bytes().splitlines(keepends=True)
    kept = lines[: len(lines) // 2]
    path.write_bytes(b"".join(kept))
    manifest.write_text(json.dumps({**words, "row_count": len(kept), "file_sm3": sm3_of(path)}))


def halve(inbox: Path, feed: str) -> None:
    """A new file, half of which is missing."""
    manifest = next(inbox.glob(f"{feed}_*.manifest.json"))
    words = json.loads(manifest.read_text())
    path = inbox / words["file_name"]
    whole = path.read_bytes() + b"\n"
    path.write_bytes(whole)
    manifest.write_text(json.dumps({**words, "file_sm3": sm3_of(path)}))
    path.write_bytes(whole[: len(whole) // 2])


def test_a_kill_in_the_middle_is_finished_by_the_next_command(
    site: Site, second: subprocess.CompletedProcess[str]
) -> None:
    """SIGKILL to the whole command and its servers while the night runs; the same command again ends well."""
    assert second.returncode == 0
    runtime_command(site.home, "stop")
    environment = {k: v for k, v in os.environ.items() if k not in ("INBOX", "DATE", "YIDANG_DATABASE_URL")}
    environment |= {"YIDANG_HOME": str(site.home), "YIDANG_PERSONS": str(PERSONS)}
    begun = subprocess.Popen(
        [sys.executable, "-m", "runtime", "run"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert begun.stdout is not None
    for line in begun.stdout:
        if " land " in line:
            break
    servers = supervisor.running_servers(read_settings({"YIDANG_HOME": str(site.home)}))
    assert servers is not None
    victims = [psutil.Process(servers.supervisor_pid), *psutil.Process(servers.supervisor_pid).children(recursive=True)]
    for process in [psutil.Process(begun.pid), *victims]:
        if process.is_running():
            process.kill()
    begun.wait()
    time.sleep(1)
    again = site.run()
    assert again.returncode == 0, again.stdout + again.stderr
    up = runtime_command(site.home, "ui")
    assert up.returncode == 0, up.stderr
