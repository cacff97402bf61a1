"""The console in a real browser, signed in by Airflow: who may see what, who may decide, and what is written down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest

from runtime import postgres
from tests.conftest import open_folder
from tests.plugins.chromium import open_chromium
from tests.plugins.console_site import NAMES, PAIRS, STREET, Site, number_of, open_site
from tests.quality.answered import save, sheets_of

REPORT = "/reports/night-2026-11-01/morning.html"
PERSONAL = (*NAMES, "欧阳婧芳", STREET, "1985-01-02", "K-A0", "CARDA0", number_of(0, 0), number_of(0, 1))


@dataclass
class Screen:
    """A browser, the site it looks at, and the pages of who has signed in."""

    browser: Any
    site: Site
    pages: dict[str, Any] = field(default_factory=dict)

    def page_of(self, user: str) -> Any:
        """A page of this user, signed in through Airflow's own form."""
        if user not in self.pages:
            page = self.browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB").new_page()
            page.goto(f"{self.site.url}/auth/login/?next={self.site.console}/")
            page.fill("input[name=username]", user)
            page.fill("input[name=password]", self.site.passwords[user])
            page.press("input[name=password]", "Enter")
            page.wait_for_selector("header .who")
            self.pages[user] = page
        return self.pages[user]


@pytest.fixture(scope="module")
def screen(postgres_place: postgres.Place, database_url: str) -> Iterator[Screen]:
    server = postgres.start_server(postgres_place)
    with open_chromium() as browser, open_folder() as home:
        metadata = postgres.ensure_database(postgres_place, server, "console_airflow")
        with open_site(home, database_url, metadata) as site:
            yield Screen(browser, site)


@pytest.mark.parametrize("user,role", [("steward", "steward"), ("engineer", "engineer"), ("viewer", "viewer")])
def test_airflow_says_who_is_signed_in(screen: Screen, user: str, role: str) -> None:
    page = screen.page_of(user)
    page.goto(f"{screen.site.console}/")
    assert page.text_content("header .who").startswith(f"{user} · {role}")


def test_nobody_sees_a_page_without_signing_in(screen: Screen) -> None:
    page = screen.browser.new_context().new_page()
    for path in ("/", "/review", "/review/1", "/file", "/file/PA0", "/troubles", "/corrections", "/reports", REPORT):
        answer = page.goto(screen.site.console + path)
        assert answer is not None
        assert answer.status == 401
        assert "Please sign in" in page.text_content("main")


def walk(page: Any, start: str, more: list[str]) -> dict[str, str]:
    """Every page of the console that links and `more` lead to: path → source as the browser got it."""
    waiting, seen = [start, *more], {}
    while waiting and len(seen) < 60:
        url = waiting.pop()
        path = urlparse(url).path
        shape = re.sub(r"\d+", "0", path)  # one case stands for all
        if shape in seen:
            continue
        answer = page.goto(url)
        seen[shape] = answer.text() + page.content()
        links = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
        waiting += [u.partition("#")[0] for u in links if "/yidang/" in u]
    return seen


@pytest.mark.parametrize("user", ["viewer", "engineer"])
def test_only_a_steward_sees_personal_values(screen: Screen, user: str) -> None:
    site = screen.site
    more = [
        f"{site.console}{p}"
        for p in ("/review/1", "/file/PA0", "/file/PB0", "/file/PA0/record/1", "/file/PA0/together?left=1&right=2")
    ]
    seen = walk(screen.page_of(user), f"{site.console}/", more)
    assert len(seen) >= 6, list(seen)
    found = {path: [p for p in PERSONAL if p in text] for path, text in seen.items()}
    assert not {path: values for path, values in found.items() if values}
    shown = screen.page_of("steward")
    shown.goto(f"{site.console}/review/1")
    assert NAMES[0] in re.sub(r"</?mark>", "", shown.content())  # the very same pages hold them for a steward


