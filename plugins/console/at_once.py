"""Start the DAG that brings judgements into effect between two nights, in the name of the steward who asks."""

from __future__ import annotations

from airflow.api.common.trigger_dag import trigger_dag
from airflow.exceptions import DagNotFound
from airflow.utils.types import DagRunTriggeredByType
from fastapi import HTTPException

DAG_ID = "yidang_at_once"


def start_at_once(steward: str) -> None:
    """Queue one run.

    Raises
    ------
    HTTPException
        503: Airflow has not read the DAG (yet).
    """
    try:
        trigger_dag(DAG_ID, triggered_by=DagRunTriggeredByType.UI, triggering_user_name=steward)
    except DagNotFound as fault:
        raise HTTPException(503, f"Airflow does not know the DAG {DAG_ID} yet. Try again in a minute.") from fault
