"""The worker: its sign of life, and the imports and exports whose worker has died."""

import threading
import time

from django.tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from ..models import Export, ExportStatus, Import, ImportStatus
from ..values.signs import leave_sign, read_sign
from .progress import PATIENCE, Work, progress_of
from .tasks import apply_import, check_import, make_export, undo_import

KEY = "worker"
# Seconds between two signs.
INTERVAL = 10
# What has ended so many workers is not given to one more: a person decides.
MOST_WORKERS = 3
IN_WORK = (ImportStatus.CHECKING, ImportStatus.CONFIRMED, ImportStatus.UNDOING)
TASKS = {Import: (check_import, apply_import, undo_import), Export: (make_export,)}


def is_worker_alive() -> bool:
    """Return whether a worker has given a sign of life in the last minute."""
    return bool(read_sign(KEY))


class SignsOfLife:
    """Gives the worker's signs of life beside its work, as long as the block lasts."""

    def __init__(self) -> None:
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.give, daemon=True)

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *args: object) -> None:
        self.is_over.set()
        self.thread.join()
        leave_sign(KEY, None)

    def give(self) -> None:
        """Give a sign of life now and then, until it is over."""
        while True:
            leave_sign(KEY, time.time(), PATIENCE)
            if self.is_over.wait(INTERVAL):
                return


def resume_interrupted() -> None:
    """Put the tasks back into the queue that a worker had begun and nobody works on any more.

    Each of them does what is not done yet, so that to do it twice does no harm.
    """
    imports = Import.objects.filter(status__in=IN_WORK)
    exports = Export.objects.filter(status=ExportStatus.MAKING).defer("keys")
    records: list[Work] = [*imports, *exports]
    for record in records:
        progress = progress_of(record)
        if progress and progress.is_alive:
            continue
        paths = [task.module_path for task in TASKS[type(record)]]
        tasks = DBTaskResult.objects.filter(task_path__in=paths, args_kwargs__args__0=record.pk)
        latest = tasks.order_by("-enqueued_at").first()
        if latest and 0 < len(latest.worker_ids) < MOST_WORKERS:
            # Unless another worker has done so meanwhile.
            tasks.filter(pk=latest.pk, status=latest.status).update(status=TaskResultStatus.READY)