def test_looking_at_a_file_needs_a_reason_that_is_kept(screen: Screen) -> None:
    page, site = screen.page_of("steward"), screen.site
    page.goto(f"{site.console}/file/PB7")
    assert number_of(7, 1) not in page.content()
    assert not site.ask("select 1 from audit.person_view where master_id = 'PB7'")
    page.fill("input[name=reason]", "asked at the counter")
    page.click("text=Show the file")
    page.wait_for_selector("text=Timeline")
    assert number_of(7, 1) in page.content()
    page.click("text=Social security cards")  # a list opens
    assert page.is_visible("text=CARDB7")
    logged = site.ask("select distinct viewed_by, reason from audit.person_view where master_id = 'PB7'")
    assert logged == [("steward", "asked at the counter")]


def test_why_pages_say_what_the_sql_functions_say(screen: Screen) -> None:
    page, site = screen.page_of("steward"), screen.site
    page.goto(f"{site.console}/file/PA0")
    page.fill("input[name=reason]", "checking a link")
    page.click("text=Show the file")
    page.click("table a[title='Why this record is here'] >> nth=0")
    for (words,) in site.ask("select words from core.why('hrss_card:K-A0')"):
        assert words in page.text_content("main")
    page.click("h1 a")
    page.click("text=together? >> button")
    for (words,) in site.ask("select words from core.why_together('hrss_card:K-A0', 'hrss_card:K-A0b')"):
        assert words in page.text_content("main")
    page.goto(f"{site.console}/review/1")
    told = site.ask("select words from core.why_apart('hrss_card:K-A0', 'hrss_card:K-B0') where what = 'differs'")
    assert told
    assert told[0][0] in page.text_content("main")
    page.goto(f"{site.console}/file/PA0")
    for (words,) in site.ask("select words from core.history('PA0')"):
        assert words in page.text_content(".timeline")


def test_each_view_of_a_case_is_written_down_for_both_persons(screen: Screen) -> None:
    page, site = screen.page_of("steward"), screen.site
    count = "select count(*) from audit.person_view where page = 'review' and master_id in ('PA8', 'PB8')"
    before = site.ask(count)[0][0]
    number = site.ask("select review_id from core.review where left_id = 'PA8'")[0][0]
    page.goto(f"{site.console}/review/{number}")
    assert site.ask(count)[0][0] == before + 2


def test_a_form_of_another_site_is_refused(screen: Screen) -> None:
    site = screen.site
    page = screen.page_of("steward").context.new_page()
    form = f'<form method=post action="{site.console}/review/next"><input name=form_token value=x></form>'
    page.route("http://elsewhere.test/", lambda route: route.fulfill(body=form, content_type="text/html"))
    page.goto("http://elsewhere.test/")
    with page.expect_navigation() as sent:
        page.evaluate("document.forms[0].submit()")
    assert sent.value.status in (401, 403)
    own = page.request.post(f"{site.console}/review/next", form={"form_token": "made-up"})
    assert own.status == 403  # with the cookie, but not from a page of the console
    stolen = screen.page_of("viewer")
    stolen.goto(f"{site.console}/file")
    token = stolen.get_attribute("input[name=form_token]", "value")
    assert page.request.post(f"{site.console}/review/next", form={"form_token": token}).status == 403
    assert not site.ask("select 1 from core.review where state = 'taken'")
    page.close()


def test_a_viewer_cannot_decide(screen: Screen) -> None:
    page, site = screen.page_of("viewer"), screen.site
    page.goto(f"{site.console}/file")
    token = page.get_attribute("input[name=form_token]", "value")
    for path in ("/review/next", "/review/1/take", "/file/PA0/split"):
        assert page.request.post(site.console + path, form={"form_token": token, "reason": "r"}).status == 403


def test_the_console_is_a_page_of_airflow(screen: Screen) -> None:
    page = screen.page_of("steward")
    page.goto(f"{screen.site.url}/plugin/yidang")
    frame = page.frame_locator("iframe")
    frame.locator("header .brand").wait_for(timeout=20_000)
    frame.locator("nav a", has_text="Review").click()
    frame.locator("h1", has_text="Review").wait_for()


