"""What a gate stopped (拦截) may go on by an engineer's word: asked here, logged with the reason, never waited for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Asset, Param, TriggerRule, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from runtime.settings import read_settings

settings = read_settings()
PERSONS = Asset("yidang://core/person")
ENTERPRISES = Asset("yidang://core/enterprise")
CARDS = Asset("yidang://card/answers")
MAY_RELEASE = [{"id": user, "name": user} for user in settings.releasers]


@dag(
    schedule=None,
    max_active_runs=64,
    is_paused_upon_creation=False,
    default_args={"retries": 0, "owner": "data engineering"},
    tags=["yidang", "quality"],
    params={
        "incident_id": Param(0, type="integer", title="Incident", description="Its number in ops.incident."),
        "title": Param("", type="string", title="What was stopped"),
        "body": Param("", type="string", title="Expected, found, what to do"),
        "inbox": Param(None, type=["null", "string"], title="Inbox of the night that was stopped"),
    },
    doc_md="""
### Release what a gate stopped

Started by the night, one run for each incident. **decide** waits (*Required actions* in the UI) for *Release* or
*Keep held*, with a reason; the answer is logged in `audit.release` with who and when, and never changed. A released
delivery lands in the next night, or at once where *Run now* is ticked. Nobody answers: it stays held and the next night
asks again.

*What to do when it is red*: read the last line of the task **log_answer**. Without a reason nothing is changed: clear
**decide** to be asked again.
""",
)
def yidang_release() -> None:
    """A question, its answer written down, and where asked for a night at once."""
    decide = HITLOperator(
        task_id="decide",
        subject="{{ params.title }}",
        body="{{ params.body }}",
        options=["Release", "Keep held"],
        defaults=["Keep held"],
        params={
            "reason": Param("", type="string", title="Reason", description="Why. Required; no personal value."),
            "run_now": Param(False, type="boolean", title="Run now", description="Released: land it at once."),
        },
        assigned_users=None if "*" in settings.releasers else MAY_RELEASE,
        response_timeout=timedelta(hours=settings.release_hours),
        doc_md="An engineer's decision: release what the gate stopped, or keep it held. Without an answer it stays held.",
    )

    @task
    def log_answer(told: dict[str, Any]) -> list[dict[str, Any]]:
        """Log who decided what and why; the night to run at once, if that was asked for."""
        from runtime.steps.incidents import answer
        from warehouse.database import WarehouseError

        params = get_current_context()["params"]
        try:
            return answer(params["incident_id"], told, params["inbox"])
        except WarehouseError as fault:
            raise AirflowFailException(str(fault)) from fault

    @task(outlets=[PERSONS, ENTERPRISES, CARDS])
    def run_night(asked: dict[str, Any]) -> str:
        """Take in what was released now: the steps of its night again, for that feed alone."""
        from runtime.steps.night import StepError
        from runtime.steps.released import run_night

        try:
            return run_night(asked)
        except StepError as fault:
            raise AirflowFailException(str(fault)) from fault

    @task(trigger_rule=TriggerRule.ALL_DONE)
    def stopped_again(asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What the gates of that night stopped in their turn: a released file may move more master files than a night may."""
        from runtime.steps.incidents import questions_after

        return questions_after(asked)

    @task(trigger_rule=TriggerRule.NONE_FAILED)
    def over() -> None:
        """The run is red if the night that was asked for went wrong, whatever was asked after it."""

    asked = log_answer(decide.output)
    again = stopped_again(asked)
    ran = run_night.expand(asked=asked)
    ran >> again
    ran >> over()
    TriggerDagRunOperator.partial(
        task_id="ask_release",
        trigger_dag_id="yidang_release",
        skip_when_already_exists=True,
        doc_md="Ask about what was stopped in its turn: a further run of this DAG.",
    ).expand_kwargs(again)


yidang_release()
