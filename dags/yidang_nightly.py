"""The night of Yidang (一档): department exports in, checked and matched, master files and card answers out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Asset, CronTriggerTimetable, Param, TriggerRule, dag, get_current_context, task, task_group
from airflow.sdk.exceptions import AirflowFailException

if TYPE_CHECKING:
    from runtime.steps.night import Night
    from warehouse.masters import Subject

T = TypeVar("T")
FEEDS = sorted(path.stem for path in (Path(__file__).parent.parent / "extractors" / "feeds").glob("*.yml"))
PERSONS = Asset("yidang://core/person")
ENTERPRISES = Asset("yidang://core/enterprise")
CARDS = Asset("yidang://card/answers")
BY_FEED = "{{ task.op_kwargs['feed'] }}"
BY_SUBJECT = "{{ task.op_kwargs['subject'] }}"


def night() -> Night:
    """The night this task instance belongs to: date, chosen feeds and switches, without any personal value."""
    from runtime.steps.night import Night

    context = get_current_context()
    params, run = context["params"], context["dag_run"]
    moment = run.logical_date or run.run_after
    return Night.named(
        date=params["date"] or moment.astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat(),
        feeds=params["feeds"] or FEEDS,
        full_rematch=params["full_rematch"],
        dry_run=params["dry_run"],
        inbox=params["inbox"],
    )


def connection_url(name: str) -> str | None:
    """URL of a source: the setting of its name, or else the Airflow connection yidang_<name>; None without either."""
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    from runtime.settings import source_url

    if (url := source_url(name)) is not None:
        return url
    try:
        return str(Connection.get(f"yidang_{name}").get_uri())
    except AirflowNotFoundException:
        return None


def firmly(step: Callable[..., T], *arguments: object) -> T:
    """Run a step; what it refuses on purpose (`StepError`) is not tried again."""
    from runtime.steps.night import StepError

    try:
        return step(*arguments)
    except StepError as fault:
        raise AirflowFailException(str(fault)) from fault


@dag(
    schedule=CronTriggerTimetable("0 2 * * *", timezone="Asia/Shanghai", run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=True,
    dagrun_timeout=timedelta(hours=8),
    default_args={"retries": 2, "retry_delay": timedelta(seconds=20), "owner": "data engineering"},
    tags=["yidang", "nightly"],
    params={
        "date": Param(
            None,
            type=["null", "string"],
            format="date",
            title="Date",
            description="The night to run. Empty: the logical date.",
        ),
        "feeds": Param(
            [],
            type=["null", "array"],
            examples=FEEDS,
            items={"type": "string", "enum": FEEDS},
            title="Feeds",
            description="Only these feeds. Empty: all.",
        ),
        "inbox": Param(
            None,
            type=["null", "string"],
            title="Inbox",
            description="Folder of the deliveries and their manifests. Empty: YIDANG_INBOX.",
        ),
        "full_rematch": Param(
            False,
            type="boolean",
            title="Full rematch",
            description="Match every record anew, whether or not anything changed.",
        ),
        "dry_run": Param(
            False,
            type="boolean",
            title="Dry run",
            description="Receive, extract, gate and count; keep and publish nothing.",
        ),
    },
    doc_md="""
### The night