def test_a_department_corrects_and_disputes_by_file(screen: Screen, tmp_path: Path) -> None:
    page, site = screen.page_of("steward"), screen.site
    page.goto(f"{site.console}/corrections")
    page.select_option("select[name=department]", "hrss")
    page.fill("input[name=reason][placeholder^='Why: who']", "asked for by the department")
    with page.expect_download() as got:
        page.click("text=Make the file")
    got.value.save_as(tmp_path / "file.xlsx")
    sheets = sheets_of(tmp_path / "file.xlsx")
    head, *lines = sheets["持卡库"]
    answer, note = head.index("答复"), head.index("答复说明")
    for line in lines:
        line[answer], line[note] = "有异议", "户籍如此"
    page.goto(f"{site.console}/corrections")
    page.set_input_files("input[name=answers]", save(tmp_path / "answer.xlsx", sheets))
    page.click("text=Read in")
    assert f"{len(lines)} disputed" in page.text_content(".notice")
    assert "户籍如此" in page.text_content("main")
    row = page.locator("tr", has_text="DATE_01_01")
    row.locator("input[name=reason]").fill("the register says so")
    row.locator("text=Hold up").click()
    page.wait_for_selector("h1")
    assert site.ask("select state, state_by from ops.finding where code = 'DATE_01_01'") == [("open", "steward")]
    kept = site.ask("select kind, made_by, reason from audit.correction_file order by export_id")
    assert kept[0] == ("export", "steward", "asked for by the department")
    for user in ("viewer", "engineer"):
        other = screen.page_of(user)
        other.goto(f"{site.console}/corrections")
        assert "户籍如此" not in other.content()
        other.goto(f"{site.console}/file")
        token = other.get_attribute("input[name=form_token]", "value")
        form = {"form_token": token, "department": "hrss", "reason": "r", "verdict": "accept"}
        for path in ("/corrections/file", "/corrections/dispute/1"):
            assert other.request.post(site.console + path, form=form).status == 403


def test_reports_are_read_signed_in_and_found_from_a_run(screen: Screen) -> None:
    page, site = screen.page_of("viewer"), screen.site
    page.goto(f"{site.console}/reports")
    page.click("text=morning 晨报")
    assert "2026-11-01" in page.text_content("h1")
    assert page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth") == "1080px"  # its style is inside
    page.click("nav >> text=主档覆盖")
    assert "个人主档" in page.text_content("main")
    for run in ("night-2026-11-01", "scheduled__2026-10-31T18:00:00+00:00"):
        page.goto(f"{site.console}/reports/of/{run}")
        assert page.url.endswith(REPORT)
    for path in (
        "/reports/of/night-2031-01-01",
        "/reports/%2e%2e/morning.html",
        "/reports/night-2026-11-01/passwords.html",
    ):
        assert page.request.get(site.console + path).status == 404
    views = page.request.get(f"{site.url}/api/v2/plugins").json()["plugins"]
    told = [view for plugin in views for view in plugin["external_views"] if view["destination"] == "dag_run"]
    assert [view["href"] for view in told] == ["/yidang/reports/of/{RUN_ID}"]


def test_a_steward_decides_fifty_pairs_by_keyboard(screen: Screen) -> None:
    page, site = screen.page_of("steward"), screen.site
    page.goto(f"{site.console}/review")
    page.keyboard.press("n")
    for decided in range(50):
        page.wait_for_selector("#decide")
        told = page.text_content(".verdict.not_same")  # told before it is done, in both languages
        assert "stay in different files" in told
        assert "始终分属两档" in told
        shown = page.url
        page.keyboard.press("d" if decided % 5 else "u")
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url, shown=shown: url != shown)
    verdicts = dict(site.ask("select verdict, count(*) from core.judgement where judged_by = 'steward' group by 1"))
    assert verdicts == {"not_same": 40, "unsure": 10}
    waits = site.ask("select count(*) from core.review where state <> 'decided'")[0][0]
    assert waits == PAIRS - 40


def test_a_steward_brings_decisions_into_effect_at_once(screen: Screen) -> None:
    page, site = screen.page_of("steward"), screen.site
    page.goto(f"{site.console}/review")
    assert "50 judged pairs are not in effect yet" in page.text_content("main")
    page.keyboard.press("e")
    page.wait_for_selector("#applied")
    runs = page.request.get(f"{site.url}/api/v2/dags/yidang_at_once/dagRuns").json()["dag_runs"]
    assert [(r["state"], r["triggering_user_name"]) for r in runs] == [("queued", "steward")]
