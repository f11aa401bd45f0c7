"""The worker of the queue, which stays: it waits for a database that is away, and cleans up once a day."""

import logging
import time
from typing import Any

from django.core.management import call_command
from django.db import InterfaceError, OperationalError, close_old_connections, connections
from django_tasks_db.management.commands import db_worker
from django_tasks_db.models import DBTaskResult

from catalog.importing.worker import SignsOfLife, resume_interrupted

logger = logging.getLogger(__name__)

# Seconds before a database that did not answer is asked again.
PAUSE = 5
A_DAY = 24 * 60 * 60


class Command(db_worker.Command):
    """Run the worker of the queue."""

    def handle(
        self, *, batch: bool, max_tasks: int | None, interval: float, **options: Any
    ) -> None:
        """Work until the process is told to stop or, as a batch, until there is nothing left to do."""
        options |= {"batch": True, "max_tasks": max_tasks, "interval": interval}
        if batch or max_tasks:
            super().handle(**options)
            return
        cleaned_at = float("-inf")
        with SignsOfLife():
            while True:
                try:
                    if time.monotonic() - cleaned_at > A_DAY:
                        clean_up()
                        cleaned_at = time.monotonic()
                    self.work(**options)
                except (InterfaceError, OperationalError) as error:
                    logger.warning("The database does not answer, and is asked again: %s", error)
                    connections.close_all()
                    time.sleep(PAUSE)
                time.sleep(interval)

    def work(self, **options: Any) -> None:
        """Do what waits in the queue; where nothing does, see whether something was left undone."""
        close_old_connections()
        if DBTaskResult.objects.ready().exists():
            super().handle(**options | {"reload": False, "startup_delay": False})
        else:
            resume_interrupted()


def clean_up() -> None:
    """Delete the sessions that have ended, and the tasks that are long done."""
    call_command("clearsessions", verbosity=0)
    call_command("prune_db_task_results", verbosity=0)