For each feed, independently of the others: **receive** deliveries from the inbox (pulled into it
first where the contract names a source; copied, hashed) → **extract** into
standard records and rejects → **gate** (Great Expectations, and the feed's own history) → **land** in PostgreSQL, one
transaction a delivery. Then persons and enterprises: **match** → **master** (stable ids, golden values) →
**gate_masters** → **publish**, one transaction; whatever fails before it, yesterday's files stay live and whole.
**findings** asks the rules over departments and follows what each of them has to correct.
**report** always runs, and makes the run red if any feed was held, stopped or failed. What a gate stopped is an incident:
**ask_release** asks an engineer about it (*Required actions*, DAG `yidang_release`), and the night does not wait.

*What to do when it is red*: open the red task's log; its last error says what was found, where, what was expected and
what to do. Clear the failed task to go on from there: every step can be repeated without harm.
""",
)
def yidang_nightly() -> None:
    """Tasks of a docstring and one call; the work is in runtime.steps."""

    @task(retries=0)
    def open_run() -> list[str]:
        """Write down that this night has begun; the feeds that something waits for in the inbox get their steps."""
        from runtime.steps import closing, feeds

        firmly(closing.open_run, night())
        return firmly(feeds.waiting, night(), connection_url)

    @task_group
    def by_feed(feed: str) -> None:
        """One feed from its deliveries to its landed records; feeds neither wait for nor stop each other."""

        @task(map_index_template=BY_FEED)
        def receive(feed: str) -> list[str]:
            """Pull this feed if it has a source; take its deliveries into immutable snapshots, hold what contradicts."""
            from runtime.steps import feeds

            return firmly(feeds.receive, night(), feed, connection_url)

        @task(map_index_template=BY_FEED)
        def extract(feed: str, batches: list[str]) -> list[str]:
            """Bytes to text to standard records, rejects and findings, in Parquet beside the snapshot."""
            from runtime.steps import feeds

            return firmly(feeds.extract, night(), feed, batches)

        @task(map_index_template=BY_FEED, retries=0)
        def gate(feed: str, batches: list[str]) -> list[str]:
            """Pass, warn or stop, by contract and the feed's own history. A stop keeps yesterday's records."""
            from runtime.steps import feeds

            return firmly(feeds.gate, night(), feed, batches)

        @task(map_index_template=BY_FEED)
        def land(feed: str, batches: list[str]) -> None:
            """Records to current records with history, one transaction a delivery, counts taken from the tables."""
            from runtime.steps import feeds

            firmly(feeds.land, night(), feed, batches)

        received = receive(feed=feed)
        extracted = extract(feed=feed, batches=received)
        land(feed=feed, batches=gate(feed=feed, batches=extracted))

    @task_group
    def by_subject(subject: Subject) -> None:
        """Persons, and apart from them enterprises: from landed records to staged master files."""

        @task(map_index_template=BY_SUBJECT, trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS, retries=1)
        def match(subject: Subject) -> None:
            """Which records speak of the same subject, by evidence that can be read afterwards."""
            from runtime.steps import subjects

            firmly(subjects.match, night(), subject)

        @task(map_index_template=BY_SUBJECT, retries=1)
        def master(subject: Subject) -> None:
            """Clusters meet lasting ids; golden values by authority and recency; staged, nothing live yet."""
            from runtime.steps import subjects

            firmly(subjects.master, night(), subject)

        match(subject=subject) >> master(subject=subject)

    @task(retries=0)
    def gate_masters() -> None:
        """Rules on the staged masters and against last night. A stop: nothing is published, yesterday stays live."""
        from runtime.steps import closing

        firmly(closing.gate_masters, night())

    @task(outlets=[PERSONS, ENTERPRISES, CARDS], retries=1)
    def publish() -> None:
        """Staged to live in one transaction, with an event for everything that changed."""
        from runtime.steps import closing

        firmly(closing.publish, night())

    @task(retries=1)
    def findings() -> None:
        """Rules over departments on what is published; days to answer pass; correction files on the day for it."""
        from runtime.steps import findings

        firmly(findings.follow, night())

    @task(trigger_rule=TriggerRule.ALL_DONE, retries=1)
    def incidents() -> list[dict[str, Any]]:
        """What the gates stopped tonight and nobody has decided on: one question each; the night waits for no answer."""
        from runtime.steps import incidents

        return incidents.questions(night(), get_current_context()["params"]["inbox"])

    @task(trigger_rule=TriggerRule.ALL_DONE, retries=0)
    def report() -> None:
        """Count, say, write the reports, and be red if any part of the night was: held, stopped or failed."""
        from runtime.steps import reports

        firmly(reports.close, night())

    opened = open_run()
    all_feeds = by_feed.expand(feed=opened)  # a feed without a delivery costs nothing
    masters = by_subject.expand(subject=["person", "enterprise"])
    gated = gate_masters()
    opened >> all_feeds >> masters >> gated >> publish() >> findings() >> report()
    stopped = incidents()
    masters >> stopped  # beside publish and findings: a question costs the night no time
    gated >> stopped
    TriggerDagRunOperator.partial(
        task_id="ask_release",
        trigger_dag_id="yidang_release",
        skip_when_already_exists=True,
        retries=1,
        doc_md="Ask an engineer whether what a gate stopped may go on: a run of yidang_release for each incident.",
    ).expand_kwargs(stopped)
    opened >> masters  # one feed or none may have come through: the others must still be matched


yidang_nightly()
