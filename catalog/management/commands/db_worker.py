"""The worker of the queue, which stays: it waits for a database that is away, and cleans up once a day."""

import logging
import signal
import sys
import time
from threading import Event
from types import FrameType
from typing import Any

from django.core.management import call_command
from django.db import InterfaceError, OperationalError, close_old_connections, connections
from django_tasks_db.management.commands import db_worker
from django_tasks_db.models import DBTaskResult

from catalog.admin.throttle import prune_sign_ins
from catalog.editorial.mail import mail_notifications
from catalog.editorial.proposals.schedule import publish_due
from catalog.importing.exports import delete_old_exports
from catalog.importing.worker import SignsOfLife, resume_interrupted
from catalog.models import Notification, Submission
from catalog.search.upkeep import catch_up, prune_log

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
        if batch or max_tasks:
            super().handle(batch=batch, max_tasks=max_tasks, interval=interval, **options)
            return
        self.configure_logging(options["verbosity"])
        stopping = Event()

        def stop(number: int, frame: FrameType | None) -> None:
            # An exit from here could break off a statement, and what it leaves of the connection is an error.
            if stopping.is_set():
                sys.exit(1)
            stopping.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        cleaned_at = float("-inf")
        with SignsOfLife():
            while not stopping.is_set():
                try:
                    if time.monotonic() - cleaned_at > A_DAY:
                        clean_up()
                        cleaned_at = time.monotonic()
                    work(stopping, **options)
                except (InterfaceError, OperationalError) as error:
                    logger.warning("The database does not answer, and is asked again: %s", error)
                    connections.close_all()
                    stopping.wait(PAUSE)
                stopping.wait(interval)


class Worker(db_worker.Worker):
    """Do the tasks of the queue, and end after one of them once it is told to stop."""

    def __init__(self, stopping: Event, **options: Any) -> None:
        super().__init__(**options)
        self.stopping = stopping

    def run_task(self, db_task_result: DBTaskResult) -> None:
        """Do a task to its end."""
        super().run_task(db_task_result)
        self.running = not self.stopping.is_set()


def work(
    stopping: Event,
    *,
    queue_name: str,
    exclude_queues: str,
    backend_name: str,
    worker_id: str,
    **options: object,
) -> None:
    """Do what waits in the queue, until told to stop; where nothing does, see whether something was left undone."""
    close_old_connections()
    if not DBTaskResult.objects.ready().exists():
        resume_interrupted()
        publish_due()
        mail_notifications()
        catch_up()  # with what became public by itself; the site may have a copy of the database, which it cannot write
        return
    Worker(
        stopping,
        queue_names=queue_name.split(","),
        excluded_queue_names=exclude_queues.split(",") if exclude_queues else [],
        backend_name=backend_name,
        worker_id=worker_id,
        interval=0,
        batch=True,
        startup_delay=False,
        max_tasks=None,
    ).run()


def clean_up() -> None:
    """Delete what has had its time: sessions, tasks, failed sign-ins, log, exports, notifications, submissions."""
    call_command("clearsessions", verbosity=0)
    call_command("prune_db_task_results", verbosity=0)
    prune_sign_ins()
    prune_log()
    delete_old_exports()
    Notification.objects.outlived().delete()
    Submission.objects.outlived().delete()
