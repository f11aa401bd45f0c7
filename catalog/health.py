"""What machines ask: whether the site lives, and whether it is ready for visitors."""

import tempfile
from collections.abc import Callable
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_tasks_db.models import DBTaskResult

from .importing.worker import is_worker_alive

# Milliseconds that the database may take to answer.
DATABASE_MAY_TAKE = 2_000
# A task that waits longer is waited for in vain.
TASK_MAY_WAIT = timedelta(minutes=15)


def with_health_checks(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer the checks before anything asks for the host or for TLS: a load balancer asks an address."""
    checks = {"/healthz": healthz, "/readyz": readyz}

    def middleware(request: HttpRequest) -> HttpResponse:
        return checks.get(request.path_info, get_response)(request)

    return middleware


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the process lives, without asking anything else."""
    return answer("ok")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Say "ready", or with status 503 what is wrong first: database, migrations, files, worker, or queue."""
    for problem, is_fine in CHECKS.items():
        if not is_fine():
            return answer(problem, 503)
    return answer("ready")


def answer(word: str, status: int = 200) -> HttpResponse:
    response = HttpResponse(f"{word}\n", status=status, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response


def answers() -> bool:
    """Return whether the database answers in time."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(f"SET LOCAL statement_timeout = {DATABASE_MAY_TAKE}")
            cursor.execute("SELECT 1 FROM catalog_program LIMIT 1")
    except DatabaseError:
        return False
    return True


def has_migrated() -> bool:
    """Return whether the database has the tables of this version; once it has, it keeps them."""
    try:
        return all_are_applied()
    except NotMigratedError:
        return False


class NotMigratedError(Exception):
    """A migration of this version is not applied yet."""


@cache
def all_are_applied() -> bool:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotMigratedError
    return True


def takes_files() -> bool:
    """Return whether a file can be written where uploads go."""
    try:
        with tempfile.TemporaryFile(dir=settings.MEDIA_ROOT) as file:
            file.write(b"ready")
    except OSError:
        return False
    return True


def moves() -> bool:
    """Return whether no task has waited for too long."""
    waiting = DBTaskResult.objects.ready()
    return not waiting.filter(enqueued_at__lt=timezone.now() - TASK_MAY_WAIT).exists()


CHECKS: dict[str, Callable[[], bool]] = {
    "database": answers,
    "migrations": has_migrated,
    "files": takes_files,
    "worker": is_worker_alive,
    "queue": moves,
}
