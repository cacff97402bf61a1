"""Judgements of stewards in effect at once (一档): what they touch is matched, mastered, gated and published."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import Asset, dag, task
from airflow.sdk.exceptions import AirflowFailException

PERSONS = Asset("yidang://core/person")
ENTERPRISES = Asset("yidang://core/enterprise")
CARDS = Asset("yidang://card/answers")


@dag(
    schedule=None,
    max_active_runs=1,
    is_paused_upon_creation=False,
    dagrun_timeout=timedelta(hours=1),
    default_args={"retries": 0, "owner": "data stewards"},
    tags=["yidang", "review"],
    doc_md="""
### Judgements at once

Started by a steward (*Review → Bring decisions into effect now* in the console) or by hand. Every judgement made or
withdrawn since the last publication takes effect: the files that it touches are matched anew, gated and published in
one transaction; nothing else is looked at. Without it, the same happens in the next night.

*What to do when it is red*: read the task's last line. While a night runs, or deliveries of a failed one wait, judgements
wait with them; nothing is lost.
""",
)
def yidang_at_once() -> None:
    """One task of a docstring and one call; the work is in runtime.steps."""

    @task(outlets=[PERSONS, ENTERPRISES, CARDS])
    def apply_judgements() -> str | None:
        """Bring judgements into effect; the name of the run, nothing if there was nothing to do."""
        from runtime.steps.at_once import apply_judgements
        from runtime.steps.night import StepError

        try:
            return apply_judgements()
        except StepError as fault:
            raise AirflowFailException(str(fault)) from fault

    apply_judgements()


yidang_at_once()
