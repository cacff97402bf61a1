"""The executor of the night: Airflow's LocalExecutor, which also lets go of a task whose worker died before it began.

A worker that is killed (by the kernel for want of memory, by hand) after it took a task and before the task reported for
the first time leaves it *queued*. The scheduler frees such a task after ``task_queued_timeout`` by asking the executor to
revoke it; LocalExecutor of Airflow 3.3 does not know how, and the night would wait for ever.
"""

from __future__ import annotations

from airflow.executors.local_executor import LocalExecutor
from airflow.models.taskinstance import TaskInstance


class NightExecutor(LocalExecutor):
    """LocalExecutor whose lost tasks are handed out anew."""

    def revoke_task(self, *, ti: TaskInstance) -> None:
        """Forget the task and free its slot.

        Should its worker live after all, Airflow refuses the second start of the same try, so nothing runs twice.
        """
        self.queued_tasks.pop(ti.key, None)
        self.running.discard(ti.key)
